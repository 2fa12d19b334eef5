package service_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/agentuity/auth-go/authent"
)

// span is a span that is recorded here.
type span struct {
	noop.Span
	attributes map[string]string
	events     []string
	status     codes.Code
}

// IsRecording is true.
func (*span) IsRecording() bool { return true }

// SetAttributes keeps attributes.
func (s *span) SetAttributes(kv ...attribute.KeyValue) {
	for _, a := range kv {
		s.attributes[string(a.Key)] = a.Value.AsString()
	}
}

// AddEvent keeps the name and the attributes of an event.
func (s *span) AddEvent(name string, options ...trace.EventOption) {
	config := trace.NewEventConfig(options...)
	for _, a := range config.Attributes() {
		name += " " + string(a.Key) + "=" + a.Value.Emit()
	}
	s.events = append(s.events, name)
}

// SetStatus keeps the status.
func (s *span) SetStatus(code codes.Code, _ string) { s.status = code }

// traced sends a request to a handler in a span.
func traced(h http.Handler, header map[string]string) *span {
	s := &span{attributes: map[string]string{}}
	r := httptest.NewRequest(http.MethodGet, "/api/x", nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(trace.ContextWithSpan(r.Context(), s)))
	return s
}

func TestTracing(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		b := s.signUp(t, "alice")
		user := b.userID(t)
		org := b.post(t, "/organization/create", object{"name": "Acme", "slug": "acme"}).ok(t).field(t, "id")
		cookie := map[string]string{"Cookie": "better-auth.session_token=" + b.cookies["better-auth.session_token"]}
		key := s.newKey(t, authent.CreateAPIKeyInput{UserID: user, RateLimitEnabled: ptr(false)})
		withKey := map[string]string{keyHeader: key.Key}

		want := func(got *span, attributes map[string]string, events string, status codes.Code) {
			t.Helper()
			if len(got.attributes) != len(attributes) || strings.Join(got.events, ",") != events || got.status != status {
				t.Errorf("span %v %v %v, want %v %v %v", got.attributes, got.events, got.status, attributes, events, status)
			}
			for name, value := range attributes {
				if got.attributes[name] != value {
					t.Errorf("%s = %q, want %q", name, got.attributes[name], value)
				}
			}
		}
		want(traced(s.auth.RequireSession()(whoami), cookie), map[string]string{
			"auth.user.id": user, "auth.user.email": "alice@example.com", "auth.method": "session", "auth.provider": "AgentuityAuth", "auth.org.id": org,
		}, "", codes.Unset)
		want(traced(s.auth.RequireAPIKey()(whoami), withKey), map[string]string{
			"auth.user.id": user, "auth.user.email": "alice@example.com", "auth.method": "api-key", "auth.provider": "AgentuityAuth", "auth.api_key.id": key.ID,
		}, "", codes.Unset)
		want(traced(s.auth.RequireSession()(whoami), nil), nil, "auth.unauthorized reason=no_session", codes.Error)
		want(traced(s.auth.RequireAPIKey()(whoami), nil), nil, "auth.unauthorized reason=no_api_key", codes.Error)
		want(traced(s.auth.RequireAPIKey()(whoami), map[string]string{keyHeader: "ag_no"}), nil, "auth.unauthorized reason=invalid_api_key", codes.Error)
		want(traced(s.auth.OptionalSession()(whoami), nil), nil, "auth.anonymous", codes.Unset)
		denied := traced(s.auth.RequireAPIKey(authent.Permission("x", "y"))(whoami), withKey)
		if strings.Join(denied.events, ",") != "auth.forbidden reason=missing_permission" || denied.status != codes.Error {
			t.Errorf("a key without permission: %v %v", denied.events, denied.status)
		}

		sparing := serve(t, s.client.AuthStore(), func(c *authent.Config) { c.Tracing.NoEmail, c.Tracing.NoUserID = true, true })
		want(traced(sparing.auth.RequireSession()(whoami), cookie), map[string]string{"auth.method": "session", "auth.provider": "AgentuityAuth", "auth.org.id": org}, "", codes.Unset)
		off := serve(t, s.client.AuthStore(), func(c *authent.Config) { c.Tracing.Off = true })
		want(traced(off.auth.RequireSession()(whoami), nil), nil, "", codes.Unset)
	})
}
