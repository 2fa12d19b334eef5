package authent

import (
	"context"
	"fmt"
)

// GetFullOrganizationInput is the input of GetFullOrganization. Without id and slug it is about the active organization.
type GetFullOrganizationInput struct {
	OrganizationID   string `json:"organizationId,omitempty"`
	OrganizationSlug string `json:"organizationSlug,omitempty"` // Goes before OrganizationID.
	// MembersLimit is how many members are returned at most, the oldest ones. Defaults to the limit of members.
	MembersLimit *int `json:"membersLimit" check:"min=0"`
}

// GetFullOrganization returns an organization with its members and invitations; nil if none is given or active. A member
// who may neither invite nor cancel sees only the invitations that it sent. A refusal changes nothing.
func (a *Auth) GetFullOrganization(ctx context.Context, in GetFullOrganizationInput) (*FullOrganization, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	where := EQ("id", in.OrganizationID)
	switch {
	case in.OrganizationSlug != "":
		where = EQ("slug", in.OrganizationSlug)
	case in.OrganizationID != "":
	case id.activeOrganizationID() != "":
		where = EQ("id", id.activeOrganizationID())
	default:
		return nil, nil
	}
	full, err := a.organizationTable().FindFull(ctx, a.pageSize(in.MembersLimit), where)
	if err != nil {
		return nil, fmt.Errorf("find an organization: %w", err)
	}
	if full == nil {
		return nil, ErrOrganizationNotFound
	}
	member, err := a.memberAmong(ctx, full, id.User.ID)
	if err != nil {
		return nil, err
	}
	if member == nil {
		return nil, ErrNotMember
	}
	full.Invitations = a.visibleInvitations(member, full.Invitations)
	return full, nil
}

// memberAmong returns the membership of a user, which is usually among those that were read; nil if there is none.
func (a *Auth) memberAmong(ctx context.Context, full *FullOrganization, userID string) (*Member, error) {
	for _, m := range full.Members {
		if m.UserID == userID {
			return m, nil
		}
	}
	return a.membership(ctx, userID, full.ID)
}

// pageSize is how many members are returned if a client asks for some number or none.
func (a *Auth) pageSize(asked *int) int {
	if asked != nil && *asked > 0 {
		return *asked
	}
	if limit := a.config.Organization.MembershipLimit; limit > 0 {
		return limit
	}
	return defaultMembershipLimit
}

// ListOrganizations returns all organizations of which the user is a member.
func (a *Auth) ListOrganizations(ctx context.Context) ([]*Organization, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	organizations, err := a.organizationTable().FindOfUser(ctx, id.User.ID)
	if err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	return organizations, nil
}

// CheckOrganizationSlugInput is the input of CheckOrganizationSlug.
type CheckOrganizationSlugInput struct {
	Slug string `json:"slug"`
}

// CheckOrganizationSlugOutput is the output of CheckOrganizationSlug.
type CheckOrganizationSlugOutput struct {
	Status bool `json:"status"`
}

// CheckOrganizationSlug succeeds if no organization has the slug; else the error is ErrSlugTaken.
func (a *Auth) CheckOrganizationSlug(ctx context.Context, in CheckOrganizationSlugInput) (*CheckOrganizationSlugOutput, error) {
	if _, err := a.requireSession(ctx); err != nil {
		return nil, err
	}
	taken, err := a.organization(ctx, EQ("slug", in.Slug))
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, ErrSlugTaken
	}
	return &CheckOrganizationSlugOutput{Status: true}, nil
}
