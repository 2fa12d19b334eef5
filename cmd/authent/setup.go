package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func newSetupCommand() *cobra.Command {
	var (
		source  string
		dryRun  bool
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Create the auth tables in a database",
		Long: `Creates what is missing of the nine auth tables in the database that --database-url or
the environment variable DATABASE_URL names: postgres://user:password@host:5432/database
or sqlite:path/to/file.db.

It can be run again, and on a database that the TypeScript side made. What is there is
not changed: if a table is there with wrong columns, it says what is wrong and changes
nothing. All changes are one transaction.`,
		Example: "  authent setup\n  authent setup --database-url sqlite:app.db\n  authent setup --dry-run",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if source == "" {
				source = os.Getenv("DATABASE_URL")
			}
			db, err := openDatabase(cmd.Context(), source, timeout)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			changes, err := setup(cmd.Context(), db, dryRun)
			if err != nil {
				return fmt.Errorf("%s: %w", db.name, err)
			}
			out := cmd.OutOrStdout()
			if len(changes) == 0 {
				_, err := fmt.Fprintf(out, "%s: the auth tables are complete, nothing to do\n", db.name)
				return err
			}
			did := "done"
			if dryRun {
				did = "to do"
			}
			fmt.Fprintf(out, "%s, %s:\n", db.name, did)
			for _, change := range changes {
				fmt.Fprintf(out, "  %s\n", change)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&source, "database-url", "", "the database (default: the environment variable DATABASE_URL)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what is missing, and change nothing")
	cmd.Flags().DurationVar(&timeout, "connect-timeout", 10*time.Second, "how long to wait for the database")
	return cmd
}
