-- name: GetUser :one
SELECT * FROM "user" WHERE "id" = $1;

-- name: ListUsers :many
SELECT * FROM "user" WHERE "id" > $1 ORDER BY "id" LIMIT $2;

-- name: GetSession :one
SELECT sqlc.embed(s), sqlc.embed(u) FROM "session" s JOIN "user" u ON u."id" = s."userId" WHERE s."token" = $1;

-- name: ListMemberships :many
SELECT sqlc.embed(m), sqlc.embed(o) FROM "member" m JOIN "organization" o ON o."id" = m."organizationId" WHERE m."userId" = $1 ORDER BY m."id";

-- name: ListMembers :many
SELECT sqlc.embed(m), sqlc.embed(u) FROM "member" m JOIN "user" u ON u."id" = m."userId" WHERE m."organizationId" = $1 ORDER BY m."id";

-- name: ListProjects :many
SELECT sqlc.embed(p), sqlc.embed(u) FROM "project" p JOIN "user" u ON u."id" = p."owner_id" WHERE p."organization_id" = $1 ORDER BY p."id";

-- name: PageOfProjects :many
SELECT sqlc.embed(p), sqlc.embed(u) FROM "project" p JOIN "user" u ON u."id" = p."owner_id" WHERE p."id" > $1 ORDER BY p."id" LIMIT $2;

-- name: ListTasks :many
SELECT * FROM "task" WHERE "project_id" = ANY(sqlc.arg(project_ids)::text[]) ORDER BY "id";

-- name: UpdateUserName :one
UPDATE "user" SET "name" = $1, "updatedAt" = $2 WHERE "id" = $3 RETURNING *;

-- name: CreateTask :one
INSERT INTO "task" ("id", "project_id", "title") VALUES ($1, $2, $3) RETURNING *;

-- name: UpdateProjectName :one
UPDATE "project" SET "name" = $1 WHERE "id" = $2 RETURNING *;
