package mixins

import "entgo.io/ent/schema"

// AuthInputAnnotation is the annotation that AuthInput returns.
type AuthInputAnnotation struct{}

// AuthInput marks a field that an app adds to an auth table as one that clients may set through
// the auth endpoints: a field of User at sign-up and with update-user, a field of Organization
// when one is created or updated. Without it the field is shown by these endpoints, unless it is
// secret, and only the app's own code sets it.
//
//	field.String("phone").Optional().
//		Annotations(mixins.AuthInput())
func AuthInput() AuthInputAnnotation { return AuthInputAnnotation{} }

// Name of the annotation.
func (AuthInputAnnotation) Name() string { return authInputName }

// Merge returns the annotation: it has nothing to merge.
func (a AuthInputAnnotation) Merge(schema.Annotation) schema.Annotation { return a }

// Decode accepts the annotation from its form in a loaded schema.
func (a *AuthInputAnnotation) Decode(annotation any) error { return decode(annotation, a) }
