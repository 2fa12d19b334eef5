package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// DeleteOrganizationInput is the input of DeleteOrganization.
type DeleteOrganizationInput struct {
	OrganizationID string `json:"organizationId"`
}

// DeleteOrganization deletes an organization with its members and invitations and returns what it was. It is no longer
// active in any session. Rows of the app that belong to it are deleted by the database, or keep it from being deleted
// (ErrOrganizationReferenced), as the app's schema says.
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
		return tx.deleteOrganization(ctx, organization.ID)
	})
	switch {
	case errors.Is(err, ErrReferenced):
		a.log.WarnContext(ctx, "authent: an organization cannot be deleted: rows of the app refer to it", "organization", in.OrganizationID, "error", err)
		return nil, ErrOrganizationReferenced
	case err != nil:
		return nil, err
	}
	id.leave(deleted.ID, id.User.ID)
	return deleted, nil
}

// deleteOrganization deletes an organization that the caller has locked, and what belongs to it.
func (a *Auth) deleteOrganization(ctx context.Context, id string) error {
	of := EQ("organizationId", id)
	var members []string
	if a.config.Session.Storage != nil {
		found, err := a.memberTable().Find(ctx, Query{Where: []Cond{of}})
		if err != nil {
			return fmt.Errorf("find the members of an organization: %w", err)
		}
		for _, m := range found {
			members = append(members, m.UserID)
		}
	}
	if err := a.deactivate(ctx, id, members); err != nil {
		return err
	}
	if invitations := a.store.Invitations(); invitations != nil {
		if _, err := invitations.Delete(ctx, of); err != nil {
			return fmt.Errorf("delete the invitations of an organization: %w", err)
		}
	}
	if _, err := a.memberTable().Delete(ctx, of); err != nil {
		return fmt.Errorf("delete the members of an organization: %w", err)
	}
	if _, err := a.organizationTable().Delete(ctx, EQ("id", id)); err != nil {
		return fmt.Errorf("delete an organization: %w", err)
	}
	return nil
}
