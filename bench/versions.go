package main

import (
	"context"
	"fmt"
	"os/exec"
	"path"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/jackc/pgx/v5"
)

// versions returns those of what is compared.
func versions(ctx context.Context, conn *pgx.Conn) ([][2]string, error) {
	var server string
	if err := conn.QueryRow(ctx, "SHOW server_version").Scan(&server); err != nil {
		return nil, fmt.Errorf("ask for the version of Postgres: %w", err)
	}
	all := [][2]string{{"Go", runtime.Version()}, {"Postgres", server}}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			switch module.Path {
			case "entgo.io/ent", "github.com/jackc/pgx/v5", "gorm.io/gorm", "gorm.io/driver/postgres", "github.com/uptrace/bun", "github.com/uptrace/bun/driver/pgdriver":
				all = append(all, [2]string{module.Path, module.Version})
			}
		}
	}
	all = append(all, [2]string{"sqlc", "v1.31.1"})
	// Without Node there is no Drizzle: what is missing is not an error here.
	if out, err := exec.CommandContext(ctx, "node", "--version").Output(); err == nil {
		all = append(all, [2]string{"Node", strings.TrimSpace(string(out))})
	}
	for _, name := range []string{"drizzle-orm", "pg"} {
		cmd := exec.CommandContext(ctx, "node", "-p", fmt.Sprintf("require('./%s').version", path.Join("node_modules", name, "package.json")))
		cmd.Dir = drizzleFolder
		if out, err := cmd.Output(); err == nil {
			all = append(all, [2]string{name, strings.TrimSpace(string(out))})
		}
	}
	return all, nil
}
