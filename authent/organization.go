package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// requireSessionElse is requireSession with the error that an endpoint gives for nobody.
func (a *Auth) requireSessionElse(ctx context.Context, nobody *Error) (*Identity, error) {
	id, err := a.requireSession(ctx)
	if errors.Is(err, ErrUnauthorized) {
		return nil, nobody
	}
	return id, err
}

// activeOrganizationID returns the id of the organization that is active in a session, or "". That the user is a member
// of it must still be checked: the session may be older than the end of the membership.
func (id *Identity) activeOrganizationID() string {
	if id.Session == nil || id.Session.ActiveOrganizationID == nil {
		return ""
	}
	return *id.Session.ActiveOrganizationID
}

// organization returns the organization that fulfils all conditions, or nil.
func (a *Auth) organization(ctx context.Context, where ...Cond) (*Organization, error) {
	return a.findOrganization(ctx, Query{Where: where, Limit: 1})
}

// lockOrganization returns an organization, or nil. Until the transaction ends, no other one that locks it goes on:
// what is counted of its members and invitations stays true.
func (a *Auth) lockOrganization(ctx context.Context, id string) (*Organization, error) {
	return a.findOrganization(ctx, Query{Where: []Cond{EQ("id", id)}, Lock: true})
}

func (a *Auth) findOrganization(ctx context.Context, q Query) (*Organization, error) {
	found, err := a.organizationTable().Find(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("find an organization: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// organizationError returns the error of writing an organization as clients see it; taken is the one for a slug that
// another organization has.
func organizationError(err error, taken *Error) error {
	var invalid *FieldError
	switch {
	case errors.Is(err, ErrConflict):
		return taken
	case errors.As(err, &invalid):
		return newError(http.StatusBadRequest, ErrValidation.Code, "[body."+invalid.Field+"] "+invalid.Error())
	}
	return fmt.Errorf("write an organization: %w", err)
}

// member returns the membership of a user, with the user, in an organization, or nil.
func (a *Auth) member(ctx context.Context, userID, organizationID string) (*Member, error) {
	return a.findMember(ctx, EQ("userId", userID), EQ("organizationId", organizationID))
}

// membership is member without the user.
func (a *Auth) membership(ctx context.Context, userID, organizationID string) (*Member, error) {
	return oldest(a.memberTable().Find(ctx, memberQuery(EQ("userId", userID), EQ("organizationId", organizationID))))
}

// findMember returns the member, with its user, that fulfils all conditions, or nil.
func (a *Auth) findMember(ctx context.Context, where ...Cond) (*Member, error) {
	return oldest(a.memberTable().FindWithUsers(ctx, memberQuery(where...)))
}

// memberQuery asks for the oldest member that fulfils all conditions: the tables of both sides let a user be one twice.
func memberQuery(where ...Cond) Query {
	return Query{Where: where, Order: []Order{{Column: "createdAt"}, {Column: "id"}}, Limit: 1}
}

func oldest(found []*Member, err error) (*Member, error) {
	if err != nil {
		return nil, fmt.Errorf("find a member: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// addMember makes a user a member of an organization that the caller has locked.
func (a *Auth) addMember(ctx context.Context, member *Member) (*Member, error) {
	known, err := a.memberTable().Count(ctx, EQ("userId", member.UserID), EQ("organizationId", member.OrganizationID))
	if err != nil {
		return nil, fmt.Errorf("count members: %w", err)
	}
	if known > 0 {
		return nil, ErrAlreadyMember
	}
	if limit := a.config.Organization.MembershipLimit; limit >= 0 {
		n, err := a.memberTable().Count(ctx, EQ("organizationId", member.OrganizationID))
		if err != nil {
			return nil, fmt.Errorf("count members: %w", err)
		}
		if n >= limit {
			return nil, ErrMembershipLimit
		}
	}
	if member.ID, err = a.tokens.ID(); err != nil {
		return nil, err
	}
	member.CreatedAt = a.now()
	created, err := a.memberTable().Create(ctx, member)
	if err != nil {
		return nil, fmt.Errorf("add a member: %w", err)
	}
	return created, nil
}

// keepOwner returns lost if an organization that the caller has locked has no owner any more.
func (a *Auth) keepOwner(ctx context.Context, organizationID string, lost *Error) error {
	// Roles are joined in one column: the condition finds what may be an owner.
	candidates, err := a.memberTable().Find(ctx, Query{Where: []Cond{
		EQ("organizationId", organizationID), {Column: "role", Op: OpContains, Value: RoleOwner},
	}})
	if err != nil {
		return fmt.Errorf("find the owners: %w", err)
	}
	for _, m := range candidates {
		if isOwner(m.Role) {
			return nil
		}
	}
	return lost
}

// activate makes an organization the active one of the session; nil for none. The caller has checked the membership. The
// made-up session of an API key has no active organization.
func (a *Auth) activate(ctx context.Context, id *Identity, organizationID *string) error {
	if id.Session == nil || id.Method == MethodAPIKey {
		return nil
	}
	now := a.now()
	id.Session.ActiveOrganizationID, id.Session.UpdatedAt = organizationID, now
	var value any
	if organizationID != nil {
		value = *organizationID
	}
	return a.updateSession(ctx, id.Session, Set("activeOrganizationId", value), Set("updatedAt", now))
}
