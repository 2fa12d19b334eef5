package authent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/agentuity/auth-go/internal/input"
	"github.com/agentuity/auth-go/internal/wire"
)

// maxBody is how large the body of a request may be, in bytes.
const maxBody = 1 << 20

// Handler returns the handler of all endpoints. It expects whole paths, with the base path:
//
//	mux.Handle("/api/auth/", auth.Handler())
//
// Note that http.ServeMux answers a path with double slashes or dots with a redirect before the handler sees it.
func (a *Auth) Handler() http.Handler { return http.HandlerFunc(a.serve) }

func (a *Auth) serve(w http.ResponseWriter, r *http.Request) {
	header, values := w.Header(), []string{"no-store", "nosniff", "no-referrer"}
	header["Cache-Control"] = values[:1:1]
	header["X-Content-Type-Options"] = values[1:2:2]
	header["Referrer-Policy"] = values[2:] // URLs of links and callbacks have tokens.
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), a.config.BasePath)
	endpoint, params := a.routes.find(r.Method, path)
	if !ok || endpoint == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	ctx := a.RequestContext(w, r)
	out, err := a.dispatch(ctx, r, endpoint, params) //nolint:contextcheck // It comes from the request's.
	if err != nil {
		a.writeError(ctx, w, endpoint.Name, err) //nolint:contextcheck // It comes from the request's.
		return
	}
	a.write(ctx, w, endpoint.Name, out) //nolint:contextcheck // It comes from the request's.
}

// dispatch checks a request, decodes its input and calls the endpoint.
func (a *Auth) dispatch(ctx context.Context, r *http.Request, e *Endpoint, params map[string]string) (any, error) {
	if err := a.limit(ctx, r, e); err != nil {
		return nil, err
	}
	if err := a.checkOrigin(r, e); err != nil {
		return nil, err
	}
	src := input.Source{Query: input.ParseForm(r.URL.RawQuery), Path: params}
	if r.Method == http.MethodPost {
		if err := readBody(r, e, &src); err != nil {
			return nil, err
		}
	}
	if err := a.checkTargets(ctx, src); err != nil {
		return nil, err
	}
	if err := a.checkKey(ctx, e); err != nil {
		return nil, err
	}
	return e.call(a, ctx, src)
}

// readBody decodes the body of a request: JSON or, where the endpoint takes it, a form. Without a content type or a
// byte there is no body.
func readBody(r *http.Request, e *Endpoint, src *input.Source) error {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" || r.ContentLength == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(contentType)
	form := media == "application/x-www-form-urlencoded"
	if err != nil || media != "application/json" && (!form || !e.Form) {
		allowed := "application/json"
		if e.Form {
			allowed = "application/x-www-form-urlencoded, application/json"
		}
		return newError(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			"Content-Type "+strconv.Quote(validText(contentType, 100))+" is not allowed. Allowed types: "+allowed)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return ErrBodyTooLarge
		}
		return newError(http.StatusBadRequest, "BODY_NOT_READ", "The body could not be read")
	}
	if len(body) == 0 {
		return nil
	}
	if form {
		values := input.ParseForm(string(body))
		object := make(map[string]any, len(values))
		for name, list := range values {
			object[name] = list[0]
		}
		src.Body, src.HasBody, src.Form = object, true, true
		return nil
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // As JavaScript does.
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&src.Body); err != nil {
		return ErrMalformedJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrMalformedJSON
	}
	src.HasBody, src.Raw = true, body
	return nil
}

// redirect is implemented by outputs that may send a browser elsewhere.
type redirect interface {
	// redirectTo returns the URL, or "" to answer with the output itself.
	redirectTo() string
}

// write encodes the output of an endpoint.
func (a *Auth) write(ctx context.Context, w http.ResponseWriter, name string, out any) {
	if r, ok := out.(redirect); ok {
		if target := r.redirectTo(); target != "" {
			w.Header().Set("Location", target)
			w.Header().Set("Content-Type", "application/json") // As the TypeScript side does, though there is no body.
			w.WriteHeader(http.StatusFound)
			return
		}
	}
	if page, ok := out.(HTML); ok {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		a.send(ctx, w, name, http.StatusOK, []byte(page))
		return
	}
	buffer := bodies.Get().(*[]byte)
	body, err := wire.Append((*buffer)[:0], out)
	if err != nil {
		a.writeError(ctx, w, name, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	a.send(ctx, w, name, http.StatusOK, body)
	if cap(body) <= maxKeptBody {
		*buffer = body
		bodies.Put(buffer)
	}
}

// bodies are the buffers that answers are encoded into. Whoever they are written to keeps none, as every io.Writer.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// maxKeptBody is how large a buffer may be that is kept for another answer, in bytes.
const maxKeptBody = 64 << 10

func (a *Auth) send(ctx context.Context, w http.ResponseWriter, name string, status int, body []byte) {
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		a.log.DebugContext(ctx, "authent: the client did not take the answer", "endpoint", name, "error", err)
	}
}

// writeError answers with an error. What is no Error is logged, and the client learns nothing of it.
func (a *Auth) writeError(ctx context.Context, w http.ResponseWriter, name string, err error) {
	var known *Error
	if !errors.As(err, &known) {
		known = errInternal
		if ctx.Err() == nil {
			a.log.ErrorContext(ctx, "authent: an endpoint failed", "endpoint", name, "error", err)
		}
		// What was to be done did not happen: no cookie says otherwise.
		w.Header().Del("Set-Cookie")
		w.Header().Del("Set-Auth-Token")
		w.Header().Del("Location")
	}
	header := w.Header()
	var page *redirectError
	if errors.As(err, &page) {
		header.Set("Location", page.url)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusFound)
		return
	}
	if known.RetryAfter > 0 {
		seconds := strconv.Itoa(known.retrySeconds())
		header.Set("Retry-After", seconds)
		header.Set("X-Retry-After", seconds)
	}
	if known.Message == "" && known.Code == "" {
		header.Set("Content-Type", "application/json")
		w.WriteHeader(known.Status)
		return
	}
	body, err := known.MarshalJSON()
	if err != nil {
		a.log.ErrorContext(ctx, "authent: an error cannot be encoded", "endpoint", name, "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	header.Set("Content-Type", "application/json")
	a.send(ctx, w, name, known.Status, body)
}
