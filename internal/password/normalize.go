package password

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// graphemeJoiner is what golang.org/x/text/unicode/norm inserts after 30 combining marks in a row (the
// Stream-Safe Text Process). JavaScript's normalize("NFKC") does not, so its result must not reach the hash.
const graphemeJoiner = "\u034f"

// normalize returns the NFKC form of a password, as String.prototype.normalize("NFKC") gives it.
// Bytes that are not UTF-8 become U+FFFD, one for each, as encoding/json does.
func normalize(password string) string {
	if isASCII(password) {
		return password
	}
	if !utf8.ValidString(password) {
		password = string([]rune(password))
	}
	out := norm.NFKC.String(password)
	if strings.Count(out, graphemeJoiner) != strings.Count(password, graphemeJoiner) {
		return composeLong(password)
	}
	return out
}

// marks sorts combining marks by their canonical combining class.
type marks struct {
	runes   []rune
	classes []uint8
}

func (m marks) Len() int           { return len(m.runes) }
func (m marks) Less(i, j int) bool { return m.classes[i] < m.classes[j] }
func (m marks) Swap(i, j int) {
	m.runes[i], m.runes[j] = m.runes[j], m.runes[i]
	m.classes[i], m.classes[j] = m.classes[j], m.classes[i]
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// composeLong is NFKC without the Stream-Safe limit: decompose each rune, order the combining marks by their class,
// compose (Unicode Standard, section 3.11, D115 to D117).
func composeLong(s string) string {
	var runes []rune
	var classes []uint8
	for _, r := range s {
		for _, d := range norm.NFKD.String(string(r)) {
			runes = append(runes, d)
			classes = append(classes, norm.NFKD.PropertiesString(string(d)).CCC())
		}
	}
	for start := 0; start < len(runes); {
		end := start + 1
		for end < len(runes) && classes[end] != 0 {
			end++
		}
		if classes[start] != 0 {
			sort.Stable(marks{runes[start:end], classes[start:end]})
		} else {
			sort.Stable(marks{runes[start+1 : end], classes[start+1 : end]})
		}
		start = end
	}
	out := make([]rune, 0, len(runes))
	outClasses := make([]uint8, 0, len(runes))
	starter := -1
	for i, r := range runes {
		if starter >= 0 && !blocked(outClasses[starter+1:], classes[i]) {
			if c, ok := composePair(out[starter], r); ok {
				out[starter] = c
				continue
			}
		}
		if classes[i] == 0 {
			starter = len(out)
		}
		out = append(out, r)
		outClasses = append(outClasses, classes[i])
	}
	return string(out)
}

// blocked tells whether what stands between the starter and a rune of the given class keeps the two apart.
func blocked(between []uint8, class uint8) bool {
	return len(between) > 0 && between[len(between)-1] >= class
}

// composePair returns the primary composite of two runes.
func composePair(a, b rune) (rune, bool) {
	composed := norm.NFC.String(string([]rune{a, b}))
	r, size := utf8.DecodeRuneInString(composed)
	return r, size == len(composed) && r != a
}
