package service_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
)

// crew is an organization with an owner, an admin and a member, and a stranger beside it.
type crew struct {
	id                            string
	owner, admin, plain, stranger *browser
	ownerID, adminID, plainID     string // Of the members.
}

// newCrew makes an organization with people whose names begin with its slug.
func newCrew(t *testing.T, s *server, slug string) *crew {
	t.Helper()
	c := &crew{owner: s.signUp(t, slug+"-owner"), admin: s.signUp(t, slug+"-admin"), plain: s.signUp(t, slug+"-member"), stranger: s.signUp(t, slug+"-stranger")}
	c.id = c.owner.newOrganization(t, slug)
	c.ownerID = c.owner.get(t, "/organization/get-active-member").ok(t).field(t, "id")
	c.adminID = c.admin.accept(t, c.owner.invite(t, c.id, slug+"-admin", "admin"))
	s.clock.advance(time.Second)
	c.plainID = c.plain.accept(t, c.owner.invite(t, c.id, slug+"-member", "member"))
	return c
}

func TestMembers(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		withUser := func(name, role string) string {
			return `{"organizationId":"ID","userId":"ID","role":"` + role + `","createdAt":"TIME","id":"ID","user":{"id":"ID","name":"acme-` + name + `","email":"acme-` + name + `@example.com","image":null}}`
		}
		list := "/organization/list-members?organizationId=" + c.id
		owner, admin, plain := withUser("owner", "owner"), withUser("admin", "admin"), withUser("member", "member")
		for query, want := range map[string]string{
			"": `{"members":[` + owner + `,` + admin + `,` + plain + `],"total":3}`,
			"&limit=1&offset=1&sortBy=createdAt&sortDirection=desc": `{"members":[` + admin + `],"total":3}`,
			"&sortBy=role": `{"members":[` + admin + `,` + plain + `,` + owner + `],"total":3}`,
			"&filterField=role&filterOperator=eq&filterValue=admin":                         `{"members":[` + admin + `],"total":1}`,
			"&filterField=role&filterValue=admin":                                           `{"members":[` + admin + `],"total":1}`,
			"&filterField=role&filterOperator=ne&filterValue=admin":                         `{"members":[` + owner + `,` + plain + `],"total":2}`,
			"&filterField=role&filterOperator=in&filterValue=admin":                         `{"members":[` + admin + `],"total":1}`,
			"&filterField=role&filterOperator=not_in&filterValue=admin&filterValue=owner":   `{"members":[` + plain + `],"total":1}`,
			"&filterField=role&filterOperator=starts_with&filterValue=ad":                   `{"members":[` + admin + `],"total":1}`,
			"&filterField=role&filterOperator=contains&filterValue=%25":                     `{"members":[],"total":0}`,
			"&filterField=createdAt&filterOperator=lt&filterValue=2026-03-01T12:00:02.000Z": `{"members":[` + owner + `],"total":1}`,
			"&limit=0":   `{"members":[` + owner + `,` + admin + `,` + plain + `],"total":3}`,
			"&limit=150": `{"members":[` + owner + `,` + admin + `,` + plain + `],"total":3}`,
		} {
			c.plain.get(t, list+query).shape(t, want)
		}
		for query, message := range map[string]string{
			"&filterField=role&filterOperator=zz&filterValue=admin": `[query.filterOperator] Invalid option: expected one of \"eq\"|\"ne\"|\"lt\"|\"lte\"|\"gt\"|\"gte\"|\"in\"|\"not_in\"|\"contains\"|\"starts_with\"|\"ends_with\"`,
			"&filterField=nope&filterValue=admin":                   `[query.filterField] Invalid option: expected one of \"id\"|\"organizationId\"|\"userId\"|\"role\"|\"createdAt\"`,
			"&sortBy=nope":                                          `[query.sortBy] Invalid option: expected one of \"id\"|\"organizationId\"|\"userId\"|\"role\"|\"createdAt\"`,
			"&filterField=role":                                     `[query.filterValue] Invalid input: expected one value, received 0`,
			"&filterField=createdAt&filterValue=yesterday":          `[query.filterValue] Invalid input: expected a time such as 2006-01-02T15:04:05.000Z`,
			"&filterField=createdAt&filterOperator=contains&filterValue=2026-01-01T00:00:00Z": `[query.filterValue] Invalid input: a time is no text that contains compares`,
			"&limit=many": `[query.limit] Invalid input: expected number, received NaN`,
			"&offset=-1":  `[query.offset] Too small: expected number to be >=0`,
		} {
			c.plain.get(t, list+query).is(t, 400, `{"message":"`+message+`","code":"VALIDATION_ERROR"}`)
		}
		c.owner.get(t, "/organization/list-members?organizationSlug=acme").ok(t)
		c.owner.get(t, "/organization/list-members?organizationSlug=nope").refused(t, 400, "ORGANIZATION_NOT_FOUND")
		c.stranger.get(t, list).refused(t, 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		c.stranger.get(t, "/organization/list-members").refused(t, 400, "NO_ACTIVE_ORGANIZATION")
		s.browser().get(t, list).refused(t, 401, "UNAUTHORIZED")

		c.owner.get(t, "/organization/get-active-member").shape(t, owner)
		c.stranger.get(t, "/organization/get-active-member").refused(t, 400, "NO_ACTIVE_ORGANIZATION")
		role := "/organization/get-active-member-role"
		c.owner.get(t, role).is(t, 200, `{"role":"owner"}`)
		c.owner.get(t, role+"?userId="+c.admin.userID(t)).is(t, 200, `{"role":"admin"}`)
		c.owner.get(t, role+"?userId="+c.stranger.userID(t)).refused(t, 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")
		c.stranger.get(t, role+"?organizationId="+c.id).refused(t, 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")

		remove := func(b *browser, who string) *answer {
			t.Helper()
			return b.post(t, "/organization/remove-member", object{"memberIdOrEmail": who, "organizationId": c.id})
		}
		remove(c.plain, "acme-admin@example.com").refused(t, 401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER")
		remove(c.admin, "acme-owner@example.com").refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		remove(c.owner, c.ownerID).refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		remove(c.owner, "nope").refused(t, 400, "MEMBER_NOT_FOUND")
		remove(c.owner, "nope@example.com").refused(t, 400, "MEMBER_NOT_FOUND")
		remove(c.admin, "ACME-member@example.com").shape(t, `{"member":`+plain+`}`)
		c.plain.get(t, "/organization/get-full-organization").is(t, 200, "null") // It is not the active one any more.
		c.plain.get(t, "/organization/get-full-organization?organizationId="+c.id).refused(t, 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")

		add := authent.AddMemberInput{UserID: c.plain.userID(t), OrganizationID: c.id, Role: []string{"member"}}
		must(s.auth.AddMember(t.Context(), add))(t)
		leave := func(b *browser) *answer {
			t.Helper()
			return b.post(t, "/organization/leave", object{"organizationId": c.id})
		}
		leave(c.plain).shape(t, plain)
		if got := c.plain.active(t); got != "" {
			t.Errorf("active = %q after leaving, want none", got)
		}
		leave(c.plain).refused(t, 400, "MEMBER_NOT_FOUND")
		leave(c.owner).refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
		leave(s.browser()).refused(t, 401, "UNAUTHORIZED")
	})
}

func TestAddMember(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		owner, guest := s.signUp(t, "owner"), s.signUp(t, "guest")
		acme, ctx := owner.newOrganization(t, "acme"), t.Context()
		in := authent.AddMemberInput{UserID: guest.userID(t), OrganizationID: acme, Role: []string{"member", "admin"}}
		m := must(s.auth.AddMember(ctx, in))(t)
		if m.Role != "member,admin" || m.OrganizationID != acme || m.UserID != in.UserID || m.ID == "" {
			t.Errorf("member = %+v", m)
		}
		for _, test := range []struct {
			change func(*authent.AddMemberInput)
			want   *authent.Error
		}{
			{func(*authent.AddMemberInput) {}, authent.ErrAlreadyMember},
			{func(in *authent.AddMemberInput) { in.OrganizationID = "nope" }, authent.ErrOrganizationNotFound},
			{func(in *authent.AddMemberInput) { in.OrganizationID = "" }, authent.ErrNoActiveOrganization},
			{func(in *authent.AddMemberInput) { in.UserID = "nope" }, &authent.Error{Code: "USER_NOT_FOUND", Message: "User not found"}},
			{func(in *authent.AddMemberInput) { in.Role = nil }, authent.ErrRoleNotFound},
		} {
			in := in
			test.change(&in)
			if _, err := s.auth.AddMember(ctx, in); !isCode(err, test.want) {
				t.Errorf("AddMember(%+v): %v, want %v", in, err, test.want)
			}
		}
	})
}

func TestUpdateMemberRole(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		set := func(b *browser, memberID string, role any) *answer {
			t.Helper()
			return b.post(t, "/organization/update-member-role", object{"memberId": memberID, "role": role, "organizationId": c.id})
		}
		shape := func(role string) string {
			return `{"organizationId":"ID","userId":"ID","role":"` + role + `","createdAt":"TIME","id":"ID"}`
		}
		set(c.owner, c.plainID, "admin").shape(t, shape("admin"))
		set(c.owner, c.plainID, []string{"member", "admin"}).shape(t, shape("member,admin"))
		set(c.owner, c.plainID, " member , member ").shape(t, shape("member"))
		set(c.plain, c.plainID, "admin").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		set(c.admin, c.ownerID, "member").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		set(c.owner, c.ownerID, "member").refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER")
		set(c.owner, c.ownerID, []string{"owner", "admin"}).shape(t, shape("owner,admin"))
		set(c.owner, "nope", "member").refused(t, 400, "MEMBER_NOT_FOUND")
		set(c.stranger, c.plainID, "admin").refused(t, 400, "MEMBER_NOT_FOUND")
		set(s.browser(), c.plainID, "admin").refused(t, 401, "UNAUTHORIZED")
		set(c.stranger, "x", []string{" owner"}).refused(t, 400, "MEMBER_NOT_FOUND")
		for _, role := range []any{"", ",", []string{}, []string{""}} {
			set(c.owner, c.plainID, role).is(t, 400, ``)
		}
		// With another owner, one may go.
		set(c.owner, c.adminID, "owner").shape(t, shape("owner"))
		set(c.owner, c.ownerID, "member").shape(t, shape("member"))
		set(c.owner, c.adminID, "member").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
	})
}

