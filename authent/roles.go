package authent

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The roles that are there without config.
const (
	// RoleOwner is the role of the user who creates an organization. Only owners make and change owners, and one
	// always remains.
	RoleOwner = "owner"
	// RoleAdmin may do what an owner may, but for deleting the organization.
	RoleAdmin = "admin"
	// RoleMember may see the organization.
	RoleMember = "member"
)

// DefaultRoles returns the permissions of owner, admin and member when the config says nothing of them: resource,
// then actions.
func DefaultRoles() map[string]map[string][]string {
	return map[string]map[string][]string{
		RoleOwner: {
			"organization": {"update", "delete"},
			"member":       {"create", "update", "delete"},
			"invitation":   {"create", "cancel"},
			"team":         {"create", "update", "delete"},
			"ac":           {"create", "read", "update", "delete"},
		},
		RoleAdmin: {
			"organization": {"update"},
			"member":       {"create", "update", "delete"},
			"invitation":   {"create", "cancel"},
			"team":         {"create", "update", "delete"},
			"ac":           {"create", "read", "update", "delete"},
		},
		RoleMember: {
			"organization": {},
			"member":       {},
			"invitation":   {},
			"team":         {},
			"ac":           {"read"},
		},
	}
}

// roles are the roles of members and what they permit: role, resource, actions.
type roles map[string]map[string][]string

func newRoles(custom map[string]map[string][]string) (roles, error) {
	r := roles(DefaultRoles())
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		if name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, ",\x00") {
			problems = append(problems, fmt.Errorf("  Organization.Roles: %q cannot be the name of a role: it is empty, has a comma, or space around it", name))
			continue
		}
		r[name] = custom[name]
	}
	return r, errors.Join(problems...)
}

// rolesOf returns the roles of a row. They are what they are, without trimming: " owner" is no owner.
func rolesOf(role string) []string { return strings.Split(role, ",") }

// isOwner tells whether the role of a row has that of an owner.
func isOwner(role string) bool { return slices.Contains(rolesOf(role), RoleOwner) }

// parse returns the roles of an input, each a role or several joined by commas, as a row has them. An unknown one is an
// error that matches ErrRoleNotFound. None at all is "".
func (r roles) parse(input []string) (string, error) {
	var known, unknown []string
	for _, joined := range input {
		for role := range strings.SplitSeq(joined, ",") {
			role = strings.TrimSpace(role)
			switch _, ok := r[role]; {
			case role == "" || slices.Contains(known, role):
			case ok:
				known = append(known, role)
			default:
				unknown = append(unknown, validText(role, 100))
			}
		}
	}
	if unknown != nil {
		return "", errors.Join(newError(http.StatusBadRequest, "", "ROLE_NOT_FOUND: "+strings.Join(unknown, ", ")), ErrRoleNotFound)
	}
	return strings.Join(known, ","), nil
}

// permit tells whether the role of a row permits all the actions: what one of its roles permits, it permits. A resource
// that none of them has is refused even without an action; no resource at all is refused too.
func (r roles) permit(role string, permissions map[string][]string) bool {
	held := rolesOf(role)
	for resource, actions := range permissions {
		var known bool
		var allowed []string
		for _, name := range held {
			of, ok := r[name][resource]
			known = known || ok
			allowed = append(allowed, of...)
		}
		if !known {
			return false
		}
		for _, action := range actions {
			if !slices.Contains(allowed, action) {
				return false
			}
		}
	}
	return len(permissions) > 0
}

// may is permit for one action.
func (r roles) may(role, resource, action string) bool {
	return r.permit(role, map[string][]string{resource: {action}})
}

// mayInvite tells whether a member with a role may invite others with the role granted.
func (r roles) mayInvite(role, granted string) bool {
	return r.may(role, "invitation", "create") && r.mayGrant(role, "", granted)
}

// mayGrant tells whether a member with a role may replace the role of another one. An owner may give any role. Others
// neither make an owner nor change one, and give no role that permits what their own does not; what the other one has
// already is not given.
func (r roles) mayGrant(role, before, granted string) bool {
	if isOwner(role) {
		return true
	}
	if isOwner(before) || isOwner(granted) {
		return false
	}
	held := rolesOf(before)
	for _, name := range rolesOf(granted) {
		if slices.Contains(held, name) {
			continue
		}
		for resource, actions := range r[name] {
			if len(actions) > 0 && !r.permit(role, map[string][]string{resource: actions}) {
				return false
			}
		}
	}
	return true
}
