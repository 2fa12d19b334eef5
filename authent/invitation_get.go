package authent

import (
	"context"
)

// GetInvitationInput is the input of GetInvitation.
type GetInvitationInput struct {
	ID string `json:"id"`
}

// GetInvitationOutput is an invitation as its recipient sees it.
type GetInvitationOutput struct {
	Invitation
	OrganizationName string `json:"organizationName"`
	OrganizationSlug string `json:"organizationSlug"`
	InviterEmail     string `json:"inviterEmail"`
}

// GetInvitation returns an invitation that waits for the user's answer.
func (a *Auth) GetInvitation(ctx context.Context, in GetInvitationInput) (*GetInvitationOutput, error) {
	id, err := a.requireSessionElse(ctx, errNotAuthenticated)
	if err != nil {
		return nil, err
	}
	invitation, err := a.invitation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if invitation == nil || invitation.Status != invitationPending || invitation.ExpiresAt.Before(a.now()) {
		return nil, errNoSuchInvitation
	}
	if err := a.checkRecipient(invitation, id.User); err != nil {
		return nil, err
	}
	organization, err := a.organization(ctx, EQ("id", invitation.OrganizationID))
	if err != nil {
		return nil, err
	}
	if organization == nil {
		return nil, ErrOrganizationNotFound
	}
	inviter, err := a.member(ctx, invitation.InviterID, organization.ID)
	if err != nil {
		return nil, err
	}
	if inviter == nil || inviter.User == nil {
		return nil, ErrInviterGone
	}
	return &GetInvitationOutput{
		Invitation: *invitation, OrganizationName: organization.Name, OrganizationSlug: organization.Slug, InviterEmail: inviter.User.Email,
	}, nil
}