// An admin became an owner with a role that has a comma, and roles that are none were stored.
func TestQuirkAdminMakesOwner(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		for _, role := range []any{
			"owner", "admin,owner", "owner,admin", "admin, owner", " owner ", "owner,", []string{"admin,owner"}, []string{"admin", "owner"}, []string{" owner"},
		} {
			for _, id := range []string{c.adminID, c.plainID} {
				c.admin.post(t, "/organization/update-member-role", object{"memberId": id, "role": role, "organizationId": c.id}).
					refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
			}
			c.admin.post(t, "/organization/invite-member", object{"email": "x@example.com", "role": role, "organizationId": c.id}).
				refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		}
		for _, role := range []any{"superuser", "OWNER", "member,superuser", []string{"member", "superuser"}, "owner\u200b", "constructor", "__proto__"} {
			a := c.owner.post(t, "/organization/update-member-role", object{"memberId": c.plainID, "role": role, "organizationId": c.id}).refused(t, 400, "")
			if !strings.HasPrefix(a.field(t, "message"), "ROLE_NOT_FOUND: ") {
				t.Errorf("%v: %s", role, a.body)
			}
		}
		if got := must(s.client.Member.Query().Where(member.ID(c.adminID)).Only(t.Context()))(t).Role; got != "admin" {
			t.Errorf("role = %q", got)
		}
		// What others stored is taken as it is: a role with a space is none.
		must(s.client.Member.UpdateOneID(c.plainID).SetRole(" owner").Save(t.Context()))(t)
		c.plain.post(t, "/organization/delete", object{"organizationId": c.id}).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION")
		c.owner.post(t, "/organization/leave", object{"organizationId": c.id}).refused(t, 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER")
	})
}

