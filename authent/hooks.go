package authent

import "context"

// Hooks are functions of the app that are called around changes. They run in the transaction of the change, whose
// client the generated ent.TxFromContext returns: an error undoes the change and is what the caller gets. Return an
// *Error for clients to see it. A nil hook is not called. A hook that asks the database by another client than that of
// the transaction waits for a second connection, which a small pool may not have.
type Hooks struct {
	// BeforeUserCreate may change the new user, for instance its extra fields, or refuse it.
	BeforeUserCreate func(ctx context.Context, user *User) error
	// AfterUserCreate is called when the user is in the database.
	AfterUserCreate func(ctx context.Context, user *User) error
	// BeforeUserUpdate may refuse changes of a user: of its fields, its address or its verification.
	BeforeUserUpdate func(ctx context.Context, user *User, changes []Change) error
	// AfterUserUpdate is called with the changed user.
	AfterUserUpdate func(ctx context.Context, user *User) error
	// BeforeUserDelete may refuse to delete a user, and can delete what the database does not delete with it.
	BeforeUserDelete func(ctx context.Context, user *User) error
	// AfterUserDelete is called when the user and all its rows are deleted.
	AfterUserDelete func(ctx context.Context, user *User) error
	// BeforeSessionCreate may change the new session, for instance choose its organization, or refuse it.
	BeforeSessionCreate func(ctx context.Context, user *User, session *Session) error
	// AfterSessionCreate is called when the session is in the database.
	AfterSessionCreate func(ctx context.Context, user *User, session *Session) error
}
