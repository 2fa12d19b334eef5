package authent

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// UpdateUserInput is the input of UpdateUser.
type UpdateUserInput struct {
	Name  Optional[string] `json:"name" check:"max=1024"`
	Image Optional[string] `json:"image" check:"max=4096"`
	// Email is refused: ChangeEmail changes it.
	Email any `json:"email"`
	// Extra are values of the app's own fields that are marked with mixins.AuthInput.
	Extra map[string]any `json:"-" rest:"record"`
}

// UpdateUser changes the name, the image and the app's own input fields of the session's user. Other fields are left
// out.
func (a *Auth) UpdateUser(ctx context.Context, in UpdateUserInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if in.Email != nil {
		return nil, ErrEmailNotUpdatable
	}
	extra, err := inputFields(a.store.Users().Extra(), in.Extra, false)
	if err != nil {
		return nil, err
	}
	var changes []Change
	if in.Name.Set {
		if in.Name.Value == nil {
			return nil, newError(http.StatusBadRequest, ErrValidation.Code, "[body.name] Invalid input: expected string, received null")
		}
		changes = append(changes, Set("name", *in.Name.Value))
	}
	if in.Image.Set {
		if err := checkImage(in.Image.Value); err != nil {
			return nil, err
		}
		changes = append(changes, setOrNull("image", in.Image.Value))
	}
	changes = append(changes, changesOf(extra)...)
	if len(changes) == 0 {
		return nil, ErrNothingToUpdate
	}
	var updated *User
	err = a.tx(ctx, func(ctx context.Context, tx *Auth) error {
		updated, err = tx.updateUser(ctx, id.User, changes...)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.resendSessionCookie(ctx, id.Session, updated)
	return &StatusOutput{Status: true}, nil
}

// changesOf returns the changes that write the app's own fields, in the order of their names.
func changesOf(extra map[string]any) []Change {
	changes := make([]Change, 0, len(extra))
	for column, value := range extra {
		changes = append(changes, Set(column, value))
	}
	slices.SortFunc(changes, func(x, y Change) int { return strings.Compare(x.Column, y.Column) })
	return changes
}

// setOrNull returns the change that writes a text or NULL.
func setOrNull(column string, value *string) Change {
	if value == nil {
		return Set(column, nil)
	}
	return Set(column, *value)
}

// checkImage refuses a URL of an image that would run as a script where it becomes a link. nil is no image.
func checkImage(image *string) error {
	if image == nil {
		return nil
	}
	u, err := url.Parse(*image)
	if err == nil {
		switch strings.ToLower(u.Scheme) {
		case "", "http", "https":
			return nil
		case "data":
			if strings.HasPrefix(u.Opaque, "image/") && !strings.HasPrefix(u.Opaque, "image/svg") {
				return nil
			}
		}
	}
	return newError(http.StatusBadRequest, ErrValidation.Code, "[body.image] Invalid input: expected the URL of an image")
}
