package password

// The default bounds of a password's length, in UTF-16 code units.
const (
	MinLength = 8
	MaxLength = 128
)

// Length counts a password in UTF-16 code units, as the reference does: an emoji outside the Basic Multilingual
// Plane counts two. A byte that is not UTF-8 counts one, as the U+FFFD that takes its place.
func Length(password string) int {
	n := 0
	for _, r := range password {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
