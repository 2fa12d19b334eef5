package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/apikey"
	"github.com/agentuity/auth-go/examples/app-schema/ent/member"
	"github.com/agentuity/auth-go/examples/app-schema/ent/organization"
	"github.com/agentuity/auth-go/examples/app-schema/ent/project"
	"github.com/agentuity/auth-go/examples/app-schema/ent/task"
	"github.com/agentuity/auth-go/examples/app-schema/ent/user"
	"github.com/agentuity/auth-go/examples/app-schema/ent/userprofile"
	"github.com/agentuity/auth-go/mixins"
)

// tour runs the queries of the guide, and removes what it created.
func tour(ctx context.Context, url string, out io.Writer) (err error) {
	client, name, err := open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	fmt.Fprintf(out, "One typed client over the auth tables and the app's own, on the %s.\n", name)

	g := &guide{client: client, out: out}
	if err := g.signUp(ctx); err != nil {
		return err
	}
	// The users own all that the tour creates, apart from their organization.
	defer func() { err = errors.Join(err, g.cleanUp(context.WithoutCancel(ctx))) }()
	for _, step := range []func(context.Context) error{
		g.createProject,
		g.projectsWithOwnerAndTasks,
		g.projectsWithSomeTasks,
		g.userWithMemberships,
		g.membersWithUser,
		g.apiKeysWithoutKey,
		g.upsertProfile,
		g.oneTransaction,
		g.tasksOfMembers,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nDone: %d steps. The rows of the tour are removed again.\n", g.steps)
	return nil
}

// guide is the state that the steps of the tour share.
type guide struct {
	client *ent.Client
	out    io.Writer
	steps  int

	ada, grace *ent.User
	acme       *ent.Organization
	project    *ent.Project
}

// step prints what comes next, with the code that does it.
func (g *guide) step(title, code string) {
	g.steps++
	fmt.Fprintf(g.out, "\n%d. %s\n", g.steps, title)
	for line := range strings.Lines(strings.TrimSpace(code)) {
		fmt.Fprintf(g.out, "     %s", line)
	}
	fmt.Fprintln(g.out)
}

// result prints a typed value, and what was loaded for it further to the right.
func (g *guide) result(v fmt.Stringer, edges ...fmt.Stringer) {
	fmt.Fprintf(g.out, "   %T  %v\n", v, v)
	for _, e := range edges {
		fmt.Fprintf(g.out, "     %T  %v\n", e, e)
	}
}

// signUp creates the two users and the organization that the tour is about.
func (g *guide) signUp(ctx context.Context) error {
	unique := mixins.NewID()
	err := withTx(ctx, g.client, func(tx *ent.Tx) (err error) {
		users, err := tx.User.CreateBulk(
			tx.User.Create().SetName("Ada").SetEmail("ada-"+unique+"@example.com").SetLocale("fr"),
			tx.User.Create().SetName("Grace").SetEmail("grace-"+unique+"@example.com"),
		).Save(ctx)
		if err != nil {
			return fmt.Errorf("create users: %w", err)
		}
		g.ada, g.grace = users[0], users[1]
		g.acme, err = tx.Organization.Create().SetName("Acme").SetSlug("acme-" + unique).Save(ctx)
		if err != nil {
			return fmt.Errorf("create organization: %w", err)
		}
		err = tx.Member.CreateBulk(
			tx.Member.Create().SetOrganization(g.acme).SetUser(g.ada).SetRole("owner"),
			tx.Member.Create().SetOrganization(g.acme).SetUser(g.grace).SetRole("member"),
		).Exec(ctx)
		if err != nil {
			return fmt.Errorf("create members: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// They were created in the transaction; their own queries run on the client from now on.
	g.ada, g.grace, g.acme = g.ada.Unwrap(), g.grace.Unwrap(), g.acme.Unwrap()
	return nil
}

func (g *guide) createProject(ctx context.Context) (err error) {
	g.step("Create a project for a user's organization", `
client.Project.Create().
	SetNewProject(ent.NewProject{Name: "Apollo"}).
	SetOwner(ada).
	SetOrganization(acme).
	Save(ctx)
`)
	g.project, err = g.client.Project.Create().
		SetNewProject(ent.NewProject{Name: "Apollo"}).
		SetOwner(g.ada).
		SetOrganization(g.acme).
		Save(ctx)
	if err != nil {
		return fmt.Errorf("create project: %w", err)
	}
	g.result(g.project)
	err = g.client.Task.CreateBulk(
		g.client.Task.Create().SetTitle("Design").SetProject(g.project).SetAssignee(g.ada),
		g.client.Task.Create().SetTitle("Build").SetProject(g.project).SetAssignee(g.grace),
		g.client.Task.Create().SetTitle("Launch").SetProject(g.project),
	).Exec(ctx)
	if err != nil {
		return fmt.Errorf("create tasks: %w", err)
	}
	return nil
}

func (g *guide) projectsWithOwnerAndTasks(ctx context.Context) error {
	g.step("Projects of an organization with owner and tasks", `
client.Project.Query().
	Where(project.OrganizationID(acme.ID)).
	WithOwner().
	WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByTitle()) }).
	All(ctx)
`)
	projects, err := g.client.Project.Query().
		Where(project.OrganizationID(g.acme.ID)).
		WithOwner().
		WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByTitle()) }).
		All(ctx)
	if err != nil {
		return fmt.Errorf("query projects: %w", err)
	}
	for _, p := range projects {
		edges := []fmt.Stringer{p.Edges.Owner}
		for _, t := range p.Edges.Tasks {
			edges = append(edges, t)
		}
		g.result(p, edges...)
	}
	return nil
}

func (g *guide) projectsWithSomeTasks(ctx context.Context) error {
	g.step("Projects with the first two tasks of each", `
client.Project.Query().
	WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByTitle()).LimitPerParent(2) }).
	All(ctx)
`)
	projects, err := g.client.Project.Query().
		WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByTitle()).LimitPerParent(2) }).
		All(ctx)
	if err != nil {
		return fmt.Errorf("query projects: %w", err)
	}
	for _, p := range projects {
		var tasks []fmt.Stringer
		for _, t := range p.Edges.Tasks {
			tasks = append(tasks, t)
		}
		g.result(p, tasks...)
	}
	return nil
}

