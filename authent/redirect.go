package authent

import (
	"errors"
	"net/url"
	"strings"
)

// redirectError is an error of an endpoint that a browser opened: it is sent to a page, which gets the code.
type redirectError struct {
	err *Error
	url string
}

// Error returns the text of the error.
func (e *redirectError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *redirectError) Unwrap() error { return e.err }

// redirectOnError makes an error that a client caused send its browser to a page, if there is one. Errors of the database
// stay what they are.
func redirectOnError(page string, err error) error {
	var known *Error
	if page == "" || !errors.As(err, &known) || known.Code == "" {
		return err
	}
	return &redirectError{err: known, url: withParam(page, "error", known.Code)}
}

// withParam returns a URL, which may be relative, with a parameter added to its query.
func withParam(target, name, value string) string {
	target, fragment, hasFragment := strings.Cut(target, "#")
	path, query, _ := strings.Cut(target, "?")
	pairs := strings.Split(query, "&")
	kept := pairs[:0]
	for _, pair := range pairs {
		if key, _, _ := strings.Cut(pair, "="); pair != "" && key != name {
			kept = append(kept, pair)
		}
	}
	kept = append(kept, name+"="+url.QueryEscape(value))
	target = path + "?" + strings.Join(kept, "&")
	if hasFragment {
		target += "#" + fragment
	}
	return target
}

// absolute returns a callback URL with the origin of the service, if it has none of its own. The origin of a
// site alone gets the path "/".
func (s *service) absolute(target string) string {
	if strings.HasPrefix(target, "/") {
		return s.baseURL + target
	}
	if u, err := url.Parse(target); err == nil && u.Path == "" && (u.Scheme == "http" || u.Scheme == "https") {
		u.Path = "/"
		return u.String()
	}
	return target
}
