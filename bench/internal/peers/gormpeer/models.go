// Package gormpeer runs the cases with GORM.
package gormpeer

import "time"

// User is the table "user".
type User struct {
	ID            string    `gorm:"column:id;primaryKey"`
	Name          string    `gorm:"column:name"`
	Email         string    `gorm:"column:email"`
	EmailVerified bool      `gorm:"column:emailVerified"`
	Image         *string   `gorm:"column:image"`
	CreatedAt     time.Time `gorm:"column:createdAt"`
	UpdatedAt     time.Time `gorm:"column:updatedAt"`
	Locale        string    `gorm:"column:locale"`
	Members       []Member  `gorm:"foreignKey:UserID"`
}

// TableName of the User.
func (User) TableName() string { return "user" }

// Session is the table "session".
type Session struct {
	ID                   string    `gorm:"column:id;primaryKey"`
	ExpiresAt            time.Time `gorm:"column:expiresAt"`
	Token                string    `gorm:"column:token"`
	CreatedAt            time.Time `gorm:"column:createdAt"`
	UpdatedAt            time.Time `gorm:"column:updatedAt"`
	IPAddress            *string   `gorm:"column:ipAddress"`
	UserAgent            *string   `gorm:"column:userAgent"`
	UserID               string    `gorm:"column:userId"`
	ActiveOrganizationID *string   `gorm:"column:activeOrganizationId"`
	User                 *User     `gorm:"foreignKey:UserID"`
}

// TableName of the Session.
func (Session) TableName() string { return "session" }

// Organization is the table "organization".
type Organization struct {
	ID        string    `gorm:"column:id;primaryKey"`
	Name      string    `gorm:"column:name"`
	Slug      string    `gorm:"column:slug"`
	Logo      *string   `gorm:"column:logo"`
	CreatedAt time.Time `gorm:"column:createdAt"`
	Metadata  *string   `gorm:"column:metadata"`
}

// TableName of the Organization.
func (Organization) TableName() string { return "organization" }

// Member is the table "member".
type Member struct {
	ID             string        `gorm:"column:id;primaryKey"`
	OrganizationID string        `gorm:"column:organizationId"`
	UserID         string        `gorm:"column:userId"`
	Role           string        `gorm:"column:role"`
	CreatedAt      time.Time     `gorm:"column:createdAt"`
	Organization   *Organization `gorm:"foreignKey:OrganizationID"`
	User           *User         `gorm:"foreignKey:UserID"`
}

// TableName of the Member.
func (Member) TableName() string { return "member" }

// Project is the table "project".
type Project struct {
	ID             string    `gorm:"column:id;primaryKey"`
	Name           string    `gorm:"column:name"`
	OwnerID        string    `gorm:"column:owner_id"`
	OrganizationID string    `gorm:"column:organization_id"`
	CreatedAt      time.Time `gorm:"column:created_at"`
	Owner          *User     `gorm:"foreignKey:OwnerID"`
	Tasks          []Task    `gorm:"foreignKey:ProjectID"`
}

// TableName of the Project.
func (Project) TableName() string { return "project" }

// Task is the table "task".
type Task struct {
	ID         string  `gorm:"column:id;primaryKey"`
	ProjectID  string  `gorm:"column:project_id"`
	Title      string  `gorm:"column:title"`
	Status     string  `gorm:"column:status;default:todo"`
	AssigneeID *string `gorm:"column:assignee_id"`
}

// TableName of the Task.
func (Task) TableName() string { return "task" }
