package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// problem is an error that the client caused: {"error":"..."}.
type problem struct {
	status int
	text   string
}

func (p *problem) Error() string { return p.text }

var (
	errNoOrganization = &problem{http.StatusBadRequest, "No active organization"}
	errNotFound       = &problem{http.StatusNotFound, "Not found"}
)

// The codes of Postgres for a text and for JSON with the character U+0000.
const (
	noText = "22021"
	noJSON = "22P05"
)

// failure returns the answer to an error. What the client did not cause is logged, and it learns nothing of it.
func (a *app) failure(r *http.Request, err error) (status int, body any) {
	var p *problem
	var invalid *ent.ValidationError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &p):
	case errors.As(err, &invalid):
		p = &problem{http.StatusBadRequest, invalid.Error()}
	case errors.As(err, &refused) && (refused.Code == noText || refused.Code == noJSON):
		p = &problem{http.StatusBadRequest, "The character U+0000 cannot be stored"}
	case ent.IsNotFound(err):
		p = errNotFound
	default:
		a.log.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
		p = &problem{http.StatusInternalServerError, "Internal server error"}
	}
	return p.status, map[string]string{"error": p.text}
}

func (a *app) send(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.log.DebugContext(r.Context(), "an answer was not sent", "path", r.URL.Path, "error", err)
	}
}

// decode reads the JSON of a request. A form of another site cannot send the content type that it asks for.
func decode(r *http.Request, into any) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return &problem{http.StatusUnsupportedMediaType, "Content-Type must be application/json"}
	}
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20))
	err := d.Decode(into)
	var unlike *json.UnmarshalTypeError
	switch {
	case errors.As(err, &unlike):
		where := "the body"
		if unlike.Field != "" {
			where = unlike.Field
		}
		return &problem{http.StatusBadRequest, "The body is not the JSON that is expected: " + where + " must not be of type " + unlike.Value}
	case err != nil:
		return &problem{http.StatusBadRequest, "The body is not the JSON that is expected: " + err.Error()}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &problem{http.StatusBadRequest, "The body is more than one JSON value"}
	}
	return nil
}
