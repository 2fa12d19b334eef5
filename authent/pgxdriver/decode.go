package pgxdriver

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// resultFormats are the types that the server sends in binary form, in the modes that know
// the types. All others come as text, which is how database/sql over pgx gives them.
var resultFormats = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID:        pgx.BinaryFormatCode,
	pgtype.ByteaOID:       pgx.BinaryFormatCode,
	pgtype.CIDOID:         pgx.BinaryFormatCode,
	pgtype.DateOID:        pgx.BinaryFormatCode,
	pgtype.Float4OID:      pgx.BinaryFormatCode,
	pgtype.Float8OID:      pgx.BinaryFormatCode,
	pgtype.Int2OID:        pgx.BinaryFormatCode,
	pgtype.Int4OID:        pgx.BinaryFormatCode,
	pgtype.Int8OID:        pgx.BinaryFormatCode,
	pgtype.OIDOID:         pgx.BinaryFormatCode,
	pgtype.TimestampOID:   pgx.BinaryFormatCode,
	pgtype.TimestamptzOID: pgx.BinaryFormatCode,
	pgtype.UUIDOID:        pgx.BinaryFormatCode,
	pgtype.XIDOID:         pgx.BinaryFormatCode,
}

// nestedFormats are the formats for a statement in whose rows those of edges come.
var nestedFormats = func() pgx.QueryResultFormatsByOID {
	formats := maps.Clone(resultFormats)
	formats[pgtype.RecordArrayOID] = pgx.BinaryFormatCode
	return formats
}()

// kind is how the bytes of a column are decoded.
type kind uint8

const (
	kindOther kind = iota // by pgx's type map
	kindText              // the bytes are the text
	kindJSON              // the bytes are the document
	kindBool
	kindInt2
	kindInt4
	kindInt8
	kindUint4
	kindFloat4
	kindFloat8
	kindBytea
	kindUUID
	kindDate
	kindTimestamp
	kindTimestamptz
)

// kindOf returns how a column of a type in a format is decoded.
func kindOf(m *pgtype.Map, oid uint32, format int16) kind {
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID:
		return kindText
	case pgtype.JSONOID:
		return kindJSON
	}
	if format == pgx.TextFormatCode {
		switch oid {
		case pgtype.JSONBOID, pgtype.XMLOID:
			return kindJSON
		}
		if _, ok := resultFormats[oid]; !ok || oid == pgtype.UUIDOID {
			return kindText
		}
		return kindOther
	}
	switch k := binaryKind(oid); k {
	case kindTimestamp, kindTimestamptz:
		return timeKind(m, oid, k)
	default:
		return k
	}
}

// binaryKind returns how a column of a type is decoded that comes in binary form.
func binaryKind(oid uint32) kind {
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID:
		return kindText
	case pgtype.JSONOID:
		return kindJSON
	case pgtype.BoolOID:
		return kindBool
	case pgtype.Int2OID:
		return kindInt2
	case pgtype.Int4OID:
		return kindInt4
	case pgtype.Int8OID:
		return kindInt8
	case pgtype.OIDOID, pgtype.XIDOID, pgtype.CIDOID:
		return kindUint4
	case pgtype.Float4OID:
		return kindFloat4
	case pgtype.Float8OID:
		return kindFloat8
	case pgtype.ByteaOID:
		return kindBytea
	case pgtype.UUIDOID:
		return kindUUID
	case pgtype.DateOID:
		return kindDate
	case pgtype.TimestampOID:
		return kindTimestamp
	case pgtype.TimestamptzOID:
		return kindTimestamptz
	}
	return kindOther
}

// timeKind returns k, or kindOther if the application gave the type a location of its own.
func timeKind(m *pgtype.Map, oid uint32, k kind) kind {
	t, ok := m.TypeForOID(oid)
	if !ok {
		return kindOther
	}
	switch codec := t.Codec.(type) {
	case *pgtype.TimestamptzCodec:
		if codec.ScanLocation == nil {
			return k
		}
	case *pgtype.TimestampCodec:
		if codec.ScanLocation == nil {
			return k
		}
	}
	return kindOther
}

// errSize is the error for a binary value that has not the size of its type.
func errSize(k kind, raw []byte) error {
	return fmt.Errorf("pgxdriver: a binary value of kind %d has %d bytes", k, len(raw))
}

// decodeInt decodes one of the integer kinds. ok is false for other kinds.
func decodeInt(k kind, raw []byte) (v int64, ok bool, err error) {
	switch k {
	case kindInt2:
		if len(raw) != 2 {
			return 0, true, errSize(k, raw)
		}
		return int64(int16(binary.BigEndian.Uint16(raw))), true, nil
	case kindInt4:
		if len(raw) != 4 {
			return 0, true, errSize(k, raw)
		}
		return int64(int32(binary.BigEndian.Uint32(raw))), true, nil
	case kindInt8:
		if len(raw) != 8 {
			return 0, true, errSize(k, raw)
		}
		return int64(binary.BigEndian.Uint64(raw)), true, nil
	case kindUint4:
		if len(raw) != 4 {
			return 0, true, errSize(k, raw)
		}
		return int64(binary.BigEndian.Uint32(raw)), true, nil
	}
	return 0, false, nil
}

// decodeFloat decodes one of the float kinds. ok is false for other kinds.
func decodeFloat(k kind, raw []byte) (v float64, ok bool, err error) {
	switch k {
	case kindFloat4:
		if len(raw) != 4 {
			return 0, true, errSize(k, raw)
		}
		return float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), true, nil
	case kindFloat8:
		if len(raw) != 8 {
			return 0, true, errSize(k, raw)
		}
		return math.Float64frombits(binary.BigEndian.Uint64(raw)), true, nil
	}
	return 0, false, nil
}

