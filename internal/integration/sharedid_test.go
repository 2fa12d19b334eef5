package integration_test

import (
	"testing"

	"github.com/google/uuid"

	hard "github.com/agentuity/auth-go/internal/integration/hard/ent"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/badge"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/passport"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/score"
	"github.com/agentuity/auth-go/internal/integration/hard/ent/user"
)

// A shared id of type text, with the edge on both sides.
func TestSharedTextID(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada, grace := c.newUser(t, "ada"), c.newUser(t, "grace")

		p := must(c.Passport.Create().SetHolder(ada).SetNumber("A1").Save(ctx))(t)
		if p.ID != ada.ID {
			t.Fatalf("the id is %q, want the user's, %q", p.ID, ada.ID)
		}
		if holder := must(p.QueryHolder().Only(ctx))(t); holder.ID != ada.ID {
			t.Errorf("QueryHolder: %v", holder)
		}
		if got := must(ada.QueryPassport().Only(ctx))(t); got.ID != p.ID {
			t.Errorf("QueryPassport: %v", got)
		}
		got := must(c.User.Query().WithPassport().Order(user.ByName()).All(ctx))(t)
		if got[0].Edges.Passport == nil || got[0].Edges.Passport.ID != ada.ID || got[1].Edges.Passport != nil {
			t.Errorf("WithPassport: %+v", got)
		}
		if p := must(c.Passport.Query().WithHolder().Only(ctx))(t); p.Edges.Holder == nil || p.Edges.Holder.ID != ada.ID {
			t.Errorf("WithHolder: %+v", p)
		}
		if n := must(c.User.Query().Where(user.HasPassportWith(passport.Visits(0))).Count(ctx))(t); n != 1 {
			t.Errorf("HasPassportWith: %d", n)
		}
		if n := must(c.Passport.Query().Where(passport.HasHolderWith(user.Name("ada"))).Count(ctx))(t); n != 1 {
			t.Errorf("HasHolderWith: %d", n)
		}

		// One row per user.
		if err := c.Passport.Create().SetHolderID(ada.ID).SetNumber("A2").Exec(ctx); !hard.IsConstraintError(err) {
			t.Errorf("a second passport: %v, want a constraint error", err)
		}
		if err := c.Passport.Create().SetHolderID("nobody").SetNumber("A2").Exec(ctx); !hard.IsConstraintError(err) {
			t.Errorf("the passport of nobody: %v, want a constraint error", err)
		}
		if err := c.Passport.Create().SetNumber("A3").Exec(ctx); !hard.IsValidationError(err) {
			t.Errorf("a passport without a holder: %v, want a validation error", err)
		}

		// Updates.
		p = must(c.Passport.UpdateOneID(ada.ID).AddVisits(2).Save(ctx))(t)
		if p.Visits != 2 || p.ID != ada.ID {
			t.Errorf("UpdateOneID: %+v", p)
		}
		if n := must(c.Passport.Update().Where(passport.HasHolderWith(user.Name("ada"))).AddVisits(1).Save(ctx))(t); n != 1 {
			t.Errorf("Update: %d rows", n)
		}

		// Upserts, one row and many.
		id := must(c.Passport.Create().SetHolder(ada).SetNumber("A4").SetVisits(9).
			OnConflictColumns(passport.FieldID).UpdateNewValues().ID(ctx))(t)
		if id != ada.ID {
			t.Errorf("upsert returned %q", id)
		}
		err := c.Passport.CreateBulk(
			c.Passport.Create().SetHolder(ada).SetNumber("A5").SetVisits(10),
			c.Passport.Create().SetHolder(grace).SetNumber("G1").SetVisits(1),
		).OnConflictColumns(passport.FieldID).Update(func(u *hard.PassportUpsert) { u.AddVisits(1) }).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Passport.Create().SetHolder(ada).SetNumber("A6").OnConflictColumns(passport.FieldID).Ignore().Exec(ctx); err != nil {
			t.Errorf("Ignore: %v", err)
		}
		p = must(c.Passport.Query().IncludeSecrets().Where(passport.ID(ada.ID)).Only(ctx))(t)
		if p.Number != "A4" || p.Visits != 10 {
			t.Errorf("after the upserts: %+v, number %q", p, p.Number)
		}

		// A row that shares the id of a row that shares an id.
		visa := must(c.Visa.Create().SetPassport(p).SetCountry("fr").Save(ctx))(t)
		if visa.ID != ada.ID || must(c.Visa.Query().WithPassport().Only(ctx))(t).Edges.Passport.ID != ada.ID {
			t.Errorf("visa: %+v", visa)
		}
		must(0, c.Visa.DeleteOne(visa).Exec(ctx))(t)

		// From the side of the user, and back out with it.
		linus := must(c.User.Create().SetName("linus").SetEmail("l@example.com").Save(ctx))(t)
		must(c.Passport.Create().SetHolder(linus).SetNumber("L1").Save(ctx))(t)
		must(0, c.User.DeleteOne(linus).Exec(ctx))(t)
		if n := must(c.Passport.Query().Where(passport.ID(linus.ID)).Count(ctx))(t); n != 0 {
			t.Error("the passport outlives its holder")
		}
	})
}

func TestSharedIntID(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		teams := must(c.Team.CreateBulk(c.Team.Create().SetName("a"), c.Team.Create().SetName("b")).Save(ctx))(t)
		scores := must(c.Score.CreateBulk(
			c.Score.Create().SetTeam(teams[1]).SetPoints(2),
			c.Score.Create().SetTeam(teams[0]).SetPoints(1),
		).Save(ctx))(t)
		if scores[0].ID != teams[1].ID || scores[1].ID != teams[0].ID {
			t.Fatalf("ids %d %d, want %d %d", scores[0].ID, scores[1].ID, teams[1].ID, teams[0].ID)
		}
		err := c.Score.Create().SetTeam(teams[0]).SetPoints(7).OnConflictColumns(score.FieldID).UpdateNewValues().Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		team := must(c.Team.Query().WithScore().Where().First(ctx))(t)
		if team.Edges.Score == nil || team.Edges.Score.Points != 7 {
			t.Errorf("WithScore: %+v", team.Edges.Score)
		}
	})
}

func TestSharedUUID(t *testing.T) {
	onEach(t, newHard, func(t *testing.T, c *hardClient) {
		ctx := t.Context()
		ada := c.newUser(t, "ada")
		d := must(c.Device.Create().SetName("phone").SetOwner(ada).Save(ctx))(t)
		b := must(c.Badge.Create().SetDevice(d).SetText("x").Save(ctx))(t)
		if b.ID != d.ID || b.ID == uuid.Nil {
			t.Fatalf("id %s, want %s", b.ID, d.ID)
		}
		id := must(c.Badge.Create().SetDeviceID(d.ID).SetText("y").OnConflictColumns(badge.FieldID).UpdateNewValues().ID(ctx))(t)
		if id != d.ID {
			t.Errorf("upsert returned %s", id)
		}
		got := must(c.Device.Query().WithBadge().Only(ctx))(t)
		if got.Edges.Badge == nil || got.Edges.Badge.Text != "y" {
			t.Errorf("WithBadge: %+v", got.Edges.Badge)
		}
		// The device owns the edge.
		if _, err := c.Device.Create().SetName("laptop").SetOwner(ada).SetBadge(b).Save(ctx); !hard.IsConstraintError(err) {
			t.Errorf("a badge of another device: %v, want a constraint error", err)
		}
	})
}
