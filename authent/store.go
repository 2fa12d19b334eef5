package authent

import "context"

// Store is the database as the service sees it. The generated client implements it on the app's
// own builders (client.AuthStore() and tx.AuthStore()), so that the app's hooks, interceptors,
// privacy rules, extra fields and transactions apply to what the service does.
//
// A table that the app does not have is nil: without organization tables there are no
// organization endpoints.
type Store interface {
	Users() UserTable
	Sessions() SessionTable
	Accounts() Table[Account]
	Verifications() Table[Verification]
	Organizations() OrganizationTable
	Members() MemberTable
	Invitations() Table[Invitation]
	JWKS() Table[JWK]
	APIKeys() APIKeyTable

	// Tx runs fn in a transaction: the one that the store belongs to, or a new one that is
	// committed when fn returns nil and rolled back otherwise. The context and the store that
	// fn gets are of the transaction. fn may run again after a serialization failure.
	Tx(ctx context.Context, fn func(ctx context.Context, tx Store) error) error

	// Check returns an error that names each auth table, or column of one, that the database
	// does not have. It matches ErrMissingTables.
	Check(ctx context.Context) error
}

// Table reads and writes the rows of one auth table. Columns have their names in the database,
// such as "userId". An unknown column is an error, never a condition that is left out.
type Table[T any] interface {
	// Create inserts a row and returns it as it is in the database. The error matches
	// ErrConflict if a row with a unique value of this one exists.
	Create(ctx context.Context, row *T) (*T, error)
	// Find returns the rows of a query, secret columns included.
	Find(ctx context.Context, q Query) ([]*T, error)
	// Count returns how many rows fulfil all conditions.
	Count(ctx context.Context, where ...Cond) (int, error)
	// Update changes the rows that fulfil all conditions in one statement and returns how many
	// those are. The error matches ErrConflict as that of Create.
	Update(ctx context.Context, set []Change, where ...Cond) (int, error)
	// Delete deletes the rows that fulfil all conditions in one statement and returns how many
	// those were. The error matches ErrReferenced if other rows refer to one of them.
	Delete(ctx context.Context, where ...Cond) (int, error)
	// Extra returns the fields that the app added to the table and that are not secret.
	Extra() []ExtraField
}

// UserTable is the table of users.
type UserTable interface {
	Table[User]
	// Entity returns the Entity of a user that comes from elsewhere than the table, such as the secondary storage. It has
	// what the record has, and asks the database for nothing.
	Entity(user *User) any
}

// SessionTable is the table of sessions.
type SessionTable interface {
	Table[Session]
	// FindWithUser returns the session with a token and its user, read in one statement.
	// Both are nil if there is no such session.
	FindWithUser(ctx context.Context, token string) (*Session, *User, error)
}

// APIKeyTable is the table of API keys.
type APIKeyTable interface {
	Table[APIKey]
	// FindWithUser returns the key with a hash and the user of its column userId, read in one statement.
	// Both are nil if there is no such key.
	FindWithUser(ctx context.Context, hash string) (*APIKey, *User, error)
	// UpdateWithUser is Update for the key with an id that in the same statement returns the key as it is
	// then, with its user. Both are nil if the key did not fulfil all conditions.
	UpdateWithUser(ctx context.Context, id string, set []Change, where ...Cond) (*APIKey, *User, error)
	// CanUpdateWithUser tells whether there is UpdateWithUser: on Postgres, unless interceptors or a
	// privacy policy must see the queries of keys or users.
	CanUpdateWithUser() bool
}

// OrganizationTable is the table of organizations.
type OrganizationTable interface {
	Table[Organization]
	// FindOfUser returns the organizations of which a user is a member, oldest membership first.
	FindOfUser(ctx context.Context, userID string) ([]*Organization, error)
	// FindFull returns the organization that fulfils the conditions, at least one, with its invitations
	// and its members with their users; at most membersLimit members, the oldest ones. It is nil if
	// there is no such organization.
	FindFull(ctx context.Context, membersLimit int, where ...Cond) (*FullOrganization, error)
}

// MemberTable is the table of members.
type MemberTable interface {
	Table[Member]
	// FindWithUsers is Find with the User of each member.
	FindWithUsers(ctx context.Context, q Query) ([]*Member, error)
}

// Query says which rows to read.
type Query struct {
	// Where are the conditions that a row must all fulfil.
	Where []Cond
	// Order of the rows. Defaults to the database's.
	Order []Order
	// Limit is how many rows are returned at most; zero means all.
	Limit int
	// Offset is how many rows are left out at the start.
	Offset int
	// Lock locks the rows until the end of the transaction, where the database has row locks.
	// SQLite has one writer at a time: there it does nothing.
	Lock bool
}

// Order is a column to order rows by.
type Order struct {
	Column string
	Desc   bool
}

// Change is what an update does to a column.
type Change struct {
	Column string
	// Value is the new value; nil writes NULL. Times are time.Time, numbers int.
	Value any
	// Add adds Value, an int, to the column instead of replacing it.
	Add bool
}

// Set returns the change that writes a value.
func Set(column string, value any) Change { return Change{Column: column, Value: value} }

// Add returns the change that adds to a number.
func Add(column string, n int) Change { return Change{Column: column, Value: n, Add: true} }

// ExtraField is a field that the app added to an auth table.
type ExtraField struct {
	// Column is the name of the field in the database and in JSON.
	Column string
	// Input tells whether clients may set the field: at sign-up and with update-user for a user.
	// A field is input if its schema says so with mixins.AuthInput.
	Input bool
	// Nillable tells whether the value in a record is a pointer, nil for NULL.
	Nillable bool
	// Required tells whether a row cannot be created without the field.
	Required bool
	// New returns a pointer to a new value of the field's type, for a JSON value to be decoded into.
	New func() any
	// Default returns the value that a new row has without one; nil if the schema has no default.
	Default func() any
}
