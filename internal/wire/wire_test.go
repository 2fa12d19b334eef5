package wire_test

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/agentuity/auth-go/internal/wire"
)

type row struct {
	Name    string          `json:"name"`
	At      time.Time       `json:"at"`
	Until   *time.Time      `json:"until"`
	Note    *string         `json:"note,omitempty"`
	Hidden  string          `json:"-"`
	Raw     json.RawMessage `json:"raw"`
	Extra   map[string]any  `json:"-" wire:"extra"`
	private int
}

type nested struct {
	row
	Rows []*row         `json:"rows"`
	Map  map[string]any `json:"map"`
	N    int            `json:"n"`
}

// texts has JSON text, as columns have it.
type texts struct {
	N    any     `json:"n"`
	Text *string `json:"text" wire:"json"`
	None *string `json:"none" wire:"json"`
	Bad  *string `json:"bad" wire:"json"`
}

// later has a member among those of what it embeds.
type later struct {
	nested
	Key string `json:"key" wire:"after=at"`
	End bool   `json:"end"`
}

// tree contains itself in every way.
type tree struct {
	Name string           `json:"name"`
	Up   *tree            `json:"up"`
	Down []tree           `json:"down"`
	By   map[string]*tree `json:"by"`
}

// level has a JSON form of its own.
type level int

func (l level) MarshalJSON() ([]byte, error) { return json.Marshal("level " + strconv.Itoa(int(l))) }

// TestMarshalAtOnce: types that contain themselves, which many write for the first time.
func TestMarshalAtOnce(t *testing.T) {
	t.Parallel()
	v := tree{Name: "a", Up: &tree{Name: "b"}, Down: []tree{{Name: "c"}}, By: map[string]*tree{"d": nil}}
	want := `{"name":"a","up":{"name":"b","up":null,"down":null,"by":null},"down":[{"name":"c","up":null,"down":null,"by":null}],"by":{"d":null}}`
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := wire.Marshal(v); err != nil || string(got) != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
	wg.Wait()
}

func text(s string) *string { return &s }

func TestMarshal(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 20, 13, 47, 500_999_999, time.FixedZone("", 3600))
	r := row{Name: "a<b>&\"\u2028é", At: at, Hidden: "x", Extra: map[string]any{"zeta": 1, "alpha": at, "nil": (*time.Time)(nil)}, private: 1}
	for want, v := range map[string]any{
		`null`: nil,
		`{"name":"a<b>&\"\u2028é","at":"2026-11-23T19:13:47.500Z","until":null,"raw":null,"alpha":"2026-11-23T19:13:47.500Z","nil":null,"zeta":1}`: r,
		`[{"name":"","at":"0001-01-01T00:00:00.000Z","until":null,"raw":null}]`:                                                                    []row{{}},
		`{"name":"","at":"0001-01-01T00:00:00.000Z","until":null,"raw":{"x":1},"rows":[],"map":{"a":[true,null,1.5],"b":"c"},"n":3}`: nested{
			row: row{Raw: json.RawMessage(`{"x":1}`)}, Rows: []*row{}, Map: map[string]any{"b": "c", "a": []any{true, nil, 1.5}}, N: 3,
		},
		`[-1,255,"level 3",9223372036854775807]`:         []any{int8(-1), uint8(255), level(3), uint64(1<<63 - 1)},
		`{"n":1,"text":{"a":[1]},"none":null,"bad":"{"}`: texts{N: json.Number("1"), Text: text(`{"a":[1]}`), Bad: text("{")},
	} {
		got, err := wire.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
		if !json.Valid(got) {
			t.Errorf("not JSON: %s", got)
		}
	}
	if _, err := wire.Marshal(map[string]any{"f": func() {}}); err == nil {
		t.Error("a function has no JSON: want an error")
	}
}

func TestMemberAfterAnother(t *testing.T) {
	t.Parallel()
	got, err := wire.Marshal(later{Key: "k"})
	want := `{"name":"","at":"0001-01-01T00:00:00.000Z","key":"k","until":null,"raw":null,"rows":null,"map":null,"n":0,"end":false}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
