package generate_test

import (
	"testing"
	"time"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/authent/entauth"
)

// BenchmarkGenerate generates the client of the example with and without the extension, in
// turns, and reports the time with it as a multiple of the time without.
//
//	go test -run '^$' -bench Generate -benchtime 10x ./internal/integration/generate
func BenchmarkGenerate(b *testing.B) {
	ex, err := entauth.NewExtension()
	if err != nil {
		b.Fatal(err)
	}
	var stock, extended time.Duration
	target := b.TempDir()
	run := func(opts ...entc.Option) time.Duration {
		start := time.Now()
		err := entc.Generate("../../../examples/app-schema/ent/schema", &gen.Config{Target: target, Package: "example.com/app/ent"}, opts...)
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	run() // Fills the build cache.
	for b.Loop() {
		stock += run()
		extended += run(entc.Extensions(ex))
	}
	b.ReportMetric(float64(extended)/float64(stock), "times-stock")
}
