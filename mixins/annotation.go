package mixins

import (
	"encoding/json"
	"fmt"

	"entgo.io/ent/schema"
)

// The names under which the annotations of this package stand in a schema.
const (
	authInputName        = "AuthentAuthInput"
	entityName           = "AuthentEntity"
	inputsName           = "AuthentInputs"
	secretName           = "AuthentSecret"
	sharedIDName         = "AuthentSharedID"
	uniqueConstraintName = "AuthentUniqueConstraint"
)

// Entity marks a schema as one of the nine auth tables. The mixins of this package set
// it; the Ent extension finds the tables by it, whatever they are named in the database.
type Entity struct {
	// Table is the table's name as the TypeScript side knows it: "user", "apikey", ...
	Table string `json:"table"`
}

// Name of the annotation.
func (Entity) Name() string { return entityName }

// Merge keeps the later of two annotations.
func (e Entity) Merge(other schema.Annotation) schema.Annotation {
	if o, ok := other.(Entity); ok && o.Table != "" {
		return o
	}
	return e
}

// Decode reads the annotation from its form in a loaded schema.
func (e *Entity) Decode(annotation any) error { return decode(annotation, e) }

// SecretAnnotation is the annotation that Secret returns.
type SecretAnnotation struct{}

// Secret marks a field whose value an ordinary query does not select: it is fetched only
// when the query asks for it, with IncludeSecrets or by naming the column in Select. The
// field is also made Sensitive, which leaves it out of JSON and of String.
//
//	field.String("webhook_secret").
//		Annotations(mixins.Secret())
func Secret() SecretAnnotation { return SecretAnnotation{} }

// Name of the annotation.
func (SecretAnnotation) Name() string { return secretName }

// Merge returns the annotation: it has nothing to merge.
func (a SecretAnnotation) Merge(schema.Annotation) schema.Annotation { return a }

// Decode accepts the annotation from its form in a loaded schema.
func (a *SecretAnnotation) Decode(annotation any) error { return decode(annotation, a) }

// SharedIDAnnotation marks a schema whose primary key is the foreign key of an edge. The mixin
// SharedID sets it, for the Ent extension to check that both ends of the edge are as they must be.
type SharedIDAnnotation struct {
	// Edge is the name of the edge.
	Edge string `json:"edge"`
}

// Name of the annotation.
func (SharedIDAnnotation) Name() string { return sharedIDName }

// Merge keeps the later of two annotations.
func (a SharedIDAnnotation) Merge(other schema.Annotation) schema.Annotation {
	if o, ok := other.(SharedIDAnnotation); ok && o.Edge != "" {
		return o
	}
	return a
}

// Decode reads the annotation from its form in a loaded schema.
func (a *SharedIDAnnotation) Decode(annotation any) error { return decode(annotation, a) }

// UniqueConstraintAnnotation is the annotation that UniqueConstraint returns.
type UniqueConstraintAnnotation struct{}

// UniqueConstraint makes the migration create a unique index of a schema as a constraint
// of the table (CONSTRAINT name UNIQUE), the form that Drizzle and pg_dump know it by. Ent
// itself creates a unique index, which guards the same rows but is not in the catalog of
// constraints. It has an effect on Postgres only.
//
//	index.Fields("slug").Unique().
//		StorageKey("project_slug_unique").
//		Annotations(mixins.UniqueConstraint())
func UniqueConstraint() UniqueConstraintAnnotation { return UniqueConstraintAnnotation{} }

// Name of the annotation.
func (UniqueConstraintAnnotation) Name() string { return uniqueConstraintName }

// Merge returns the annotation: it has nothing to merge.
func (a UniqueConstraintAnnotation) Merge(schema.Annotation) schema.Annotation { return a }

// Decode accepts the annotation from its form in a loaded schema.
func (a *UniqueConstraintAnnotation) Decode(annotation any) error { return decode(annotation, a) }

// decode reads an annotation that went through JSON on its way from the schema.
func decode(annotation, into any) error {
	buf, err := json.Marshal(annotation)
	if err != nil {
		return fmt.Errorf("mixins: encode annotation %T: %w", into, err)
	}
	if err := json.Unmarshal(buf, into); err != nil {
		return fmt.Errorf("mixins: decode annotation %T: %w", into, err)
	}
	return nil
}
