package jwks

import (
	"crypto/ed25519"
	"encoding/base64"
	"time"
)

// Document is the JWKS document: every published key.
type Document struct {
	Keys []DocumentKey `json:"keys"`
}

// DocumentKey is one key of the document, its members in the measured order.
type DocumentKey struct {
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Type      string `json:"kty"`
	ID        string `json:"kid"`
}

// NewDocument returns the document of the rows that are published at a time. A row with a key of another kind is left
// out: it does not take the other keys down.
func NewDocument(rows []Row, now time.Time) Document {
	d := Document{Keys: make([]DocumentKey, 0, len(rows))}
	for _, r := range rows {
		public, err := r.Public()
		if err != nil || !r.Published(now) {
			continue
		}
		d.Keys = append(d.Keys, newDocumentKey(r.ID, public))
	}
	return d
}

func newDocumentKey(id string, public ed25519.PublicKey) DocumentKey {
	return DocumentKey{Algorithm: "EdDSA", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public), Type: "OKP", ID: id}
}
