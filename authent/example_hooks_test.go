package authent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/member"
	"github.com/agentuity/auth-go/ent/organization"
)

// Hooks run in the transaction of the change: what they write is there with it or not at all.
func ExampleHooks() {
	auth, client := newAuth(authent.Config{
		Hooks: authent.Hooks{
			BeforeUserCreate: func(_ context.Context, user *authent.User) error {
				if !strings.HasSuffix(user.Email, "@example.com") {
					return &authent.Error{Status: http.StatusForbidden, Code: "NOT_OURS", Message: "Only addresses of example.com can sign up"}
				}
				return nil
			},
			AfterUserCreate: func(ctx context.Context, user *authent.User) error {
				tx := ent.TxFromContext(ctx)
				home, err := tx.Organization.Create().SetName("Home of " + user.Name).SetSlug(user.ID).Save(ctx)
				if err != nil {
					return err
				}
				return tx.Member.Create().SetOrganization(home).SetUserID(user.ID).SetRole(authent.RoleOwner).Exec(ctx)
			},
			BeforeSessionCreate: func(ctx context.Context, user *authent.User, session *authent.Session) error {
				home, err := ent.TxFromContext(ctx).Organization.Query().
					Where(organization.HasMembersWith(member.UserID(user.ID))).FirstID(ctx)
				session.ActiveOrganizationID = &home
				return err
			},
		},
	})
	defer client.Close()
	ctx := context.Background()

	_, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Eve", Email: "eve@evil.example", Password: "correct horse"})
	fmt.Println(err, errors.Is(err, &authent.Error{Code: "NOT_OURS"}))

	ada := actAs(auth, "Ada")
	full, err := auth.GetFullOrganization(ada, authent.GetFullOrganizationInput{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(full.Name, full.Members[0].Role)
	// Output:
	// Only addresses of example.com can sign up (NOT_OURS) true
	// Home of Ada owner
}
