package seed

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// NewTask is the title of the tasks that the transaction of the suite creates.
const NewTask = "A new task"

// Clean removes what the cases which write have created.
func Clean(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `DELETE FROM "task" WHERE "project_id" BETWEEN $1 AND $2 AND "title" = $3`, WrittenProjectID(0), WrittenProjectID(19), NewTask)
	return err
}