// TestMembersGrantWhatTheyHave: a member who may change or invite others gives no role that permits more than the own one;
// an owner gives any.
func TestMembersGrantWhatTheyHave(t *testing.T) {
	configure := func(c *authent.Config) {
		c.Organization.Roles = map[string]map[string][]string{
			"billing": {"invoice": {"read", "pay"}}, "viewer": {"invoice": {"read"}}, "nothing": {"invoice": {}},
			"deleter": {"organization": {"delete"}}, "recruiter": {"member": {"create", "update", "delete"}, "invitation": {"create"}},
		}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		set := func(b *browser, memberID string, role any) *answer {
			t.Helper()
			return b.post(t, "/organization/update-member-role", object{"memberId": memberID, "role": role, "organizationId": c.id})
		}
		invite := func(b *browser, role any) *answer {
			t.Helper()
			return b.post(t, "/organization/invite-member", object{"email": "new@example.com", "role": role, "organizationId": c.id, "resend": true})
		}
		for _, role := range []any{"billing", "deleter", "viewer", "member,billing", []string{"admin", "deleter"}, "deleter, admin", []string{"member,viewer"}} {
			for _, id := range []string{c.plainID, c.adminID} {
				set(c.admin, id, role).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
			}
			invite(c.admin, role).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE")
		}
		for _, role := range []any{"admin", "recruiter", "nothing", "member"} {
			set(c.admin, c.plainID, role).ok(t)
			invite(c.admin, role).ok(t)
		}
		// What a member has already is not given, and what an owner gives is.
		set(c.owner, c.plainID, "billing").ok(t)
		set(c.admin, c.plainID, "billing,member").ok(t)
		set(c.admin, c.plainID, "member").ok(t)
		set(c.admin, c.plainID, "billing").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		// With the permission comes the right to give it, role by role.
		set(c.owner, c.adminID, "admin,billing").ok(t)
		set(c.admin, c.plainID, "viewer").ok(t)
		set(c.admin, c.plainID, "deleter").refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		// An invitation counts as long as who sent it could send it now.
		invitation := c.admin.invite(t, c.id, "late", "billing")
		set(c.owner, c.adminID, "admin").ok(t)
		s.signUp(t, "late").post(t, "/organization/accept-invitation", object{"invitationId": invitation}).refused(t, 400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION")
	})
}

