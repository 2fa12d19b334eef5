package origin

import (
	"regexp"
	"strings"
)

// relative is the reference's rule for a path of this site. Its lookahead is written out in [isPath].
var relative = regexp.MustCompile(`^/[\w\-.+/@]*(?:\?[\w\-.+/=&%@]*)?$`)

// isPath tells whether a target is a path of this site. Besides the rule's own exclusions (//, /\, /%2f, /%5c) a path
// that becomes // when its dot segments are resolved is refused (/.//host).
func isPath(target string) bool {
	if len(target) > maxURL || strings.HasSuffix(target, "\n") || !relative.MatchString(target) {
		return false
	}
	path, _, _ := strings.Cut(target, "?")
	depth := 0
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		switch segment {
		case ".":
		case "..":
			depth = max(depth-1, 0)
		case "":
			if depth == 0 && i < len(segments)-1 {
				return false
			}
			depth++
		default:
			depth++
		}
	}
	return true
}
