package authent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agentuity/auth-go/internal/signed"
)

// DeleteUserConfig configures whether and how users delete themselves.
type DeleteUserConfig struct {
	// Enabled lets users delete themselves, with all that belongs to them.
	Enabled bool
	// ByMail deletes when a link is opened that is mailed to the user. Without it a session from a short while ago
	// (Session.FreshFor) or the password is enough. It needs a Mailer.
	ByMail bool
	// Lifetime is how long the link works. Defaults to one day.
	Lifetime time.Duration
	// KeepOrganizations leaves the organizations of a deleted user that have no other members, with all that belongs to
	// them. Nobody can reach them any more but the app. By default they are deleted with the user, unless
	// Organization.DisableDeletion is set.
	KeepOrganizations bool
}

func (s *service) configureDeleteUser(Store) error {
	c := &s.config.DeleteUser
	defaultTo(&c.Lifetime, 24*time.Hour)
	if c.Enabled && c.ByMail && s.config.Mailer == nil {
		return errors.New("  DeleteUser.ByMail: it needs a Mailer that sends the links")
	}
	return nil
}

// DeleteUserInput is the input of DeleteUser.
type DeleteUserInput struct {
	// CallbackURL is where the mailed link leads when the user is deleted.
	CallbackURL string `json:"callbackURL,omitempty"`
	// Password of the user. It is needed if the session is not from a short while ago and no link is mailed.
	Password *string `json:"password" check:"nul"`
	// Token is that of a mailed link, to delete the user without opening it.
	Token string `json:"token,omitempty"`
}

// DeleteUserOutput is the output of DeleteUser and DeleteUserCallback.
type DeleteUserOutput struct {
	Success bool   `json:"success"`
	Message string `json:"message"`

	page string
}

func (o *DeleteUserOutput) redirectTo() string { return o.page }

// DeleteUser deletes the session's user, or mails the link that does. The only owner of an organization with other
// members cannot go: ErrOnlyOwner. An organization without other members goes with the user, unless the config says
// otherwise. Where rows of the app refer to the user, or to such an organization, by a foreign key that does not delete
// them, nothing is deleted: ErrUserReferenced. Hooks.BeforeUserDelete can deal with those rows first.
func (a *Auth) DeleteUser(ctx context.Context, in DeleteUserInput) (*DeleteUserOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	config := a.config.DeleteUser
	if !config.Enabled {
		return nil, errNotFound
	}
	known := in.Password != nil && *in.Password != ""
	if known {
		if _, err := a.passwordAccount(ctx, id.User.ID, *in.Password); err != nil {
			return nil, err
		}
	}
	switch {
	case in.Token != "":
		return a.DeleteUserCallback(ctx, DeleteUserCallbackInput{Token: in.Token})
	case config.ByMail:
		return a.mailDelete(ctx, id.User, in.CallbackURL)
	case !known && !a.fresh(id.Session):
		return nil, ErrSessionExpired
	}
	return a.deleteUser(ctx, id.User, nil)
}

// mailDelete mails the link that deletes a user.
func (a *Auth) mailDelete(ctx context.Context, user *User, callbackURL string) (*DeleteUserOutput, error) {
	token, err := a.tokens.Delete()
	if err != nil {
		return nil, err
	}
	if err := a.createVerification(ctx, deletePrefix+token, user.ID, a.config.DeleteUser.Lifetime); err != nil {
		return nil, err
	}
	defaultTo(&callbackURL, "/")
	err = a.mail(ctx, Message{
		Kind: MailDeleteUser, To: user.Email, User: user, Token: token,
		URL: a.url("/delete-user/callback") + "?token=" + token + "&callbackURL=" + signed.EncodeComponent(callbackURL),
	})
	if err != nil {
		return nil, err
	}
	return &DeleteUserOutput{Success: true, Message: "Verification email sent"}, nil
}

// DeleteUserCallbackInput is the input of DeleteUserCallback.
type DeleteUserCallbackInput struct {
	Token string `json:"token"`
	// CallbackURL is the page where the browser is sent afterwards.
	CallbackURL string `json:"callbackURL,omitempty"`
}

// DeleteUserCallback deletes the session's user, to whom the token was mailed.
func (a *Auth) DeleteUserCallback(ctx context.Context, in DeleteUserCallbackInput) (*DeleteUserOutput, error) {
	if !a.config.DeleteUser.Enabled {
		return nil, newError(http.StatusNotFound, "NOT_FOUND", "Not found")
	}
	id, err := a.identity(ctx)
	if err != nil {
		return nil, err
	}
	if id == nil {
		return nil, ErrUserInfo
	}
	found, err := a.findVerification(ctx, deletePrefix+in.Token)
	if err != nil {
		return nil, err
	}
	if found == nil || found.Value != id.User.ID {
		return nil, ErrInvalidToken.withStatus(http.StatusNotFound)
	}
	out, err := a.deleteUser(ctx, id.User, found)
	if err != nil {
		return nil, err
	}
	out.page = in.CallbackURL
	return out, nil
}

