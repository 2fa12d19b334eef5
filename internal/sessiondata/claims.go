package sessiondata

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

// signedClaims is the strategy jwt.
type signedClaims struct{ key []byte }

// signedHeader is {"alg":"HS256"}, as both sides write it. A token with another header is not one of theirs: what a
// header says never chooses how a token is checked.
const signedHeader = "eyJhbGciOiJIUzI1NiJ9"

func (c signedClaims) encode(d Data, _ io.Reader) (string, error) {
	signed := signedHeader + "." + base64.RawURLEncoding.EncodeToString(d.claims(""))
	return signed + "." + base64.RawURLEncoding.EncodeToString(c.mac(signed)), nil
}

func (c signedClaims) decode(text string) (Data, bool) {
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		return Data{}, false
	}
	header, payload, ok := strings.Cut(text[:dot], ".")
	if !ok || header != signedHeader {
		return Data{}, false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(text[dot+1:])
	if err != nil || !hmac.Equal(signature, c.mac(text[:dot])) {
		return Data{}, false
	}
	plain, err := base64.RawURLEncoding.Strict().DecodeString(payload)
	if err != nil {
		return Data{}, false
	}
	return readClaims(plain)
}

func (c signedClaims) mac(text string) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// claims returns the claims of a token; id is its jti, or "".
func (d Data) claims(id string) []byte {
	b := d.appendMembers([]byte{'{'})
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, d.UpdatedAt.Unix(), 10)
	b = append(b, `,"exp":`...)
	b = strconv.AppendInt(b, d.ExpiresAt.Unix(), 10)
	if id != "" {
		b = append(b, `,"jti":`...)
		b = appendString(b, id)
	}
	return append(b, '}')
}

// readClaims returns what the claims of a genuine token say. Mail tokens, which are signed with the same secret, have no
// session.
func readClaims(plain []byte) (Data, bool) {
	var claims struct {
		inner
		ExpiresAt *int64 `json:"exp"` // Seconds.
	}
	if json.Unmarshal(plain, &claims) != nil || claims.ExpiresAt == nil {
		return Data{}, false
	}
	return claims.data(time.Unix(*claims.ExpiresAt, 0).UTC())
}
