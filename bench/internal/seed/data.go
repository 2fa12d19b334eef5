// Package seed makes the data of the benchmarks: always the same, and loaded with COPY.
package seed

import (
	"fmt"
	"time"
)

// How much there is of each table.
const (
	Users         = 10_000
	Organizations = 1_000
	Members       = 20_000
	Sessions      = 30_000
	ProjectCount  = 5_000
	TaskCount     = 50_000
)

// The organizations by what projects they have.
const (
	wideOrganization = 0   // 200 projects with 50 tasks each.
	fullFirst        = 1   // 200 organizations with 20 projects with 10 tasks each.
	fullCount        = 200 // The rest of the projects has no tasks.
)

// Epoch is the time of the oldest row. Times are whole milliseconds: what every contender
// can represent.
var Epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func id(table string, i int) string { return fmt.Sprintf("%s%0*d", table, 32-len(table), i) }

func at(i int) time.Time { return Epoch.Add(time.Duration(i) * time.Minute) }

// UserID returns the id of a user for the i-th call: those that no case writes to.
func UserID(i int) string { return id("user", i*37%9_000) }

// WrittenUserID returns the id of a user that the cases which write may change.
func WrittenUserID(i int) string { return id("user", 9_000+i%1_000) }

// Token returns the token of a session.
func Token(i int) string { return id("token", i*101%27_000) }

// OrganizationID returns the id of an organization with 20 members.
func OrganizationID(i int) string { return id("org", i*7%Organizations) }

// FullOrganizationID returns the id of an organization with 20 projects with 10 tasks each.
func FullOrganizationID(i int) string { return id("org", fullFirst+i*7%(fullCount-20)) }

// WideOrganizationID returns the id of the organization with 200 projects with 50 tasks each.
func WideOrganizationID() string { return id("org", wideOrganization) }

// WrittenProjectID returns the id of a project that the cases which write may change.
func WrittenProjectID(i int) string { return id("project", 4_180+i%20) }

// PageAfter returns the id after which a page begins: pages of users, of projects and of tasks.
func PageAfter(table string, i int) string {
	if table == "project" {
		// Among those with 10 tasks each.
		return id("project", 200+i*61%3_000)
	}
	if table == "task" {
		return id("task", i*613%40_000)
	}
	return id("user", i*61%8_000)
}

// Name returns what the i-th call of a case that writes gives as a name.
func Name(i int) string { return fmt.Sprintf("Name %d", i) }

// memberOf returns the k-th user (0 to 19) of an organization.
func memberOf(organization, k int) int {
	// User u is in the organizations u % 1,000 and (u + 500) % 1,000.
	if k < 10 {
		return organization + k*1_000
	}
	return (organization+500)%1_000 + (k-10)*1_000
}

// projectOrganization returns the organization of a project, and how many tasks it has.
func projectOrganization(p int) (organization, tasks int) {
	switch {
	case p < 200:
		return wideOrganization, 50
	case p < 200+fullCount*20:
		return fullFirst + (p-200)/20, 10
	}
	return fullFirst + fullCount + (p-200-fullCount*20)%(Organizations-fullFirst-fullCount), 0
}
