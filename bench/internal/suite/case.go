// Package suite says what is measured, and measures it: cases, contenders, rounds, medians.
package suite

import "context"

// A Case is a query or a transaction that every contender runs in its own way.
type Case struct {
	// Name is what the tables call it, and the key of Runs.
	Name string
	// Title says what it does.
	Title string
	// Limit keeps the number of calls in a turn low, for what is big. 0 is no limit.
	Limit int
	// Writes says that it changes rows: Cleanup runs after each turn.
	Writes bool
	// Ignore names fields that differ between the contenders by design, such as the time
	// of an update.
	Ignore []string
}

// A Run makes the i-th call of a case: i chooses the arguments, the same for every
// contender. It returns what the app would work on.
type Run func(ctx context.Context, i int) (any, error)

// Runs are the cases of a contender by name. One that is missing is not measured.
type Runs map[string]Run

// The names of the cases.
const (
	Get      = "get"
	List     = "list100"
	Session  = "session"
	Member   = "memberships"
	Members  = "members"
	Projects = "projects20"
	Page     = "page20"
	Wide     = "projects200"
	Shared   = "tasks500"
	Update   = "update"
	Tx       = "tx"
)

// Cases are those of the table, in its order.
var Cases = []Case{
	{Name: Get, Title: "user by id"},
	{Name: List, Title: "list of 100 users"},
	{Name: Session, Title: "session by token + user"},
	{Name: Member, Title: "user + memberships + organizations"},
	{Name: Members, Title: "members of an organization + user"},
	{Name: Projects, Title: "20 projects + owner + 10 tasks each"},
	{Name: Page, Title: "page of 20 projects (LIMIT) + owner + tasks"},
	{Name: Wide, Title: "200 projects + owner + 50 tasks each", Limit: 3},
	{Name: Shared, Title: "500 tasks (LIMIT) + project + owner, which they share"},
	{Name: Update, Title: "update of one user, returned", Ignore: []string{"updatedat"}},
	{Name: Tx, Title: "transaction: create a task, update a project", Writes: true, Ignore: []string{"id"}},
}

// Find returns a case by its name.
func Find(name string) (Case, bool) {
	for _, c := range Cases {
		if c.Name == name {
			return c, true
		}
	}
	return Case{}, false
}
