package entsuite_test

// What Ent's tests import, so that go.mod has it.
import (
	_ "ariga.io/atlas/sql/sqltool"
	_ "github.com/stretchr/testify/assert"
	_ "github.com/stretchr/testify/mock"
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/sync/semaphore"
)
