package authent

import (
	"context"
	"net/http"
	"strings"

	"github.com/agentuity/auth-go/internal/input"
	"github.com/agentuity/auth-go/internal/origin"
)

// checkOrigin refuses a request that a page of somebody else may have made a browser send. A GET changes nothing. A
// POST with cookies must name an origin that is trusted, in Origin or else in Referer. Without cookies there is
// nothing to abuse but sign-in, sign-up and the sending of mails: there an origin that is named must be trusted, and
// a browser (which sends Sec-Fetch headers) must name one.
func (a *Auth) checkOrigin(r *http.Request, e *Endpoint) error {
	if r.Method != http.MethodPost {
		return nil
	}
	from, referer := r.Header.Get("Origin"), r.Header.Get("Referer")
	if len(r.Header.Values("Cookie")) == 0 {
		if !sensitive(e.Path) {
			return nil
		}
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && signsIn(e.Path) {
			return ErrCrossSiteNavigation
		}
		if from == "" && referer == "" && (!signsIn(e.Path) || !fromBrowser(r)) {
			return nil
		}
	}
	switch {
	case from == "null" || from == "" && referer == "":
		return ErrMissingOrigin
	case from != "" && !a.origins.TrustsOrigin(from), from == "" && !a.origins.TrustsReferer(referer):
		if from == "" {
			from = referer
		}
		a.logUntrusted(r.Context(), "Origin", from)
		return ErrInvalidOrigin
	}
	return nil
}

// logUntrusted says which origin a refused request named: who develops the app learns what to set, or how a path must be
// written. The rest of a URL may have a token, and is left out.
func (a *Auth) logUntrusted(ctx context.Context, where, url string) {
	named, ok := origin.Of(url)
	if !ok && where != "Origin" {
		a.log.InfoContext(ctx, "authent: a request was refused whose target is no URL with an origin, and no path of this site: "+
			"it begins with one /, and has letters, digits and -._+/@ alone, behind a ? also =&%", "in", where)
		return
	}
	if !ok {
		named = "no origin"
	}
	a.log.InfoContext(ctx, "authent: a request was refused that names an origin that is not trusted: if it is one of the app, add it to Config.TrustedOrigins",
		"in", where, "origin", validText(named, maxLoggedOrigin))
}

// maxLoggedOrigin is how many bytes of an origin are logged.
const maxLoggedOrigin = 300

// signsIn tells whether an endpoint signs somebody in without a session.
func signsIn(path string) bool {
	return strings.HasPrefix(path, "/sign-in/") || strings.HasPrefix(path, "/sign-up/")
}

// sensitive tells whether an endpoint is worth calling for others without a session.
func sensitive(path string) bool {
	return signsIn(path) || path == "/request-password-reset" || path == "/send-verification-email"
}

// fromBrowser tells whether a browser sent a request.
func fromBrowser(r *http.Request) bool {
	for _, name := range []string{"Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}

// checkTargets refuses URLs that would lead a browser to a site that is not trusted, in the body and in the query of
// every endpoint.
func (a *Auth) checkTargets(ctx context.Context, src input.Source) error {
	body, _ := src.Body.(map[string]any)
	for _, target := range []struct {
		name string
		err  *Error
	}{
		{"callbackURL", ErrInvalidCallbackURL},
		{"redirectTo", ErrInvalidRedirectURL},
		{"errorCallbackURL", ErrInvalidErrorCallbackURL},
		{"newUserCallbackURL", ErrInvalidNewUserCallback},
	} {
		values := append([]string(nil), src.Query[target.name]...)
		if s, ok := body[target.name].(string); ok {
			values = append(values, s)
		}
		for _, v := range values {
			if v != "" && !a.origins.AllowsRedirect(v) {
				a.logUntrusted(ctx, target.name, v)
				return target.err
			}
		}
	}
	return nil
}
