package authent

import (
	"context"
)

// SetActiveOrganizationInput is the input of SetActiveOrganization.
type SetActiveOrganizationInput struct {
	// OrganizationID null makes none active.
	OrganizationID Optional[string] `json:"organizationId"`
	// OrganizationSlug is used if there is no OrganizationID.
	OrganizationSlug string `json:"organizationSlug,omitempty"`
}

// SetActiveOrganization makes an organization, of which the user must be a member, the active one of the session and
// returns it. Without input it returns the one that is active; nil if there is none.
func (a *Auth) SetActiveOrganization(ctx context.Context, in SetActiveOrganizationInput) (*Organization, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if id.Session == nil || id.Method == MethodAPIKey {
		return nil, ErrNoSessionOfKey
	}
	if in.OrganizationID.Set && in.OrganizationID.Value == nil {
		if id.Session.ActiveOrganizationID == nil {
			return nil, nil
		}
		if err := a.activate(ctx, id, nil); err != nil {
			return nil, err
		}
		a.resendSessionCookie(ctx, id.Session, id.User)
		return nil, nil
	}
	where := EQ("slug", in.OrganizationSlug)
	switch given := in.OrganizationID.Value; {
	case given != nil && *given != "":
		where = EQ("id", *given)
	case in.OrganizationSlug != "":
	case id.activeOrganizationID() != "":
		where = EQ("id", id.activeOrganizationID())
	default:
		return nil, nil
	}
	organization, err := a.organization(ctx, where)
	if err != nil {
		return nil, err
	}
	if organization == nil {
		if where.Column == "slug" {
			return nil, ErrOrganizationNotFound
		}
		return nil, ErrNotMember
	}
	member, err := a.membership(ctx, id.User.ID, organization.ID)
	if err != nil {
		return nil, err
	}
	if member == nil {
		return nil, ErrNotMember
	}
	if err := a.activate(ctx, id, &organization.ID); err != nil {
		return nil, err
	}
	a.resendSessionCookie(ctx, id.Session, id.User)
	return organization, nil
}
