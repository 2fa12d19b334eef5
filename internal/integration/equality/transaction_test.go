package equality_test

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
)

// transaction is a number of operations in a transaction.
type transaction struct {
	operations []operation
	rollback   bool
}

// transaction makes a transaction.
func (g *generator) transaction() *transaction {
	t := &transaction{rollback: g.chance(30)}
	for range 1 + g.IntN(4) {
		if g.chance(60) {
			t.operations = append(t.operations, g.read())
		} else {
			t.operations = append(t.operations, g.change())
		}
	}
	return t
}

// String is the transaction as one would write it.
func (t *transaction) String() string {
	var b strings.Builder
	b.WriteString("client, err := client.Tx(ctx)\n")
	for _, op := range t.operations {
		b.WriteString(op.String() + "\n")
	}
	if t.rollback {
		return b.String() + "client.Rollback()"
	}
	return b.String() + "client.Commit()"
}

// do runs the transaction on a client. It ends with the first error.
func (t *transaction) do(r *run, client reflect.Value) (string, error) {
	out := call(client, "Tx", r.ctx)
	if err := errorOf(out[1]); err != nil {
		return "", err
	}
	tx := out[0]
	var answers []string
	for _, op := range t.operations {
		answer, err := op.do(r, tx)
		kind := r.kind(err)
		if err != nil && !strings.HasPrefix(kind, "not found") && !strings.HasPrefix(kind, "not singular") {
			if rollback := errorOf(call(tx, "Rollback")[0]); rollback != nil {
				return "", fmt.Errorf("rolling back: %w", rollback)
			}
			return "", err
		}
		if r.loose {
			kind = firstWords(kind)
		}
		answers = append(answers, kind+answer)
	}
	end := "Commit"
	if t.rollback {
		end = "Rollback"
	}
	return strings.Join(answers, "\n"), errorOf(call(tx, end)[0])
}

// stack is the stack of the goroutine, in short.
func stack() string {
	lines := strings.Split(string(debug.Stack()), "\n")
	return strings.Join(lines[:min(len(lines), 40)], "\n")
}
