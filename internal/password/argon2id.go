package password

import (
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The parameters of new argon2id hashes: OWASP's row of 19 MiB, two passes, one lane.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKeyLen  = 32
	argonSaltLen = 16
)

// What a stored hash may ask for. A row with more is refused: it would be a way to exhaust memory or time.
const (
	argonMaxMemory  = 256 * 1024 // KiB
	argonMaxTime    = 16
	argonMaxThreads = 16
	argonMaxBytes   = 64
)

const argonPrefix = "$argon2id$v=19$"

// argonHash is a parsed PHC string.
type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

// hashArgon2id returns the PHC string $argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>, base64 without padding.
func hashArgon2id(salt []byte, password string) string {
	h := argonHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: salt}
	h.key = h.derive(password, argonKeyLen)
	var b strings.Builder
	b.WriteString(argonPrefix)
	b.WriteString("m=" + strconv.FormatUint(uint64(h.memory), 10))
	b.WriteString(",t=" + strconv.FormatUint(uint64(h.time), 10))
	b.WriteString(",p=" + strconv.FormatUint(uint64(h.threads), 10))
	b.WriteString("$" + base64.RawStdEncoding.EncodeToString(h.salt))
	b.WriteString("$" + base64.RawStdEncoding.EncodeToString(h.key))
	return b.String()
}

func (h argonHash) derive(password string, keyLen uint32) []byte {
	return argon2.IDKey([]byte(normalize(password)), h.salt, h.time, h.memory, h.threads, keyLen)
}

func (h argonHash) verify(password string) bool {
	return subtle.ConstantTimeCompare(h.derive(password, uint32(len(h.key))), h.key) == 1
}

// current tells whether the hash has the parameters of new hashes.
func (h argonHash) current() bool {
	return h.memory == argonMemory && h.time == argonTime && h.threads == argonThreads &&
		len(h.key) == argonKeyLen && len(h.salt) == argonSaltLen
}

// parseArgon2id parses a PHC string with the three parameters in their usual order.
func parseArgon2id(encoded string) (argonHash, bool) {
	var h argonHash
	rest, found := strings.CutPrefix(encoded, argonPrefix)
	if !found {
		return h, false
	}
	parts := strings.Split(rest, "$")
	if len(parts) != 3 || !h.parseParams(parts[0]) {
		return h, false
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[1]); err != nil || len(h.salt) < 8 || len(h.salt) > argonMaxBytes {
		return h, false
	}
	if h.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[2]); err != nil || len(h.key) < 16 || len(h.key) > argonMaxBytes {
		return h, false
	}
	return h, true
}

func (h *argonHash) parseParams(text string) bool {
	params := strings.Split(text, ",")
	if len(params) != 3 {
		return false
	}
	var values [3]uint64
	for i, bound := range []struct {
		name string
		max  uint64
	}{{"m=", argonMaxMemory}, {"t=", argonMaxTime}, {"p=", argonMaxThreads}} {
		digits, found := strings.CutPrefix(params[i], bound.name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !found || err != nil || n == 0 || n > bound.max {
			return false
		}
		values[i] = n
	}
	h.memory, h.time, h.threads = uint32(values[0]), uint32(values[1]), uint8(values[2])
	return h.memory >= 8*uint32(h.threads)
}
