package authent

import (
	"context"
	"fmt"
)

// UpdateSessionInput is the input of UpdateSession.
type UpdateSessionInput struct {
	// ActiveOrganizationID is an organization of which the user is a member, or null for none.
	ActiveOrganizationID Optional[string] `json:"activeOrganizationId"`
	// Extra are values of the app's own fields that are marked with mixins.AuthInput.
	Extra map[string]any `json:"-" rest:"record"`
}

// UpdateSessionOutput is the output of UpdateSession.
type UpdateSessionOutput struct {
	Session *Session `json:"session"`
}

// UpdateSession changes the active organization and the app's own input fields of the request's session. Other fields are
// left out.
func (a *Auth) UpdateSession(ctx context.Context, in UpdateSessionInput) (*UpdateSessionOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	extra, err := inputFields(a.store.Sessions().Extra(), in.Extra, false)
	if err != nil {
		return nil, err
	}
	changes := changesOf(extra)
	session := *id.Session
	if in.ActiveOrganizationID.Set && a.store.Members() != nil {
		if err := a.checkActive(ctx, id.User.ID, in.ActiveOrganizationID.Value); err != nil {
			return nil, err
		}
		session.ActiveOrganizationID = in.ActiveOrganizationID.Value
		changes = append(changes, setOrNull("activeOrganizationId", in.ActiveOrganizationID.Value))
	}
	if len(changes) == 0 {
		return nil, ErrNothingToUpdate
	}
	session.UpdatedAt = a.now()
	if len(extra) > 0 {
		merged := map[string]any{}
		for _, fields := range []map[string]any{session.Extra, extra} {
			for column, value := range fields {
				merged[column] = value
			}
		}
		session.Extra = merged
	}
	if err := a.updateSession(ctx, &session, append(changes, Set("updatedAt", session.UpdatedAt))...); err != nil {
		return nil, err
	}
	a.resendSessionCookie(ctx, &session, id.User)
	return &UpdateSessionOutput{Session: &session}, nil
}

// checkActive refuses an organization of which the user is no member.
func (a *Auth) checkActive(ctx context.Context, userID string, organizationID *string) error {
	if organizationID == nil {
		return nil
	}
	n, err := a.memberTable().Count(ctx, EQ("userId", userID), EQ("organizationId", *organizationID))
	if err != nil {
		return fmt.Errorf("find a membership: %w", err)
	}
	if n == 0 {
		return ErrNotMember
	}
	return nil
}
