package signed

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"strings"
	"sync"
)

// signatureLength is the length of a base64 HMAC-SHA256, padding included.
const signatureLength = 44

// maxSigned bounds what Verify looks at, in bytes: no cookie of ours is longer than a browser keeps.
const maxSigned = 8192

// Signer signs values under a secret, and knows the signatures of older ones. It is safe for concurrent use.
type Signer struct{ keys []*key }

// key is a secret. One of its hashes that was used before has the secret worked in.
type key struct{ macs sync.Pool }

// NewSigner returns a Signer that signs under a secret and accepts what older secrets signed; the keys are the bytes of
// the secrets.
func NewSigner(secret string, older ...string) *Signer {
	s := &Signer{keys: []*key{newKey(secret)}}
	for _, old := range older {
		s.keys = append(s.keys, newKey(old))
	}
	return s
}

// Sign returns value + "." + signature, as the set-auth-token header carries it.
func (s *Signer) Sign(value string) string {
	return value + "." + base64.StdEncoding.EncodeToString(s.keys[0].mac(value))
}

// SignCookie returns the signed value percent-encoded, as a cookie carries it.
func (s *Signer) SignCookie(value string) string { return EncodeComponent(s.Sign(value)) }

// Verify returns the value of a signed text, percent-encoded or not. The value ends at the last dot; the signature is
// compared in constant time. ok is false for everything that was not signed under one of the secrets.
func (s *Signer) Verify(text string) (value string, ok bool) {
	value, _, ok = s.VerifyOld(text)
	return value, ok
}

// VerifyOld is Verify that also tells whether it was an older secret that signed.
func (s *Signer) VerifyOld(text string) (value string, old, ok bool) {
	if len(text) > maxSigned {
		return "", false, false
	}
	if strings.IndexByte(text, '%') >= 0 {
		if text, ok = DecodeComponent(text); !ok {
			return "", false, false
		}
	}
	dot := strings.LastIndexByte(text, '.')
	if dot < 1 {
		return "", false, false
	}
	value, signature := text[:dot], text[dot+1:]
	if len(signature) != signatureLength || signature[signatureLength-1] != '=' {
		return "", false, false
	}
	var got [sha256.Size + 1]byte
	n, err := base64.StdEncoding.Strict().Decode(got[:], []byte(signature))
	if err != nil {
		return "", false, false
	}
	for i, key := range s.keys {
		if hmac.Equal(got[:n], key.mac(value)) {
			return value, i > 0, true
		}
	}
	return "", false, false
}

func newKey(secret string) *key {
	bytes := []byte(secret)
	return &key{macs: sync.Pool{New: func() any { return hmac.New(sha256.New, bytes) }}}
}

func (k *key) mac(value string) []byte {
	h, _ := k.macs.Get().(hash.Hash)
	defer k.macs.Put(h)
	h.Reset()
	h.Write([]byte(value))
	return h.Sum(nil)
}
