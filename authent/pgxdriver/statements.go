package pgxdriver

import (
	"container/list"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// statements are the first statements of transactions that a connection knows. pgx keeps
// its own for itself, and it cannot send one together with BEGIN and choose the formats of
// its result, so these are kept beside them. They are used by whoever has the connection.
type statements struct {
	capacity int
	prepared bool // on the server; else only described
	count    int  // of statements ever prepared, for names
	latest   list.List
	byQuery  map[string]*list.Element
	dropped  []string // prepared on the server and no longer wanted
	builder  pgx.ExtendedQueryBuilder
	trees    []pgx.ExtendedQueryBuilder // one for each statement of a tree
}

// statementsKey is where a connection keeps them.
const statementsKey = "github.com/agentuity/auth-go/authent/pgxdriver"

// statementsOf returns the statements of a connection.
func (d *Driver) statementsOf(conn *pgconn.PgConn) *statements {
	data := conn.CustomData()
	if s, ok := data[statementsKey].(*statements); ok {
		return s
	}
	s := &statements{
		capacity: max(d.capacity, 1),
		prepared: d.mode == pgx.QueryExecModeCacheStatement,
		byQuery:  make(map[string]*list.Element),
	}
	data[statementsKey] = s
	return s
}

// statement is a statement that a connection knows.
type statement struct {
	pgconn.StatementDescription
	formats []int16 // of its columns
}

// newStatement returns a statement with the formats in which its columns are wanted.
func newStatement(sd *pgconn.StatementDescription) *statement {
	s := &statement{StatementDescription: *sd, formats: make([]int16, len(sd.Fields))}
	for i := range sd.Fields {
		s.formats[i] = resultFormats[sd.Fields[i].DataTypeOID]
	}
	return s
}

// build encodes the arguments of a statement, which is nil if its types are not known.
func (s *statements) build(conn *pgx.Conn, known *statement, args []any) error {
	return s.encode(&s.builder, conn, known, args)
}

// encode is build with a builder.
func (s *statements) encode(builder *pgx.ExtendedQueryBuilder, conn *pgx.Conn, known *statement, args []any) error {
	if known == nil {
		return builder.Build(conn.TypeMap(), nil, args)
	}
	if len(known.ParamOIDs) != len(args) {
		return fmt.Errorf("expected %d arguments, got %d", len(known.ParamOIDs), len(args))
	}
	return builder.Build(conn.TypeMap(), &known.StatementDescription, args)
}

// maxKeptArgs is how many bytes of arguments the builder may keep for the next statement.
const maxKeptArgs = 16 << 10

// sent forgets the arguments that were encoded last, if they are large.
func (s *statements) sent() {
	n := 0
	for _, v := range s.builder.ParamValues {
		n += len(v)
	}
	if n > maxKeptArgs {
		s.builder = pgx.ExtendedQueryBuilder{}
	}
}

// get returns a statement, or nil.
func (s *statements) get(query string) *statement {
	e, ok := s.byQuery[query]
	if !ok {
		return nil
	}
	s.latest.MoveToFront(e)
	return of(e)
}

// of returns the statement of an element.
func of(e *list.Element) *statement {
	sd, _ := e.Value.(*statement)
	return sd
}

// name returns a name for a statement that is to be prepared.
func (s *statements) name() string {
	if !s.prepared {
		return ""
	}
	s.count++
	return "pgxdriver_" + strconv.Itoa(s.count)
}

// put adds a statement, and drops the one that was used least recently if there are too
// many.
func (s *statements) put(sd *statement) {
	if s.latest.Len() >= s.capacity {
		s.remove(of(s.latest.Back()).SQL)
	}
	s.byQuery[sd.SQL] = s.latest.PushFront(sd)
}

// remove drops a statement.
func (s *statements) remove(query string) {
	e, ok := s.byQuery[query]
	if !ok {
		return
	}
	delete(s.byQuery, query)
	s.latest.Remove(e)
	if name := of(e).Name; name != "" {
		s.dropped = append(s.dropped, name)
	}
}
