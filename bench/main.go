// Command bench measures the queries of the guide with this project and its peers, all in
// one run and in turns, and prints tables of ratios. It needs a Postgres server, and Node
// for Drizzle:
//
//	cd bench && go run . -postgres postgres://postgres@127.0.0.1:5432/postgres
//
// "go run . http" measures the auth service beside the TypeScript server.
//
// It makes databases of its own and removes them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"time"
)

// database is the name of the database that is made. There is one for each process, so
// that two runs do not meet.
var database = fmt.Sprintf("authent_bench_%d", os.Getpid())

// config are the flags.
type config struct {
	postgres  string
	full      bool
	rounds    int
	latencies durations
	without   []string
	only      []string
	growth    int
	report    string
	profile   string
}

type durations []time.Duration

func (d *durations) String() string { return fmt.Sprint(*d) }

func (d *durations) Set(s string) error {
	*d = nil
	for _, word := range strings.Split(s, ",") {
		one, err := time.ParseDuration(word)
		if err != nil {
			return err
		}
		*d = append(*d, one)
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "proxy" {
		return proxy(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "http" {
		return service(ctx, args[1:])
	}
	c := config{latencies: durations{0, 500 * time.Microsecond, 2 * time.Millisecond}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&c.postgres, "postgres", os.Getenv("AUTHENT_TEST_POSTGRES"), "URL of a Postgres server where databases can be made; AUTHENT_TEST_POSTGRES if it is not given")
	flags.BoolVar(&c.full, "full", false, "measure longer: for the report")
	flags.IntVar(&c.rounds, "rounds", 0, "turns of each contender for each case (default 9, with -full 31)")
	flags.Var(&c.latencies, "latency", "latencies of the network, with commas (default 0s,500us,2ms)")
	flags.IntVar(&c.growth, "growth", 0, "largest number of rows for the growth, 0 for none (with -full 100000)")
	flags.StringVar(&c.report, "report", "", "folder for benchmarks.md and its plots")
	flags.StringVar(&c.profile, "cpuprofile", "", "file for a profile of the contenders in Go, for go tool pprof")
	words(flags, &c.without, "without", "names of contenders to leave out, with commas")
	words(flags, &c.only, "case", "names of the cases to run, with commas (default all)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if c.postgres == "" {
		return errors.New("no Postgres server: give -postgres or set AUTHENT_TEST_POSTGRES, or run \"make bench\", which starts one")
	}
	return profiled(c.profile, func() error { return queries(ctx, c, command(flags)) })
}

// command is how the run is repeated: the flags that were given but those that say where the
// server and the page are.
func command(flags *flag.FlagSet) string {
	words := []string{"go run ."}
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "postgres", "report", "cpuprofile":
		case "full":
			words = append(words, "-full")
		default:
			words = append(words, "-"+f.Name+" "+f.Value.String())
		}
	})
	return strings.Join(words, " ")
}

// profiled calls f, and writes a profile of it to a file, if there is one.
func profiled(file string, f func() error) error {
	if file == "" {
		return f()
	}
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(to); err != nil {
		return errors.Join(err, to.Close())
	}
	err = f()
	pprof.StopCPUProfile()
	return errors.Join(err, to.Close())
}

func words(flags *flag.FlagSet, to *[]string, name, usage string) {
	flags.Func(name, usage, func(s string) error {
		*to = strings.Split(s, ",")
		return nil
	})
}
