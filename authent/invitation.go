package authent

import (
	"context"
	"fmt"
	"strings"
)

// The states of an invitation.
const (
	invitationPending  = "pending"
	invitationAccepted = "accepted"
	invitationRejected = "rejected"
	invitationCanceled = "canceled"
)

// invitation returns an invitation, or nil.
func (a *Auth) invitation(ctx context.Context, id string) (*Invitation, error) {
	found, err := a.invitationTable().Find(ctx, Query{Where: []Cond{EQ("id", id)}, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("find an invitation: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// answer ends an invitation that waits for one, in one statement, and tells whether it did. Of those who try at the same
// time only one does.
func (a *Auth) answer(ctx context.Context, i *Invitation, status string, also ...Cond) (bool, error) {
	where := append([]Cond{EQ("id", i.ID), EQ("status", invitationPending)}, also...)
	n, err := a.invitationTable().Update(ctx, []Change{Set("status", status)}, where...)
	if err != nil {
		return false, fmt.Errorf("answer an invitation: %w", err)
	}
	if n > 0 {
		i.Status = status
	}
	return n > 0, nil
}

// checkRecipient returns an error if an invitation is not for a user. Addresses are the same if they differ in the case
// of ASCII letters alone: other letters have forms that look or fold alike.
func (a *Auth) checkRecipient(i *Invitation, user *User) error {
	if lowerASCII(i.Email) != lowerASCII(user.Email) {
		return ErrNotRecipient
	}
	if a.config.Organization.RequireVerifiedEmail && !user.EmailVerified {
		return ErrInvitationNeedsVerified
	}
	return nil
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// grantedRole is the role that an invitation gives.
func (i *Invitation) grantedRole() string {
	if i.Role == nil || *i.Role == "" {
		return RoleMember
	}
	return *i.Role
}

// visibleInvitations returns those of an organization's invitations that a member may see: all for who may invite or
// cancel, else those that the member sent.
func (a *Auth) visibleInvitations(member *Member, all []*Invitation) []*Invitation {
	if a.roles.may(member.Role, "invitation", "create") || a.roles.may(member.Role, "invitation", "cancel") {
		return all
	}
	own := []*Invitation{}
	for _, i := range all {
		if i.InviterID == member.UserID {
			own = append(own, i)
		}
	}
	return own
}
