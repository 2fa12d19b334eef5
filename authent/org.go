package authent

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Org is the active organization of whom a request acts for, with their membership.
type Org struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Slug     string  `json:"slug"`
	Logo     *string `json:"logo"`
	Metadata *string `json:"metadata"` // JSON text.
	Role     string  `json:"role"`     // One role, or several joined by commas.
	MemberID string  `json:"memberId"`
}

// orgLookup is the active organization of an identity. It is looked up when it is first asked for.
type orgLookup struct {
	auth *Auth // Nil for an identity that is not from a request or WithIdentity.

	mu             sync.Mutex
	organizationID string // Whose the rest is; "" if nothing was looked up.
	member         *Member
	organization   *Organization
}

// bind makes lookups possible, and gives a user that was not read an entity.
func (id *Identity) bind(a *Auth) {
	id.org.mu.Lock()
	defer id.org.mu.Unlock()
	id.org.auth = a
	if id.User != nil && id.User.Entity == nil {
		id.User.Entity = a.store.Users().Entity(id.User)
	}
}

// tx returns the service in the transaction of a context, such as that of a hook; nil if there is none. There the database is asked
// each time, on the connection of the transaction: another one might never be free, and what a transaction reads may
// be undone.
func (l *orgLookup) tx(ctx context.Context) *Auth {
	tx, ok := ctx.Value(txKey{}).(*Auth)
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.auth == nil || l.auth.service != tx.service {
		return nil
	}
	return tx
}

// find returns an organization.
func (l *orgLookup) find(ctx context.Context, id string) (*Organization, error) {
	if tx := l.tx(ctx); tx != nil {
		return tx.organization(ctx, EQ("id", id))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.organization == nil || l.organization.ID != id {
		found, err := l.auth.organization(ctx, EQ("id", id))
		if err != nil {
			return nil, err
		}
		l.organization = found
	}
	return l.organization, nil
}

// errNoAuth is for an identity that an app made up.
var errNoAuth = errors.New("authent: the identity is not from a request: pass it through Auth.WithIdentity to ask for its organization")

// activeMember returns the membership in the active organization, nil if none is active or if the user is not, or no
// longer, a member of it. The database is asked once.
func (id *Identity) activeMember(ctx context.Context) (*Member, error) {
	organizationID := id.activeOrganizationID()
	if organizationID == "" || id.User == nil {
		return nil, nil
	}
	l := &id.org
	if tx := l.tx(ctx); tx != nil {
		if tx.store.Members() == nil {
			return nil, nil
		}
		return tx.membership(ctx, id.User.ID, organizationID)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.organizationID == organizationID {
		return l.member, nil
	}
	if l.auth == nil {
		return nil, errNoAuth
	}
	if l.auth.store.Members() == nil {
		return nil, nil
	}
	member, err := l.auth.membership(ctx, id.User.ID, organizationID)
	if err != nil {
		return nil, err
	}
	l.organizationID, l.member, l.organization = organizationID, member, nil
	return member, nil
}

// Org returns the active organization of the session; nil if there is none, or if the user is not, or no longer, a
// member of it. It is read when it is first asked for. The error is of the database.
func (id *Identity) Org(ctx context.Context) (*Org, error) {
	member, err := id.activeMember(ctx)
	if err != nil || member == nil {
		return nil, err
	}
	o, err := id.org.find(ctx, member.OrganizationID)
	if err != nil || o == nil {
		return nil, err
	}
	return &Org{ID: o.ID, Name: o.Name, Slug: o.Slug, Logo: o.Logo, Metadata: o.Metadata, Role: member.Role, MemberID: member.ID}, nil
}

// OrgRole returns the role in the active organization, as Org does: one, or several joined by commas; "" for none.
func (id *Identity) OrgRole(ctx context.Context) (string, error) {
	member, err := id.activeMember(ctx)
	if err != nil || member == nil {
		return "", err
	}
	return member.Role, nil
}

// HasOrgRole tells whether the user has one of the roles in the active organization.
func (id *Identity) HasOrgRole(ctx context.Context, roles ...string) (bool, error) {
	role, err := id.OrgRole(ctx)
	if err != nil || role == "" {
		return false, err
	}
	return slices.ContainsFunc(rolesOf(role), func(held string) bool { return slices.Contains(roles, held) }), nil
}

// HasOrgPermission tells whether the role in the active organization permits all the actions on a resource.
func (id *Identity) HasOrgPermission(ctx context.Context, resource string, actions ...string) (bool, error) {
	role, err := id.OrgRole(ctx)
	if err != nil || role == "" {
		return false, err
	}
	return id.org.auth.roles.permit(role, map[string][]string{resource: actions}), nil
}
