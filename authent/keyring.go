package authent

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/agentuity/auth-go/internal/jwks"
	"github.com/agentuity/auth-go/internal/token"
)

// keyring has the keys of the table jwks in memory, so that not every request reads them.
type keyring struct {
	current atomic.Pointer[signingKeys]
	turn    chan struct{} // Who is in it reads the table; the others wait for what is read.
}

// signingKeys are the keys of the table at a time.
type signingKeys struct {
	signer *jwks.Signer
	rows   []jwks.Row
	read   time.Time
}

// The bounds of reading the keys.
const (
	// maxKeys is how many keys are read, the newest ones: as many as the TypeScript side reads.
	maxKeys = 100
	// minKeysAge is how old the keys in memory must be to be read again for a token that none of them signed.
	minKeysAge = 5 * time.Second
	// keyRound is the time within which two processes make the same first key.
	keyRound = 10 * time.Minute
)

// signingKeys returns the keys, from memory or the table. Without a key that can sign one is made.
func (a *Auth) signingKeys(ctx context.Context) (*signingKeys, error) {
	return a.keysReadAfter(ctx, a.now().Add(-a.config.JWT.KeepKeys))
}

// newerKeys returns keys that are newer than some, unless those were read just now.
func (a *Auth) newerKeys(ctx context.Context, old *signingKeys) (*signingKeys, error) {
	if now := a.now(); now.Sub(old.read) < minKeysAge {
		return old, nil
	}
	return a.keysReadAfter(ctx, old.read)
}

// keysReadAfter returns the keys in memory if they were read after a time, else those of the table.
func (a *Auth) keysReadAfter(ctx context.Context, after time.Time) (*signingKeys, error) {
	if a.store.JWKS() == nil {
		return nil, ErrNoJWT
	}
	if keys := a.keys.current.Load(); keys != nil && keys.read.After(after) {
		return keys, nil
	}
	if !a.root {
		// What a transaction reads or makes may never be committed: nobody else uses it.
		return a.readKeys(ctx)
	}
	select {
	case a.keys.turn <- struct{}{}:
		defer func() { <-a.keys.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if keys := a.keys.current.Load(); keys != nil && keys.read.After(after) {
		return keys, nil // Another request has read them meanwhile.
	}
	keys, err := a.readKeys(ctx)
	if err != nil {
		return nil, err
	}
	a.keys.current.Store(keys)
	return keys, nil
}

// readKeys reads the keys from the table, and makes one if none of them can sign.
func (a *Auth) readKeys(ctx context.Context) (*signingKeys, error) {
	keys, err := a.findKeys(ctx)
	if err != nil || keys.signer != nil {
		return keys, err
	}
	if err := a.createKey(ctx, keys.rows); err != nil {
		return nil, err
	}
	// Of several keys that were made at the same time all processes use the newest.
	if keys, err = a.findKeys(ctx); err != nil {
		return nil, err
	}
	if keys.signer == nil {
		return nil, errors.New("read the signing keys: the key that was just made is not in the table jwks")
	}
	return keys, nil
}

// findKeys reads the keys from the table. Its signer is nil if none of them can sign.
func (a *Auth) findKeys(ctx context.Context) (*signingKeys, error) {
	now := a.now()
	found, err := a.jwksTable().Find(ctx, Query{
		Order: []Order{{Column: "createdAt", Desc: true}, {Column: "id", Desc: true}}, Limit: maxKeys,
	})
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	keys := &signingKeys{rows: make([]jwks.Row, len(found)), read: now}
	usable := make([]jwks.Row, len(found))
	for i, k := range found {
		keys.rows[i] = jwks.Row{ID: k.ID, PublicKey: k.PublicKey, PrivateKey: k.PrivateKey, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt}
		usable[i] = keys.rows[i]
	}
	for len(usable) > 0 {
		row, ok := jwks.Signing(usable, now)
		if !ok {
			break
		}
		if keys.signer, err = jwks.NewSigner(row, a.sealing); err == nil {
			break
		}
		keys.signer = nil
		a.log.WarnContext(ctx, "authent: a key of the table jwks cannot sign", "key", row.ID, "error", err)
		usable = without(usable, row.ID)
	}
	return keys, nil
}

func without(rows []jwks.Row, id string) []jwks.Row {
	var rest []jwks.Row
	for _, r := range rows {
		if r.ID != id {
			rest = append(rest, r)
		}
	}
	return rest
}

// createKey makes a key after the keys that there are.
func (a *Auth) createKey(ctx context.Context, rows []jwks.Row) error {
	row, err := jwks.Generate(a.sealing, a.config.Random)
	if err != nil {
		return err
	}
	id, err := a.keyID(rows)
	if err != nil {
		return err
	}
	_, err = a.jwksTable().Create(ctx, &JWK{ID: id, PublicKey: row.PublicKey, PrivateKey: row.PrivateKey, CreatedAt: a.now()})
	if err != nil && (!a.root || !errors.Is(err, ErrConflict)) {
		return fmt.Errorf("create a signing key: %w", err)
	}
	return nil // A conflict: another process has made it.
}

// keyID returns the id of the key that follows some keys. All processes that make one at the same time come to the same
// id, so that the primary key lets one of them through. A transaction would fail by that: there the id is random.
func (a *Auth) keyID(rows []jwks.Row) (string, error) {
	if !a.root {
		return a.tokens.ID()
	}
	newest := ""
	if len(rows) > 0 {
		newest = rows[0].ID
	}
	round := strconv.FormatInt(a.now().UnixNano()/int64(keyRound), 10)
	sum := sha256.Sum256([]byte("authent jwks id\x00" + a.baseURL + "\x00" + newest + "\x00" + round + "\x00" + a.secret))
	id := make([]byte, len(sum))
	for i, b := range sum {
		id[i] = token.Alphanumeric[int(b)%len(token.Alphanumeric)]
	}
	return string(id), nil
}
