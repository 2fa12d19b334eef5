package mixins

import (
	"crypto/rand"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
)

// The ids of the auth tables: 32 characters out of 62, about 190 bits.
const (
	idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	idLength   = 32
)

// NewID returns a random id in the format of the auth tables: 32 characters of
// [a-zA-Z0-9] from crypto/rand, each equally likely.
func NewID() string {
	// A byte below 248 (4 times 62) maps to the alphabet without bias. The others,
	// 3 in 100, are dropped, so one read of 48 bytes is nearly always enough.
	var (
		id  [idLength]byte
		buf [idLength + idLength/2]byte
		n   int
	)
	for n < idLength {
		// crypto/rand.Read fills the buffer or ends the program; it returns no error.
		_, _ = rand.Read(buf[:])
		for _, b := range buf {
			if b >= 248 {
				continue
			}
			id[n] = idAlphabet[b%62]
			if n++; n == idLength {
				break
			}
		}
	}
	return string(id[:])
}

// ID adds a text primary key named "id".
type ID struct {
	mixin.Schema

	// New returns the id of a row that is created without one. Defaults to NewID.
	New func() string
}

// Fields of the mixin.
func (m ID) Fields() []ent.Field {
	return []ent.Field{idField(m.New)}
}

func idField(newID func() string) ent.Field {
	if newID == nil {
		newID = NewID
	}
	return column("id", field.String("id").NotEmpty().Immutable().DefaultFunc(newID))
}
