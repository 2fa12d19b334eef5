package entauth

import "entgo.io/ent/entc/gen"

// mayRefuseRow reports whether code of the app decodes rows of a type, and may refuse one.
func mayRefuseRow(t *gen.Type) bool {
	for _, f := range t.Fields {
		if f.HasValueScanner() {
			return true
		}
	}
	return false
}
