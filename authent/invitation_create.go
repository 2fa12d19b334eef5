package authent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/agentuity/auth-go/internal/input"
	"github.com/agentuity/auth-go/internal/signed"
)

// CreateInvitationInput is the input of CreateInvitation.
type CreateInvitationInput struct {
	Email string `json:"email"`
	// Role is one role or several, which the new member gets.
	Role []string `json:"role"`
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
	// Resend mails an invitation that waits for an answer again and makes it last as long as a new one. Without it,
	// there being one is ErrAlreadyInvited.
	Resend *bool `json:"resend"`

	_ []string `unused:"teamId"`
}

// CreateInvitation invites somebody to an organization and mails the invitation, if there is a Mailer. Only an owner
// invites an owner, and others invite with no role that permits what their own does not: ErrInvitationRole.
func (a *Auth) CreateInvitation(ctx context.Context, in CreateInvitationInput) (*Invitation, error) {
	who, err := a.actor(ctx, in.OrganizationID, ErrOrganizationNotFound)
	if err != nil {
		return nil, err
	}
	if !input.Email(in.Email) {
		return nil, ErrInvalidEmail
	}
	var organization *Organization
	var invitation *Invitation
	err = a.changeAs(ctx, who, ErrMemberNotFound, func(ctx context.Context, tx *Auth, locked *Organization, member *Member) error {
		organization = locked
		if !a.roles.may(member.Role, "invitation", "create") {
			return ErrInvitationNotAllowed
		}
		role, err := a.roles.parse(in.Role)
		switch {
		case err != nil:
			return err
		case role == "":
			return ErrRoleNotFound
		case !a.roles.mayInvite(member.Role, role):
			return ErrInvitationRole
		}
		invitation, err = tx.invite(ctx, &Invitation{
			OrganizationID: organization.ID, Email: normalizeEmail(in.Email), Role: &role, InviterID: who.id.User.ID,
		}, in.Resend != nil && *in.Resend)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := a.mailInvitation(ctx, who.id.User, organization, invitation); err != nil {
		return nil, err
	}
	return invitation, nil
}

// invite creates an invitation to an organization that the caller has locked, or makes the one that waits for an answer
// last longer.
func (a *Auth) invite(ctx context.Context, i *Invitation, resend bool) (*Invitation, error) {
	known, err := a.memberByIDOrEmail(ctx, i.OrganizationID, i.Email)
	if err != nil {
		return nil, err
	}
	if known != nil {
		return nil, ErrAlreadyMember
	}
	now := a.now()
	waiting := []Cond{EQ("organizationId", i.OrganizationID), EQ("status", invitationPending), GT("expiresAt", now)}
	i.Status, i.CreatedAt, i.ExpiresAt = invitationPending, now, now.Add(a.config.Organization.InvitationLifetime)
	before, err := a.invitationTable().Find(ctx, Query{
		Where: append([]Cond{EQ("email", i.Email)}, waiting...), Order: []Order{{Column: "createdAt"}}, Limit: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("find an invitation: %w", err)
	}
	if len(before) > 0 {
		if !resend {
			return nil, ErrAlreadyInvited
		}
		n, err := a.invitationTable().Update(ctx, []Change{Set("expiresAt", i.ExpiresAt)}, append([]Cond{EQ("id", before[0].ID)}, waiting...)...)
		if err != nil {
			return nil, fmt.Errorf("extend an invitation: %w", err)
		}
		if n == 0 {
			return nil, ErrInvitationNotFound // It was answered meanwhile.
		}
		before[0].ExpiresAt = i.ExpiresAt
		return before[0], nil
	}
	if limit := a.config.Organization.InvitationLimit; limit >= 0 {
		n, err := a.invitationTable().Count(ctx, waiting...)
		if err != nil {
			return nil, fmt.Errorf("count invitations: %w", err)
		}
		if n >= limit {
			return nil, ErrInvitationLimit
		}
	}
	if i.ID, err = a.tokens.ID(); err != nil {
		return nil, err
	}
	created, err := a.invitationTable().Create(ctx, i)
	if err != nil {
		return nil, fmt.Errorf("create an invitation: %w", err)
	}
	return created, nil
}

// mailInvitation mails an invitation, if there is a Mailer.
func (a *Auth) mailInvitation(ctx context.Context, inviter *User, organization *Organization, i *Invitation) error {
	if a.config.Mailer == nil {
		return nil
	}
	url := strings.ReplaceAll(a.config.Organization.InvitationURL, "{id}", signed.EncodeComponent(i.ID))
	if strings.HasPrefix(url, "/") {
		url = a.baseURL + url
	}
	err := a.mail(ctx, Message{
		Kind: MailInvitation, To: i.Email, URL: url, Token: i.ID, User: inviter, Organization: organization, Invitation: i,
	})
	if err != nil {
		return errors.Join(err, errors.New("the invitation exists: it can be sent again"))
	}
	return nil
}
