package pgxdriver

import (
	"context"
	"errors"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/eager"
)

// A query and the queries of its edges run in one pipeline: BEGIN, the statement of the root,
// those of the edges, COMMIT. The rows of the root are read as Ent asks for them; when they
// end, the results of the edges are read into memory and the connection is given back.

// treeRun is one run of a tree.
type treeRun struct {
	driver *Driver
	tree   *eager.Tree
	inTx   bool   // in a transaction of the user
	begin  string // "" if the transaction began, or is that of the pipeline
	steps  []step

	subSelect map[*eager.Node]bool
	found     map[*eager.Node]int64 // rows
	undo      bool                  // what the edges did to the transaction of the user
}

// step is a statement of a run.
type step struct {
	sql   string
	args  []any
	node  *eager.Node // whose statement it is, or that is explained
	kind  stepKind
	known *statement
}

type stepKind uint8

const (
	stepBegin stepKind = iota
	stepRoot
	stepEdge
	stepExplain
	stepEnd // COMMIT, and what keeps the transaction of the user alive
)

// newTreeRun returns the run of a tree whose root has the arguments args.
func (d *Driver) newTreeRun(ctx context.Context, tree *eager.Tree, args []any, tx *Tx) *treeRun {
	tree.Root.Args = positional(args)
	run := &treeRun{driver: d, tree: tree, inTx: tx != nil, subSelect: make(map[*eager.Node]bool), found: make(map[*eager.Node]int64)}
	var explain []*eager.Node
	switch {
	case tx != nil:
		if tx.conn == nil {
			run.begin = tx.beginSQL()
		}
	case d.snapshot(ctx):
		run.begin = "begin isolation level repeatable read"
		explain = run.choose()
	}
	c := &composer{subSelect: func(n *eager.Node) bool { return run.subSelect[n] }, number: make(map[*eager.Node]int, len(tree.Nodes))}
	for i, n := range tree.Nodes {
		c.number[n] = i + 1
	}
	if run.begin != "" {
		run.steps = append(run.steps, step{sql: run.begin, kind: stepBegin})
	}
	add := func(n *eager.Node, kind stepKind) {
		query, args := c.compose(n)
		run.steps = append(run.steps, step{sql: query, args: args, node: n, kind: kind})
	}
	add(tree.Root, stepRoot)
	if run.inTx {
		// If the statement of an edge fails that Ent would not have sent, the transaction goes on.
		run.steps = append(run.steps, step{sql: "savepoint authent", kind: stepEnd})
	}
	for _, n := range tree.Nodes {
		add(n, stepEdge)
	}
	for _, n := range explain {
		query, args := c.composeNested(n)
		run.steps = append(run.steps, step{sql: "EXPLAIN (FORMAT JSON) " + query, args: args, node: n, kind: stepExplain})
	}
	switch {
	case run.inTx:
		run.steps = append(run.steps, step{sql: "release savepoint authent", kind: stepEnd})
	case run.begin != "":
		run.steps = append(run.steps, step{sql: "commit", kind: stepEnd})
	}
	return run
}

// choose chooses the nodes whose statement runs again for their edges: those that are known
// to be cheap, and give the same rows again. It returns the ones that are to be explained.
func (run *treeRun) choose() (explain []*eager.Node) {
	may := make(map[*eager.Node]bool) // be chosen, as far as is known
	for _, n := range append([]*eager.Node{run.tree.Root}, run.tree.Nodes...) {
		if len(n.Edges) == 0 || n.Parent != nil && !may[n.Parent] {
			continue
		}
		if !n.Stable && (n.Parent != nil || !run.tree.Only) {
			continue
		}
		cheap, known := run.driver.verdicts.get(n)
		may[n] = cheap || !known
		if !known {
			explain = append(explain, n)
		}
		run.subSelect[n] = cheap && (n.Parent == nil || run.subSelect[n.Parent])
	}
	return explain
}

// queryTree runs a tree outside of a transaction.
func (d *Driver) queryTree(ctx context.Context, tree *eager.Tree, args []any) (*Rows, error) {
	run := d.newTreeRun(ctx, tree, args, nil)
	var rows *Rows
	err := d.withConn(ctx, true, func(conn *pgxpool.Conn) (err error) {
		rows, err = run.send(ctx, conn.Conn(), rowsOwner{conn: conn})
		return err
	})
	var unprepared *unpreparedError
	switch {
	case errors.As(err, &unprepared):
		// A statement is refused. If it is the root's, that is the error; if it is an edge's,
		// Ent's loader meets the error if it comes to it.
		return d.query(ctx, tree.Root.SQL, args)
	case err != nil:
		return nil, err
	}
	rows.watch(ctx)
	return rows, nil
}

