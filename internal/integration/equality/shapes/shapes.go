// Package shapes has the Go types of the fields of the schema.
package shapes

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Level is an integer of its own type.
type Level int

// Label is a string of its own type.
type Label string

// Flag is a bool of its own type.
type Flag bool

// Weight is a float of its own type.
type Weight float64

// CardID is an id of its own type.
type CardID string

// Color is an enum of its own type.
type Color string

// Values of Color.
func (Color) Values() []string { return []string{"red", "green", "blue"} }

// Code is an id that is a struct in Go and a number in the database.
type Code struct{ Number int64 }

// String is the code as people write it.
func (c Code) String() string { return "C" + strconv.FormatInt(c.Number, 10) }

// Value is what the database has.
func (c Code) Value() (driver.Value, error) { return c.Number, nil }

// Scan reads what the database has. Ent hands the ids of bulk creations to it as well.
func (c *Code) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		c.Number = v
	case *Code:
		*c = *v
	case nil:
		c.Number = 0
	default:
		return fmt.Errorf("a Code cannot be %T", src)
	}
	return nil
}

// Point is a struct in Go and text in the database, by its own methods.
type Point struct{ X, Y int }

// Value is what the database has.
func (p Point) Value() (driver.Value, error) { return fmt.Sprintf("%d,%d", p.X, p.Y), nil }

// Scan reads what the database has.
func (p *Point) Scan(src any) error {
	var s string
	switch v := src.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	case nil:
		return nil
	default:
		return fmt.Errorf("a Point cannot be %T", src)
	}
	_, err := fmt.Sscanf(s, "%d,%d", &p.X, &p.Y)
	return err
}

// Words is a list of plain words: an array of text in Postgres.
type Words []string

// Value is the text of an array.
func (w Words) Value() (driver.Value, error) {
	if w == nil {
		return nil, nil
	}
	return "{" + strings.Join(w, ",") + "}", nil
}

// Scan reads the text of an array.
func (w *Words) Scan(src any) error {
	var s string
	switch v := src.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	case nil:
		*w = nil
		return nil
	default:
		return fmt.Errorf("words cannot be %T", src)
	}
	s = strings.Trim(s, "{}")
	*w = Words{}
	if s != "" {
		*w = strings.Split(s, ",")
	}
	return nil
}

// Decimal is an exact number, kept as its text.
type Decimal string

// Value is what the database has.
func (d Decimal) Value() (driver.Value, error) { return string(d), nil }

// Scan reads what the database has.
func (d *Decimal) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*d = Decimal(v)
	case []byte:
		*d = Decimal(v)
	case nil:
		*d = ""
	default:
		*d = Decimal(fmt.Sprint(v))
	}
	return nil
}

// Address is what a JSON field holds.
type Address struct {
	Street string            `json:"street,omitempty"`
	Number int               `json:"number"`
	Notes  []string          `json:"notes"`
	More   map[string]string `json:"more,omitempty"`
	Next   *Address          `json:"next,omitempty"`
}
