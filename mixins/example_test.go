package mixins_test

import (
	"fmt"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"github.com/agentuity/auth-go/mixins"
)

// An app that has no organizations leaves out the edges that lead to them.
func ExampleUser() {
	user := mixins.User{
		EdgeNames: mixins.UserEdges{
			Members:     mixins.Omit,
			Invitations: mixins.Omit,
			APIKeys:     "keys",
		},
	}
	for _, e := range user.Edges() {
		fmt.Println(e.Descriptor().Name, "to", e.Descriptor().Type)
	}
	// Output:
	// sessions to Session
	// accounts to Account
	// keys to APIKey
}

// A task belongs to the user who made it, and may be assigned to another.
func ExampleUserOwned() {
	task := []ent.Mixin{
		mixins.UserOwned{OnDelete: entsql.Cascade},
		mixins.UserOwned{Edge: "assignee", Optional: true},
	}
	for _, m := range task {
		fmt.Println(m.Edges()[0].Descriptor().Name, m.Fields()[0].Descriptor().Name)
	}
	// Output:
	// owner owner_id
	// assignee assignee_id
}

// The primary key of a profile is the key of its user.
func ExampleSharedID() {
	profile := mixins.SharedID{}
	id, user := profile.Fields()[0].Descriptor(), profile.Edges()[0].Descriptor()
	fmt.Println(id.Name, "in column", id.StorageKey)
	fmt.Println(user.Name, "refers to", user.Type+"."+user.RefName)
	// Output:
	// id in column user_id
	// user refers to User.profile
}

// A field of the app that an ordinary query does not select.
func ExampleSecret() {
	pin := field.String("pin").Annotations(mixins.Secret())
	fmt.Println(pin.Descriptor().Annotations[0].Name())
	// Output: AuthentSecret
}

// The Annotations of a schema choose the fields of its inputs.
func ExampleInputs() {
	annotations := []schema.Annotation{
		mixins.Inputs(
			mixins.CreateInput().Omit("owner_id"),
			mixins.UpdateInput().Named("RenameProject").Pick("name"),
		),
	}
	fmt.Println(annotations[0].Name())
	// Output: AuthentInputs
}

func ExampleNewID() {
	fmt.Println(len(mixins.NewID()))
	// Output: 32
}
