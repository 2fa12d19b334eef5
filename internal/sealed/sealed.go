// Package sealed encrypts values for columns: hex(nonce, 24 bytes, and XChaCha20-Poly1305 under SHA-256(secret)). Of several
// secrets, the version of the one is before it: $ba$<version>$<hex>.
package sealed

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Secret is one of several secrets.
type Secret struct {
	Version int
	Value   string
}

// Keys encrypts and decrypts values. It is safe for concurrent use.
type Keys struct {
	prefix  string // Of what Encrypt returns: "" without versions.
	current string
	named   map[int]string
	bare    []string // Those that values without a version may be encrypted under.
}

// New returns the Keys of one secret, whose values have no version.
func New(secret string) *Keys { return &Keys{current: secret, bare: []string{secret}} }

// NewVersions returns the Keys of several secrets, at least one: the first encrypts. before is the secret of the time
// before there were versions, or "".
func NewVersions(before string, secrets ...Secret) *Keys {
	k := &Keys{prefix: versionMark + strconv.Itoa(secrets[0].Version) + "$", current: secrets[0].Value, named: make(map[int]string, len(secrets))}
	if before != "" {
		k.bare = append(k.bare, before)
	}
	for _, s := range secrets {
		k.named[s.Version] = s.Value
		if s.Value != before {
			k.bare = append(k.bare, s.Value)
		}
	}
	return k
}

// versionMark begins a value with a version.
const versionMark = "$ba$"

// Encrypt encrypts a value under the current secret. random is the source of the nonce.
func (k *Keys) Encrypt(plain []byte, random io.Reader) (string, error) {
	aead, err := newAEAD(k.current)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("read a nonce: %w", err)
	}
	return k.prefix + hex.EncodeToString(aead.Seal(nonce, nonce, plain, nil)), nil
}

// errForm is for what Is says no to.
var errForm = errors.New("it is not encrypted")

// Decrypt decrypts what Encrypt returned, under the secret whose version it names. What names none is of the time before
// there were versions: it is tried with the secret of that time, and with all others, any of which may be that one. The
// errors name no part of the text but the version.
func (k *Keys) Decrypt(text string) ([]byte, error) {
	version, digits, ok := split(text)
	if !ok {
		return nil, errForm
	}
	secrets := k.bare
	if version >= 0 {
		secret, ok := k.named[version]
		if !ok {
			return nil, fmt.Errorf("it was encrypted under version %d of the secret, which is not among the secrets", version)
		}
		secrets = []string{secret}
	}
	sealed, err := hex.DecodeString(digits)
	if err != nil {
		return nil, errForm
	}
	for _, secret := range secrets {
		aead, err := newAEAD(secret)
		if err != nil {
			return nil, err
		}
		if plain, err := aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], nil); err == nil {
			return plain, nil
		}
	}
	return nil, errors.New("it was encrypted under another secret, or changed")
}

// Is tells whether a text has the form of what Encrypt returns.
func Is(text string) bool {
	_, _, ok := split(text)
	return ok
}

// split returns the version of a text, -1 if it has none, and its hexadecimal digits; ok is false for what has not the
// form.
func split(text string) (version int, digits string, ok bool) {
	version, digits = -1, text
	if named, marked := strings.CutPrefix(text, versionMark); marked {
		number, rest, _ := strings.Cut(named, "$")
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return 0, "", false
		}
		version, digits = int(n), rest
	}
	if len(digits) < 2*(chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead) || len(digits)%2 != 0 {
		return 0, "", false
	}
	for i := 0; i < len(digits); i++ {
		if c := digits[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return 0, "", false
		}
	}
	return version, digits, true
}

func newAEAD(secret string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte(secret))
	return chacha20poly1305.NewX(key[:])
}
