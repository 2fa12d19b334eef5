// Package bunpeer runs the cases with Bun.
package bunpeer

import (
	"time"

	"github.com/uptrace/bun"
)

// User is the table "user".
type User struct {
	bun.BaseModel `bun:"table:user,alias:u"`

	ID            string    `bun:"id,pk"`
	Name          string    `bun:"name"`
	Email         string    `bun:"email"`
	EmailVerified bool      `bun:"emailVerified"`
	Image         *string   `bun:"image"`
	CreatedAt     time.Time `bun:"createdAt"`
	UpdatedAt     time.Time `bun:"updatedAt"`
	Locale        string    `bun:"locale"`
	Members       []*Member `bun:"rel:has-many,join:id=userId"`
}

// Session is the table "session".
type Session struct {
	bun.BaseModel `bun:"table:session,alias:s"`

	ID                   string    `bun:"id,pk"`
	ExpiresAt            time.Time `bun:"expiresAt"`
	Token                string    `bun:"token"`
	CreatedAt            time.Time `bun:"createdAt"`
	UpdatedAt            time.Time `bun:"updatedAt"`
	IPAddress            *string   `bun:"ipAddress"`
	UserAgent            *string   `bun:"userAgent"`
	UserID               string    `bun:"userId"`
	ActiveOrganizationID *string   `bun:"activeOrganizationId"`
	User                 *User     `bun:"rel:belongs-to,join:userId=id"`
}

// Organization is the table "organization".
type Organization struct {
	bun.BaseModel `bun:"table:organization,alias:o"`

	ID        string    `bun:"id,pk"`
	Name      string    `bun:"name"`
	Slug      string    `bun:"slug"`
	Logo      *string   `bun:"logo"`
	CreatedAt time.Time `bun:"createdAt"`
	Metadata  *string   `bun:"metadata"`
}

// Member is the table "member".
type Member struct {
	bun.BaseModel `bun:"table:member,alias:m"`

	ID             string        `bun:"id,pk"`
	OrganizationID string        `bun:"organizationId"`
	UserID         string        `bun:"userId"`
	Role           string        `bun:"role"`
	CreatedAt      time.Time     `bun:"createdAt"`
	Organization   *Organization `bun:"rel:belongs-to,join:organizationId=id"`
	User           *User         `bun:"rel:belongs-to,join:userId=id"`
}

// Project is the table "project".
type Project struct {
	bun.BaseModel `bun:"table:project,alias:p"`

	ID             string    `bun:"id,pk"`
	Name           string    `bun:"name"`
	OwnerID        string    `bun:"owner_id"`
	OrganizationID string    `bun:"organization_id"`
	CreatedAt      time.Time `bun:"created_at"`
	Owner          *User     `bun:"rel:belongs-to,join:owner_id=id"`
	Tasks          []*Task   `bun:"rel:has-many,join:id=project_id"`
}

// Task is the table "task".
type Task struct {
	bun.BaseModel `bun:"table:task,alias:t"`

	ID         string  `bun:"id,pk"`
	ProjectID  string  `bun:"project_id"`
	Title      string  `bun:"title"`
	Status     string  `bun:"status,nullzero,default:'todo'"`
	AssigneeID *string `bun:"assignee_id"`
}
