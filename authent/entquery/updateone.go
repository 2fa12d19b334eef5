package entquery

import (
	"context"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"github.com/agentuity/auth-go/authent/pgxdriver"
)

// UpdateOne returns the context for sqlgraph.UpdateNode: one that lets package pgxdriver send its statements
// as one, if all that it changes is one row. inTx keeps the transaction, for a type whose rows may be refused
// when they are decoded.
func UpdateOne(ctx context.Context, drv dialect.Driver, spec *sqlgraph.UpdateSpec, inTx bool) context.Context {
	if drv.Dialect() != dialect.Postgres || external(spec.Edges.Add) || external(spec.Edges.Clear) {
		return ctx
	}
	return pgxdriver.WithUpdateOne(ctx, &pgxdriver.UpdateOne{
		Columns: func() []string { return spec.Node.Columns },
		InTx:    inTx,
	})
}

// external reports whether one of the edges is stored in another row than the one that is updated.
func external(edges []*sqlgraph.EdgeSpec) bool {
	for _, e := range edges {
		switch e.Rel {
		case 0, sqlgraph.M2O: // A relation that is not known is not stored.
		case sqlgraph.O2O:
			if !e.Inverse || e.Bidi {
				return true
			}
		default:
			return true
		}
	}
	return false
}
