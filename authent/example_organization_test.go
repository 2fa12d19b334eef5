package authent_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/agentuity/auth-go/authent"
)

// The creator is the owner, and works in the organization from then on.
func ExampleAuth_CreateOrganization() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ada := actAs(auth, "Ada")

	acme, err := auth.CreateOrganization(ada, authent.CreateOrganizationInput{Name: "Acme", Slug: "acme"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(acme.Name, acme.Members[0].Role)

	_, err = auth.CreateOrganization(ada, authent.CreateOrganizationInput{Name: "Acme Two", Slug: "acme"})
	fmt.Println(errors.Is(err, authent.ErrOrganizationExists))
	// Output:
	// Acme owner
	// true
}

// An invitation by mail, and how it is accepted.
func ExampleAuth_CreateInvitation() {
	var sent authent.Message
	auth, client := newAuth(authent.Config{
		Mailer: authent.MailerFunc(func(_ context.Context, m authent.Message) error {
			sent = m
			return nil
		}),
		Organization: authent.OrganizationConfig{InvitationURL: "/invitations/{id}"}, // A page of the app.
	})
	defer client.Close()
	ada, bob := actAs(auth, "Ada"), actAs(auth, "Bob")
	if _, err := auth.CreateOrganization(ada, authent.CreateOrganizationInput{Name: "Acme", Slug: "acme"}); err != nil {
		log.Fatal(err)
	}

	invitation, err := auth.CreateInvitation(ada, authent.CreateInvitationInput{Email: "bob@example.com", Role: []string{"admin"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sent.Kind, sent.To, sent.User.Name, sent.Organization.Name)
	fmt.Println(sent.URL == "https://app.example.com/invitations/"+invitation.ID)

	out, err := auth.AcceptInvitation(bob, authent.AcceptInvitationInput{InvitationID: invitation.ID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Member.Role, out.Invitation.Status)
	// Output:
	// invitation bob@example.com Ada Acme
	// true
	// admin accepted
}

// A member without an invitation: the server decides who may do this.
func ExampleAuth_AddMember() {
	auth, client := newAuth(authent.Config{})
	defer client.Close()
	ctx := context.Background()
	bob := client.User.Create().SetName("Bob").SetEmail("bob@example.com").SaveX(ctx)
	acme := client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)

	member, err := auth.AddMember(ctx, authent.AddMemberInput{OrganizationID: acme.ID, UserID: bob.ID, Role: []string{"member"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(member.Role)
	// Output: member
}

// Roles of the app, beside owner, admin and member.
func ExampleOrganizationConfig() {
	auth, client := newAuth(authent.Config{
		Organization: authent.OrganizationConfig{
			Roles: map[string]map[string][]string{
				"billing": {"invoice": {"read", "pay"}},
			},
		},
	})
	defer client.Close()
	bob := actAs(auth, "Bob")
	ctx := context.Background()
	session, err := auth.GetSession(bob, authent.GetSessionInput{})
	if err != nil {
		log.Fatal(err)
	}
	acme := client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	if _, err := auth.AddMember(ctx, authent.AddMemberInput{OrganizationID: acme.ID, UserID: session.User.ID, Role: []string{"billing"}}); err != nil {
		log.Fatal(err)
	}
	if _, err := auth.SetActiveOrganization(bob, authent.SetActiveOrganizationInput{OrganizationID: authent.Some(acme.ID)}); err != nil {
		log.Fatal(err)
	}

	id := authent.FromContext(bob)
	pay, err := id.HasOrgPermission(ctx, "invoice", "pay")
	fmt.Println("may pay invoices:", pay, err)
	invite, err := id.HasOrgPermission(ctx, "invitation", "create")
	fmt.Println("may invite:", invite, err)
	// Output:
	// may pay invoices: true <nil>
	// may invite: false <nil>
}
