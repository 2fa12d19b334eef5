package authent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agentuity/auth-go/internal/origin"
)

// OrganizationConfig configures organizations.
type OrganizationConfig struct {
	// Roles are roles of members by their name, each with the actions that it permits on each resource:
	//
	//	Roles: map[string]map[string][]string{"billing": {"invoice": {"read", "pay"}}}
	//
	// They are added to owner, admin and member, or replace one of them; DefaultRoles returns those. What an owner may
	// do beyond its permissions, and what protects owners, does not depend on them.
	Roles map[string]map[string][]string
	// MembershipLimit is how many members an organization can have. Defaults to 100; negative means any number.
	MembershipLimit int
	// InvitationLimit is how many invitations of an organization can wait for an answer. Defaults to 100; negative
	// means any number.
	InvitationLimit int
	// OrganizationLimit is of how many organizations a user can be a member and still create another one. Defaults to
	// any number.
	OrganizationLimit int
	// InvitationLifetime is how long an invitation can be accepted. Defaults to 48 hours.
	InvitationLifetime time.Duration
	// InvitationURL is the page of the app that shows an invitation and accepts it, with {id} where the invitation's id
	// goes: /invitations/{id}, or the same with an origin. A path is one of BaseURL. Defaults to none: mails of
	// invitations then have no URL, only the id.
	InvitationURL string
	// RequireVerifiedEmail lets only users whose address is verified see, accept and reject an invitation that they
	// have the id of. The list of one's invitations needs a verified address in any case.
	RequireVerifiedEmail bool
	// MayCreate tells whether a user may create an organization. Defaults to everybody.
	MayCreate func(ctx context.Context, user *User) (bool, error)
	// DisableDeletion refuses to delete organizations.
	DisableDeletion bool
}

// The bounds of what a client may store.
const (
	defaultMembershipLimit    = 100
	defaultInvitationLimit    = 100
	defaultInvitationLifetime = 48 * time.Hour
)

func (s *service) configureOrganizations(Store) error {
	c := &s.config.Organization
	defaultTo(&c.MembershipLimit, defaultMembershipLimit)
	defaultTo(&c.InvitationLimit, defaultInvitationLimit)
	defaultTo(&c.InvitationLifetime, defaultInvitationLifetime)
	var problems []error
	if c.InvitationLifetime < 0 {
		problems = append(problems, errors.New("  Organization.InvitationLifetime: it must be positive"))
	}
	if url := c.InvitationURL; url != "" {
		_, absolute := origin.Of(url)
		path := strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//")
		if !absolute && !path || strings.Count(url, "{id}") != 1 {
			problems = append(problems, fmt.Errorf("  Organization.InvitationURL: %q is not a path or URL with {id}, such as /invitations/{id}", url))
		}
	}
	var err error
	if s.roles, err = newRoles(c.Roles); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
