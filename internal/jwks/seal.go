package jwks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// seal encrypts a private key for its column: a JSON string of hex(nonce ‖ ciphertext ‖ tag).
func seal(secret string, plain []byte, random io.Reader) (string, error) {
	key := sha256.Sum256([]byte(secret))
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return "", fmt.Errorf("jwks: %w", err)
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("jwks: read a nonce: %w", err)
	}
	return `"` + hex.EncodeToString(aead.Seal(nonce, nonce, plain, nil)) + `"`, nil
}

// open decrypts what seal wrote. The errors name no part of the text.
func open(secret, column string) ([]byte, error) {
	var text string
	if err := json.Unmarshal([]byte(column), &text); err != nil {
		return nil, errors.New("it is no JSON string")
	}
	sealed, err := hex.DecodeString(text)
	if err != nil || len(sealed) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, errors.New("it is no encrypted key")
	}
	key := sha256.Sum256([]byte(secret))
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	nonce, sealed := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, errors.New("it was encrypted under another secret, or changed")
	}
	return plain, nil
}
