package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"
)

func newSecretCommand() *cobra.Command {
	var env bool
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "Make a secret for the auth service",
		Long: `Prints a new random secret of 32 bytes, in the URL-safe form of base64 (43 characters).

The auth service signs cookies and encrypts keys with it. Set it as the environment
variable AGENTUITY_AUTH_SECRET of every server that shares the database, and keep it:
with another secret alone, all sessions and stored key pairs are void. docs/auth.md says
how to replace it, with AGENTUITY_AUTH_SECRETS.`,
		Example: "  authent secret\n  authent secret --env >> .env",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var secret [32]byte
			// crypto/rand.Read fills the buffer or ends the program; it returns no error.
			_, _ = rand.Read(secret[:])
			line := base64.RawURLEncoding.EncodeToString(secret[:])
			if env {
				line = "AGENTUITY_AUTH_SECRET=" + line
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), line)
			return err
		},
	}
	cmd.Flags().BoolVar(&env, "env", false, "print a line for a .env file")
	return cmd
}
