package authent_test

import (
	"context"
	"fmt"
	"log"

	"github.com/agentuity/auth-go/authent"
)

// A user, an organization and what else belongs to a new customer, all or nothing: the service joins a transaction of
// the app.
func ExampleAuth_WithStore() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()

	tx, err := client.Tx(ctx)
	if err != nil {
		log.Fatal(err)
	}
	out, err := auth.WithStore(tx.AuthStore()).SignUpEmail(ctx, authent.SignUpEmailInput{
		Name: "Ada", Email: "ada@example.com", Password: "correct horse",
	})
	if err != nil {
		log.Fatal(err)
	}
	acme := tx.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	tx.Member.Create().SetOrganization(acme).SetUserID(out.User.ID).SetRole(authent.RoleOwner).ExecX(ctx)

	// Something fails: nothing has happened.
	if err := tx.Rollback(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.User.Query().CountX(ctx), client.Organization.Query().CountX(ctx), client.Session.Query().CountX(ctx))
	// Output: 0 0 0
}
