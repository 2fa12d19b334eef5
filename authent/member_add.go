package authent

import "context"

// AddMemberInput is the input of AddMember.
type AddMemberInput struct {
	UserID string
	// Role is one role or several.
	Role []string
	// OrganizationID defaults to the active organization of the session in the context.
	OrganizationID string
	// Extra are values of the app's own fields of members.
	Extra map[string]any
}

// AddMember makes a user a member of an organization without an invitation. It is for the server alone: there is no
// endpoint, and nobody's permission is checked.
func (a *Auth) AddMember(ctx context.Context, in AddMemberInput) (*Member, error) {
	organizationID := in.OrganizationID
	if organizationID == "" {
		id, err := a.identity(ctx)
		if err != nil {
			return nil, err
		}
		if id == nil || id.activeOrganizationID() == "" {
			return nil, ErrNoActiveOrganization
		}
		organizationID = id.activeOrganizationID()
	}
	role, err := a.roles.parse(in.Role)
	if err != nil {
		return nil, err
	}
	if role == "" {
		return nil, ErrRoleNotFound
	}
	var member *Member
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		user, err := tx.userByID(ctx, in.UserID)
		if err != nil {
			return err
		}
		if user == nil {
			return errNoSuchUser
		}
		organization, err := tx.lockOrganization(ctx, organizationID)
		if err != nil {
			return err
		}
		if organization == nil {
			return ErrOrganizationNotFound
		}
		member, err = tx.addMember(ctx, &Member{OrganizationID: organization.ID, UserID: user.ID, Role: role, Extra: in.Extra})
		return err
	})
	if err != nil {
		return nil, err
	}
	return member, nil
}
