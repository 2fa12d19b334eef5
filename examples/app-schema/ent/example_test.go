package ent_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "modernc.org/sqlite" // The driver "sqlite".

	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/apikey"
	"github.com/agentuity/auth-go/examples/app-schema/ent/member"
	"github.com/agentuity/auth-go/examples/app-schema/ent/organization"
	"github.com/agentuity/auth-go/examples/app-schema/ent/project"
	"github.com/agentuity/auth-go/examples/app-schema/ent/task"
	"github.com/agentuity/auth-go/examples/app-schema/ent/user"
	"github.com/agentuity/auth-go/examples/app-schema/ent/userprofile"
)

// open returns a client on a database of its own, with a user in an organization.
func open(ctx context.Context) (client *ent.Client, ada *ent.User, acme *ent.Organization) {
	db, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)&_time_format=sqlite")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	client = ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, db)))
	if err := client.Schema.Create(ctx); err != nil {
		log.Fatal(err)
	}
	ada = client.User.Create().SetName("Ada").SetEmail("ada@example.com").SaveX(ctx)
	acme = client.Organization.Create().SetName("Acme").SetSlug("acme").SaveX(ctx)
	client.Member.Create().SetUser(ada).SetOrganization(acme).SetRole("owner").ExecX(ctx)
	return client, ada, acme
}

// Create a project for a user's organization.
func Example_createProject() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	p, err := client.Project.Create().
		SetName("Apollo").
		SetOwner(ada).
		SetOrganization(acme).
		Save(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Name, p.OwnerID == ada.ID, p.OrganizationID == acme.ID)
	// Output: Apollo true true
}

// The projects of an organization, each with its owner and its tasks.
func Example_eagerLoading() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	apollo := client.Project.Create().SetName("Apollo").SetOwner(ada).SetOrganization(acme).SaveX(ctx)
	client.Task.Create().SetProject(apollo).SetTitle("Launch").ExecX(ctx)

	projects, err := client.Project.Query().
		Where(project.HasOrganizationWith(organization.Slug("acme"))).
		WithOwner().
		WithTasks().
		All(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range projects {
		fmt.Println(p.Name, "of", p.Edges.Owner.Name)
		for _, t := range p.Edges.Tasks {
			fmt.Println("-", t.Title, t.Status)
		}
	}
	// Output:
	// Apollo of Ada
	// - Launch todo
}

// A user with memberships and their organizations.
func Example_memberships() {
	ctx := context.Background()
	client, _, _ := open(ctx)
	defer client.Close()
	u, err := client.User.Query().
		Where(user.Email("ada@example.com")).
		WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).
		Only(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range u.Edges.Members {
		fmt.Println(u.Name, "is", m.Role, "of", m.Edges.Organization.Name)
	}
	// Output: Ada is owner of Acme
}

// An ordinary query does not fetch a secret. One that needs it asks.
func ExampleAPIKeyQuery_IncludeSecrets() {
	ctx := context.Background()
	client, ada, _ := open(ctx)
	defer client.Close()
	client.APIKey.Create().SetUser(ada).SetName("ci").SetKey("hash").ExecX(ctx)

	key := client.APIKey.Query().Where(apikey.Name("ci")).OnlyX(ctx)
	fmt.Printf("%q\n", key.Key)
	key = client.APIKey.Query().Where(apikey.Name("ci")).IncludeSecrets().OnlyX(ctx)
	fmt.Printf("%q\n", key.Key)
	// Output:
	// ""
	// "hash"
}

// The primary key of a profile is its user's: creating it again updates it.
func ExampleUserProfileCreate_SetUser() {
	ctx := context.Background()
	client, ada, _ := open(ctx)
	defer client.Close()
	for _, bio := range []string{"Countess", "Countess and programmer"} {
		err := client.UserProfile.Create().
			SetUser(ada).
			SetBio(bio).
			OnConflictColumns(userprofile.FieldID).
			UpdateNewValues().
			Exec(ctx)
		if err != nil {
			log.Fatal(err)
		}
	}
	profile := ada.QueryProfile().OnlyX(ctx)
	fmt.Println(profile.ID == ada.ID, profile.Bio)
	// Output: true Countess and programmer
}

// What a client sends is decoded into an input; whose it is, the server says.
func ExampleProjectCreate_SetNewProject() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	var in ent.NewProject
	if err := json.Unmarshal([]byte(`{"name": "Apollo", "owner_id": "somebody else"}`), &in); err != nil {
		log.Fatal(err)
	}
	p, err := client.Project.Create().
		SetNewProject(in).
		SetOwner(ada).
		SetOrganization(acme).
		Save(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Name, p.QueryOwner().OnlyX(ctx).Name)
	// Output: Apollo Ada
}

// One transaction writes an auth table and a table of the app.
func ExampleClient_Tx() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	tx, err := client.Tx(ctx)
	if err != nil {
		log.Fatal(err)
	}
	err = func() error {
		err := tx.Invitation.Create().
			SetOrganization(acme).
			SetInviter(ada).
			SetEmail("grace@example.com").
			SetStatus("pending").
			SetExpiresAt(time.Now().Add(48 * time.Hour)).
			Exec(ctx)
		if err != nil {
			return err
		}
		// No project has this id, so that neither row is written.
		return tx.Task.Create().SetProjectID("none").SetTitle("Welcome Grace").Exec(ctx)
	}()
	if err != nil {
		if err := tx.Rollback(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(ent.IsConstraintError(err), client.Invitation.Query().CountX(ctx))
	// Output: true 0
}

// A filter goes across the edges of auth tables and the app's own.
func Example_filterAcrossEdges() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	apollo := client.Project.Create().SetName("Apollo").SetOwner(ada).SetOrganization(acme).SaveX(ctx)
	client.Task.Create().SetProject(apollo).SetTitle("Launch").SetAssignee(ada).ExecX(ctx)
	client.Task.Create().SetProject(apollo).SetTitle("Build").ExecX(ctx)

	titles, err := client.Task.Query().
		Where(task.HasAssigneeWith(user.HasMembersWith(member.HasOrganizationWith(organization.ID(acme.ID))))).
		Select(task.FieldTitle).
		Strings(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(titles)
	// Output: [Launch]
}
