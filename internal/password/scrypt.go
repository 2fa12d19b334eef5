package password

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// The parameters of the compatible format.
const (
	scryptN       = 16384
	scryptR       = 16
	scryptP       = 1
	scryptKeyLen  = 64
	scryptSaltLen = 16
)

// hashScrypt returns the encoded hash under a salt of 16 bytes.
func hashScrypt(salt []byte, password string) (string, error) {
	saltText := hex.EncodeToString(salt)
	key, err := scryptKey(saltText, password)
	if err != nil {
		return "", err
	}
	return saltText + ":" + hex.EncodeToString(key), nil
}

func scryptKey(saltText, password string) ([]byte, error) {
	key, err := scrypt.Key([]byte(normalize(password)), []byte(saltText), scryptN, scryptR, scryptP, scryptKeyLen)
	if err != nil {
		return nil, fmt.Errorf("password: scrypt: %w", err)
	}
	return key, nil
}

// parseScrypt splits an encoded scrypt hash; ok is false for anything else.
func parseScrypt(encoded string) (saltText string, key []byte, ok bool) {
	saltText, keyText, found := strings.Cut(encoded, ":")
	if !found || len(saltText) != 2*scryptSaltLen || len(keyText) != 2*scryptKeyLen {
		return "", nil, false
	}
	if _, err := hex.DecodeString(saltText); err != nil {
		return "", nil, false
	}
	key, err := hex.DecodeString(keyText)
	return saltText, key, err == nil
}

func verifyScrypt(saltText string, want []byte, password string) (bool, error) {
	got, err := scryptKey(saltText, password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
