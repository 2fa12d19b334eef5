-- The nine tables of Agentuity Auth on SQLite: the shape of those on Postgres.
-- It can be run again: what exists is left as it is.
-- Foreign keys hold on connections that enable them: PRAGMA foreign_keys = ON.

CREATE TABLE IF NOT EXISTS "user" (
	"id" text NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"emailVerified" bool NOT NULL DEFAULT (false),
	"image" text,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"updatedAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX IF NOT EXISTS "user_email_unique" ON "user" ("email");

CREATE TABLE IF NOT EXISTS "organization" (
	"id" text NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"logo" text,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"metadata" text,
	PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX IF NOT EXISTS "organization_slug_unique" ON "organization" ("slug");

CREATE TABLE IF NOT EXISTS "session" (
	"id" text NOT NULL,
	"expiresAt" datetime NOT NULL,
	"token" text NOT NULL,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"updatedAt" datetime NOT NULL,
	"ipAddress" text,
	"userAgent" text,
	"userId" text NOT NULL,
	"activeOrganizationId" text,
	PRIMARY KEY ("id"),
	CONSTRAINT "session_userId_user_id_fk" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX IF NOT EXISTS "session_token_unique" ON "session" ("token");
CREATE INDEX IF NOT EXISTS "session_userId_idx" ON "session" ("userId");

CREATE TABLE IF NOT EXISTS "account" (
	"id" text NOT NULL,
	"accountId" text NOT NULL,
	"providerId" text NOT NULL,
	"userId" text NOT NULL,
	"accessToken" text,
	"refreshToken" text,
	"idToken" text,
	"accessTokenExpiresAt" datetime,
	"refreshTokenExpiresAt" datetime,
	"scope" text,
	"password" text,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"updatedAt" datetime NOT NULL,
	PRIMARY KEY ("id"),
	CONSTRAINT "account_userId_user_id_fk" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "account_userId_idx" ON "account" ("userId");

CREATE TABLE IF NOT EXISTS "verification" (
	"id" text NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expiresAt" datetime NOT NULL,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"updatedAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	PRIMARY KEY ("id")
);
CREATE INDEX IF NOT EXISTS "verification_identifier_idx" ON "verification" ("identifier");

CREATE TABLE IF NOT EXISTS "member" (
	"id" text NOT NULL,
	"organizationId" text NOT NULL,
	"userId" text NOT NULL,
	"role" text NOT NULL,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	PRIMARY KEY ("id"),
	CONSTRAINT "member_organizationId_organization_id_fk" FOREIGN KEY ("organizationId") REFERENCES "organization"("id") ON DELETE CASCADE,
	CONSTRAINT "member_userId_user_id_fk" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "member_organizationId_idx" ON "member" ("organizationId");
CREATE INDEX IF NOT EXISTS "member_userId_idx" ON "member" ("userId");

CREATE TABLE IF NOT EXISTS "invitation" (
	"id" text NOT NULL,
	"organizationId" text NOT NULL,
	"email" text NOT NULL,
	"role" text,
	"status" text NOT NULL,
	"expiresAt" datetime NOT NULL,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"teamId" text,
	"inviterId" text NOT NULL,
	PRIMARY KEY ("id"),
	CONSTRAINT "invitation_organizationId_organization_id_fk" FOREIGN KEY ("organizationId") REFERENCES "organization"("id") ON DELETE CASCADE,
	CONSTRAINT "invitation_inviterId_user_id_fk" FOREIGN KEY ("inviterId") REFERENCES "user"("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "invitation_organizationId_idx" ON "invitation" ("organizationId");
CREATE INDEX IF NOT EXISTS "invitation_email_idx" ON "invitation" ("email");

CREATE TABLE IF NOT EXISTS "jwks" (
	"id" text NOT NULL,
	"publicKey" text NOT NULL,
	"privateKey" text NOT NULL,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"expiresAt" datetime,
	PRIMARY KEY ("id")
);

CREATE TABLE IF NOT EXISTS "apikey" (
	"id" text NOT NULL,
	"configId" text NOT NULL DEFAULT ('default'),
	"name" text,
	"start" text,
	"prefix" text,
	"key" text NOT NULL,
	"userId" text NOT NULL,
	"referenceId" text NOT NULL DEFAULT (''),
	"refillInterval" integer,
	"refillAmount" integer,
	"lastRefillAt" datetime,
	"enabled" bool NOT NULL DEFAULT (true),
	"rateLimitEnabled" bool NOT NULL DEFAULT (true),
	"rateLimitTimeWindow" integer NOT NULL DEFAULT (86400000),
	"rateLimitMax" integer NOT NULL DEFAULT (10),
	"requestCount" integer NOT NULL DEFAULT (0),
	"remaining" integer,
	"lastRequest" datetime,
	"expiresAt" datetime,
	"createdAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"updatedAt" datetime NOT NULL DEFAULT (CURRENT_TIMESTAMP),
	"permissions" text,
	"metadata" text,
	PRIMARY KEY ("id"),
	CONSTRAINT "apikey_userId_user_id_fk" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "apikey_userId_idx" ON "apikey" ("userId");
CREATE INDEX IF NOT EXISTS "apikey_key_idx" ON "apikey" ("key");
CREATE INDEX IF NOT EXISTS "apikey_configId_idx" ON "apikey" ("configId");
CREATE INDEX IF NOT EXISTS "apikey_referenceId_idx" ON "apikey" ("referenceId");
