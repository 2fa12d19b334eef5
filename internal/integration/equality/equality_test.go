package equality_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agentuity/auth-go/authent/pgxdriver"
)

var (
	oneSeed  = flag.Uint64("equality.seed", 0, "run this seed alone")
	episodes = flag.Int("equality.episodes", defaultEpisodes, "how many seeds to run")
	first    = flag.Uint64("equality.first", 1, "the first of the seeds")
	calls    = flag.Int("equality.calls", 100, "how many calls to make for each seed")
)

// operation is what is asked of a client.
type operation interface {
	fmt.Stringer
	do(r *run, client reflect.Value) (string, error)
}

// TestEquality asks the same of all drivers, and compares answers, errors and rows.
func TestEquality(t *testing.T) { testEquality(t, newSubject(), *episodes) }

// TestEqualityHard is TestEquality on the client of the package hard, with a third of the seeds.
func TestEqualityHard(t *testing.T) { testEquality(t, newHardSubject(), (*episodes+2)/3) }

func testEquality(t *testing.T, s *subject, episodes int) {
	t.Helper()
	seeds := []uint64{*oneSeed}
	if *oneSeed == 0 {
		seeds = seeds[:0]
		for i := range episodes {
			seeds = append(seeds, *first+uint64(i))
		}
	}
	const workers = 2
	counts := make(chan count, workers)
	t.Run("seeds", func(t *testing.T) {
		for w := range min(workers, len(seeds)) {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				e := &episode{T: t, subject: s, backends: openBackends(t, s), count: make(count)}
				for i := w; i < len(seeds) && !t.Failed(); i += workers {
					e.run(seeds[i])
				}
				for _, b := range e.backends {
					e.count["round trips "+b.name] = int(b.trips.Load())
				}
				counts <- e.count
			})
		}
	})
	close(counts)
	total := make(count)
	for c := range counts {
		for k, v := range c {
			total[k] += v
		}
	}
	t.Logf("%v", total)
	if *oneSeed == 0 && !t.Failed() && total["reads that succeed"]*2 < total["reads"] {
		t.Errorf("most queries fail, they compare too little")
	}
	if joins, native := total["round trips joins"], total["round trips native"]; *oneSeed == 0 && joins*100 > native*95 {
		t.Errorf("%d round trips with eager loading in one, %d without: it is not used", joins, native)
	}
}

// count counts what was compared.
type count map[string]int

// episode runs one seed.
type episode struct {
	*testing.T
	subject  *subject
	backends []*backend
	clients  []reflect.Value
	g        *generator
	seed     uint64
	count    count
	hooks    []*hook
	// interceptors of the clients.
	interceptors []*interceptor
}

// intercept adds interceptors and hooks to the clients of some seeds.
func (e *episode) intercept() {
	e.hooks = nil
	if e.seed%4 > 1 {
		return
	}
	var inters []*interceptor
	for range 1 + e.g.IntN(3) {
		inters = append(inters, e.g.interceptor())
	}
	for i, b := range e.backends {
		client := e.clients[i]
		for _, inter := range inters {
			call(typeClient(client, inter.typ.Name), "Intercept", inter.build(client))
		}
		h := &hook{}
		call(client, "Use", h.build(func() *printer { return newPrinter(&run{loose: b.loose && e.g.agree}) }))
		e.hooks = append(e.hooks, h)
	}
	e.interceptors = inters
}

