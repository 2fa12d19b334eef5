package authent

import (
	"context"
	"fmt"
)

// The tables that a schema may lack, as methods of Auth use them: without the table, each use is an error that names it.
// There are no endpoints of such methods then, but Go code can call them.

func (a *Auth) organizationTable() OrganizationTable {
	if t := a.store.Organizations(); t != nil {
		return t
	}
	return absentOrganizations{"Organization"}
}

func (a *Auth) memberTable() MemberTable {
	if t := a.store.Members(); t != nil {
		return t
	}
	return absentMembers{"Member"}
}

func (a *Auth) invitationTable() Table[Invitation] {
	if t := a.store.Invitations(); t != nil {
		return t
	}
	return absent[Invitation]("Invitation")
}

func (a *Auth) jwksTable() Table[JWK] {
	if t := a.store.JWKS(); t != nil {
		return t
	}
	return absent[JWK]("JWKS")
}

func (a *Auth) apiKeyTable() APIKeyTable {
	if t := a.store.APIKeys(); t != nil {
		return t
	}
	return absentAPIKeys{"APIKey"}
}

// absent is a table that the schema does not have, with the name of its type.
type absent[T any] string

func (t absent[T]) err() error {
	return fmt.Errorf("authent: the schema has no %s, which this needs: declare the type %[1]s as \"authent init\" does, and run go generate", string(t))
}

func (t absent[T]) Create(context.Context, *T) (*T, error)                 { return nil, t.err() }
func (t absent[T]) Find(context.Context, Query) ([]*T, error)              { return nil, t.err() }
func (t absent[T]) Count(context.Context, ...Cond) (int, error)            { return 0, t.err() }
func (t absent[T]) Update(context.Context, []Change, ...Cond) (int, error) { return 0, t.err() }
func (t absent[T]) Delete(context.Context, ...Cond) (int, error)           { return 0, t.err() }
func (absent[T]) Extra() []ExtraField                                      { return nil }

type absentOrganizations struct{ absent[Organization] }

func (t absentOrganizations) FindOfUser(context.Context, string) ([]*Organization, error) {
	return nil, t.err()
}

func (t absentOrganizations) FindFull(context.Context, int, ...Cond) (*FullOrganization, error) {
	return nil, t.err()
}

type absentMembers struct{ absent[Member] }

func (t absentMembers) FindWithUsers(context.Context, Query) ([]*Member, error) { return nil, t.err() }

type absentAPIKeys struct{ absent[APIKey] }

func (t absentAPIKeys) FindWithUser(context.Context, string) (*APIKey, *User, error) {
	return nil, nil, t.err()
}

func (t absentAPIKeys) UpdateWithUser(context.Context, string, []Change, ...Cond) (*APIKey, *User, error) {
	return nil, nil, t.err()
}

func (absentAPIKeys) CanUpdateWithUser() bool { return false }
