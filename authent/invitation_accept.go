package authent

import "context"

// AcceptInvitationInput is the input of AcceptInvitation.
type AcceptInvitationInput struct {
	InvitationID string `json:"invitationId"`
}

// InvitationOutput is what became of an invitation.
type InvitationOutput struct {
	Invitation *Invitation `json:"invitation"`
	Member     *Member     `json:"member"` // Nil if it was rejected.
}

// AcceptInvitation makes the user, whose address the invitation must be for, a member, and the organization the active
// one. It works once, and as long as who invited is a member who may do so.
func (a *Auth) AcceptInvitation(ctx context.Context, in AcceptInvitationInput) (*InvitationOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	var out *InvitationOutput
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		invitation, err := tx.invitation(ctx, in.InvitationID)
		if err != nil {
			return err
		}
		if invitation == nil || invitation.Status != invitationPending || invitation.ExpiresAt.Before(a.now()) {
			return ErrInvitationNotFound
		}
		if err := a.checkRecipient(invitation, id.User); err != nil {
			return err
		}
		organization, err := tx.lockOrganization(ctx, invitation.OrganizationID)
		if err != nil {
			return err
		}
		if organization == nil {
			return ErrOrganizationNotFound
		}
		// What was read before the lock may have changed: the statement checks it again.
		ok, err := tx.answer(ctx, invitation, invitationAccepted, GTE("expiresAt", a.now()))
		if err != nil {
			return err
		}
		if !ok {
			return ErrInvitationNotFound
		}
		inviter, err := tx.membership(ctx, invitation.InviterID, organization.ID)
		if err != nil {
			return err
		}
		if inviter == nil || !a.roles.mayInvite(inviter.Role, invitation.grantedRole()) {
			return ErrInviterGone
		}
		member, err := tx.addMember(ctx, &Member{OrganizationID: organization.ID, UserID: id.User.ID, Role: invitation.grantedRole()})
		if err != nil {
			return err
		}
		out = &InvitationOutput{Invitation: invitation, Member: member}
		return tx.activate(ctx, id, &organization.ID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
