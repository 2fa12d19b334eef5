module github.com/agentuity/auth-go/internal/integration

go 1.26.0

require (
	entgo.io/ent v0.14.5
	github.com/agentuity/auth-go v0.0.0
	github.com/jackc/pgx/v5 v5.12.0
	modernc.org/sqlite v1.62.0
)

replace github.com/agentuity/auth-go => ../..
