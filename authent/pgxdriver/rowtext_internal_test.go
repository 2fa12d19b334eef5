package pgxdriver

import (
	"strings"
	"testing"
	"unsafe"
)

// TestRowText: the texts of a row are right in whatever order they are asked for, and share their memory unless they
// are large.
func TestRowText(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", maxRowText+1)
	want := []string{"one", "", large, "\x00\x01", "two", "", "three"}
	kinds := []kind{kindText, kindText, kindText, kindInt2, kindText, kindText, kindText}
	values := make([][]byte, len(want))
	for i, w := range want {
		values[i] = []byte(w)
	}
	values[5] = nil
	for _, made := range []bool{false, true} {
		r := &row{values: values, kinds: kinds}
		if made {
			r.text.all = textsOf(values, kinds)
		}
		for _, i := range []int{0, 1, 2, 4, 5, 6, 4, 0, 6, 6, 2} {
			if got := r.string(i); got != want[i] {
				t.Errorf("made before %t: column %d: got %.20q, want %.20q", made, i, got, want[i])
			}
		}
		if r.text.all != "onetwothree" {
			t.Errorf("the texts are %.40q", r.text.all)
		}
		if unsafe.StringData(r.string(0)) != unsafe.StringData(r.text.all) {
			t.Error("a short text has memory of its own")
		}
		values[0][0] = 'O' // The memory of the connection is used again.
		if got := r.string(0); got != "one" {
			t.Errorf("a text changes with the memory that it came in: %q", got)
		}
		values[0][0] = 'o'
	}
}
