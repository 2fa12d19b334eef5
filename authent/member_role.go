package authent

import (
	"context"
	"fmt"
	"strings"
)

// UpdateMemberRoleInput is the input of UpdateMemberRole.
type UpdateMemberRoleInput struct {
	// Role is one role or several. Each is checked: a comma in one of them separates two.
	Role     []string `json:"role"`
	MemberID string   `json:"memberId"`
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
}

// UpdateMemberRole gives a member other roles. Only an owner makes or changes an owner, and one always remains; others
// give no role that permits what their own does not: ErrMemberNotUpdated. A role that there is not is an error that
// matches ErrRoleNotFound.
func (a *Auth) UpdateMemberRole(ctx context.Context, in UpdateMemberRoleInput) (*Member, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if strings.Trim(strings.Join(in.Role, ""), " ,") == "" {
		return nil, errNoRole
	}
	who, err := id.in(in.OrganizationID, ErrNoActiveOrganization)
	if err != nil {
		return nil, err
	}
	var updated *Member
	err = a.changeAs(ctx, who, ErrMemberNotFound, func(ctx context.Context, tx *Auth, organization *Organization, as *Member) error {
		member, err := tx.findMember(ctx, EQ("id", in.MemberID), EQ("organizationId", organization.ID))
		if err != nil {
			return err
		}
		if member == nil {
			return ErrMemberNotFound
		}
		if !a.roles.may(as.Role, "member", "update") && !isOwner(as.Role) {
			return ErrMemberNotUpdated
		}
		role, err := a.roles.parse(in.Role)
		if err != nil {
			return err
		}
		if !a.roles.mayGrant(as.Role, member.Role, role) {
			return ErrMemberNotUpdated
		}
		updated, err = tx.setRole(ctx, member, role)
		return err
	})
	if err != nil {
		return nil, err
	}
	return updated, nil
}

// setRole gives a member of an organization that the caller has locked other roles, unless that leaves it without an
// owner.
func (a *Auth) setRole(ctx context.Context, m *Member, role string) (*Member, error) {
	n, err := a.memberTable().Update(ctx, []Change{Set("role", role)}, EQ("id", m.ID), EQ("organizationId", m.OrganizationID))
	if err != nil {
		return nil, fmt.Errorf("change the role of a member: %w", err)
	}
	if n == 0 {
		return nil, ErrMemberNotFound
	}
	if isOwner(m.Role) && !isOwner(role) {
		if err := a.keepOwner(ctx, m.OrganizationID, ErrWithoutOwner); err != nil {
			return nil, err
		}
	}
	updated, err := a.findMember(ctx, EQ("id", m.ID))
	if err != nil {
		return nil, err
	}
	if updated == nil {
		return nil, ErrMemberNotFound
	}
	updated.User = nil // It is not part of this answer.
	return updated, nil
}
