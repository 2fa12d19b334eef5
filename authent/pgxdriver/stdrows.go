package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Some callers need the rows of database/sql itself: Ent's migration, the feature
// sql/execquery, and whoever asks for []*sql.ColumnType. Only database/sql can make those,
// so it is given a connection whose one query returns the rows that already are there.

// standardRows returns rows in the form of database/sql. It closes rows if it fails.
func standardRows(ctx context.Context, rows *Rows) (*sql.Rows, error) {
	source := &source{
		names:  rows.names,
		fields: append([]pgconn.FieldDescription(nil), rows.descriptions()...),
		types:  rows.rows.TypeMap(),
		rows:   rows,
	}
	std, err := source.open(ctx)
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return std, nil
}

// standardTypes returns the types of columns in the form of database/sql.
func standardTypes(names []string, fields []pgconn.FieldDescription, types *pgtype.Map) (_ []*sql.ColumnType, err error) {
	rows, err := (&source{names: names, fields: fields, types: types}).open(context.Background())
	if err != nil {
		return nil, err
	}
	defer func() { err = firstError(err, rows.Err(), rows.Close()) }()
	return rows.ColumnTypes()
}

// source is a database for database/sql that has one result.
type source struct {
	names  []string
	fields []pgconn.FieldDescription
	types  *pgtype.Map
	rows   *Rows // nil for a result without rows
}

// open returns the result.
func (s *source) open(ctx context.Context) (*sql.Rows, error) {
	db := sql.OpenDB(sourceConnector{s})
	// Rows outlive their database, whose goroutine ends here. There is nothing that could fail.
	defer func() { _ = db.Close() }()
	return db.QueryContext(ctx, "") //nolint:sqlclosecheck // They are the caller's to close.
}

type sourceConnector struct{ source *source }

func (c sourceConnector) Connect(context.Context) (driver.Conn, error) {
	return sourceConn(c), nil
}

func (c sourceConnector) Driver() driver.Driver { return sourceDriver{} }

type sourceDriver struct{}

func (sourceDriver) Open(string) (driver.Conn, error) { return nil, errOneQuery }

var errOneQuery = errors.New("pgxdriver: this connection is for the one query that it was made for")

type sourceConn struct{ source *source }

func (sourceConn) Prepare(string) (driver.Stmt, error) { return nil, errOneQuery }
func (sourceConn) Begin() (driver.Tx, error)           { return nil, errOneQuery }
func (sourceConn) Close() error                        { return nil }

func (c sourceConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return sourceRows(c), nil
}

// sourceRows are the rows of a source, with the types that pgx's own driver for
// database/sql reports.
type sourceRows struct{ source *source }

var (
	_ driver.RowsColumnTypeDatabaseTypeName = sourceRows{}
	_ driver.RowsColumnTypeLength           = sourceRows{}
	_ driver.RowsColumnTypePrecisionScale   = sourceRows{}
	_ driver.RowsColumnTypeScanType         = sourceRows{}
)

func (r sourceRows) Columns() []string { return r.source.names }

func (r sourceRows) Close() error {
	if r.source.rows == nil {
		return nil
	}
	return r.source.rows.Close()
}

func (r sourceRows) Next(dest []driver.Value) error {
	rows := r.source.rows
	if rows == nil {
		return io.EOF
	}
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	return rows.copyValues(dest)
}

// copyValues stores the current row in dest.
func (r *Rows) copyValues(dest []driver.Value) error {
	r.lock()
	defer r.unlock()
	if r.closed {
		return r.closedError()
	}
	for i := range dest {
		v, err := r.value(i)
		if err != nil {
			return err
		}
		dest[i] = v
	}
	return nil
}

func (r sourceRows) ColumnTypeDatabaseTypeName(i int) string {
	oid := r.source.fields[i].DataTypeOID
	if t, ok := r.source.types.TypeForOID(oid); ok {
		return strings.ToUpper(t.Name)
	}
	return strconv.FormatUint(uint64(oid), 10)
}

// modifierHeader is what Postgres adds to the length in a type modifier.
const modifierHeader = 4

func (r sourceRows) ColumnTypeLength(i int) (int64, bool) {
	field := r.source.fields[i]
	switch field.DataTypeOID {
	case pgtype.TextOID, pgtype.ByteaOID:
		return math.MaxInt64, true
	case pgtype.VarcharOID, pgtype.BPCharOID:
		return int64(field.TypeModifier - modifierHeader), true
	case pgtype.VarbitOID:
		return int64(field.TypeModifier), true
	}
	return 0, false
}

func (r sourceRows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	field := r.source.fields[i]
	if field.DataTypeOID != pgtype.NumericOID {
		return 0, 0, false
	}
	mod := field.TypeModifier - modifierHeader
	return int64(mod >> 16 & 0xffff), int64(mod & 0xffff), true
}

func (r sourceRows) ColumnTypeScanType(i int) reflect.Type {
	switch r.source.fields[i].DataTypeOID {
	case pgtype.Float8OID, pgtype.NumericOID:
		return reflect.TypeFor[float64]()
	case pgtype.Float4OID:
		return reflect.TypeFor[float32]()
	case pgtype.Int8OID:
		return reflect.TypeFor[int64]()
	case pgtype.Int4OID:
		return reflect.TypeFor[int32]()
	case pgtype.Int2OID:
		return reflect.TypeFor[int16]()
	case pgtype.BoolOID:
		return reflect.TypeFor[bool]()
	case pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID:
		return reflect.TypeFor[time.Time]()
	case pgtype.ByteaOID:
		return reflect.TypeFor[[]byte]()
	}
	return reflect.TypeFor[string]()
}
