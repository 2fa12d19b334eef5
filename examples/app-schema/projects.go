package main

import (
	"net/http"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/member"
	"github.com/agentuity/auth-go/examples/app-schema/ent/organization"
	"github.com/agentuity/auth-go/examples/app-schema/ent/project"
	"github.com/agentuity/auth-go/examples/app-schema/ent/task"
)

// organizationID returns the active organization, of which the user is a member.
func organizationID(r *http.Request, id *authent.Identity) (string, error) {
	org, err := id.Org(r.Context())
	if err != nil {
		return "", err
	}
	if org == nil {
		return "", errNoOrganization
	}
	return org.ID, nil
}

// projects lists those of the active organization, with their owners and tasks.
func (a *app) projects(r *http.Request, id *authent.Identity) (int, any, error) {
	org, err := organizationID(r, id)
	if err != nil {
		return 0, nil, err
	}
	list, err := a.client.Project.Query().
		Where(project.OrganizationID(org)).
		WithOwner().
		WithTasks(func(q *ent.TaskQuery) { q.Order(task.ByTitle()) }).
		Order(project.ByCreatedAt(), project.ByID()).
		All(r.Context())
	if list == nil {
		list = []*ent.Project{}
	}
	return http.StatusOK, list, err
}

// createProject creates one in the active organization.
func (a *app) createProject(r *http.Request, id *authent.Identity) (int, any, error) {
	org, err := organizationID(r, id)
	if err != nil {
		return 0, nil, err
	}
	var in ent.NewProject
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	p, err := a.client.Project.Create().SetNewProject(in).SetOwnerID(id.User.ID).SetOrganizationID(org).Save(r.Context())
	return http.StatusCreated, p, err
}

// key says which API key the request has.
func (a *app) key(_ *http.Request, id *authent.Identity) (int, any, error) {
	return http.StatusOK, map[string]*string{"name": id.APIKey.Name}, nil
}

// projectsOfKey lists the projects of all organizations of the user whose API key the request has.
func (a *app) projectsOfKey(r *http.Request, id *authent.Identity) (int, any, error) {
	list, err := a.client.Project.Query().
		Where(project.HasOrganizationWith(organization.HasMembersWith(member.UserID(id.User.ID)))).
		Order(project.ByCreatedAt(), project.ByID()).
		All(r.Context())
	if list == nil {
		list = []*ent.Project{}
	}
	return http.StatusOK, list, err
}

// projectOf returns the project of the path, which must be of the active organization.
func (a *app) projectOf(r *http.Request, id *authent.Identity) (*ent.Project, error) {
	org, err := organizationID(r, id)
	if err != nil {
		return nil, err
	}
	return a.client.Project.Query().Where(project.ID(r.PathValue("id")), project.OrganizationID(org)).Only(r.Context())
}

// tasks lists those of a project, with whom they are assigned to.
func (a *app) tasks(r *http.Request, id *authent.Identity) (int, any, error) {
	p, err := a.projectOf(r, id)
	if err != nil {
		return 0, nil, err
	}
	list, err := p.QueryTasks().WithAssignee().Order(task.ByTitle(), task.ByID()).All(r.Context())
	if list == nil {
		list = []*ent.Task{}
	}
	return http.StatusOK, list, err
}

// createTask adds one to a project.
func (a *app) createTask(r *http.Request, id *authent.Identity) (int, any, error) {
	p, err := a.projectOf(r, id)
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		Title  string  `json:"title"`
		Status *string `json:"status"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	t, err := a.client.Task.Create().SetTitle(in.Title).SetNillableStatus(in.Status).SetProject(p).Save(r.Context())
	return http.StatusCreated, t, err
}

// updateTask changes one of a project of the active organization.
func (a *app) updateTask(r *http.Request, id *authent.Identity) (int, any, error) {
	org, err := organizationID(r, id)
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		Title  *string `json:"title"`
		Status *string `json:"status"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	t, err := a.client.Task.UpdateOneID(r.PathValue("id")).
		Where(task.HasProjectWith(project.OrganizationID(org))).
		SetNillableTitle(in.Title).
		SetNillableStatus(in.Status).
		Save(r.Context())
	return http.StatusOK, t, err
}
