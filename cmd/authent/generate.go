package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

//go:embed sql/*.sql
var tablesSQL embed.FS

func newGenerateCommand() *cobra.Command {
	var (
		dialectName, output string
		force               bool
	)
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write the SQL of the auth tables",
		Long: `Writes the statements that create the nine auth tables, with their keys, constraints
and indexes. They can be run again: what exists is left as it is.

Use it with a migration tool of your own. "authent setup" applies the tables itself.`,
		Example: "  authent generate > migrations/0001_auth.sql\n  authent generate --dialect sqlite --output auth.sql",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			statements, err := sqlOf(dialectName)
			if err != nil {
				return err
			}
			if output == "-" {
				_, err := cmd.OutOrStdout().Write(statements)
				return err
			}
			return writeNew(output, statements, force)
		},
	}
	cmd.Flags().StringVar(&dialectName, "dialect", "postgres", "the database: postgres or sqlite")
	cmd.Flags().StringVarP(&output, "output", "o", "-", "the file to write, - for standard output")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the file if it exists")
	return cmd
}

// sqlOf returns the statements for a dialect.
func sqlOf(dialectName string) ([]byte, error) {
	switch dialectName {
	case "postgres", "postgresql":
		return tablesSQL.ReadFile("sql/postgres.sql")
	case "sqlite", "sqlite3":
		return tablesSQL.ReadFile("sql/sqlite.sql")
	}
	return nil, usageError{fmt.Errorf("--dialect %q: want postgres or sqlite", dialectName)}
}

// writeNew writes a file whole or not at all. It overwrites one only if force is set.
func writeNew(path string, content []byte, force bool) (err error) {
	if _, err := os.Stat(path); !force && !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%s exists already: remove it, or overwrite it with --force", path)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(tmp.Name()))
		}
	}()
	if _, err := tmp.Write(content); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Chmod(0o644); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
