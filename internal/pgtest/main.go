package pgtest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
)

// Main runs the tests of a package in its TestMain, and gives its examples what they have in an app: an empty database
// that DATABASE_URL names. It returns the code to exit with.
func Main(m *testing.M) int {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m *testing.M) (code int, err error) {
	if slices.Contains(os.Args, "-test.fuzzworker") {
		return m.Run(), nil // It runs no examples.
	}
	s, err := testServer()
	if err != nil {
		return 0, err
	}
	database, err := s.create()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.drop(database)) }()
	if err := os.Setenv("DATABASE_URL", s.databaseURL(database)); err != nil {
		return 0, err
	}
	return m.Run(), nil
}
