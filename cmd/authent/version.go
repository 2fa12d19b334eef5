package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// version describes the build: the version of the module, or the revision it was built
// from, and the version of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "authent (unknown build)"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "(development)"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v = "(development, revision " + s.Value + ")"
			}
		}
	}
	return fmt.Sprintf("authent %s %s", v, info.GoVersion)
}