// unpreparedError says that a statement of a tree could not be prepared. The error of the
// server is not part of the chain: it is not the end of a transaction that did not begin.
type unpreparedError struct{ err error }

func (e *unpreparedError) Error() string { return e.err.Error() }

// send sends the statements and returns the rows of the root. If it fails, the connection is
// as it was before, or closed.
func (run *treeRun) send(ctx context.Context, conn *pgx.Conn, owner rowsOwner) (*Rows, error) {
	var (
		answers answers
		err     error
	)
	if run.driver.mode == pgx.QueryExecModeSimpleProtocol {
		answers = run.sendBatch(ctx, conn)
	} else if answers, err = run.sendPipeline(ctx, conn); err != nil {
		return nil, err
	}
	next := 0
	if run.steps[0].kind == stepBegin {
		if err := drain(answers); err != nil {
			return nil, run.end(ctx, conn, answers, err)
		}
		next++
	}
	rows, err := answers.next()
	if err != nil {
		run.forget(conn, run.steps[next], err)
		return nil, run.end(ctx, conn, answers, err)
	}
	owner.after = func(err error) error {
		if err == nil {
			err = run.collect(conn, answers, run.steps[next+1:], rows.CommandTag().RowsAffected())
		} else {
			run.forget(conn, run.steps[next], err)
		}
		return run.end(ctx, conn, answers, err)
	}
	return newRows(rows, owner)
}

// end ends a run with err, and returns the error of the run. Outside of a transaction of the
// user it leaves none open.
func (run *treeRun) end(ctx context.Context, conn *pgx.Conn, answers answers, err error) error {
	closeErr := answers.close()
	var pgErr *pgconn.PgError
	if err == nil && !errors.As(closeErr, &pgErr) { // Errors of the server belong to an edge.
		err = closeErr
	}
	if run.undo && err == nil {
		_, err = conn.Exec(ctx, "rollback to savepoint authent; release savepoint authent")
	}
	if !run.inTx && !conn.IsClosed() && conn.PgConn().TxStatus() != 'I' {
		_ = cleanup(ctx, conn) // It closes a connection that it cannot clean.
	}
	return err
}

// collect reads the results of the edges.
func (run *treeRun) collect(conn *pgx.Conn, answers answers, steps []step, parents int64) error {
	useless := false
	run.found[run.tree.Root] = parents
	if run.subSelect[run.tree.Root] {
		useless = run.tree.Only && parents > 1 // LIMIT may choose others each time.
		if useless || parents > maxParents {
			run.driver.verdicts.put(run.tree.Root, false)
		}
	}
	for _, s := range steps {
		rows, err := answers.next()
		var result *bufferedRows
		if err == nil {
			result, err = buffer(rows)
		}
		if err != nil {
			run.forget(conn, s, err)
			return run.failed(s, err)
		}
		switch s.kind {
		case stepEdge:
			run.found[s.node] = result.tag.RowsAffected()
			if !useless {
				s.node.SetResult(s.node.SQL, result)
			}
		case stepExplain:
			if result.Next() {
				cost, err := costOf(result.values[0])
				run.driver.verdicts.put(s.node, err == nil && cost <= maxCost)
			}
		}
	}
	return nil
}

// failed returns the error of a run in which a step failed. The error of an edge's statement is
// returned to the query of the edge, which Ent asks for if there are parents.
func (run *treeRun) failed(s step, err error) error {
	var pgErr *pgconn.PgError
	switch {
	case !errors.As(err, &pgErr):
		return err
	case run.inTx && s.kind == stepEdge && run.found[s.node.Parent] == 0:
		run.undo = true // Ent would not have sent it.
		return nil
	case run.inTx:
		return err // What comes after in the transaction fails, as it does with Ent.
	case stalePlan(err):
		return nil // Ent's loader sends it again.
	case s.kind == stepEdge:
		s.node.SetResult(s.node.SQL, err)
		return nil
	case s.kind == stepExplain:
		run.driver.verdicts.put(s.node, false)
		return nil
	}
	return err
}

// forget drops a prepared statement that failed.
func (run *treeRun) forget(conn *pgx.Conn, s step, err error) {
	if !conn.IsClosed() && !keepsPlan(err) {
		run.driver.statementsOf(conn.PgConn()).remove(s.sql)
	}
}

// serve hands out the result of an edge's query, if it is there.
func serve(ctx context.Context, dest *entsql.Rows) (ok bool, err error) {
	result, ok := eager.Result(ctx)
	if !ok {
		return false, nil
	}
	if err := ctx.Err(); err != nil {
		return true, err
	}
	switch r := result.(type) {
	case *bufferedRows:
		dest.ColumnScanner = r.rows()
		return true, nil
	case error:
		return true, adapt(r)
	}
	return true, fmt.Errorf("pgxdriver: unexpected result %T of an edge", result)
}