func (g *guide) userWithMemberships(ctx context.Context) error {
	g.step("A user with memberships and their organizations", `
client.User.Query().
	Where(user.ID(ada.ID)).
	WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).
	Only(ctx)
`)
	ada, err := g.client.User.Query().
		Where(user.ID(g.ada.ID)).
		WithMembers(func(q *ent.MemberQuery) { q.WithOrganization() }).
		Only(ctx)
	if err != nil {
		return fmt.Errorf("query user: %w", err)
	}
	g.result(ada)
	for _, m := range ada.Edges.Members {
		g.result(m, m.Edges.Organization)
	}
	return nil
}

func (g *guide) membersWithUser(ctx context.Context) error {
	g.step("Members of an organization with user", `
acme.QueryMembers().
	WithUser().
	Order(member.ByRole()).
	All(ctx)
`)
	members, err := g.acme.QueryMembers().
		WithUser().
		Order(member.ByRole()).
		All(ctx)
	if err != nil {
		return fmt.Errorf("query members: %w", err)
	}
	for _, m := range members {
		g.result(m, m.Edges.User)
	}
	return nil
}

func (g *guide) apiKeysWithoutKey(ctx context.Context) error {
	err := g.client.APIKey.Create().
		SetName("ci").
		SetStart("ag_xea").
		SetKey("the hash of the key").
		SetUser(g.ada).
		SetReferenceID(g.ada.ID).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("create API key: %w", err)
	}
	g.step("A user's API keys without the key, which only IncludeSecrets fetches", `
client.APIKey.Query().
	Where(apikey.UserID(ada.ID)).
	All(ctx)
`)
	keys, err := g.client.APIKey.Query().
		Where(apikey.UserID(g.ada.ID)).
		All(ctx)
	if err != nil {
		return fmt.Errorf("query API keys: %w", err)
	}
	for _, k := range keys {
		g.result(k)
		fmt.Fprintf(g.out, "   key fetched: %t\n", k.Key != "")
	}
	return nil
}

