package authent

import (
	"context"
	"errors"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/member"
	"github.com/agentuity/auth-go/examples/app-schema/ent/project"
	"github.com/agentuity/auth-go/examples/app-schema/ent/session"
	"github.com/agentuity/auth-go/examples/app-schema/ent/task"
	"github.com/agentuity/auth-go/examples/app-schema/ent/user"
)

// OpenPrepared connects, and prepares the queries. What writes is not prepared.
func OpenPrepared(ctx context.Context, url string) (suite.Contender, error) {
	client, err := Client(ctx, url)
	if err != nil {
		return nil, err
	}
	runs, err := preparedRuns(client) //nolint:contextcheck // Each run gets the context that it runs in.
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return suite.InProcess(runs, client.Close), nil
}

func preparedRuns(client *ent.Client) (suite.Runs, error) {
	id := param.String("id")
	getUser, err1 := client.User.Query().Where(user.ID(id)).Prepare("getUser")
	listUsers, err2 := client.User.Query().Where(user.IDGT(id)).Order(user.ByID()).Limit(100).Prepare("listUsers")
	getSession, err3 := client.Session.Query().Where(session.Token(id)).WithUser().Prepare("getSession")
	getMemberships, err4 := client.User.Query().
		Where(user.ID(id)).
		WithMembers(func(q *ent.MemberQuery) { q.Order(member.ByID()).WithOrganization() }).
		Prepare("getMemberships")
	listMembers, err5 := client.Member.Query().Where(member.OrganizationID(id)).Order(member.ByID()).WithUser().Prepare("listMembers")
	byTask := func(q *ent.TaskQuery) { q.Order(task.ByID()) }
	listProjects, err6 := client.Project.Query().
		Where(project.OrganizationID(id)).
		Order(project.ByID()).
		WithOwner().
		WithTasks(byTask).
		Prepare("listProjects")
	pageProjects, err7 := client.Project.Query().
		Where(project.IDGT(id)).
		Order(project.ByID()).
		Limit(20).
		WithOwner().
		WithTasks(byTask).
		Prepare("pageProjects")
	listTasks, err8 := client.Task.Query().
		Where(task.IDGT(id)).
		Order(task.ByID()).
		Limit(500).
		WithProject(func(q *ent.ProjectQuery) { q.WithOwner() }).
		Prepare("listTasks")
	return suite.Runs{
		suite.Get: func(ctx context.Context, i int) (any, error) {
			return getUser.Only(ctx, seed.UserID(i))
		},
		suite.List: func(ctx context.Context, i int) (any, error) {
			return listUsers.All(ctx, seed.PageAfter("user", i))
		},
		suite.Session: func(ctx context.Context, i int) (any, error) {
			return getSession.Only(ctx, seed.Token(i))
		},
		suite.Member: func(ctx context.Context, i int) (any, error) {
			return getMemberships.Only(ctx, seed.UserID(i))
		},
		suite.Members: func(ctx context.Context, i int) (any, error) {
			return listMembers.All(ctx, seed.OrganizationID(i))
		},
		suite.Projects: func(ctx context.Context, i int) (any, error) {
			return listProjects.All(ctx, seed.FullOrganizationID(i))
		},
		suite.Page: func(ctx context.Context, i int) (any, error) {
			return pageProjects.All(ctx, seed.PageAfter("project", i))
		},
		suite.Wide: func(ctx context.Context, _ int) (any, error) {
			return listProjects.All(ctx, seed.WideOrganizationID())
		},
		suite.Shared: func(ctx context.Context, i int) (any, error) {
			return listTasks.All(ctx, seed.PageAfter("task", i))
		},
	}, errors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
}
