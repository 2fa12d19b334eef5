package input_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/agentuity/auth-go/internal/input"
)

type signUp struct {
	Name     string              `json:"name" check:"max=4"`
	Email    string              `json:"email" check:"email"`
	Password string              `json:"password" check:"min=1,nul"`
	Image    *string             `json:"image"`
	Callback string              `json:"callbackURL,omitempty"`
	Remember *bool               `json:"rememberMe"`
	Until    input.Optional[int] `json:"until" check:"min=1"`
	Roles    []string            `json:"roles,omitempty"`
	Allow    map[string][]string `json:"allow,omitempty"`
	Any      any                 `json:"any"`
	Sort     string              `json:"sort,omitempty" check:"option=asc|desc"`
	ID       *struct {
		Token string `json:"token"`
	} `json:"idToken"`
	Scopes []string       `json:"scopes,omitempty" check:"list"`
	Kind   string         `json:"kind,omitempty" check:"union"`
	Rest   map[string]any `rest:"object,record"`
	_      []string       `unused:"team"`
	_      string         `unused:"config"`
}

func decode(t *testing.T, dst any, body string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	src := input.Source{}
	if body != "" {
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		src.Body, src.HasBody = v, true
	}
	err := input.Decode(dst, src)
	var invalid *input.Invalid
	if err != nil && !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestProblems(t *testing.T) {
	t.Parallel()
	ok := `"name":"n","email":"a@b.co","password":"p"`
	for body, want := range map[string]string{
		``:     "[body] Invalid input: expected object, received undefined; [body] Invalid input: expected record, received undefined",
		`null`: "[body] Invalid input: expected object, received null; [body] Invalid input: expected record, received null",
		`[]`:   "[body] Invalid input: expected object, received array; [body] Invalid input: expected record, received array",
		`{}`: "[body.name] Invalid input: expected string, received undefined; [body.email] Invalid input: expected string, received undefined; " +
			"[body.password] Invalid input: expected string, received undefined",
		`{"name":null,"email":"a@b.co","password":1}`:            "[body.name] Invalid input: expected string, received null; [body.password] Invalid input: expected string, received number",
		`{"name":"n","email":"nope","password":""}`:              "[body.email] Invalid email address; [body.password] Too small: expected string to have >=1 characters",
		`{"name":"😀😀x","email":"a@b.co","password":"p"}`:         "[body.name] Too big: expected string to have <=4 characters",
		`{"name":"\u0000","email":"a@b.co","password":"\u0000"}`: "[body.name] Invalid input: the character U+0000 is not allowed",
		`{` + ok + `,"image":1}`:                                 "[body.image] Invalid input: expected string, received number",
		`{` + ok + `,"rememberMe":"true"}`:                       "[body.rememberMe] Invalid input: expected boolean, received string",
		`{` + ok + `,"until":0}`:                                 "[body.until] Too small: expected number to be >=1",
		`{` + ok + `,"until":1.5}`:                               "[body.until] Invalid input: expected int, received number",
		`{` + ok + `,"until":1e300}`:                             "[body.until] Too big: expected int to be <=2147483647",
		`{` + ok + `,"roles":[1]}`:                               "[body.roles] Invalid input",
		`{` + ok + `,"allow":{"a":"b"}}`:                         "[body.allow.a] Invalid input: expected array, received string",
		`{` + ok + `,"sort":"up"}`:                               `[body.sort] Invalid option: expected one of "asc"|"desc"`,
		`{` + ok + `,"idToken":{}}`:                              "[body.idToken.token] Invalid input: expected string, received undefined",
		`{` + ok + `,"allow":{"b":["c",1],"a":2}}`:               "[body.allow.a] Invalid input: expected array, received number; [body.allow.b.1] Invalid input: expected string, received number",
		`{` + ok + `,"scopes":"a"}`:                              "[body.scopes] Invalid input: expected array, received string",
		`{` + ok + `,"scopes":[1,"a",null]}`:                     "[body.scopes.0] Invalid input: expected string, received number; [body.scopes.2] Invalid input: expected string, received null",
		`{` + ok + `,"kind":1}`:                                  "[body.kind] Invalid input",
		`{` + ok + `,"team":1,"config":2}`:                       "[body.team] Invalid input; [body.config] Invalid input: expected string, received number",
		`{` + ok + `,"team":["a"],"config":"b"}`:                 "",
		`{` + ok + `,"team":null,"config":null}`:                 "",
	} {
		if got := decode(t, &signUp{}, body); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	var in signUp
	if problem := decode(t, &in, `{"name":"n","email":"a@b.co","password":"p","image":null,"until":null,"roles":"x","allow":{"a":["b"]},"any":[1],
		"idToken":{"token":"t"},"role":"admin","rememberMe":false}`); problem != "" {
		t.Fatal(problem)
	}
	if in.Image != nil || !in.Until.Set || in.Until.Value != nil || !reflect.DeepEqual(in.Roles, []string{"x"}) || in.Allow["a"][0] != "b" ||
		!reflect.DeepEqual(in.Any, []any{json.Number("1")}) || in.ID.Token != "t" || *in.Remember || !reflect.DeepEqual(in.Rest, map[string]any{"role": "admin"}) {
		t.Errorf("got %+v", in)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	type list struct {
		ID    string `json:"id"`
		Limit *int   `json:"limit" check:"min=0"`
		Flag  bool   `json:"flag,omitempty"`
		Token string `json:"token" in:"path"`
	}
	for query, want := range map[string]string{
		"id=a&limit=3&flag=true": "",
		"":                       "[query.id] Invalid input: expected string, received undefined",
		"id=a&id=b":              "[query.id] Invalid input: expected string, received array",
		"id=a&limit=-1":          "[query.limit] Too small: expected number to be >=0",
		"id=a&limit=x":           "[query.limit] Invalid input: expected number, received NaN",
		"id=a&flag=x":            "[query.flag] Invalid input: expected boolean, received string",
	} {
		var in list
		got := ""
		if err := input.Decode(&in, input.Source{Query: input.ParseForm(query), InQuery: true, Path: map[string]string{"token": "t"}}); err != nil {
			got = err.Error()
		}
		if got != want || want == "" && (in.ID != "a" || *in.Limit != 3 || !in.Flag || in.Token != "t") {
			t.Errorf("%s: got %q, %+v; want %q", query, got, in, want)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"a@b.co": true, "p+lus@example.com": true, "o'neil@x.example.org": true, "A-B_c.d@EXAMPLE.COM": true,
		strings.Repeat("x", 64) + "@example.com": true,
		"":                                       false, "nope": false, "x": false, "@b.co": false, "a@b": false, " a@b.co": false, "a@b.co ": false, ".a@b.co": false, "a.@b.co": false,
		"a..b@b.co": false, "üni@example.com": false, "a@exämple.com": false, "a\x00@b.co": false, "a@b.c": false, "a@b.co\n": false, "a b@c.de": false,
		`"a"@b.co`: false, "a@-b.co": false, "a@b@c.de": false,
		strings.Repeat("x", 65) + "@example.com": false, "a@" + strings.Repeat("b", 250) + ".com": false,
	} {
		if got := input.Email(address); got != want {
			t.Errorf("Email(%q) = %v", address, got)
		}
	}
}

// FuzzEmail: what is an address is one for mail programs too, the same one in every normal form and in lower case, and has no
// character that has a meaning elsewhere.
func FuzzEmail(f *testing.F) {
	for _, address := range []string{"a@b.co", "o'neil@x.example.org", "\u212aim@example.com", "a@b.co,c@d.ef", "a\x00@b.co", "<a@b.co>", "a@b.co\r\nBcc: c@d.ef", "kim@example.com "} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !input.Email(address) {
			return
		}
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address || parsed.Name != "" {
			t.Errorf("%q is accepted, and is %v for mail programs: %v", address, parsed, err)
		}
		if strings.Count(address, "@") != 1 || strings.ContainsAny(address, " \t\r\n\x00\"\\<>(),;:[]%&=?/#") || norm.NFKC.String(address) != address {
			t.Errorf("%q is accepted", address)
		}
		if lower := strings.ToLower(address); !input.Email(lower) || len(lower) != len(address) {
			t.Errorf("%q in lower case is %q", address, lower)
		}
	})
}

// FuzzDecode: no body and no query makes decoding panic, and no text that is decoded has what a database refuses.
func FuzzDecode(f *testing.F) {
	type all struct {
		Text    string                          `json:"text" check:"max=100"`
		Texts   []string                        `json:"texts,omitempty"`
		Pointer *string                         `json:"pointer"`
		Number  *int                            `json:"number" check:"min=0"`
		Float   float64                         `json:"float,omitempty"`
		Flag    bool                            `json:"flag,omitempty"`
		Any     any                             `json:"any"`
		Meta    input.Optional[json.RawMessage] `json:"meta" check:"max=100"`
		Lists   map[string][]string             `json:"lists,omitempty"`
		Tri     input.Optional[string]          `json:"tri"`
		Inner   input.Optional[struct {
			A string `json:"a"`
		}] `json:"inner"`
	}
	f.Add(`{"text":"x","texts":["a"],"number":3,"meta":{"a":1},"lists":{"a":["b"]},"tri":null,"inner":{"a":"x"}}`, "text=x&number=3&flag=true")
	f.Add(`{"text":"\u0000"}`, "text=%00")
	f.Add(`[`, "text=1&text=2")
	f.Fuzz(func(t *testing.T, body, query string) {
		src := input.Source{Raw: json.RawMessage(body)}
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		src.HasBody = d.Decode(&src.Body) == nil && !d.More()
		src.Query = input.ParseForm(query)
		// What net/url can read too is read the same.
		if values, err := url.ParseQuery(query); err == nil && utf8.ValidString(query) && utf8.ValidString(fmt.Sprint(values)) && !reflect.DeepEqual(values, src.Query) {
			t.Errorf("%q is %v, and %v for net/url", query, src.Query, values)
		}
		for _, src.InQuery = range []bool{false, true} {
			var got all
			if err := input.Decode(&got, src); err != nil {
				continue
			}
			texts := append([]string{got.Text}, got.Texts...)
			if got.Pointer != nil {
				texts = append(texts, *got.Pointer)
			}
			for _, text := range texts {
				if strings.IndexByte(text, 0) >= 0 {
					t.Errorf("%q %q: %q is decoded", body, query, text)
				}
			}
			if utf16Length(got.Text) > 100 || got.Number != nil && *got.Number < 0 || got.Meta.Value != nil && len(*got.Meta.Value) > 100 {
				t.Errorf("%q %q: out of bounds: %+v", body, query, got)
			}
		}
	})
}

func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }

type raw struct {
	Data struct {
		Meta input.Optional[json.RawMessage] `json:"meta" check:"object,max=40"`
	} `json:"data"`
	Meta json.RawMessage `json:"meta,omitempty" check:"object"`
	Any  json.RawMessage `json:"any,omitempty"`
}

// JSON is kept as it was sent: order, numbers and escapes.
func TestRaw(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, data, meta, any, problem string }{
		{`{"meta":{"z": 1.0, "a":[ 1 ]},"any":"x","data":{"meta":{"b":1,"a":{"d":2,"c":3}}}}`, `{"b":1,"a":{"d":2,"c":3}}`, `{"z":1.0,"a":[1]}`, `"x"`, ""},
		{`{"meta":null,"data":{"meta":null}}`, "", "", "", ""},
		{`{"data":{}}`, "", "", "", ""},
		{`{"data":{},"meta":[1]}`, "", "", "", "[body.meta] Invalid input: expected record, received array"},
		{`{"data":{"meta":"x"}}`, "", "", "", "[body.data.meta] Invalid input: expected record, received string"},
		{`{"data":{"meta":{"a":"0123456789012345678901234567890123456789"}}}`, "", "", "", "[body.data.meta] Too big: expected JSON of <=40 bytes"},
	} {
		for _, withRaw := range []bool{true, false} {
			var body any
			d := json.NewDecoder(strings.NewReader(test.body))
			d.UseNumber()
			if err := d.Decode(&body); err != nil {
				t.Fatal(err)
			}
			src := input.Source{Body: body, HasBody: true}
			if withRaw {
				src.Raw = json.RawMessage(test.body)
			}
			var got raw
			err := input.Decode(&got, src)
			if err != nil {
				if problem := err.Error(); problem != test.problem {
					t.Errorf("%s: %q, want %q", test.body, problem, test.problem)
				}
				continue
			}
			if test.problem != "" {
				t.Errorf("%s: no error, want %q", test.body, test.problem)
			}
			data := ""
			if got.Data.Meta.Value != nil {
				data = string(*got.Data.Meta.Value)
			}
			if !withRaw {
				continue // The order is that of names then.
			}
			if data != test.data || string(got.Meta) != test.meta || string(got.Any) != test.any {
				t.Errorf("%s: %s %s %s", test.body, data, got.Meta, got.Any)
			}
		}
	}
}
