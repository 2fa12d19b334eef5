package integration_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/device"
)

func ptr[T any](v T) *T { return &v }

// Every kind of field goes through an input, on create and on update.
func TestInputs(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada, grace := c.newUser(t, "ada"), c.newUser(t, "grace")
		home, err := url.Parse("https://example.com/home")
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		serial := uuid.New()
		in := hard.DeviceCreateInput{
			Name: "phone", Kind: ptr(device.KindLaptop), Active: ptr(false), Counter: ptr(int64(7)),
			Weight: ptr(1.5), Blob: []byte("blob"), SeenAt: &at, Serial: &serial, Tags: []string{"a"},
			Settings: map[string]any{"x": "y"}, Timeout: ptr(time.Second), Home: home, Select: ptr("s"),
			RepairedBy: &grace.ID, ReviewerIDs: []string{ada.ID, grace.ID},
		}
		d := must(c.Device.Create().SetInput(in).SetOwner(ada).Save(ctx))(t)
		d = must(c.Device.Query().Where(device.ID(d.ID)).WithOwner().WithTechnician().WithReviewers().Only(ctx))(t)
		if d.Name != "phone" || d.Kind != device.KindLaptop || d.Active || *d.Counter != 7 || d.Weight != 1.5 || string(d.Blob) != "blob" ||
			!d.SeenAt.Equal(at) || *d.Serial != serial || !slices.Equal(d.Tags, []string{"a"}) || d.Settings["x"] != "y" || d.Timeout != time.Second ||
			d.Home.String() != home.String() || d.Select != "s" || d.Edges.Owner.ID != ada.ID || d.Edges.Technician.ID != grace.ID || len(d.Edges.Reviewers) != 2 {
			t.Errorf("created: %+v", d)
		}
		must(d.Update().SetInput(hard.DeviceUpdateInput{
			Name: ptr("renamed"), ClearCounter: true, AppendTags: []string{"b"}, ClearRepairedBy: true, RemoveReviewerIDs: []string{grace.ID}, Secret: ptr("s"),
		}).Save(ctx))(t)
		d = must(c.Device.Query().Where(device.ID(d.ID)).WithTechnician().WithReviewers().Only(ctx))(t)
		if d.Name != "renamed" || d.Counter != nil || !slices.Equal(d.Tags, []string{"a", "b"}) || d.Edges.Technician != nil || len(d.Edges.Reviewers) != 1 || d.Weight != 1.5 {
			t.Errorf("updated: %+v", d)
		}
		if n := must(c.Device.Update().SetInput(hard.DeviceUpdateInput{Active: ptr(true)}).Save(ctx))(t); n != 1 {
			t.Errorf("Update: %d rows", n)
		}

		// The inputs that the schema names.
		d = must(c.Device.Create().SetNewDevice(hard.NewDevice{Name: "new", ReviewerIDs: []string{ada.ID}}).SetOwner(grace).Save(ctx))(t)
		d = must(d.Update().SetDeviceRename(hard.DeviceRename{Name: ptr("newer")}).Save(ctx))(t)
		if d.Name != "newer" || !d.Active {
			t.Errorf("named inputs: %+v", d)
		}

		// A shared id, and a type that has a setter named as the input's.
		must(c.Passport.Create().SetInput(hard.PassportCreateInput{HolderID: ada.ID, Number: "n"}).Save(ctx))(t)
		u := must(c.User.Create().SetName("x").SetEmail("x@example.com").SetInput("the field").Save(ctx))(t)
		if u.Input != "the field" {
			t.Errorf("SetInput of a field named input: %q", u.Input)
		}
	})
}

// What is left out of an input is not part of it, and JSON never fills a secret.
func TestInputFields(t *testing.T) {
	t.Parallel()
	var names []string
	for f := range reflect.TypeFor[hard.NewDevice]().Fields() {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"Name", "Kind", "ReviewerIDs"}) {
		t.Errorf("fields of NewDevice: %v", names)
	}
	for _, name := range []string{"Secret", "OwnerID"} {
		if _, ok := reflect.TypeFor[hard.DeviceCreateInput]().FieldByName(name); ok {
			t.Errorf("DeviceCreateInput has %s, which the schema omits", name)
		}
	}
	var s hard.SessionCreateInput
	if err := json.Unmarshal([]byte(`{"token":"stolen","Token":"stolen","userId":"u"}`), &s); err != nil {
		t.Fatal(err)
	}
	if s.Token != "" || s.UserID != "u" {
		t.Errorf("decoded: %+v", s)
	}
}
