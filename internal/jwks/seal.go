package jwks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/agentuity/auth-go/internal/sealed"
)

// seal encrypts a private key for its column: a JSON string of the sealed key.
func seal(secrets *sealed.Keys, plain []byte, random io.Reader) (string, error) {
	text, err := secrets.Encrypt(plain, random)
	if err != nil {
		return "", fmt.Errorf("jwks: %w", err)
	}
	return `"` + text + `"`, nil
}

// open decrypts what seal wrote. The errors name no part of the text.
func open(secrets *sealed.Keys, column string) ([]byte, error) {
	var text string
	if err := json.Unmarshal([]byte(column), &text); err != nil {
		return nil, errors.New("it is no JSON string")
	}
	return secrets.Decrypt(text)
}