func TestHasPermission(t *testing.T) {
	configure := func(c *authent.Config) {
		c.Organization.Roles = map[string]map[string][]string{"billing": {"invoice": {"read", "pay"}}, "viewer": {"invoice": {"read"}, "report": {"read"}}}
	}
	onEach(t, configure, func(t *testing.T, s *server) {
		c := newCrew(t, s, "acme")
		has := func(b *browser, permissions string, want bool) {
			t.Helper()
			b.post(t, "/organization/has-permission", `{"organizationId":"`+c.id+`",`+permissions+`}`).is(t, 200, fmt.Sprintf(`{"error":null,"success":%v}`, want))
		}
		has(c.owner, `"permissions":{"organization":["delete"]}`, true)
		has(c.admin, `"permissions":{"organization":["delete"]}`, false)
		has(c.admin, `"permissions":{"organization":["update"]}`, true)
		has(c.plain, `"permissions":{"invitation":["create"]}`, false)
		has(c.plain, `"permissions":{"ac":["read"]}`, true)
		has(c.owner, `"permissions":{"organization":["update"],"member":["delete"]}`, true)
		has(c.admin, `"permissions":{"organization":["update","delete"],"member":["delete"]}`, false)
		has(c.owner, `"permissions":{"billing":["x"]}`, false)
		has(c.owner, `"permissions":{"organization":[]}`, true)
		has(c.owner, `"permissions":{}`, false)
		has(c.owner, `"permission":{"organization":["delete"]}`, false)
		c.owner.post(t, "/organization/has-permission", object{}).is(t, 400, `{"message":"[body] Invalid input","code":"VALIDATION_ERROR"}`)
		ask := object{"permissions": object{"organization": []string{"delete"}}}
		c.stranger.post(t, "/organization/has-permission", ask).refused(t, 400, "NO_ACTIVE_ORGANIZATION")
		s.browser().post(t, "/organization/has-permission", ask).refused(t, 401, "UNAUTHORIZED")
		ask["organizationId"] = c.id
		c.stranger.post(t, "/organization/has-permission", ask).refused(t, 401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION")
		// The config's roles: what several permit, they permit together.
		has(c.plain, `"permissions":{"invoice":["read"]}`, false)
		roles := object{"memberId": c.plainID, "role": "billing,viewer", "organizationId": c.id}
		c.admin.post(t, "/organization/update-member-role", roles).refused(t, 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER")
		c.owner.post(t, "/organization/update-member-role", roles).ok(t)
		has(c.plain, `"permissions":{"invoice":["read","pay"],"report":["read"]}`, true)
		has(c.plain, `"permissions":{"invoice":["delete"]}`, false)
		has(c.plain, `"permissions":{"ac":["read"]}`, false)
	})
}

func TestOrganizationConfigProblems(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		_, err := authent.New(s.client.AuthStore(), authent.Config{Secret: secret, BaseURL: s.url, Organization: authent.OrganizationConfig{
			Roles:         map[string]map[string][]string{"a,b": {}, "": {}},
			InvitationURL: "invitations/{id}", InvitationLifetime: -time.Hour,
		}})
		for _, want := range []string{"Organization.Roles: \"a,b\"", "Organization.Roles: \"\"", "Organization.InvitationURL", "Organization.InvitationLifetime"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not name %s: %v", want, err)
			}
		}
	})
}

