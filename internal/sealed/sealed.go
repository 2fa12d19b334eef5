// Package sealed encrypts values for columns: hex(nonce, 24 bytes, and XChaCha20-Poly1305 under SHA-256(secret)).
package sealed

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Encrypt encrypts a value under a secret. random is the source of the nonce.
func Encrypt(secret string, plain []byte, random io.Reader) (string, error) {
	aead, err := newAEAD(secret)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("read a nonce: %w", err)
	}
	return hex.EncodeToString(aead.Seal(nonce, nonce, plain, nil)), nil
}

// Decrypt decrypts what Encrypt returned. The errors name no part of the text.
func Decrypt(secret, text string) ([]byte, error) {
	if !Is(text) {
		return nil, errors.New("it is not encrypted")
	}
	sealed, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is not encrypted")
	}
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], nil)
	if err != nil {
		return nil, errors.New("it was encrypted under another secret, or changed")
	}
	return plain, nil
}

// Is tells whether a text has the form of what Encrypt returns.
func Is(text string) bool {
	if len(text) < 2*(chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead) || len(text)%2 != 0 {
		return false
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func newAEAD(secret string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte(secret))
	return chacha20poly1305.NewX(key[:])
}
