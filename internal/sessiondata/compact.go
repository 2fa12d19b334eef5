package sessiondata

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// compact is the strategy of that name.
type compact struct{ key []byte }

func (c compact) encode(d Data, _ io.Reader) (string, error) {
	expires := strconv.AppendInt(nil, d.ExpiresAt.UnixMilli(), 10)
	object := append(d.appendMembers([]byte{'{'}), '}')
	signature := base64.RawURLEncoding.EncodeToString(c.mac(object, expires))
	return base64.RawURLEncoding.EncodeToString(envelope(object, expires, signature)), nil
}

// envelope returns the object that is the cookie.
func envelope(object, expires []byte, signature string) []byte {
	b := append([]byte(`{"session":`), object...)
	b = append(b, `,"expiresAt":`...)
	b = append(b, expires...)
	b = append(b, `,"signature":"`...)
	b = append(b, signature...)
	return append(b, `"}`...)
}

func (c compact) decode(text string) (Data, bool) {
	plain, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Data{}, false
	}
	var outer struct {
		Session   json.RawMessage `json:"session"`
		ExpiresAt json.RawMessage `json:"expiresAt"`
		Signature string          `json:"signature"`
	}
	// What is around the object is not signed: it is as both sides write it, so that a cookie has one form.
	if json.Unmarshal(plain, &outer) != nil || !isObject(outer.Session) ||
		!bytes.Equal(plain, envelope(outer.Session, outer.ExpiresAt, outer.Signature)) {
		return Data{}, false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(outer.Signature)
	if err != nil || !hmac.Equal(signature, c.mac(outer.Session, outer.ExpiresAt)) {
		return Data{}, false
	}
	var in inner
	expires, err := strconv.ParseInt(string(outer.ExpiresAt), 10, 64)
	if err != nil || json.Unmarshal(outer.Session, &in) != nil {
		return Data{}, false
	}
	return in.data(time.UnixMilli(expires).UTC())
}

// mac returns the signature of an inner object, in the order and the spelling in which it was received, with expiresAt as its
// last member.
func (c compact) mac(object, expiresAt []byte) []byte {
	h := hmac.New(sha256.New, c.key)
	h.Write(object[:len(object)-1])
	h.Write([]byte(`,"expiresAt":`))
	h.Write(expiresAt)
	h.Write([]byte{'}'})
	return h.Sum(nil)
}
