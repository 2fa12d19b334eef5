package authenttest

import (
	"strings"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// Organization is an organization of a test.
type Organization struct {
	*authent.Organization

	auth *Auth
}

// CreateOrganization creates an organization that the user owns, and makes it the active one of the user's session. The
// slug of "Acme Inc" is acme-inc.
func (u *User) CreateOrganization(t testing.TB, name string) *Organization {
	t.Helper()
	out, err := u.auth.setup.CreateOrganization(u.as(t.Context(), u.auth.setup), authent.CreateOrganizationInput{
		Name: name, Slug: strings.ToLower(strings.Join(strings.Fields(name), "-")),
	})
	if err != nil {
		t.Fatalf("create the organization %s: %v", name, err)
	}
	rows, err := u.auth.store.Organizations().Find(t.Context(), authent.Query{Where: []authent.Cond{authent.EQ("id", out.ID)}})
	if err != nil || len(rows) != 1 {
		t.Fatalf("read the organization %s: %d rows, %v", name, len(rows), err)
	}
	return &Organization{rows[0], u.auth}
}

// Add makes a user a member with a role, such as "admin", and the organization the active one of the user's session.
func (o *Organization) Add(t testing.TB, u *User, role string) *authent.Member {
	t.Helper()
	member, err := o.auth.setup.AddMember(t.Context(), authent.AddMemberInput{OrganizationID: o.ID, UserID: u.ID, Role: []string{role}})
	if err != nil {
		t.Fatalf("make %s %s of %s: %v", u.Email, role, o.Name, err)
	}
	o.Activate(t, u)
	return member
}

// Activate makes the organization the active one of the session of a user, who must be a member.
func (o *Organization) Activate(t testing.TB, u *User) {
	t.Helper()
	in := authent.SetActiveOrganizationInput{OrganizationID: authent.Some(o.ID)}
	if _, err := o.auth.setup.SetActiveOrganization(u.as(t.Context(), o.auth.setup), in); err != nil {
		t.Fatalf("make %s the active organization of %s: %v", o.Name, u.Email, err)
	}
}
