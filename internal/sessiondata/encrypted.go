package sessiondata

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// sealedClaims is the strategy jwe: the compact serialization of RFC 7516 with alg dir and enc A256CBC-HS512 (RFC 7518, 5.2.5).
type sealedClaims struct {
	macKey []byte
	block  cipher.Block
	header string // Encoded: every token under the key has this one, as both sides write it.
}

// The parameters of the key derivation.
const (
	keySalt = "better-auth-session"
	keyInfo = "BetterAuth.js Generated Encryption Key"
	keySize = 64
	tagSize = 32
)

func newSealedClaims(secret string) (*sealedClaims, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), []byte(keySalt), keyInfo, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(key[keySize/2:])
	if err != nil {
		return nil, fmt.Errorf("use a key: %w", err)
	}
	// The id of the key is its thumbprint (RFC 7638).
	thumb := sha256.Sum256([]byte(`{"k":"` + base64.RawURLEncoding.EncodeToString(key) + `","kty":"oct"}`))
	header := `{"alg":"dir","enc":"A256CBC-HS512","kid":"` + base64.RawURLEncoding.EncodeToString(thumb[:]) + `"}`
	return &sealedClaims{macKey: key[:keySize/2], block: block, header: base64.RawURLEncoding.EncodeToString([]byte(header))}, nil
}

func (c *sealedClaims) encode(d Data, random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var bits [16 + aes.BlockSize]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("read an initialization vector: %w", err)
	}
	iv := bits[16:]
	plain := d.claims(uuid(bits[:16]))
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	for range pad {
		plain = append(plain, byte(pad))
	}
	cipher.NewCBCEncrypter(c.block, iv).CryptBlocks(plain, plain)
	text := base64.RawURLEncoding.EncodeToString
	return c.header + ".." + text(iv) + "." + text(plain) + "." + text(c.tag(iv, plain)), nil
}

func (c *sealedClaims) decode(text string) (Data, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 5 || parts[0] != c.header || parts[1] != "" {
		return Data{}, false
	}
	var raw [3][]byte
	for i, part := range parts[2:] {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return Data{}, false
		}
	}
	iv, sealed, tag := raw[0], raw[1], raw[2]
	if len(iv) != aes.BlockSize || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 || !hmac.Equal(tag, c.tag(iv, sealed)) {
		return Data{}, false
	}
	// It is genuine: what follows tells nobody anything about the key.
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(sealed, sealed)
	pad := int(sealed[len(sealed)-1])
	if pad < 1 || pad > aes.BlockSize || pad > len(sealed) {
		return Data{}, false
	}
	return readClaims(sealed[:len(sealed)-pad])
}

// tag authenticates the header, the vector and what is encrypted.
func (c *sealedClaims) tag(iv, sealed []byte) []byte {
	h := hmac.New(sha512.New, c.macKey)
	h.Write([]byte(c.header))
	h.Write(iv)
	h.Write(sealed)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(c.header))*8))
	return h.Sum(nil)[:tagSize]
}

// uuid returns the text of a random UUID (RFC 9562, version 4).
func uuid(b []byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
