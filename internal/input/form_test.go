package input_test

import (
	"net/url"
	"reflect"
	"testing"

	"github.com/agentuity/auth-go/internal/input"
)

// The values are what URLSearchParams of JavaScript reads.
func TestParseForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]url.Values{
		"":                      {},
		"&&":                    {},
		"a=b&c=d":               {"a": {"b"}, "c": {"d"}},
		"a=1&a=2&a":             {"a": {"1", "2", ""}},
		"=b&=":                  {"": {"b", ""}},
		"a=b=c":                 {"a": {"b=c"}},
		"a+b=c+d%2B%26%3D":      {"a b": {"c d+&="}},
		"%61=%4a%4A":            {"a": {"JJ"}},
		"a=100%&b=%zz&c=%4":     {"a": {"100%"}, "b": {"%zz"}, "c": {"%4"}},
		"a=%%41&%=%25":          {"a": {"%A"}, "%": {"%"}},
		"a=b;c=d":               {"a": {"b;c=d"}},
		"a=%e4&b=%ff%fe&\xff=x": {"a": {"\ufffd"}, "b": {"\ufffd"}, "\ufffd": {"x"}},
		"a=%c3%a4&b=ä":          {"a": {"ä"}, "b": {"ä"}},
		"a=%00":                 {"a": {"\x00"}},
	} {
		if got := input.ParseForm(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
