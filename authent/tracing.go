package authent

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// TracingConfig configures what the middleware says about a request in its OpenTelemetry span: auth.user.id,
// auth.user.email, auth.method, auth.provider, auth.org.id and auth.api_key.id, as on the TypeScript side. Tokens and keys
// are never in a span.
type TracingConfig struct {
	// NoEmail leaves auth.user.email out.
	NoEmail bool
	// NoUserID leaves auth.user.id out.
	NoUserID bool
	// Off says nothing at all.
	Off bool
}

// tracingProvider is the value of auth.provider, the same on both sides.
const tracingProvider = "AgentuityAuth"

// spanOf returns the span of a request, or nil if nobody records it.
func (a *Auth) spanOf(ctx context.Context) trace.Span {
	if a.config.Tracing.Off {
		return nil
	}
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		return span
	}
	return nil
}

// traceIdentity says in the span whom the request acts for.
func (a *Auth) traceIdentity(ctx context.Context, id *Identity) {
	span := a.spanOf(ctx)
	if span == nil {
		return
	}
	span.SetAttributes(attribute.String("auth.method", string(id.Method)), attribute.String("auth.provider", tracingProvider))
	if !a.config.Tracing.NoUserID {
		span.SetAttributes(attribute.String("auth.user.id", id.User.ID))
	}
	if !a.config.Tracing.NoEmail {
		span.SetAttributes(attribute.String("auth.user.email", id.User.Email))
	}
	if id.APIKey != nil {
		span.SetAttributes(attribute.String("auth.api_key.id", id.APIKey.ID))
	}
	if org := id.Session.ActiveOrganizationID; org != nil {
		span.SetAttributes(attribute.String("auth.org.id", *org))
	}
}

// traceNobody says in the span that the request acts for nobody.
func (a *Auth) traceNobody(ctx context.Context) {
	if span := a.spanOf(ctx); span != nil {
		span.AddEvent("auth.anonymous")
	}
}

// traceRefusal says in the span why the request was refused.
func (a *Auth) traceRefusal(ctx context.Context, no *refusal) {
	span := a.spanOf(ctx)
	if span == nil {
		return
	}
	span.AddEvent(no.event, trace.WithAttributes(attribute.String("reason", no.reason)))
	status := http.StatusText(no.status)
	if no.status >= http.StatusInternalServerError {
		span.RecordError(no.err)
		status = "Auth validation failed"
	}
	span.SetStatus(codes.Error, status)
}
