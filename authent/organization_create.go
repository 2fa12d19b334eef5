package authent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// CreateOrganizationInput is the input of CreateOrganization.
type CreateOrganizationInput struct {
	Name string `json:"name" check:"min=1,max=255"`
	// Slug names the organization in URLs; no other one has it.
	Slug string  `json:"slug" check:"min=1,max=255"`
	Logo *string `json:"logo" check:"max=4096"`
	// Metadata is a JSON object of the app.
	Metadata json.RawMessage `json:"metadata,omitempty" check:"object,max=65536"`
	// KeepCurrentActiveOrganization leaves the active organization of the session alone. By default the new one
	// becomes it.
	KeepCurrentActiveOrganization *bool `json:"keepCurrentActiveOrganization"`
	// Extra are values of the app's own fields that are marked with mixins.AuthInput.
	Extra map[string]any `json:"-" rest:"true"`
}

// OrganizationOutput is an organization with its metadata as an object, as it is answered to who changes it.
type OrganizationOutput struct {
	Name      string          `json:"name"`
	Slug      string          `json:"slug"`
	Logo      *string         `json:"logo"`
	CreatedAt time.Time       `json:"createdAt"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	ID        string          `json:"id"`
	Extra     map[string]any  `json:"-" wire:"extra"`
}

// organizationOutput returns an organization with its metadata as an object.
func organizationOutput(o *Organization) OrganizationOutput {
	out := OrganizationOutput{Name: o.Name, Slug: o.Slug, Logo: o.Logo, CreatedAt: o.CreatedAt, ID: o.ID, Extra: o.Extra}
	// What others wrote may be no JSON: it is left out.
	if o.Metadata != nil && *o.Metadata != "" && json.Valid([]byte(*o.Metadata)) {
		out.Metadata = json.RawMessage(*o.Metadata)
	}
	return out
}

// CreateOrganizationOutput is the output of CreateOrganization.
type CreateOrganizationOutput struct {
	OrganizationOutput
	// Members has the owner.
	Members []*Member `json:"members"`
}

// CreateOrganization creates an organization with the user as its owner. A slug that is taken is ErrOrganizationExists.
func (a *Auth) CreateOrganization(ctx context.Context, in CreateOrganizationInput) (*CreateOrganizationOutput, error) {
	id, err := a.requireSessionElse(ctx, errNoBody)
	if err != nil {
		return nil, err
	}
	config := a.config.Organization
	if config.MayCreate != nil {
		may, err := config.MayCreate(ctx, id.User)
		if err != nil {
			return nil, err
		}
		if !may {
			return nil, ErrOrganizationNotCreated
		}
	}
	extra, err := inputFields(a.organizationTable().Extra(), in.Extra, true)
	if err != nil {
		return nil, err
	}
	var out *CreateOrganizationOutput
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		if err := tx.checkOrganizationLimit(ctx, id.User.ID); err != nil {
			return err
		}
		taken, err := tx.organization(ctx, EQ("slug", in.Slug))
		if err != nil {
			return err
		}
		if taken != nil {
			return ErrOrganizationExists
		}
		row := &Organization{Name: in.Name, Slug: in.Slug, Logo: in.Logo, CreatedAt: a.now(), Extra: extra}
		if len(in.Metadata) > 0 {
			text := string(in.Metadata)
			row.Metadata = &text
		}
		if row.ID, err = a.tokens.ID(); err != nil {
			return err
		}
		created, err := tx.organizationTable().Create(ctx, row)
		if err != nil {
			a.logUnset(ctx, "organization", a.organizationTable().Extra(), err)
			return organizationError(err, ErrOrganizationExists)
		}
		owner, err := tx.addMember(ctx, &Member{OrganizationID: created.ID, UserID: id.User.ID, Role: RoleOwner})
		if err != nil {
			return err
		}
		out = &CreateOrganizationOutput{OrganizationOutput: organizationOutput(created), Members: []*Member{owner}}
		if in.KeepCurrentActiveOrganization != nil && *in.KeepCurrentActiveOrganization {
			return nil
		}
		return tx.activate(ctx, id, &created.ID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkOrganizationLimit returns ErrOrganizationLimit if a user is a member of too many organizations to create one.
func (a *Auth) checkOrganizationLimit(ctx context.Context, userID string) error {
	limit := a.config.Organization.OrganizationLimit
	if limit <= 0 {
		return nil
	}
	// The lock makes two requests of one user wait for each other.
	if _, err := a.store.Users().Find(ctx, Query{Where: []Cond{EQ("id", userID)}, Lock: true}); err != nil {
		return fmt.Errorf("lock a user: %w", err)
	}
	n, err := a.memberTable().Count(ctx, EQ("userId", userID))
	if err != nil {
		return fmt.Errorf("count memberships: %w", err)
	}
	if n >= limit {
		return ErrOrganizationLimit
	}
	return nil
}
