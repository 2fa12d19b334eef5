package authent

import (
	"context"
	"fmt"
)

// ListInvitationsInput is the input of ListInvitations.
type ListInvitationsInput struct {
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
}

// ListInvitations returns the invitations of an organization, whatever became of them: all for a member who may invite
// or cancel, and for others those that they sent.
func (a *Auth) ListInvitations(ctx context.Context, in ListInvitationsInput) ([]*Invitation, error) {
	who, err := a.actor(ctx, in.OrganizationID, errOrganizationNeeded)
	if err != nil {
		return nil, err
	}
	member, err := a.asMember(ctx, who, errNotMember)
	if err != nil {
		return nil, err
	}
	all, err := a.findInvitations(ctx, EQ("organizationId", who.organizationID))
	if err != nil {
		return nil, err
	}
	return a.visibleInvitations(member, all), nil
}

// findInvitations returns the invitations that fulfil all conditions, oldest first.
func (a *Auth) findInvitations(ctx context.Context, where ...Cond) ([]*Invitation, error) {
	found, err := a.invitationTable().Find(ctx, Query{Where: where, Order: []Order{{Column: "createdAt"}, {Column: "id"}}})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return found, nil
}

// ListUserInvitationsInput is the input of ListUserInvitations.
type ListUserInvitationsInput struct {
	// Email is refused: the list is always that of the user.
	Email string `json:"email,omitempty"`
}

// UserInvitation is an invitation in the list of its recipient.
type UserInvitation struct {
	Invitation
	OrganizationName string `json:"organizationName"`
}

// ListUserInvitations returns the invitations that wait for the user's answer. The address of the user must be verified:
// who signs up with the address of somebody else would see that person's invitations, and could accept them.
func (a *Auth) ListUserInvitations(ctx context.Context, in ListUserInvitationsInput) ([]UserInvitation, error) {
	if in.Email != "" {
		return nil, errEmailNotAccepted
	}
	id, err := a.requireSessionElse(ctx, errEmailMissing)
	if err != nil {
		return nil, err
	}
	if !id.User.EmailVerified {
		return nil, ErrInvitationNeedsVerified
	}
	found, err := a.findInvitations(ctx, EQ("email", lowerASCII(id.User.Email)), EQ("status", invitationPending), GTE("expiresAt", a.now()))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, invitation := range found {
		ids[i] = invitation.OrganizationID
	}
	names := map[string]string{}
	if len(ids) > 0 {
		organizations, err := a.organizationTable().Find(ctx, Query{Where: []Cond{In("id", ids...)}})
		if err != nil {
			return nil, fmt.Errorf("find organizations: %w", err)
		}
		for _, o := range organizations {
			names[o.ID] = o.Name
		}
	}
	out := make([]UserInvitation, len(found))
	for i, invitation := range found {
		out[i] = UserInvitation{Invitation: *invitation, OrganizationName: names[invitation.OrganizationID]}
	}
	return out, nil
}
