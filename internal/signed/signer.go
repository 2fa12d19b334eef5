package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// signatureLength is the length of a base64 HMAC-SHA256, padding included.
const signatureLength = 44

// maxSigned bounds what Verify looks at, in bytes: no cookie of ours is longer than a browser keeps.
const maxSigned = 8192

// Signer signs values under a secret. It is safe for concurrent use.
type Signer struct{ key []byte }

// NewSigner returns a Signer; the key is the secret's bytes.
func NewSigner(secret string) *Signer { return &Signer{key: []byte(secret)} }

// Sign returns value + "." + signature, as the set-auth-token header carries it.
func (s *Signer) Sign(value string) string {
	return value + "." + base64.StdEncoding.EncodeToString(s.mac(value))
}

// SignCookie returns the signed value percent-encoded, as a cookie carries it.
func (s *Signer) SignCookie(value string) string { return EncodeComponent(s.Sign(value)) }

// Verify returns the value of a signed text, percent-encoded or not. The value ends at the last dot; the signature is
// compared in constant time. ok is false for everything that was not signed under the secret.
func (s *Signer) Verify(text string) (value string, ok bool) {
	if len(text) > maxSigned {
		return "", false
	}
	if strings.IndexByte(text, '%') >= 0 {
		if text, ok = DecodeComponent(text); !ok {
			return "", false
		}
	}
	dot := strings.LastIndexByte(text, '.')
	if dot < 1 {
		return "", false
	}
	value, signature := text[:dot], text[dot+1:]
	if len(signature) != signatureLength || signature[signatureLength-1] != '=' {
		return "", false
	}
	var got [sha256.Size + 1]byte
	n, err := base64.StdEncoding.Strict().Decode(got[:], []byte(signature))
	if err != nil || !hmac.Equal(got[:n], s.mac(value)) {
		return "", false
	}
	return value, true
}

func (s *Signer) mac(value string) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(value))
	return h.Sum(nil)
}
