package pgxdriver

import "strings"

// wantsStandardRows reports whether a query gets the rows of database/sql.
//
// Ent's migration casts the rows of its queries to *sql.Rows. It asks for nothing that tells
// it from other callers, but what it asks is special: it reads the system catalogs, settings
// and expressions, whereas a query of a client reads tables, whose names Ent quotes. Every
// other SELECT that looks like neither gets the rows of database/sql too; they hold the same
// values and are only slower.
func wantsStandardRows(query string) bool {
	query = strings.TrimLeft(query, " \t\r\n")
	if hasKeyword(query, "INSERT") || hasKeyword(query, "UPDATE") || hasKeyword(query, "DELETE") || hasKeyword(query, "WITH") {
		return false
	}
	return !strings.Contains(query, ` FROM "`) || strings.Contains(query, "pg_") || strings.Contains(query, "information_schema")
}

// hasKeyword reports whether a query starts with a keyword, in upper case as Ent writes it.
func hasKeyword(query, keyword string) bool {
	return strings.HasPrefix(query, keyword) && len(query) > len(keyword) && query[len(keyword)] <= ' '
}
