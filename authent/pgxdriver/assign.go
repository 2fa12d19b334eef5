package pgxdriver

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// errUnsupported marks the error for a destination of a type that values are not converted
// to.
var errUnsupported = errors.New("unsupported Scan")

// assign copies a value into a destination, with the conversions and the errors of
// database/sql. src is nil, an int64, float64, bool, []byte, string or time.Time, and the
// caller's to give away.
func assign(dest, src any) error {
	switch s := src.(type) {
	case nil:
		switch d := dest.(type) {
		case *any:
			return set(d, nil)
		case *[]byte:
			return set(d, nil)
		case *sql.RawBytes:
			return set(d, nil)
		}
	case string:
		switch d := dest.(type) {
		case *string:
			return set(d, s)
		case *[]byte:
			return set(d, []byte(s))
		case *sql.RawBytes:
			return set(d, append(sql.RawBytes(nil), s...))
		}
	case []byte:
		switch d := dest.(type) {
		case *string:
			return set(d, string(s))
		case *[]byte:
			return set(d, s)
		case *sql.RawBytes:
			return set(d, sql.RawBytes(s))
		}
	case time.Time:
		switch d := dest.(type) {
		case *time.Time:
			return set(d, s)
		case *string:
			return set(d, s.Format(time.RFC3339Nano))
		case *[]byte:
			return set(d, s.AppendFormat(nil, time.RFC3339Nano))
		case *sql.RawBytes:
			return set(d, sql.RawBytes(s.AppendFormat(nil, time.RFC3339Nano)))
		}
	case int64, float64, bool:
		switch d := dest.(type) {
		case *string:
			return set(d, text(src))
		case *[]byte:
			return set(d, []byte(text(src)))
		case *sql.RawBytes:
			return set(d, append(sql.RawBytes(nil), text(src)...))
		}
	}
	switch d := dest.(type) {
	case *bool:
		v, err := driver.Bool.ConvertValue(src)
		if err != nil {
			return err
		}
		b, _ := v.(bool)
		return set(d, b)
	case *any:
		return set(d, src)
	case sql.Scanner:
		return d.Scan(src)
	}
	return assignReflect(dest, src)
}

// set stores a value.
func set[T any](dest *T, v T) error {
	if dest == nil {
		return errNilDest
	}
	*dest = v
	return nil
}

// assignReflect copies a value into a destination of a type of the application.
func assignReflect(dest, src any) error {
	dp := reflect.ValueOf(dest)
	if dp.Kind() != reflect.Pointer {
		return errors.New("destination not a pointer")
	}
	if dp.IsNil() {
		return errNilDest
	}
	dv, sv := dp.Elem(), reflect.ValueOf(src)
	if sv.IsValid() && sv.Type().AssignableTo(dv.Type()) {
		if b, ok := src.([]byte); ok {
			sv = reflect.ValueOf(bytes.Clone(b))
		}
		dv.Set(sv)
		return nil
	}
	if sv.IsValid() && dv.Kind() == sv.Kind() && sv.Type().ConvertibleTo(dv.Type()) {
		dv.Set(sv.Convert(dv.Type()))
		return nil
	}
	kind := dv.Kind()
	if kind == reflect.Pointer {
		if src == nil {
			dv.SetZero()
			return nil
		}
		dv.Set(reflect.New(dv.Type().Elem()))
		return assign(dv.Interface(), src)
	}
	var err error
	switch {
	case !dv.CanInt() && !dv.CanUint() && !dv.CanFloat() && kind != reflect.String || kind == reflect.Uintptr:
		return unsupported(dest, src)
	case src == nil:
		return fmt.Errorf("converting NULL to %s is unsupported", kind)
	case dv.CanInt():
		var v int64
		if v, err = strconv.ParseInt(text(src), 10, dv.Type().Bits()); err == nil {
			dv.SetInt(v)
		}
	case dv.CanUint():
		var v uint64
		if v, err = strconv.ParseUint(text(src), 10, dv.Type().Bits()); err == nil {
			dv.SetUint(v)
		}
	case dv.CanFloat():
		var v float64
		if v, err = strconv.ParseFloat(text(src), dv.Type().Bits()); err == nil {
			dv.SetFloat(v)
		}
	default:
		b, ok := src.([]byte)
		if !ok {
			return unsupported(dest, src)
		}
		dv.SetString(string(b))
	}
	if err != nil {
		var numErr *strconv.NumError
		if errors.As(err, &numErr) {
			err = numErr.Err
		}
		return fmt.Errorf("converting driver.Value type %T (%q) to a %s: %w", src, text(src), kind, err)
	}
	return nil
}

// unsupported returns the error for a destination that cannot hold a value.
func unsupported(dest, src any) error {
	return fmt.Errorf("%w, storing driver.Value type %T into type %T", errUnsupported, src, dest)
}

// text returns the text of a value.
func text(src any) string {
	switch v := src.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(src)
}
