package authent

import (
	"context"
	"encoding/json"
	"net/http"
)

// UpdateOrganizationInput is the input of UpdateOrganization.
type UpdateOrganizationInput struct {
	Data OrganizationData `json:"data"`
	// OrganizationID defaults to the active organization.
	OrganizationID string `json:"organizationId,omitempty"`
}

// OrganizationData are the changes of an organization: what is not set stays.
type OrganizationData struct {
	Name *string `json:"name" check:"min=1,max=255"`
	Slug *string `json:"slug" check:"min=1,max=255"`
	// Logo and Metadata are cleared by null.
	Logo     Optional[string]          `json:"logo" check:"max=4096"`
	Metadata Optional[json.RawMessage] `json:"metadata" check:"object,max=65536"`
	// Extra are values of the app's own fields that are marked with mixins.AuthInput.
	Extra map[string]any `json:"-" rest:"true"`
}

// UpdateOrganization changes an organization. A slug that is taken is ErrSlugTaken.
func (a *Auth) UpdateOrganization(ctx context.Context, in UpdateOrganizationInput) (*OrganizationOutput, error) {
	id, err := a.requireSessionElse(ctx, errUserNotFound)
	if err != nil {
		return nil, err
	}
	who, err := id.in(in.OrganizationID, ErrOrganizationNotFound)
	if err != nil {
		return nil, err
	}
	changes, err := a.organizationChanges(in.Data)
	if err != nil {
		return nil, err
	}
	var out OrganizationOutput
	stranger := ErrNotMember.with(http.StatusBadRequest)
	err = a.changeAs(ctx, who, stranger, func(ctx context.Context, tx *Auth, organization *Organization, as *Member) error {
		if !a.roles.may(as.Role, "organization", "update") {
			return ErrOrganizationNotUpdated
		}
		if len(changes) == 0 {
			return errNothingToUpdate
		}
		if _, err := tx.organizationTable().Update(ctx, changes, EQ("id", organization.ID)); err != nil {
			return organizationError(err, ErrSlugTaken)
		}
		updated, err := tx.organization(ctx, EQ("id", organization.ID))
		if err != nil {
			return err
		}
		if updated == nil {
			return ErrOrganizationNotFound
		}
		out = organizationOutput(updated)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func (a *Auth) organizationChanges(data OrganizationData) ([]Change, error) {
	var changes []Change
	if data.Name != nil {
		changes = append(changes, Set("name", *data.Name))
	}
	if data.Slug != nil {
		changes = append(changes, Set("slug", *data.Slug))
	}
	if data.Logo.Set {
		change := Change{Column: "logo"}
		if data.Logo.Value != nil {
			change.Value = *data.Logo.Value
		}
		changes = append(changes, change)
	}
	if data.Metadata.Set {
		change := Change{Column: "metadata"}
		if data.Metadata.Value != nil {
			change.Value = string(*data.Metadata.Value)
		}
		changes = append(changes, change)
	}
	extra, err := inputFields(a.organizationTable().Extra(), data.Extra, false)
	if err != nil {
		return nil, err
	}
	for column, value := range extra {
		changes = append(changes, Set(column, value))
	}
	return changes, nil
}
