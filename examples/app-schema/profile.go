package main

import (
	"net/http"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/userprofile"
)

// me tells who is signed in, with the fields of the app, and in which organization.
func (a *app) me(r *http.Request, id *authent.Identity) (int, any, error) {
	org, err := id.Org(r.Context())
	if err != nil {
		return 0, nil, err
	}
	role, err := id.OrgRole(r.Context())
	if err != nil {
		return 0, nil, err
	}
	user := ent.UserFromContext(r.Context())
	projects, err := user.QueryProjects().Count(r.Context())
	if err != nil {
		return 0, nil, err
	}
	body := map[string]any{
		"id": user.ID, "name": user.Name, "email": user.Email, "locale": user.Locale, "projects": projects, "user": id.User,
		"org": org, "orgRole": nil, "authMethod": id.Method,
	}
	if role != "" {
		body["orgRole"] = role
	}
	return http.StatusOK, body, nil
}

// profile returns the profile of the user; an empty one if there is none.
func (a *app) profile(r *http.Request, id *authent.Identity) (int, any, error) {
	p, err := a.client.UserProfile.Get(r.Context(), id.User.ID)
	if ent.IsNotFound(err) {
		return http.StatusOK, &ent.UserProfile{ID: id.User.ID}, nil
	}
	return http.StatusOK, p, err
}

// setProfile creates or changes the profile of the user.
func (a *app) setProfile(r *http.Request, id *authent.Identity) (int, any, error) {
	var in struct {
		Bio         string         `json:"bio"`
		AvatarURL   string         `json:"avatar_url"`
		Preferences map[string]any `json:"preferences"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	err := a.client.UserProfile.Create().
		SetUserID(id.User.ID).
		SetBio(in.Bio).
		SetAvatarURL(in.AvatarURL).
		SetPreferences(in.Preferences).
		OnConflictColumns(userprofile.FieldID).
		UpdateNewValues().
		Exec(r.Context())
	if err != nil {
		return 0, nil, err
	}
	return a.profile(r, id)
}
