// Package origin decides which origins are trusted and which redirect targets are allowed.
//
// One rule for every route: a target is a path of this site in a narrow alphabet, or an absolute URL whose origin is
// trusted. URLs are parsed strictly before anything is compared: what browsers and servers read in different ways
// (backslashes, control characters, user names, hosts that are not ASCII, "https:evil") is refused, not interpreted.
package origin
