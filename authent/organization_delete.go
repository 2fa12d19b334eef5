package authent

import (
	"context"
	"fmt"
	"net/http"
)

// DeleteOrganizationInput is the input of DeleteOrganization.
type DeleteOrganizationInput struct {
	OrganizationID string `json:"organizationId"`
}

// DeleteOrganization deletes an organization with its members and invitations and returns what it was. Rows of the app
// that belong to it are deleted by the database, or keep it from being deleted, as the app's schema says.
func (a *Auth) DeleteOrganization(ctx context.Context, in DeleteOrganizationInput) (*Organization, error) {
	if a.config.Organization.DisableDeletion {
		return nil, ErrDeletionDisabled
	}
	id, err := a.requireSessionElse(ctx, errNoBody)
	if err != nil {
		return nil, err
	}
	if in.OrganizationID == "" {
		return nil, ErrOrganizationNotFound
	}
	var deleted *Organization
	who, stranger := &actor{id, in.OrganizationID}, ErrNotMember.with(http.StatusBadRequest)
	err = a.changeAs(ctx, who, stranger, func(ctx context.Context, tx *Auth, organization *Organization, as *Member) error {
		if !a.roles.may(as.Role, "organization", "delete") {
			return ErrOrganizationNotDeleted
		}
		deleted = organization
		of := EQ("organizationId", organization.ID)
		if _, err := tx.store.Invitations().Delete(ctx, of); err != nil {
			return fmt.Errorf("delete the invitations of an organization: %w", err)
		}
		if _, err := tx.store.Members().Delete(ctx, of); err != nil {
			return fmt.Errorf("delete the members of an organization: %w", err)
		}
		if _, err := tx.store.Organizations().Delete(ctx, EQ("id", organization.ID)); err != nil {
			return fmt.Errorf("delete an organization: %w", err)
		}
		if id.activeOrganizationID() == organization.ID {
			return tx.activate(ctx, id, nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return deleted, nil
}
