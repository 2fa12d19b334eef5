package sessiondata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The TypeScript side verifies a compact cookie by writing again what it has parsed, as JSON.stringify does. What is signed
// here must therefore look as if JavaScript had written it.

// canonical returns a JSON text as JSON.stringify(JSON.parse(text)) does. The error is ErrInexact if a number would become
// another one.
func canonical(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	b, err := appendValue(make([]byte, 0, len(text)), d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("sessiondata: there is more than one value")
	}
	return b, nil
}

func appendValue(b []byte, d *json.Decoder) ([]byte, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("sessiondata: %w", err)
	}
	switch v := token.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v), nil
	case json.Number:
		return appendNumber(b, v.String())
	case json.Delim:
		if v == '[' {
			return appendArray(b, d)
		}
		return appendObject(b, d)
	}
	return nil, fmt.Errorf("sessiondata: unexpected %v", token)
}

func appendArray(b []byte, d *json.Decoder) (_ []byte, err error) {
	b = append(b, '[')
	for first := true; d.More(); first = false {
		if !first {
			b = append(b, ',')
		}
		if b, err = appendValue(b, d); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("sessiondata: %w", err)
	}
	return append(b, ']'), nil
}

// appendObject writes the members in the order of JavaScript: those whose names are indexes of an array first, by number, and
// then the others as they come. Of two with one name the last counts, in the place of the first.
func appendObject(b []byte, d *json.Decoder) ([]byte, error) {
	type member struct {
		name  string
		index int // -1 for a name that is none.
		value []byte
	}
	var members []member
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("sessiondata: %w", err)
		}
		name, _ := token.(string)
		value, err := appendValue(nil, d)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(members, func(m member) bool { return m.name == name }); i >= 0 {
			members[i].value = value
			continue
		}
		members = append(members, member{name, arrayIndex(name), value})
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("sessiondata: %w", err)
	}
	slices.SortStableFunc(members, func(x, y member) int {
		switch {
		case x.index >= 0 && y.index >= 0:
			return x.index - y.index
		case x.index >= 0:
			return -1
		case y.index >= 0:
			return 1
		}
		return 0
	})
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, m.name), ':')
		b = append(b, m.value...)
	}
	return append(b, '}'), nil
}

// arrayIndex returns the number that a name is the usual spelling of, if it is an index of an array, else -1.
func arrayIndex(name string) int {
	n, err := strconv.ParseUint(name, 10, 32)
	if err != nil || n == math.MaxUint32 || strconv.FormatUint(n, 10) != name {
		return -1
	}
	return int(n)
}

// appendNumber writes a number as JavaScript does, which has float64 alone.
func appendNumber(b []byte, text string) ([]byte, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, ErrInexact
	}
	if f == 0 {
		return append(b, '0'), nil // Also -0.
	}
	out, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("sessiondata: %w", err)
	}
	if !strings.ContainsAny(text, ".eE") && string(out) != text {
		return nil, ErrInexact
	}
	return append(b, out...), nil
}

// appendString writes a text as JSON.stringify does: nothing is escaped that need not be.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	s = strings.ToValidUTF8(s, "\ufffd")
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			if c < ' ' {
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				continue
			}
			b = append(b, c)
		}
	}
	return append(b, '"')
}
