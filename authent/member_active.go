package authent

import (
	"context"
	"net/http"
)

// GetActiveMember returns the user's membership, with the user, in the active organization.
func (a *Auth) GetActiveMember(ctx context.Context) (*Member, error) {
	who, err := a.actor(ctx, "", ErrNoActiveOrganization)
	if err != nil {
		return nil, err
	}
	member, err := a.member(ctx, who.id.User.ID, who.organizationID)
	if err != nil {
		return nil, err
	}
	if member == nil {
		return nil, ErrMemberNotFound
	}
	return member, nil
}

// GetActiveMemberRoleInput is the input of GetActiveMemberRole. Without id and slug it is about the active organization.
type GetActiveMemberRoleInput struct {
	// UserID defaults to the user.
	UserID           string `json:"userId,omitempty"`
	OrganizationID   string `json:"organizationId,omitempty"`
	OrganizationSlug string `json:"organizationSlug,omitempty"` // Goes before OrganizationID.
}

// GetActiveMemberRoleOutput is the output of GetActiveMemberRole.
type GetActiveMemberRoleOutput struct {
	Role string `json:"role"` // One role, or several joined by commas.
}

// GetActiveMemberRole returns the role of a member of an organization of which the user is one.
func (a *Auth) GetActiveMemberRole(ctx context.Context, in GetActiveMemberRoleInput) (*GetActiveMemberRoleOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	member, err := a.memberOfGiven(ctx, id, in.OrganizationID, in.OrganizationSlug)
	if err != nil {
		return nil, err
	}
	if in.UserID != "" && in.UserID != id.User.ID {
		if member, err = a.membership(ctx, in.UserID, member.OrganizationID); err != nil {
			return nil, err
		}
		if member == nil {
			return nil, ErrNotMemberOfThis
		}
	}
	return &GetActiveMemberRoleOutput{Role: member.Role}, nil
}

// HasPermissionInput is the input of HasPermission.
type HasPermissionInput struct {
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
	// Permissions are the actions on each resource, which must all be permitted.
	Permissions map[string][]string `json:"permissions,omitempty"`
	// Permission is an old name of Permissions with which nothing is permitted.
	Permission map[string][]string `json:"permission,omitempty"`
}

// HasPermissionOutput is the output of HasPermission.
type HasPermissionOutput struct {
	Error   *string `json:"error"` // Always null.
	Success bool    `json:"success"`
}

// HasPermission tells whether the user's role in an organization permits something.
func (a *Auth) HasPermission(ctx context.Context, in HasPermissionInput) (*HasPermissionOutput, error) {
	if (in.Permissions == nil) == (in.Permission == nil) {
		return nil, errPermissionsNotGiven
	}
	who, err := a.actor(ctx, in.OrganizationID, ErrNoActiveOrganization)
	if err != nil {
		return nil, err
	}
	member, err := a.asMember(ctx, who, ErrNotMember.with(http.StatusUnauthorized))
	if err != nil {
		return nil, err
	}
	return &HasPermissionOutput{Success: a.roles.permit(member.Role, in.Permissions)}, nil
}
