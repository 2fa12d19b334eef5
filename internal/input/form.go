package input

import (
	"net/url"
	"strconv"
	"strings"
)

// ParseForm returns the values of a query or a form. There is none that cannot be read, as browsers and JavaScript define
// it (https://url.spec.whatwg.org/#urlencoded-parsing): a % that begins no escape stands for itself, ";" separates
// nothing, and bytes that are no UTF-8 are U+FFFD, which JSON has in their place too. A provider that sends a
// browser back with "100% wrong" has its answer read.
func ParseForm(text string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		values[name] = append(values[name], unescape(value))
	}
	return values
}

// unescape decodes what is an escape and leaves the rest.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	text := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s):
			if b, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(b)
				i += 2
			}
		}
		text = append(text, c)
	}
	return strings.ToValidUTF8(string(text), "\ufffd")
}
