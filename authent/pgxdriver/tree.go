package pgxdriver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/eager"
)

// A query and the queries of its edges run in one pipeline: BEGIN, the statement of the root,
// those of the edges, COMMIT. If the rows of all edges come in those of the root, it is the only
// statement. The rows of the root are read as Ent asks for them; when they end, the results of
// the edges are read into memory and the connection is given back.

// treeRun is one run of a tree.
type treeRun struct {
	driver *Driver
	tree   *eager.Tree
	shape  *shape
	choice choice
	nodes  []*eager.Node // the root and those below
	inTx   bool          // in a transaction of the user
	begin  string        // "" if the transaction began, or there is none
	steps  []step
	along  bool // rows of edges come in those of their parents

	found []int64 // rows, by node
	undo  bool    // what the edges did to the transaction of the user
	trace *pipelineTrace
}

// step is a statement of a run.
type step struct {
	sql   string
	args  []any
	node  int         // whose statement it is, or that is explained
	edges []*edgeRows // that come in its rows
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

const (
	beginSnapshot = "begin isolation level repeatable read"
	saveTree      = "savepoint authent"
	releaseTree   = "release savepoint authent"
	undoTree      = "rollback to savepoint authent; release savepoint authent"
)

// newTreeRun returns the run of a tree whose root has the arguments args. along says that rows of edges may come
// in those of their parents.
func (d *Driver) newTreeRun(ctx context.Context, tree *eager.Tree, args []any, tx *Tx, along bool) *treeRun {
	tree.Root.Args = positional(tree.Arguments(args))
	s := d.shapes.of(tree)
	run := &treeRun{
		driver: d, tree: tree, shape: s, inTx: tx != nil,
		choice: make(choice, len(s.nodes)),
		nodes:  append(append(make([]*eager.Node, 0, len(s.nodes)), tree.Root), tree.Nodes...),
		found:  make([]int64, len(s.nodes)),
	}
	typed := d.mode != pgx.QueryExecModeExec && d.mode != pgx.QueryExecModeSimpleProtocol
	snapshot := tx == nil && d.snapshot(ctx)
	s.choose(run.choice, along && typed, snapshot)
	for i, c := range run.choice {
		if c&comesAlong != 0 {
			run.found[i] = -1
		}
	}
	c := s.compose(run.choice)
	alone := len(c.edges) == 0
	switch {
	case tx != nil:
		if tx.conn == nil {
			run.begin = tx.beginSQL()
		}
	case snapshot && !alone:
		run.begin = beginSnapshot
	}
	steps := 1 // and BEGIN, the savepoint, COMMIT
	if !alone {
		steps += len(c.edges) + len(c.explain) + 3
	}
	run.steps = make([]step, 0, steps)
	if run.begin != "" {
		run.steps = append(run.steps, step{sql: run.begin, kind: stepBegin})
	}
	run.add(&c.root, stepRoot)
	if alone {
		return run
	}
	if run.inTx {
		// If the statement of an edge fails that Ent would not have sent, the transaction goes on.
		run.steps = append(run.steps, step{sql: saveTree, kind: stepEnd})
	}
	for i := range c.edges {
		run.add(&c.edges[i], stepEdge)
	}
	for i := range c.explain {
		run.add(&c.explain[i], stepExplain)
	}
	switch {
	case run.inTx:
		run.steps = append(run.steps, step{sql: releaseTree, kind: stepEnd})
	case run.begin != "":
		run.steps = append(run.steps, step{sql: "commit", kind: stepEnd})
	}
	return run
}

// add adds a statement to a run.
func (run *treeRun) add(c *composedStep, kind stepKind) {
	args := make([]any, len(c.args))
	for i, a := range c.args {
		args[i] = run.nodes[a.node].Args[a.arg]
	}
	s := step{sql: c.sql, args: args, node: c.node, kind: kind}
	if kind != stepExplain {
		s.edges = newEdgeRows(run.shape, run.choice, c.node, false)
		run.along = run.along || s.edges != nil
	}
	run.steps = append(run.steps, s)
}

// queryTree runs a tree outside of a transaction.
func (d *Driver) queryTree(ctx context.Context, tree *eager.Tree, args []any) (*Rows, error) {
	run := d.newTreeRun(ctx, tree, args, nil, true)
	send := d.sendTree
	if len(run.steps) == 1 {
		send = d.sendAlone
	}
	rows, err := send(ctx, run)
	var unprepared *unpreparedError
	if err != nil && run.along && ctx.Err() == nil {
		// With the rows of edges in it a statement is another one. Without, the error is Ent's.
		refused := errors.As(err, &unprepared) || isRefused(err)
		rows, err = d.sendTree(ctx, d.newTreeRun(ctx, tree, args, nil, false))
		if refused && err == nil {
			run.shape.refuse()
		}
	}
	switch {
	case errors.As(err, &unprepared):
		// A statement is refused. If it is the root's, that is the error; if it is an edge's,
		// Ent's loader meets the error if it comes to it.
		return d.query(ctx, tree.Root.SQL, tree.Root.Args)
	case err != nil:
		return nil, err
	}
	// Generated code reads them at once, and pgx watches the context of what is read.
	return rows, nil
}

// isRefused reports whether the server refused a statement for what it is.
func isRefused(err error) bool {
	pgErr, ok := asServerError(err)
	return ok && strings.HasPrefix(pgErr.Code, "42")
}

// sendTree sends a run on a connection from the pool.
func (d *Driver) sendTree(ctx context.Context, run *treeRun) (rows *Rows, err error) {
	err = d.withConn(ctx, true, func(conn *pgxpool.Conn) (err error) {
		rows, err = run.send(ctx, conn.Conn(), rowsOwner{conn: conn})
		return err
	})
	return rows, err
}

// sendAlone is sendTree for a run of one statement.
func (d *Driver) sendAlone(ctx context.Context, run *treeRun) (rows *Rows, err error) {
	root := &run.steps[0]
	args := append(make([]any, 0, len(root.args)+1), nestedFormats)
	args = append(args, root.args...)
	err = d.withConn(ctx, true, func(conn *pgxpool.Conn) error {
		r, err := conn.Conn().Query(ctx, root.sql, args...)
		if err != nil {
			return err
		}
		useTypes(root.edges, conn.Conn())
		rows, err = newRows(r, rowsOwner{conn: conn, edges: root.edges, after: func(err error) error {
			if err == nil {
				err = run.collect(conn.Conn(), nil, run.steps, r.CommandTag().RowsAffected())
			}
			return err
		}})
		return err
	})
	return rows, err
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
	ctx = run.startTrace(ctx, conn)
	if run.driver.mode == pgx.QueryExecModeSimpleProtocol {
		answers = run.sendBatch(ctx, conn)
	} else if answers, err = run.sendPipeline(ctx, conn); err != nil {
		run.trace.end(err)
		return nil, err
	}
	next := 0
	if run.steps[0].kind == stepBegin {
		err := drain(answers)
		run.trace.result(&run.steps[0], pgconn.CommandTag{}, err)
		if err != nil {
			return nil, run.end(ctx, conn, answers, err)
		}
		next++
	}
	rows, err := answers.next()
	if err != nil {
		run.trace.result(&run.steps[next], pgconn.CommandTag{}, err)
		run.forget(conn, run.steps[next], err)
		return nil, run.end(ctx, conn, answers, err)
	}
	if owner.edges = run.steps[next].edges; owner.edges != nil {
		useTypes(owner.edges, conn)
	}
	owner.after = func(err error) error {
		run.trace.result(&run.steps[next], rows.CommandTag(), err)
		if err == nil && ctx.Err() == nil { // Nobody waits for the edges of a query that was given up.
			err = run.collect(conn, answers, run.steps[next:], rows.CommandTag().RowsAffected())
		} else if err != nil {
			run.forget(conn, run.steps[next], err)
		}
		return run.end(ctx, conn, answers, err)
	}
	return newRows(rows, owner)
}

// end ends a run with err, and returns the error of the run. Outside of a transaction of the
// user it leaves none open.
func (run *treeRun) end(ctx context.Context, conn *pgx.Conn, answers answers, err error) error {
	defer func() { run.trace.end(err) }()
	closeErr := answers.close()
	var pgErr *pgconn.PgError
	if err == nil && !errors.As(closeErr, &pgErr) { // Errors of the server belong to an edge.
		err = closeErr
	}
	if run.undo && err == nil {
		_, err = conn.Exec(ctx, undoTree)
	}
	if !run.inTx && !conn.IsClosed() && conn.PgConn().TxStatus() != 'I' {
		_ = cleanup(ctx, conn) // It closes a connection that it cannot clean.
	}
	return err
}

// collect reads the results of the edges. The first step is the root's, whose rows were read.
func (run *treeRun) collect(conn *pgx.Conn, answers answers, steps []step, parents int64) error {
	useless := false
	if e := spreadOf(steps[0].edges); e != nil {
		parents = int64(len(e.spread.counts))
	}
	run.found[0] = parents
	if run.choice[0]&runsAgain != 0 {
		useless = run.tree.Only && parents > 1 // LIMIT may choose others each time.
		if useless {
			run.shape.costs(0, math.Inf(1))
		}
	}
	if along := steps[0].edges; along != nil {
		run.shape.cameAlong(parents, deliverEdges(along, run.nodes))
	}
	if !useless {
		defer run.tree.Made()
	}
	for _, s := range steps[1:] {
		rows, err := answers.next()
		var tag pgconn.CommandTag
		if err == nil {
			tag, err = run.read(s, rows, useless)
		}
		run.trace.result(&s, tag, err)
		if err != nil {
			run.forget(conn, s, err)
			return run.failed(s, err)
		}
	}
	run.shape.found(run.found)
	return nil
}

// read reads the result of a step. If it is useless it is dropped.
func (run *treeRun) read(s step, rows pgx.Rows, useless bool) (tag pgconn.CommandTag, err error) {
	switch {
	case s.kind == stepExplain:
		var explained []byte
		if rows.Next() {
			explained = slices.Clone(rows.RawValues()[0])
		}
		if err = closed(rows); err == nil {
			run.shape.costs(s.node, costOf(explained))
		}
	case s.kind != stepEdge || useless:
		err = closed(rows)
	case run.shape.nodes[s.node].makes && !run.tree.Logged:
		err = run.makeEntities(s, rows)
	default:
		err = run.buffer(s, rows)
	}
	tag = rows.CommandTag()
	if s.kind == stepEdge {
		run.found[s.node] = tag.RowsAffected()
	}
	return tag, err
}

// makeEntities makes the entities of an edge as their rows arrive.
func (run *treeRun) makeEntities(s step, rows pgx.Rows) error {
	r, err := newRows(rows, rowsOwner{edges: s.edges})
	if err != nil {
		return err
	}
	run.nodes[s.node].MakeEntities(&entsql.Rows{ColumnScanner: r}, run.room(s))
	if err := closed(rows); err != nil {
		return err
	}
	run.shape.cameAlong(rows.CommandTag().RowsAffected(), deliverEdges(s.edges, run.nodes))
	return nil
}

// buffer keeps the rows of an edge for Ent's loader.
func (run *treeRun) buffer(s step, rows pgx.Rows) error {
	result, err := buffer(rows, s.edges)
	if err != nil {
		return err
	}
	n := run.nodes[s.node]
	n.SetResult(result)
	deliverEdges(s.edges, run.nodes)
	run.shape.cameAlong(result.tag.RowsAffected(), edgeSize{joinedBytes: result.along})
	return nil
}

// maxRoom is for how many rows room is made before they come.
const maxRoom = 1 << 16

// room returns for how many rows of a step room is made: as many as it found last.
func (run *treeRun) room(s step) int {
	return int(max(1, min(run.shape.expected(s.node), maxRoom)))
}

// failed returns the error of a run in which a step failed. The error of an edge's statement is
// returned to the query of the edge, which Ent asks for if there are parents.
func (run *treeRun) failed(s step, err error) error {
	var pgErr *pgconn.PgError
	switch {
	case !errors.As(err, &pgErr):
		return err
	case run.inTx && s.kind == stepEdge && run.found[run.shape.nodes[s.node].parent] == 0:
		run.undo = true // Ent would not have sent it.
		return nil
	case run.inTx:
		return err // What comes after in the transaction fails, as it does with Ent.
	case stalePlan(err):
		return nil // Ent's loader sends it again.
	case s.edges != nil:
		return nil // Without the rows of edges in it, the error is Ent's.
	case s.kind == stepEdge:
		n := run.nodes[s.node]
		n.SetResult(err)
		return nil
	case s.kind == stepExplain:
		run.shape.costs(s.node, math.Inf(1))
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