// deleteUser deletes a user and all that belongs to it, once: link, if there is one, is used up.
func (a *Auth) deleteUser(ctx context.Context, user *User, link *Verification) (*DeleteUserOutput, error) {
	err := a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		if link != nil {
			mine, err := tx.takeVerification(ctx, link)
			if err != nil {
				return err
			}
			if !mine {
				return ErrInvalidToken.withStatus(http.StatusNotFound)
			}
		}
		if err := tx.lockUser(ctx, user.ID); err != nil {
			return err
		}
		if before := a.config.Hooks.BeforeUserDelete; before != nil {
			if err := before(ctx, user); err != nil {
				return err
			}
		}
		if err := tx.deleteRows(ctx, user); err != nil {
			return err
		}
		if after := a.config.Hooks.AfterUserDelete; after != nil {
			return after(ctx, user)
		}
		return nil
	})
	switch {
	case errors.Is(err, ErrReferenced):
		a.log.WarnContext(ctx, "authent: a user cannot be deleted: rows of the app refer to it", "user", user.ID, "error", err)
		return nil, ErrUserReferenced
	case err != nil:
		return nil, err
	}
	a.clearSessionCookies(callOf(ctx))
	return &DeleteUserOutput{Success: true, Message: "User deleted"}, nil
}

// deleteRows deletes the row of a user and those that belong to it. It does not trust the database to delete them with
// the user's: an app may have its own foreign keys.
func (a *Auth) deleteRows(ctx context.Context, user *User) error {
	if err := a.endSessionsOf(ctx, user.ID); err != nil {
		return err
	}
	if err := a.deleteKeys(ctx, user.ID); err != nil {
		return err
	}
	for _, prefix := range []string{resetPrefix, deletePrefix} {
		if err := a.deleteVerifications(ctx, prefix, user.ID); err != nil {
			return err
		}
	}
	if invitations := a.store.Invitations(); invitations != nil {
		if _, err := invitations.Delete(ctx, EQ("inviterId", user.ID)); err != nil {
			return fmt.Errorf("delete the invitations of a user: %w", err)
		}
	}
	if err := a.leaveAll(ctx, user); err != nil {
		return err
	}
	if _, err := a.store.Accounts().Delete(ctx, EQ("userId", user.ID)); err != nil {
		return fmt.Errorf("delete the accounts of a user: %w", err)
	}
	n, err := a.store.Users().Delete(ctx, EQ("id", user.ID))
	if err != nil {
		return fmt.Errorf("delete a user: %w", err)
	}
	if n == 0 {
		return ErrUnauthorized
	}
	return nil
}

// leaveAll ends the memberships of a user. ErrOnlyOwner if an organization that has other members would have no owner
// then. One without other members is deleted.
func (a *Auth) leaveAll(ctx context.Context, user *User) error {
	members := a.store.Members()
	if members == nil || a.store.Organizations() == nil {
		return nil
	}
	// In one order, so that two users who are deleted at the same time do not wait for each other.
	memberships, err := members.Find(ctx, Query{Where: []Cond{EQ("userId", user.ID)}, Order: []Order{{Column: "organizationId"}}})
	if err != nil {
		return fmt.Errorf("find the memberships of a user: %w", err)
	}
	for _, m := range memberships {
		if _, err := a.lockOrganization(ctx, m.OrganizationID); err != nil {
			return err
		}
		if _, err := members.Delete(ctx, EQ("id", m.ID)); err != nil {
			return fmt.Errorf("delete the memberships of a user: %w", err)
		}
		if err := a.leaveBehind(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// leaveBehind deals with an organization, which the caller has locked, that a deleted user was a member of.
func (a *Auth) leaveBehind(ctx context.Context, m *Member) error {
	others, err := a.memberTable().Count(ctx, EQ("organizationId", m.OrganizationID))
	switch {
	case err != nil:
		return fmt.Errorf("count members: %w", err)
	case others > 0 && isOwner(m.Role):
		return a.keepOwner(ctx, m.OrganizationID, ErrOnlyOwner)
	case others == 0 && !a.config.DeleteUser.KeepOrganizations && !a.config.Organization.DisableDeletion:
		return a.deleteOrganization(ctx, m.OrganizationID)
	}
	return nil
}
