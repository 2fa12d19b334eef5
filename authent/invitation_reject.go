package authent

import (
	"context"
	"net/http"
)

// RejectInvitationInput is the input of RejectInvitation.
type RejectInvitationInput struct {
	InvitationID string `json:"invitationId"`
}

// RejectInvitation refuses an invitation, which must be for the user's address. It may have expired.
func (a *Auth) RejectInvitation(ctx context.Context, in RejectInvitationInput) (*InvitationOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	notFound := newError(http.StatusBadRequest, ErrInvitationNotFound.Code, "Invitation not found!")
	invitation, err := a.invitation(ctx, in.InvitationID)
	if err != nil {
		return nil, err
	}
	if invitation == nil || invitation.Status != invitationPending {
		return nil, notFound
	}
	if err := a.checkRecipient(invitation, id.User); err != nil {
		return nil, err
	}
	ok, err := a.answer(ctx, invitation, invitationRejected)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, notFound
	}
	return &InvitationOutput{Invitation: invitation}, nil
}

// CancelInvitationInput is the input of CancelInvitation.
type CancelInvitationInput struct {
	InvitationID string `json:"invitationId"`
}

// CancelInvitation takes an invitation back that waits for an answer.
func (a *Auth) CancelInvitation(ctx context.Context, in CancelInvitationInput) (*Invitation, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	invitation, err := a.invitation(ctx, in.InvitationID)
	if err != nil {
		return nil, err
	}
	if invitation == nil {
		return nil, ErrInvitationNotFound
	}
	member, err := a.asMember(ctx, &actor{id, invitation.OrganizationID}, ErrMemberNotFound)
	if err != nil {
		return nil, err
	}
	if !a.roles.may(member.Role, "invitation", "cancel") {
		return nil, ErrInvitationNotCanceled
	}
	ok, err := a.answer(ctx, invitation, invitationCanceled)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrInvitationNotFound
	}
	return invitation, nil
}