func (e *episode) run(seed uint64) {
	e.seed = seed
	e.g = &generator{
		Rand:    rand.New(rand.NewPCG(seed, 0)),
		subject: e.subject,
		agree:   seed%2 == 0,
		ids:     make(map[string][]any),
	}
	e.clients, e.hooks, e.interceptors = nil, nil, nil
	for _, b := range e.backends {
		if err := b.reset(e.Context()); err != nil {
			e.Fatalf("%s: %v", b.name, err)
		}
		e.clients = append(e.clients, reflect.ValueOf(e.subject.newClient(b.drv)))
	}
	e.align() // The first ids of the feature sql/globalid are other ones on SQLite.
	for _, c := range e.g.seed() {
		n := e.g.IntN(9)
		if n > 0 {
			c = e.g.bulk(c.typ, n, false)
			e.compare(c)
			if *oneSeed != 0 {
				e.compareRows(c.String())
			}
		}
		e.refresh()
	}
	for range len(e.subject.names) * 2 { // Rows that are linked.
		t := e.subject.types[pick(e.g, e.subject.names...)]
		var c *change
		if e.g.chance(40) && t.ID != nil && len(e.g.ids[t.Name]) > 0 {
			c = &change{typ: t, kind: "UpdateOneID", id: pick(e.g, e.g.ids[t.Name]...), sets: e.g.updates(t, true)}
		} else {
			c = &change{typ: t, kind: "Create", rows: [][]set{e.g.row(t, true)}}
		}
		e.compare(c)
		if *oneSeed != 0 {
			e.compareRows(c.String())
		}
		if c.kind == "Create" {
			e.refresh()
		}
	}
	e.compareRows("the first rows")
	e.intercept()
	for range *calls {
		if e.Failed() {
			return
		}
		switch n := e.g.IntN(100); {
		case n < 70:
			r := e.g.read()
			e.compare(r)
			e.comparePrepared(r)
		case n < 90:
			c := e.g.change()
			e.compare(c)
			if !strings.HasPrefix(c.kind, "Update") {
				e.refresh()
			}
			e.compareRows(c.String())
		default:
			tx := e.g.transaction()
			e.compare(tx)
			e.refresh()
			e.compareRows(tx.String())
		}
	}
	for _, b := range e.backends {
		if b.native == nil {
			continue
		}
		if stat := b.native.Pool().Stat(); stat.AcquiredConns() != 0 {
			e.Errorf("seed %d: %s: %d connections are in use", seed, b.name, stat.AcquiredConns())
		}
	}
}

// outcome is the answer of one backend.
type outcome struct {
	answer string
	err    error
	kind   string
}

func (e *episode) do(i int, op operation) (out outcome) {
	b := e.backends[i]
	ctx, cancel := context.WithTimeout(e.Context(), 30*time.Second)
	defer cancel()
	if e.seed%3 == 0 {
		ctx = pgxdriver.ContextWithSnapshot(ctx, false)
	}
	r := &run{ctx: ctx, loose: e.g.agree && b.loose, subject: e.subject}
	defer func() {
		if v := recover(); v != nil {
			e.Fatalf("seed %d: %s: panic: %v\n%s\n%s", e.seed, b.name, v, op, stack())
		}
	}()
	out.answer, out.err = op.do(r, e.clients[i])
	out.kind = r.kind(out.err)
	return out
}

// compare asks the same of all backends.
func (e *episode) compare(op operation) {
	e.Helper()
	if e.Failed() {
		return
	}
	what := strings.TrimPrefix(fmt.Sprintf("%T", op), "*equality_test.") + "s"
	e.count["all"]++
	e.count[what]++
	for _, h := range e.hooks {
		h.saw = nil
	}
	want := e.do(0, op)
	if want.err == nil {
		e.count[what+" that succeed"]++
	}
	for i, b := range e.backends[1:] {
		if b.loose && (!e.g.agree || e.hooks != nil) {
			continue
		}
		if b.loose && firstWords(want.kind) == "error" { // What Postgres does not do, SQLite may.
			e.count["not compared with SQLite"]++
			if *oneSeed != 0 {
				e.Logf("not compared with SQLite: %s\n%s", want.kind, op)
			}
			continue
		}
		got, want := e.do(i+1, op), want
		if _, ok := op.(*read); ok && b.native != nil && got.err == nil && got.answer == want.answer {
			got = e.do(i+1, op) // The driver knows the statements now, and may send others.
		}
		if b.loose {
			if want.err == nil {
				r := &run{ctx: e.Context(), loose: true, subject: e.subject}
				if _, ok := op.(*read); ok { // A read can be asked again.
					want.answer, want.err = op.do(r, e.clients[0])
					want.kind = r.kind(want.err)
				} else {
					got.answer, want.answer = "", ""
				}
			}
			got.kind, want.kind = firstWords(got.kind), firstWords(want.kind)
		}
		if e.hooks != nil && !b.loose {
			want.answer += fmt.Sprintf("\nhooks saw %q", e.hooks[0].saw)
			got.answer += fmt.Sprintf("\nhooks saw %q", e.hooks[i+1].saw)
		}
		if got.kind != want.kind || got.err == nil && got.answer != want.answer {
			e.Errorf("seed %d: %s differs from %s:\n%s\n%s\n--- %s\n%s%s\n--- %s\n%s%s\n--- difference\n%s", e.seed, b.name, e.backends[0].name, join(e.interceptors), op,
				e.backends[0].name, want.kind, want.answer, b.name, got.kind, got.answer, firstDifference(want.answer, got.answer))
		}
	}
}