// Two owners who leave at the same time, or make each other members: one owner stays.
func TestRaceLastOwner(t *testing.T) {
	for name, act := range map[string]func(organizationID, own, other string) (string, object){
		"leave": func(organizationID, _, _ string) (string, object) {
			return "/organization/leave", object{"organizationId": organizationID}
		},
		"step down": func(organizationID, own, _ string) (string, object) {
			return "/organization/update-member-role", object{"organizationId": organizationID, "memberId": own, "role": "member"}
		},
		"demote": func(organizationID, _, other string) (string, object) {
			return "/organization/update-member-role", object{"organizationId": organizationID, "memberId": other, "role": "member"}
		},
		"remove": func(organizationID, _, other string) (string, object) {
			return "/organization/remove-member", object{"organizationId": organizationID, "memberIdOrEmail": other}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, nil, func(t *testing.T, s *server) {
				a, b := s.signUp(t, "a"), s.signUp(t, "b")
				for i := range 3 {
					acme := a.newOrganization(t, fmt.Sprintf("acme-%d", i))
					aID := a.get(t, "/organization/get-active-member").ok(t).field(t, "id")
					bID := b.accept(t, a.invite(t, acme, "b", "owner"))
					statuses := race(2, func(i int) int {
						who, own, other := a, aID, bID
						if i == 1 {
							who, own, other = b, bID, aID
						}
						path, in := act(acme, own, other)
						answer, err := who.try(http.MethodPost, path, in)
						if err != nil {
							t.Error(err)
							return 0
						}
						return answer.status
					})
					if count(statuses, http.StatusOK) != 1 || count(statuses, http.StatusInternalServerError) > 0 {
						t.Errorf("statuses = %v, want one 200 and a refusal", statuses)
					}
					owners := must(s.client.Member.Query().Where(member.OrganizationID(acme), member.Role("owner")).Count(t.Context()))(t)
					if owners != 1 {
						t.Errorf("%d owners, want one", owners)
					}
				}
			})
		})
	}
}

