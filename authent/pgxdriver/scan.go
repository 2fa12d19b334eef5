package pgxdriver

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
)

// errNilDest is the error for a destination that is a nil pointer, in the words of
// database/sql.
var errNilDest = errors.New("destination pointer is nil")

// scan copies a column of the current row into a destination. The destinations that Ent
// scans into are filled from the bytes; all others get the value that database/sql would
// give them.
func (r *row) scan(i int, dest any) error {
	if ok, err := r.scanFast(i, dest); ok {
		return err
	}
	v, err := r.value(i)
	if err != nil {
		return err
	}
	err = assign(dest, v)
	if !errors.Is(err, errUnsupported) || r.values[i] == nil {
		return err
	}
	// What database/sql cannot scan, pgx may.
	dv := reflect.ValueOf(dest).Elem()
	scanned := reflect.New(dv.Type())
	field := r.types.FieldDescriptions()[i]
	if r.types.TypeMap().Scan(field.DataTypeOID, field.Format, r.values[i], scanned.Interface()) != nil {
		return err
	}
	dv.Set(scanned.Elem())
	return nil
}

// scanFast copies a column into a destination of a common type, without an intermediate
// value. It returns false if it does not know the destination for such a column.
func (r *row) scanFast(i int, dest any) (bool, error) {
	raw, k := r.values[i], r.kinds[i]
	switch d := dest.(type) {
	case *sql.NullString:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = sql.NullString{}
			return true, nil
		}
		return r.scanText(i, &d.String, &d.Valid)
	case *string:
		if d == nil || raw == nil {
			return false, nil
		}
		return r.scanText(i, d, nil)
	case *sql.NullInt64:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = sql.NullInt64{}
			return true, nil
		}
		v, ok, err := decodeInt(k, raw)
		if ok && err == nil {
			d.Int64, d.Valid = v, true
		}
		return ok, err
	case *int64:
		if d == nil || raw == nil {
			return false, nil
		}
		v, ok, err := decodeInt(k, raw)
		if ok && err == nil {
			*d = v
		}
		return ok, err
	case *int:
		if d == nil || raw == nil {
			return false, nil
		}
		v, ok, err := decodeInt(k, raw)
		if int64(int(v)) != v {
			return false, nil
		}
		if ok && err == nil {
			*d = int(v)
		}
		return ok, err
	case *sql.NullBool:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = sql.NullBool{}
			return true, nil
		}
		if k != kindBool {
			return false, nil
		}
		v, err := decodeBool(raw)
		if err == nil {
			d.Bool, d.Valid = v, true
		}
		return true, err
	case *sql.NullFloat64:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = sql.NullFloat64{}
			return true, nil
		}
		v, ok, err := decodeFloat(k, raw)
		if ok && err == nil {
			d.Float64, d.Valid = v, true
		}
		return ok, err
	case *sql.NullTime:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = sql.NullTime{}
			return true, nil
		}
		return scanTime(k, raw, &d.Time, &d.Valid)
	case *time.Time:
		if d == nil || raw == nil {
			return false, nil
		}
		return scanTime(k, raw, d, nil)
	case *[]byte:
		if d == nil {
			return false, nil
		}
		if raw == nil {
			*d = nil
			return true, nil
		}
		switch k {
		case kindText, kindJSON, kindBytea:
			*d = clone(raw)
			return true, nil
		}
	case *uuid.UUID:
		return scanUUID(k, raw, d)
	case *entsql.NullScanner:
		if d == nil || raw == nil {
			return false, nil
		}
		if id, isUUID := d.S.(*uuid.UUID); isUUID {
			ok, err := scanUUID(k, raw, id)
			if ok {
				d.Valid = true
			}
			return ok, err
		}
	case *any:
		if d == nil {
			return false, nil
		}
		v, err := r.value(i)
		if err == nil {
			*d = v
		}
		return true, err
	case *entsql.UnknownType:
		if d == nil || raw == nil {
			return false, nil
		}
		v, err := r.value(i)
		if err == nil {
			*d = v
		}
		return true, err
	case *driver.Value:
		if d == nil || raw == nil {
			return false, nil
		}
		v, err := r.value(i)
		if err == nil {
			*d = v
		}
		return true, err
	}
	return false, nil
}

// scanText copies a column that is text, or whose text is known.
func (r *row) scanText(i int, dest *string, valid *bool) (bool, error) {
	switch r.kinds[i] {
	case kindText:
		*dest = r.string(i)
	case kindJSON:
		*dest = string(r.values[i])
	case kindUUID:
		text, err := uuidText(r.values[i])
		if err != nil {
			return true, err
		}
		*dest = text
	default:
		return false, nil
	}
	if valid != nil {
		*valid = true
	}
	return true, nil
}

// scanTime copies a column that is a point in time.
func scanTime(k kind, raw []byte, dest *time.Time, valid *bool) (bool, error) {
	v, infinite, ok, err := decodeTime(k, raw)
	if !ok || err != nil {
		return ok, err
	}
	if infinite != "" {
		return false, nil
	}
	*dest = v
	if valid != nil {
		*valid = true
	}
	return true, nil
}

// scanUUID copies a column that is a uuid.
func scanUUID(k kind, raw []byte, dest *uuid.UUID) (bool, error) {
	if dest == nil || raw == nil || k != kindUUID {
		return false, nil
	}
	if len(raw) != len(dest) {
		return true, errSize(k, raw)
	}
	copy(dest[:], raw)
	return true, nil
}