func decodeBool(raw []byte) (bool, error) {
	if len(raw) != 1 {
		return false, errSize(kindBool, raw)
	}
	return raw[0] == 1, nil
}

// Postgres counts time from 2000-01-01 UTC.
const (
	epochSeconds = 946684800
	perSecond    = 1000000 // microseconds
)

// decodeTime decodes one of the kinds of time. ok is false for other kinds. infinite is the
// text of a value that is no point in time, else "".
func decodeTime(k kind, raw []byte) (v time.Time, infinite string, ok bool, err error) {
	switch k {
	case kindDate:
		if len(raw) != 4 {
			return v, "", true, errSize(k, raw)
		}
		switch days := int32(binary.BigEndian.Uint32(raw)); days {
		case math.MaxInt32:
			return v, "infinity", true, nil
		case math.MinInt32:
			return v, "-infinity", true, nil
		default:
			return time.Date(2000, 1, 1+int(days), 0, 0, 0, 0, time.UTC), "", true, nil
		}
	case kindTimestamp, kindTimestamptz:
		if len(raw) != 8 {
			return v, "", true, errSize(k, raw)
		}
		micros := int64(binary.BigEndian.Uint64(raw))
		switch micros {
		case math.MaxInt64:
			return v, "infinity", true, nil
		case math.MinInt64:
			return v, "-infinity", true, nil
		}
		v = time.Unix(epochSeconds+micros/perSecond, micros%perSecond*1000)
		if k == kindTimestamp {
			v = v.UTC()
		}
		return v, "", true, nil
	}
	return v, "", false, nil
}

// uuidText returns the text of a uuid.
func uuidText(raw []byte) (string, error) {
	if len(raw) != 16 {
		return "", errSize(kindUUID, raw)
	}
	var text [36]byte
	hex.Encode(text[0:8], raw[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], raw[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], raw[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], raw[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], raw[10:16])
	return string(text[:]), nil
}

// value returns a column of the current row as the value that database/sql would get from
// pgx: nil, int64, float64, bool, []byte, string or time.Time. The value is the caller's.
func (r *row) value(i int) (any, error) {
	raw := r.values[i]
	if raw == nil {
		return nil, nil
	}
	switch k := r.kinds[i]; k {
	case kindText:
		return r.string(i), nil
	case kindJSON, kindBytea:
		return clone(raw), nil
	case kindBool:
		return decodeBool(raw)
	case kindInt2, kindInt4, kindInt8, kindUint4:
		v, _, err := decodeInt(k, raw)
		return v, err
	case kindFloat4, kindFloat8:
		v, _, err := decodeFloat(k, raw)
		return v, err
	case kindUUID:
		return uuidText(raw)
	case kindDate, kindTimestamp, kindTimestamptz:
		v, infinite, _, err := decodeTime(k, raw)
		if err != nil {
			return nil, err
		}
		if infinite != "" {
			return infinite, nil
		}
		return v, nil
	}
	field := r.types.FieldDescriptions()[i]
	return otherValue(r.types.TypeMap(), field.DataTypeOID, field.Format, raw)
}

// clone returns a copy of b that is not nil.
func clone(b []byte) []byte {
	return append(make([]byte, 0, len(b)), b...)
}

// otherValue decodes a value by pgx's type map, into what database/sql would get.
func otherValue(m *pgtype.Map, oid uint32, format int16, raw []byte) (any, error) {
	switch oid {
	case pgtype.BoolOID:
		return decodeAs[bool](m, oid, format, raw)
	case pgtype.ByteaOID, pgtype.JSONOID, pgtype.JSONBOID, pgtype.XMLOID:
		return decodeAs[[]byte](m, oid, format, raw)
	case pgtype.CIDOID, pgtype.OIDOID, pgtype.XIDOID:
		v, err := decodeAs[pgtype.Uint32](m, oid, format, raw)
		if err != nil {
			return nil, err
		}
		return v.(pgtype.Uint32).Value()
	case pgtype.DateOID:
		v, err := decodeAs[pgtype.Date](m, oid, format, raw)
		if err != nil {
			return nil, err
		}
		return v.(pgtype.Date).Value()
	case pgtype.TimestampOID:
		v, err := decodeAs[pgtype.Timestamp](m, oid, format, raw)
		if err != nil {
			return nil, err
		}
		return v.(pgtype.Timestamp).Value()
	case pgtype.TimestamptzOID:
		v, err := decodeAs[pgtype.Timestamptz](m, oid, format, raw)
		if err != nil {
			return nil, err
		}
		return v.(pgtype.Timestamptz).Value()
	case pgtype.Float4OID:
		v, err := decodeAs[float32](m, oid, format, raw)
		if err != nil {
			return nil, err
		}
		return float64(v.(float32)), nil
	case pgtype.Float8OID:
		return decodeAs[float64](m, oid, format, raw)
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return decodeAs[int64](m, oid, format, raw)
	}
	return decodeAs[string](m, oid, format, raw)
}

// decodeAs decodes a value into a T.
func decodeAs[T any](m *pgtype.Map, oid uint32, format int16, raw []byte) (any, error) {
	var v T
	if err := m.Scan(oid, format, raw, &v); err != nil {
		return nil, err
	}
	return v, nil
}