func (g *guide) upsertProfile(ctx context.Context) error {
	g.step("Profile upsert: its primary key is the user's", `
client.UserProfile.Create().
	SetUser(ada).
	SetBio("Countess and programmer").
	SetPreferences(map[string]any{"theme": "dark"}).
	OnConflictColumns(userprofile.FieldID).
	UpdateNewValues().
	Exec(ctx)
`)
	for _, bio := range []string{"Countess", "Countess and programmer"} {
		err := g.client.UserProfile.Create().
			SetUser(g.ada).
			SetBio(bio).
			SetPreferences(map[string]any{"theme": "dark"}).
			OnConflictColumns(userprofile.FieldID).
			UpdateNewValues().
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("upsert profile: %w", err)
		}
	}
	ada, err := g.client.User.Query().
		Where(user.ID(g.ada.ID)).
		WithProfile().
		Only(ctx)
	if err != nil {
		return fmt.Errorf("query user with profile: %w", err)
	}
	g.result(ada.Edges.Profile)
	return nil
}

func (g *guide) oneTransaction(ctx context.Context) error {
	g.step("One transaction that writes an auth table and an app table", `
tx.Invitation.Create().
	SetOrganization(acme).SetInviter(ada).SetEmail("linus@example.com").
	SetRole("member").SetStatus("pending").SetExpiresAt(inTwoDays).
	Save(ctx)
tx.Task.Create().
	SetProject(project).SetTitle("Welcome Linus").SetAssignee(ada).
	Save(ctx)
`)
	return withTx(ctx, g.client, func(tx *ent.Tx) error {
		invitation, err := tx.Invitation.Create().
			SetOrganization(g.acme).
			SetInviter(g.ada).
			SetEmail("linus@example.com").
			SetRole("member").
			SetStatus("pending").
			SetExpiresAt(mixins.Now().Add(48 * time.Hour)).
			Save(ctx)
		if err != nil {
			return fmt.Errorf("create invitation: %w", err)
		}
		welcome, err := tx.Task.Create().
			SetProject(g.project).
			SetTitle("Welcome Linus").
			SetAssignee(g.ada).
			Save(ctx)
		if err != nil {
			return fmt.Errorf("create task: %w", err)
		}
		g.result(invitation)
		g.result(welcome)
		return nil
	})
}

func (g *guide) tasksOfMembers(ctx context.Context) error {
	g.step("A filter across edges: tasks assigned to members of an organization", `
client.Task.Query().
	Where(task.HasAssigneeWith(
		user.HasMembersWith(
			member.HasOrganizationWith(organization.Slug(acme.Slug)),
		),
	)).
	Order(task.ByTitle()).
	All(ctx)
`)
	tasks, err := g.client.Task.Query().
		Where(task.HasAssigneeWith(
			user.HasMembersWith(
				member.HasOrganizationWith(organization.Slug(g.acme.Slug)),
			),
		)).
		Order(task.ByTitle()).
		All(ctx)
	if err != nil {
		return fmt.Errorf("query tasks: %w", err)
	}
	for _, t := range tasks {
		g.result(t)
	}
	return nil
}

// cleanUp deletes the organization and the users. What belongs to them goes with them.
func (g *guide) cleanUp(ctx context.Context) error {
	return withTx(ctx, g.client, func(tx *ent.Tx) error {
		if err := tx.Organization.DeleteOne(g.acme).Exec(ctx); err != nil {
			return fmt.Errorf("remove the organization of the tour: %w", err)
		}
		if _, err := tx.User.Delete().Where(user.IDIn(g.ada.ID, g.grace.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("remove the users of the tour: %w", err)
		}
		return nil
	})
}

// withTx runs fn in a transaction, which is committed if fn returns nil.
func withTx(ctx context.Context, client *ent.Client, fn func(*ent.Tx) error) error {
	tx, err := client.Tx(ctx)
	if err != nil {
		return err
	}
	// Without effect after a commit. On a panic it frees the connection.
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
