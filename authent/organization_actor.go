package authent

import "context"

// actor is who sent a request, and the organization that it is about. What most endpoints of organizations begin with is
// here: who is it, which organization, and what is their membership there as it is now.
type actor struct {
	id             *Identity
	organizationID string
}

// actor returns who sent the request and the organization that an input names, or else the one that is active in the
// session. The error is nowhere if there is neither.
func (a *Auth) actor(ctx context.Context, organizationID string, nowhere *Error) (*actor, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	return id.in(organizationID, nowhere)
}

// in returns who acts in an organization, or in the active one if none is named.
func (id *Identity) in(organizationID string, nowhere *Error) (*actor, error) {
	if organizationID == "" {
		organizationID = id.activeOrganizationID()
	}
	if organizationID == "" {
		return nil, nowhere
	}
	return &actor{id, organizationID}, nil
}

// asMember returns the membership of who acts; the error is stranger if there is none.
func (a *Auth) asMember(ctx context.Context, who *actor, stranger *Error) (*Member, error) {
	member, err := a.membership(ctx, who.id.User.ID, who.organizationID)
	if err != nil {
		return nil, err
	}
	if member == nil {
		return nil, stranger
	}
	return member, nil
}

// changeAs runs fn in a transaction in which the organization is locked, with the organization and the membership of who
// acts as they are under the lock. The error is stranger for who has no membership, and for an organization that is not
// there.
func (a *Auth) changeAs(ctx context.Context, who *actor, stranger *Error,
	fn func(ctx context.Context, tx *Auth, organization *Organization, as *Member) error,
) error {
	return a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		if _, err := tx.asMember(ctx, who, stranger); err != nil {
			return err // Strangers get no lock.
		}
		organization, err := tx.lockOrganization(ctx, who.organizationID)
		if err != nil {
			return err
		}
		as, err := tx.asMember(ctx, who, stranger)
		if err != nil {
			return err
		}
		if organization == nil {
			return stranger
		}
		return fn(ctx, tx, organization, as)
	})
}
