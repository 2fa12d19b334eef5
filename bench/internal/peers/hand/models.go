// Package hand runs the cases with code that is written by hand on pgx: joins for what is
// one row, a pipeline for the rest, destinations without reflection. It is the floor that the others
// are compared with.
package hand

import "time"

// User is a row of the table "user".
type User struct {
	ID, Name, Email      string
	EmailVerified        bool
	Image                *string
	CreatedAt, UpdatedAt time.Time
	Locale               string
	Members              []*Membership
}

func (u *User) dest() []any {
	return []any{&u.ID, &u.Name, &u.Email, &u.EmailVerified, &u.Image, &u.CreatedAt, &u.UpdatedAt, &u.Locale}
}

// Session is a row of the table "session", without its token.
type Session struct {
	ID                   string
	ExpiresAt            time.Time
	CreatedAt, UpdatedAt time.Time
	IPAddress, UserAgent *string
	UserID               string
	ActiveOrganizationID *string
	User                 User
}

func (s *Session) dest() []any {
	return []any{&s.ID, &s.ExpiresAt, &s.CreatedAt, &s.UpdatedAt, &s.IPAddress, &s.UserAgent, &s.UserID, &s.ActiveOrganizationID}
}

// Organization is a row of the table "organization".
type Organization struct {
	ID, Name, Slug string
	Logo           *string
	CreatedAt      time.Time
	Metadata       *string
}

func (o *Organization) dest() []any {
	return []any{&o.ID, &o.Name, &o.Slug, &o.Logo, &o.CreatedAt, &o.Metadata}
}

// Member is a row of the table "member" with its user.
type Member struct {
	ID, OrganizationID, UserID, Role string
	CreatedAt                        time.Time
	User                             User
}

func (m *Member) dest() []any {
	return []any{&m.ID, &m.OrganizationID, &m.UserID, &m.Role, &m.CreatedAt}
}

// Membership is a row of the table "member" with its organization.
type Membership struct {
	ID, OrganizationID, UserID, Role string
	CreatedAt                        time.Time
	Organization                     Organization
}

func (m *Membership) dest() []any {
	return []any{&m.ID, &m.OrganizationID, &m.UserID, &m.Role, &m.CreatedAt}
}

// Project is a row of the table "project" with its owner and its tasks.
type Project struct {
	ID, Name, OwnerID, OrganizationID string
	CreatedAt                         time.Time
	Owner                             User
	Tasks                             []*Task
}

func (p *Project) dest() []any {
	return []any{&p.ID, &p.Name, &p.OwnerID, &p.OrganizationID, &p.CreatedAt}
}

// Task is a row of the table "task".
type Task struct {
	ID, ProjectID, Title, Status string
	AssigneeID                   *string
}

// TaskOfProject is a row of the table "task" with its project, which has its owner.
type TaskOfProject struct {
	Task
	Project *Project
}

func (t *Task) dest() []any {
	return []any{&t.ID, &t.ProjectID, &t.Title, &t.Status, &t.AssigneeID}
}

// The columns of the tables, in the order of dest.
const (
	userColumns         = `u."id", u."name", u."email", u."emailVerified", u."image", u."createdAt", u."updatedAt", u."locale"`
	sessionColumns      = `s."id", s."expiresAt", s."createdAt", s."updatedAt", s."ipAddress", s."userAgent", s."userId", s."activeOrganizationId"`
	organizationColumns = `o."id", o."name", o."slug", o."logo", o."createdAt", o."metadata"`
	memberColumns       = `m."id", m."organizationId", m."userId", m."role", m."createdAt"`
	projectColumns      = `p."id", p."name", p."owner_id", p."organization_id", p."created_at"`
	taskColumns         = `t."id", t."project_id", t."title", t."status", t."assignee_id"`
)
