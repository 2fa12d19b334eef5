package input

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// check is what the tag of a field asks of its value.
type check struct {
	min, max *float64
	email    bool
	options  []string
	nul      bool
	object   bool
	list     bool
	union    bool
}

func parseCheck(tag string) (c check) {
	for _, rule := range strings.Split(tag, ",") {
		name, value, _ := strings.Cut(rule, "=")
		switch name {
		case "min", "max":
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			if name == "min" {
				c.min = &n
			} else {
				c.max = &n
			}
		case "email":
			c.email = true
		case "option":
			c.options = strings.Split(value, "|")
		case "nul":
			c.nul = true
		case "object":
			c.object = true
		case "list":
			c.list = true
		case "union":
			c.union = true
		}
	}
	return c
}

func (c check) text(s string) string {
	if c.email && !Email(s) {
		return "Invalid email address"
	}
	if c.options != nil {
		for _, o := range c.options {
			if s == o {
				return ""
			}
		}
		return `Invalid option: expected one of "` + strings.Join(c.options, `"|"`) + `"`
	}
	if c.min != nil || c.max != nil {
		length := float64(length(s))
		if c.min != nil && length < *c.min {
			return fmt.Sprintf("Too small: expected string to have >=%v characters", *c.min)
		}
		if c.max != nil && length > *c.max {
			return fmt.Sprintf("Too big: expected string to have <=%v characters", *c.max)
		}
	}
	if !c.nul && strings.IndexByte(s, 0) >= 0 {
		return "Invalid input: the character U+0000 is not allowed"
	}
	return ""
}

func (c check) number(n float64) string {
	if c.min != nil && n < *c.min {
		return fmt.Sprintf("Too small: expected number to be >=%v", *c.min)
	}
	if c.max != nil && n > *c.max {
		return fmt.Sprintf("Too big: expected number to be <=%v", *c.max)
	}
	return ""
}

// length counts UTF-16 units, as JavaScript does.
func length(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

var email = regexp.MustCompile(`^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`)

// The longest parts of an e-mail address that mail servers accept, in bytes (RFC 5321, 4.5.3.1).
const (
	maxLocal = 64
	maxEmail = 254
)

// Email tells whether a text is an e-mail address as the auth endpoints accept it: ASCII, without quotes or spaces, at
// most 64 bytes before the @ and 254 in all.
func Email(s string) bool {
	if len(s) > maxEmail || strings.IndexByte(s, '@') > maxLocal {
		return false
	}
	return !strings.HasPrefix(s, ".") && !strings.Contains(s, "..") && email.MatchString(s)
}
