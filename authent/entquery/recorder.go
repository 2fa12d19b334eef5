package entquery

import (
	"context"
	"errors"

	"entgo.io/ent/dialect"

	"github.com/agentuity/auth-go/authent/eager"
)

// Recorder is a driver that notes the statements that queries send, and fails them. Generated code renders the
// statements of a prepared query with it.
type Recorder struct {
	dialect    string
	trees      bool // the driver that it stands for loads trees
	statements []statement
	err        error
}

// statement is a statement that was rendered.
type statement struct {
	query   string
	args    []any
	numbers []int // of the placeholders in args

	tree  *eager.Tree // of which it is the root, or nil
	nodes [][]int     // of the placeholders in the arguments of the nodes
	makes bool        // the entities of its edges are made without Ent's loaders
}

var _ dialect.Driver = (*Recorder)(nil)

var errRecorded = errors.New("entquery: the statement was recorded")

// Fail makes Prepare fail.
func (r *Recorder) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Dialect implements dialect.Driver.
func (r *Recorder) Dialect() string { return r.dialect }

// Query implements dialect.Driver.
func (r *Recorder) Query(ctx context.Context, query string, args, _ any) error {
	argv, _ := args.([]any)
	r.statements = append(r.statements, statement{query: query, args: argv, tree: eager.Take(ctx, query)})
	return errRecorded
}

// LoadsTrees implements eager.Loader.
func (r *Recorder) LoadsTrees(context.Context) bool { return r.trees }

// Exec implements dialect.Driver.
func (r *Recorder) Exec(context.Context, string, any, any) error { return errRecorded }

// Tx implements dialect.Driver.
func (r *Recorder) Tx(context.Context) (dialect.Tx, error) { return nil, errRecorded }

// Close implements dialect.Driver.
func (r *Recorder) Close() error { return nil }

// Record calls render and notes its error, unless it is that of the recorder.
func (r *Recorder) Record(render func() error) {
	if err := render(); !errors.Is(err, errRecorded) {
		r.Fail(err)
	}
}
