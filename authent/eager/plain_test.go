package eager_test

import (
	"errors"
	"testing"

	"entgo.io/ent/dialect/sql"

	"github.com/agentuity/auth-go/authent/eager"
)

func TestOrderText(t *testing.T) {
	t.Parallel()
	type term func(*sql.Selector)
	asc := term(func(s *sql.Selector) { s.OrderBy(s.C("n")) })
	desc := term(func(s *sql.Selector) { s.OrderBy(sql.Desc(s.C("n"))) })
	joined := term(func(s *sql.Selector) {
		b := sql.Table("b")
		s.LeftJoin(b).On(s.C("b_id"), b.C("id"))
		s.OrderBy(b.C("n"))
	})
	texts := map[string]bool{}
	for _, terms := range [][]term{nil, {asc}, {desc}, {asc, desc}, {joined}} {
		text, ok := eager.OrderText(t.Context(), "a", terms)
		if !ok || texts[text] || (text == "") != (terms == nil) {
			t.Errorf("%d terms: %q, %t; the others were %v", len(terms), text, ok, texts)
		}
		texts[text] = true
	}
	for name, terms := range map[string][]term{
		"an argument": {func(s *sql.Selector) { s.OrderExpr(sql.ExprP("n = ?", 1)) }},
		"an error":    {asc, func(s *sql.Selector) { s.AddError(errors.New("no")) }},
	} {
		if text, ok := eager.OrderText(t.Context(), "a", terms); ok {
			t.Errorf("%s: %q is an order that is always the same", name, text)
		}
	}
}