// comparePrepared asks all backends for a query that is prepared, and compares the answers
// with that of the query as it is.
func (e *episode) comparePrepared(r *read) {
	e.Helper()
	if e.Failed() || e.hooks != nil {
		return
	}
	p := prepare(r)
	if p == nil {
		return
	}
	plain := *r
	plain.follow = false
	want := e.do(0, &plain)
	for i, b := range e.backends {
		if b.loose && (!e.g.agree || want.err != nil) {
			continue
		}
		got, want := e.do(i, p), want
		if b.loose {
			want.answer, want.err = plain.do(&run{ctx: e.Context(), loose: true, subject: e.subject}, e.clients[0])
		}
		var refused errPrepare
		if errors.As(got.err, &refused) {
			e.count["not prepared"]++
			if *oneSeed != 0 {
				e.Logf("not prepared: %v", refused.error)
			}
			continue
		}
		e.count["prepared"]++
		// Not all prepared queries say that they were to check existence.
		want.kind = strings.Replace(want.kind, "ent: check existence: ", "", 1)
		got.kind = strings.Replace(got.kind, "ent: check existence: ", "", 1)
		if got.kind != want.kind || got.err == nil && got.answer != want.answer {
			e.Errorf("seed %d: a prepared query differs on %s:\n%s\n--- as it is\n%s%s\n--- prepared\n%s%s\n--- difference\n%s", e.seed, b.name, p,
				want.kind, want.answer, got.kind, got.answer, firstDifference(want.answer, got.answer))
		}
	}
}

// firstWords is the kind of an error without its text.
func firstWords(kind string) string {
	for _, k := range []string{"not found", "not singular", "constraint", "validation", "not loaded"} {
		if strings.HasPrefix(kind, k) {
			return k
		}
	}
	if kind == "" {
		return ""
	}
	return "error"
}

// firstDifference shows the first lines that differ.
func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("- %s\n+ %s", as[i], bs[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(as), len(bs))
}

// compareRows compares what the databases have.
func (e *episode) compareRows(after string) {
	e.Helper()
	if e.Failed() {
		return
	}
	e.count["comparisons of rows"]++
	want, err := e.backends[0].rows(e.Context())
	if err != nil {
		e.Fatal(err)
	}
	for _, b := range e.backends[1:] {
		if b.loose {
			continue
		}
		got, err := b.rows(e.Context())
		if err != nil {
			e.Fatal(err)
		}
		if got != want {
			e.Errorf("seed %d: the rows of %s differ from those of %s after:\n%s\n%s", e.seed, b.name, e.backends[0].name, after, firstDifference(want, got))
		}
	}
	if !e.g.agree || e.hooks != nil || e.Failed() || *oneSeed == 0 && e.count["comparisons of rows"]%4 != 0 {
		return
	}
	r := &run{ctx: e.Context(), loose: true, subject: e.subject}
	last := len(e.backends) - 1
	if want, err = e.backends[0].entities(r, e.clients[0]); err != nil {
		e.Fatal(err)
	}
	got, err := e.backends[last].entities(r, e.clients[last])
	if err != nil {
		e.Fatal(err)
	}
	if got != want {
		e.Errorf("seed %d: the rows of SQLite differ from those of Postgres after:\n%s\n%s", e.seed, after, firstDifference(want, got))
	}
}

// align makes the next ids of the dialects equal.
func (e *episode) align() {
	if !e.g.agree {
		return
	}
	for _, b := range e.backends {
		if err := b.alignSequences(e.Context(), e.subject); err != nil {
			e.Fatalf("%s: %v", b.name, err)
		}
	}
}

// refresh reads the ids that there are.
func (e *episode) refresh() {
	e.align()
	for _, name := range e.subject.names {
		if e.subject.types[name].ID == nil {
			continue
		}
		q := call(typeClient(e.clients[0], name), "Query")[0]
		out := call(q, "All", e.Context()) // IDs does not work for ids that are structs.
		if err := errorOf(out[1]); err != nil {
			e.Fatal(err)
		}
		var ids []any
		for i := range out[0].Len() {
			ids = append(ids, out[0].Index(i).Elem().FieldByName("ID").Interface())
		}
		slices.SortFunc(ids, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		e.g.ids[name] = ids
	}
}
