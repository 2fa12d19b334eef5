package ent_test

import (
	"context"
	"fmt"
	"log"

	"github.com/agentuity/auth-go/authent/param"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
	"github.com/agentuity/auth-go/examples/app-schema/ent/project"
	"github.com/agentuity/auth-go/examples/app-schema/ent/task"
	"github.com/agentuity/auth-go/examples/app-schema/ent/user"
)

// Prepare a query once, at the start of the app, and run it with other arguments.
func Example_preparedQuery() {
	ctx := context.Background()
	client, ada, _ := open(ctx)
	defer client.Close()

	getUser, err := client.User.Query().
		Where(user.Email(param.String("email"))).
		Prepare("getUserByEmail")
	if err != nil {
		log.Fatal(err)
	}
	u, err := getUser.Only(ctx, "ada@example.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.Name, u.ID == ada.ID)

	_, err = getUser.Only(ctx, "nobody@example.com")
	fmt.Println(ent.IsNotFound(err), err)
	_, err = getUser.Only(ctx)
	fmt.Println(err)
	// Output:
	// Ada true
	// true ent: user not found
	// authent: prepared query "getUserByEmail": it takes 1 argument (email), got 0
}

// A prepared query with edges, in a transaction, with its arguments in an order of the app's own.
func Example_preparedTree() {
	ctx := context.Background()
	client, ada, acme := open(ctx)
	defer client.Close()
	apollo := client.Project.Create().SetName("Apollo").SetOwner(ada).SetOrganization(acme).SaveX(ctx)
	client.Task.Create().SetProject(apollo).SetTitle("Launch").ExecX(ctx)
	client.Task.Create().SetProject(apollo).SetTitle("Plan").SetStatus("done").ExecX(ctx)

	board, err := client.Project.Query().
		Where(project.OrganizationID(param.String("organization"))).
		WithOwner().
		WithTasks(func(q *ent.TaskQuery) { q.Where(task.Status(param.String("status"))) }).
		Prepare("board", "status", "organization")
	if err != nil {
		log.Fatal(err)
	}
	tx, err := client.Tx(ctx)
	if err != nil {
		log.Fatal(err)
	}
	projects, err := board.WithTx(tx).All(ctx, "todo", acme.ID)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range projects {
		fmt.Println(p.Name, "of", p.Edges.Owner.Name)
		for _, t := range p.Edges.Tasks {
			fmt.Println("-", t.Title, t.Status)
		}
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Apollo of Ada
	// - Launch todo
}

// A search cannot be prepared with Contains, which makes a pattern of its argument.
func Example_preparedPattern() {
	ctx := context.Background()
	client, _, _ := open(ctx)
	defer client.Close()

	_, err := client.User.Query().Where(user.NameContains(param.String("part"))).Prepare("search")
	fmt.Println(err)
	// Output: authent: prepare query "search": placeholder "part" becomes part of another value: a pattern such as that of Contains or HasPrefix is made from its argument, so give the whole pattern as the argument of a predicate that takes it
}
