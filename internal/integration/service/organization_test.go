package service_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/organization"
)

// newOrganization creates an organization of a browser's user and returns its id. It becomes the active one.
func (b *browser) newOrganization(t *testing.T, slug string) string {
	t.Helper()
	b.s.clock.advance(time.Second) // Lists are in the order of time.
	return b.post(t, "/organization/create", object{"name": slug, "slug": slug}).ok(t).field(t, "id")
}

// invite invites a user, name@example.com, and returns the id of the invitation.
func (b *browser) invite(t *testing.T, organizationID, name, role string) string {
	t.Helper()
	b.s.clock.advance(time.Second)
	return b.post(t, "/organization/invite-member", object{
		"organizationId": organizationID, "email": name + "@example.com", "role": role,
	}).ok(t).field(t, "id")
}

// accept accepts an invitation and returns the id of the member.
func (b *browser) accept(t *testing.T, invitationID string) string {
	t.Helper()
	return b.post(t, "/organization/accept-invitation", object{"invitationId": invitationID}).ok(t).field(t, "member.id")
}

// userID returns the id of a browser's user.
func (b *browser) userID(t *testing.T) string {
	t.Helper()
	return b.get(t, "/get-session").ok(t).field(t, "user.id")
}

// active returns the id of the active organization of a browser's session.
func (b *browser) active(t *testing.T) string {
	t.Helper()
	return b.get(t, "/get-session").ok(t).field(t, "session.activeOrganizationId")
}

var (
	someID   = regexp.MustCompile(`"[A-Za-z0-9]{32}"`)
	someTime = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
)

// shape fails the test unless the status is 200 and the body, with "ID" and "TIME" for ids and times, is this one. The
// order of members counts.
func (a *answer) shape(t *testing.T, body string) *answer {
	t.Helper()
	a.ok(t)
	got := someTime.ReplaceAllString(someID.ReplaceAllString(string(a.body), `"ID"`), `"TIME"`)
	if want := compact([]byte(body)); got != want {
		t.Errorf("%s %s =\n%s, want\n%s", a.method, a.path, got, want)
	}
	return a
}

