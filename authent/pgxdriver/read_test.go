package pgxdriver_test

import (
	"fmt"
	"testing"

	"github.com/agentuity/auth-go/authent/pgxdriver"
	"github.com/agentuity/auth-go/ent"
	"github.com/agentuity/auth-go/ent/user"
)

// TestAllocations bounds what reading costs.
func TestAllocations(t *testing.T) {
	drv := newDriver(t, pgxdriver.WithMaxConns(1))
	client := ent.NewClient(ent.Driver(drv))
	ctx := t.Context()
	if err := client.Schema.Create(ctx); err != nil {
		t.Fatal(err)
	}
	builders := make([]*ent.UserCreate, 100)
	for i := range builders {
		builders[i] = client.User.Create().SetID(fmt.Sprintf("%032d", i)).SetName("name").SetEmail(fmt.Sprint(i, "@example.com")).SetImage("image")
	}
	client.User.CreateBulk(builders...).ExecX(ctx)
	for _, test := range []struct {
		name string
		most float64
		run  func()
	}{
		{"get by id", 80, func() { client.User.GetX(ctx, fmt.Sprintf("%032d", 7)) }},
		{"list of 100", 5 * 100, func() { client.User.Query().Limit(100).AllX(ctx) }},
	} {
		test.run()
		if got := testing.AllocsPerRun(50, test.run); got > test.most {
			t.Errorf("%s: %.0f allocations, at most %.0f are wanted", test.name, got, test.most)
		} else {
			t.Logf("%s: %.0f allocations", test.name, got)
		}
	}
	for _, u := range client.User.Query().Order(user.ByID()).AllX(ctx) {
		if u.Image == nil || *u.Image != "image" {
			t.Fatalf("the image is %v", u.Image)
		}
	}
}