// An organization with more than 100 members is listed completely.
func TestMoreThan100Members(t *testing.T) {
	configure := func(c *authent.Config) { c.Organization.MembershipLimit = -1 }
	onEach(t, configure, func(t *testing.T, s *server) {
		const n = 230
		owner, ctx := s.signUp(t, "owner"), t.Context()
		acme := owner.newOrganization(t, "acme")
		users := make([]*ent.UserCreate, n)
		for i := range users {
			users[i] = s.client.User.Create().SetName("u").SetEmail(fmt.Sprintf("u%d@example.com", i))
		}
		members := make([]*ent.MemberCreate, n)
		for i, u := range must(s.client.User.CreateBulk(users...).Save(ctx))(t) {
			members[i] = s.client.Member.Create().SetOrganizationID(acme).SetUserID(u.ID).SetRole("member")
		}
		must(s.client.Member.CreateBulk(members...).Save(ctx))(t)
		seen := map[string]bool{}
		for offset := 0; ; offset += 100 {
			var page authent.ListMembersOutput
			owner.get(t, fmt.Sprintf("/organization/list-members?limit=100&offset=%d", offset)).ok(t).decode(t, &page)
			if page.Total != n+1 {
				t.Fatalf("total = %d, want %d", page.Total, n+1)
			}
			for _, m := range page.Members {
				if m.User == nil {
					t.Fatalf("member without user: %+v", m)
				}
				seen[m.ID] = true
			}
			if len(page.Members) < 100 {
				break
			}
		}
		if len(seen) != n+1 {
			t.Errorf("paging found %d members, want %d", len(seen), n+1)
		}
		for path, want := range map[string]int{
			"/organization/list-members":                            100,
			"/organization/list-members?limit=500":                  n + 1,
			"/organization/get-full-organization":                   100,
			"/organization/get-full-organization?membersLimit=150":  150,
			"/organization/get-full-organization?membersLimit=1000": n + 1,
		} {
			var page authent.ListMembersOutput
			owner.get(t, path).ok(t).decode(t, &page)
			if len(page.Members) != want {
				t.Errorf("%s: %d members, want %d", path, len(page.Members), want)
			}
		}
		// A member who is not among those that are read sees the organization too.
		s.clock.advance(48 * time.Hour)
		late := s.signUp(t, "late")
		must(s.auth.AddMember(ctx, authent.AddMemberInput{UserID: late.userID(t), OrganizationID: acme, Role: []string{"member"}}))(t)
		late.get(t, "/organization/get-full-organization?membersLimit=1&organizationId="+acme).ok(t)
	})
}

// All of it works with one connection: nothing in a transaction waits for another one.
func TestOrganizationsOnOneConnection(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "auth.db")
	db := must(sql.Open("sqlite", "file:"+file+"?_pragma=foreign_keys(1)&_time_format=sqlite"))(t)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { check(t, db.Close()) })
	s := newServer(t, entsql.OpenDB(dialect.SQLite, db), func(c *authent.Config) { c.Organization.OrganizationLimit = 9 })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c := newCrew(t, s, "acme")
		c.owner.post(t, "/organization/update", object{"data": object{"name": "n"}}).ok(t)
		c.owner.post(t, "/organization/update-member-role", object{"memberId": c.plainID, "role": "admin"}).ok(t)
		c.owner.post(t, "/organization/remove-member", object{"memberIdOrEmail": c.plainID}).ok(t)
		c.admin.post(t, "/organization/leave", object{"organizationId": c.id}).ok(t)
		c.owner.get(t, "/organization/get-full-organization").ok(t)
		c.owner.post(t, "/organization/delete", object{"organizationId": c.id}).ok(t)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatal("a request waits for a second connection")
	}
}
