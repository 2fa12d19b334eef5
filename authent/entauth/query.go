package entauth

import (
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
)

// mayRefuseRow reports whether code of the app decodes rows of a type, and may refuse one.
func mayRefuseRow(t *gen.Type) bool {
	for _, f := range t.Fields {
		if f.HasValueScanner() {
			return true
		}
	}
	return false
}

// reusesScan reports whether the rows of a type can be scanned into the same values, one after the other: its
// entities keep none of them.
func reusesScan(t *gen.Type) bool {
	for _, f := range t.Fields {
		switch scan := f.ScanType(); {
		case f.HasValueScanner():
			return false
		case f.IsJSON(), strings.HasPrefix(scan, "sql.Null") && scan != "sql.NullScanner":
		case (scan == "[]byte" || scan == "uuid.UUID") && !f.Nillable:
		case scan == "sql.NullScanner" && f.IsUUID() && f.Type.PkgPath == "github.com/google/uuid":
		default:
			return false
		}
	}
	return true
}

// hasMany reports whether a type has an edge to many.
func hasMany(t *gen.Type) bool {
	return slices.ContainsFunc(t.Edges, func(e *gen.Edge) bool { return !e.Unique })
}