func TestOrganization(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		s.browser().post(t, "/organization/create", object{"name": "X", "slug": "x"}).is(t, 401, ``)
		owner, stranger := s.signUp(t, "owner"), s.signUp(t, "stranger")
		// The order of the metadata's members is the client's.
		acme := owner.post(t, "/organization/create", `{"name":"Acme","slug":"acme","logo":"https://x.test/l.png","metadata":{"tier": "gold","n":1}}`).
			shape(t, `{"name":"Acme","slug":"acme","logo":"https://x.test/l.png","createdAt":"TIME","metadata":{"tier":"gold","n":1},"id":"ID",
				"members":[{"organizationId":"ID","userId":"ID","role":"owner","createdAt":"TIME","id":"ID"}]}`).field(t, "id")
		if got := owner.active(t); got != acme {
			t.Errorf("active = %q, want the new organization", got)
		}
		stranger.post(t, "/organization/create", object{"name": "Acme2", "slug": "acme"}).refused(t, 400, "ORGANIZATION_ALREADY_EXISTS")
		stranger.post(t, "/organization/create", object{"name": "", "slug": "s"}).
			is(t, 400, `{"message":"[body.name] Too small: expected string to have >=1 characters","code":"VALIDATION_ERROR"}`)
		stranger.post(t, "/organization/create", object{"name": "n"}).
			is(t, 400, `{"message":"[body.slug] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		stranger.post(t, "/organization/create", object{"name": "n", "slug": "s\x00"}).refused(t, 400, "VALIDATION_ERROR")
		stranger.post(t, "/organization/create", object{"name": strings.Repeat("n", 1000), "slug": "long"}).refused(t, 400, "VALIDATION_ERROR")
		stranger.post(t, "/organization/create", object{"name": "n", "slug": "s", "metadata": "text"}).refused(t, 400, "VALIDATION_ERROR")
		s.clock.advance(time.Second)
		// Without metadata there is no member of that name, and userId of somebody else is ignored.
		owner.post(t, "/organization/create", object{
			"name": "Second", "slug": "Hello World/../2", "userId": stranger.userID(t), "keepCurrentActiveOrganization": true, "logo": nil, "metadata": nil,
		}).shape(t, `{"name":"Second","slug":"Hello World/../2","logo":null,"createdAt":"TIME","id":"ID",
			"members":[{"organizationId":"ID","userId":"ID","role":"owner","createdAt":"TIME","id":"ID"}]}`)
		if got := owner.active(t); got != acme {
			t.Errorf("active = %q, want it kept", got)
		}

		owner.post(t, "/organization/check-slug", object{"slug": "free"}).is(t, 200, `{"status":true}`)
		owner.post(t, "/organization/check-slug", object{"slug": "acme"}).refused(t, 400, "ORGANIZATION_SLUG_ALREADY_TAKEN")
		s.browser().post(t, "/organization/check-slug", object{"slug": "free"}).refused(t, 401, "UNAUTHORIZED")

		owner.get(t, "/organization/list").shape(t, `[
			{"name":"Acme","slug":"acme","logo":"https://x.test/l.png","createdAt":"TIME","metadata":"{\"tier\":\"gold\",\"n\":1}","id":"ID"},
			{"name":"Second","slug":"Hello World/../2","logo":null,"createdAt":"TIME","metadata":null,"id":"ID"}]`)
		stranger.get(t, "/organization/list").is(t, 200, `[]`)
		s.browser().get(t, "/organization/list").refused(t, 401, "UNAUTHORIZED")

		full := `{"name":"Acme","slug":"acme","logo":"https://x.test/l.png","createdAt":"TIME","metadata":"{\"tier\":\"gold\",\"n\":1}","id":"ID","invitations":[],
			"members":[{"organizationId":"ID","userId":"ID","role":"owner","createdAt":"TIME","id":"ID","user":{"id":"ID","name":"owner","email":"owner@example.com","image":null}}]}`
		for _, query := range []string{"", "?organizationId=" + acme, "?organizationSlug=acme", "?membersLimit=1", "?membersLimit=150"} {
			owner.get(t, "/organization/get-full-organization"+query).shape(t, full)
		}
		owner.get(t, "/organization/get-full-organization?organizationId=nope").refused(t, 400, "ORGANIZATION_NOT_FOUND")
		stranger.get(t, "/organization/get-full-organization").is(t, 200, `null`)
		s.browser().get(t, "/organization/get-full-organization").refused(t, 401, "UNAUTHORIZED")

		owner.post(t, "/organization/update", object{"organizationId": acme, "data": object{"name": "Acme Inc", "metadata": object{"tier": "silver"}}}).
			shape(t, `{"name":"Acme Inc","slug":"acme","logo":"https://x.test/l.png","createdAt":"TIME","metadata":{"tier":"silver"},"id":"ID"}`)
		owner.post(t, "/organization/update", object{"data": object{"logo": "https://x.test/2.png"}}).
			shape(t, `{"name":"Acme Inc","slug":"acme","logo":"https://x.test/2.png","createdAt":"TIME","metadata":{"tier":"silver"},"id":"ID"}`)
		owner.post(t, "/organization/update", object{"data": object{}}).refused(t, 400, "NO_FIELDS_TO_UPDATE")
		owner.post(t, "/organization/update", object{"data": object{"slug": "Hello World/../2"}}).refused(t, 400, "ORGANIZATION_SLUG_ALREADY_TAKEN")
		owner.post(t, "/organization/update", object{"data": object{"slug": "acme"}}).ok(t)
		owner.post(t, "/organization/update", object{"data": object{"logo": nil, "metadata": nil}}).
			shape(t, `{"name":"Acme Inc","slug":"acme","logo":null,"createdAt":"TIME","id":"ID"}`)
		stranger.post(t, "/organization/update", object{"organizationId": acme, "data": object{"name": "h"}}).refused(t, 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		stranger.post(t, "/organization/update", object{"data": object{"name": "h"}}).refused(t, 400, "ORGANIZATION_NOT_FOUND")
		s.browser().post(t, "/organization/update", object{"organizationId": acme, "data": object{"name": "h"}}).is(t, 401, `{"message":"User not found"}`)

		admin := s.signUp(t, "admin")
		admin.accept(t, owner.invite(t, acme, "admin", "admin"))
		admin.post(t, "/organization/delete", object{"organizationId": acme}).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")
		stranger.post(t, "/organization/delete", object{"organizationId": acme}).refused(t, 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		owner.post(t, "/organization/delete", object{}).
			is(t, 400, `{"message":"[body.organizationId] Invalid input: expected string, received undefined","code":"VALIDATION_ERROR"}`)
		s.browser().post(t, "/organization/delete", object{"organizationId": acme}).is(t, 401, ``)
		owner.invite(t, acme, "nobody", "member")
		owner.post(t, "/organization/delete", object{"organizationId": acme}).
			shape(t, `{"name":"Acme Inc","slug":"acme","logo":null,"createdAt":"TIME","metadata":null,"id":"ID"}`)
		if got := owner.active(t); got != "" {
			t.Errorf("active = %q, want none", got)
		}
		if n := must(s.client.Organization.Query().Where(organization.ID(acme)).Count(t.Context()))(t); n != 0 {
			t.Error("the organization is still there")
		}
		if n := must(s.client.Invitation.Query().Count(t.Context()))(t); n != 0 {
			t.Errorf("%d invitations are left", n)
		}
		owner.post(t, "/organization/delete", object{"organizationId": acme}).refused(t, 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		for _, path := range []string{"add-member", "create-team", "create-role"} {
			owner.post(t, "/organization/"+path, object{"name": "x"}).is(t, 404, ``)
		}
	})
}

func TestSetActiveOrganization(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, stranger := s.signUp(t, "owner"), s.signUp(t, "stranger")
		acme := owner.newOrganization(t, "acme")
		want := `{"name":"acme","slug":"acme","logo":null,"createdAt":"TIME","metadata":null,"id":"ID"}`
		owner.post(t, "/organization/set-active", object{"organizationId": nil}).is(t, 200, `null`)
		if got := owner.active(t); got != "" {
			t.Errorf("active = %q after null", got)
		}
		if a := owner.post(t, "/organization/set-active", object{}).is(t, 200, `null`); a.cookie("session_token") != nil {
			t.Error("nothing was done, but the cookie is sent again")
		}
		for _, in := range []object{{"organizationId": acme}, {"organizationSlug": "acme"}, {}} {
			a := owner.post(t, "/organization/set-active", in).shape(t, want)
			if a.cookie("session_token") == nil || a.header.Get("Set-Auth-Token") == "" {
				t.Error("the cookie is not sent again")
			}
			if got := owner.active(t); got != acme {
				t.Errorf("active = %q, want %q", got, acme)
			}
		}
		other := stranger.newOrganization(t, "other")
		stranger.post(t, "/organization/set-active", object{"organizationId": acme}).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		stranger.post(t, "/organization/set-active", object{"organizationSlug": "acme"}).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		stranger.post(t, "/organization/set-active", object{"organizationId": "nope"}).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		stranger.post(t, "/organization/set-active", object{"organizationSlug": "nope"}).refused(t, 400, "ORGANIZATION_NOT_FOUND")
		stranger.get(t, "/organization/get-full-organization?organizationId="+acme).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		if got := stranger.active(t); got != other {
			t.Errorf("active = %q, want what it was before the refusals", got)
		}
		s.browser().post(t, "/organization/set-active", object{"organizationId": acme}).refused(t, 401, "UNAUTHORIZED")
	})
}

// An organization is deleted by one of two at the same time, and a slug is had by one of many.
func TestRaceSlugTakenTwice(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		users := []*browser{s.signUp(t, "a"), s.signUp(t, "b")}
		statuses := race(8, func(i int) int {
			a, err := users[i%2].try(http.MethodPost, "/organization/create", object{"name": "n", "slug": "wanted"})
			if err != nil {
				t.Error(err)
				return 0
			}
			if a.status != http.StatusOK && !strings.Contains(string(a.body), "ORGANIZATION_ALREADY_EXISTS") {
				t.Errorf("status %d %s", a.status, a.body)
			}
			return a.status
		})
		if count(statuses, http.StatusOK) != 1 || count(statuses, http.StatusBadRequest) != 7 {
			t.Errorf("statuses = %v, want one 200", statuses)
		}
		if n := must(s.client.Member.Query().Count(t.Context()))(t); n != 1 {
			t.Errorf("%d members, want one: what failed is undone", n)
		}
	})
}

func count(list []int, value int) (n int) {
	for _, v := range list {
		if v == value {
			n++
		}
	}
	return n
}

func TestOrganizationLimits(t *testing.T) {
	configure := func(c *authent.Config) {
		c.Organization.OrganizationLimit = 2
		c.Organization.MembershipLimit = 2
		c.Organization.InvitationLimit = 1
		c.Organization.DisableDeletion = true
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		owner := s.signUp(t, "owner")
		acme := owner.newOrganization(t, "acme")
		owner.newOrganization(t, "second")
		owner.post(t, "/organization/create", object{"name": "n", "slug": "third"}).refused(t, 403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS")
		owner.post(t, "/organization/delete", object{"organizationId": acme}).refused(t, 404, "ORGANIZATION_DELETION_DISABLED")
		a, b := s.signUp(t, "a"), s.signUp(t, "b")
		first := owner.invite(t, acme, "a", "member")
		owner.post(t, "/organization/invite-member", object{"organizationId": acme, "email": "b@example.com", "role": "member"}).refused(t, 403, "INVITATION_LIMIT_REACHED")
		a.accept(t, first)
		second := owner.invite(t, acme, "b", "member")
		b.post(t, "/organization/accept-invitation", object{"invitationId": second}).refused(t, 403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED")
		var invitations []authent.Invitation
		owner.get(t, "/organization/list-invitations?organizationId="+acme).ok(t).decode(t, &invitations)
		if len(invitations) != 2 || invitations[1].Status != "pending" {
			t.Errorf("invitations = %+v, want the second one to wait", invitations)
		}
		_, err := s.auth.AddMember(t.Context(), authent.AddMemberInput{UserID: b.userID(t), OrganizationID: acme, Role: []string{"member"}})
		if !isCode(err, authent.ErrMembershipLimit) {
			t.Errorf("AddMember: %v", err)
		}
	})
}

// isCode tells whether err has the code of want, and its message too.
func isCode(err error, want *authent.Error) bool {
	if err == nil {
		return false
	}
	text, _ := json.Marshal(err)
	wanted, _ := json.Marshal(want)
	return string(text) == string(wanted)
}

// TestFullOrganizationWithInterceptor: an interceptor that comes late sees the users of members whole, and decides what
// clients get.
func TestFullOrganizationWithInterceptor(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner := s.signUp(t, "alice")
		owner.newOrganization(t, "acme")
		if got := string(owner.get(t, "/organization/get-full-organization").ok(t).body); !strings.Contains(got, `"name":"alice"`) {
			t.Errorf("the name is missing: %s", got)
		}
		s.client.User.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				value, err := next.Query(ctx, q)
				users, _ := value.([]*ent.User)
				for _, u := range users {
					if u.CreatedAt.IsZero() || u.UpdatedAt.IsZero() {
						t.Errorf("the interceptor sees a part of a user: %v", u)
					}
					u.Name = "somebody"
				}
				return value, err
			})
		}))
		if got := string(owner.get(t, "/organization/get-full-organization").ok(t).body); !strings.Contains(got, `"name":"somebody"`) || strings.Contains(got, `"alice"`) {
			t.Errorf("the interceptor was not asked: %s", got)
		}
	})
}
