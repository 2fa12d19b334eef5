package authent

import (
	"context"
	"fmt"
	"strings"
)

// RemoveMemberInput is the input of RemoveMember.
type RemoveMemberInput struct {
	// MemberIDOrEmail is the id of the member, not that of the user, or the user's address.
	MemberIDOrEmail string `json:"memberIdOrEmail"`
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
}

// RemoveMemberOutput is the output of RemoveMember.
type RemoveMemberOutput struct {
	Member *Member `json:"member"`
}

// RemoveMember ends a membership. The organization is no longer active in the sessions of the user. Only an owner removes an owner, and nobody the only one: that is ErrOnlyOwner.
func (a *Auth) RemoveMember(ctx context.Context, in RemoveMemberInput) (*RemoveMemberOutput, error) {
	who, err := a.actor(ctx, in.OrganizationID, ErrNoActiveOrganization)
	if err != nil {
		return nil, err
	}
	var removed *Member
	err = a.changeAs(ctx, who, ErrMemberNotFound, func(ctx context.Context, tx *Auth, organization *Organization, as *Member) error {
		removed, err = tx.memberByIDOrEmail(ctx, organization.ID, in.MemberIDOrEmail)
		if err != nil {
			return err
		}
		if removed == nil {
			return ErrMemberNotFound
		}
		if isOwner(removed.Role) && !isOwner(as.Role) {
			return ErrOnlyOwner // That there are others is no business of who is none.
		}
		if !a.roles.may(as.Role, "member", "delete") {
			return ErrMemberNotRemoved
		}
		return tx.endMembership(ctx, who.id, removed)
	})
	if err != nil {
		return nil, err
	}
	return &RemoveMemberOutput{Member: removed}, nil
}

// memberByIDOrEmail returns a member of an organization, or nil.
func (a *Auth) memberByIDOrEmail(ctx context.Context, organizationID, idOrEmail string) (*Member, error) {
	of := EQ("organizationId", organizationID)
	if !strings.Contains(idOrEmail, "@") {
		return a.findMember(ctx, of, EQ("id", idOrEmail))
	}
	user, err := a.userByEmail(ctx, idOrEmail)
	if err != nil || user == nil {
		return nil, err
	}
	return a.findMember(ctx, of, EQ("userId", user.ID))
}

// endMembership deletes a member of an organization that the caller has locked, unless that leaves it without an owner.
// No session of the member stays in the organization.
func (a *Auth) endMembership(ctx context.Context, id *Identity, m *Member) error {
	n, err := a.memberTable().Delete(ctx, EQ("id", m.ID), EQ("organizationId", m.OrganizationID))
	if err != nil {
		return fmt.Errorf("remove a member: %w", err)
	}
	if n == 0 {
		return ErrMemberNotFound
	}
	if isOwner(m.Role) {
		if err := a.keepOwner(ctx, m.OrganizationID, ErrOnlyOwner); err != nil {
			return err
		}
	}
	if err := a.deactivate(ctx, m.OrganizationID, []string{m.UserID}, m.UserID); err != nil {
		return err
	}
	id.leave(m.OrganizationID, m.UserID)
	return nil
}

// leave takes the organization that a user has left out of the request's session, if it is that user's.
func (id *Identity) leave(organizationID, userID string) {
	if id.User.ID == userID && id.activeOrganizationID() == organizationID {
		id.Session.ActiveOrganizationID = nil
	}
}

// LeaveOrganizationInput is the input of LeaveOrganization.
type LeaveOrganizationInput struct {
	OrganizationID string `json:"organizationId"`
}

// LeaveOrganization ends the user's own membership. For the only owner that is ErrOnlyOwner.
func (a *Auth) LeaveOrganization(ctx context.Context, in LeaveOrganizationInput) (*Member, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	var member *Member
	err = a.changeAs(ctx, &actor{id, in.OrganizationID}, ErrMemberNotFound, func(ctx context.Context, tx *Auth, _ *Organization, as *Member) error {
		if member, err = tx.findMember(ctx, EQ("id", as.ID)); err != nil { // With the user.
			return err
		}
		if member == nil {
			return ErrMemberNotFound
		}
		return tx.endMembership(ctx, id, member)
	})
	if err != nil {
		return nil, err
	}
	return member, nil
}
