package suite

import (
	"context"
	"fmt"

	"github.com/agentuity/auth-go/bench/internal/wire"
)

// Trips counts the round trips of each case on the wire, with contenders that are connected
// through a proxy. What they need once on a connection, to prepare statements, does not count.
func Trips(ctx context.Context, proxy *wire.Proxy, contenders []Named, cases []Case, cleanup func(context.Context) error) (map[string]map[string]float64, error) {
	const calls = 8
	table := map[string]map[string]float64{}
	for _, c := range cases {
		table[c.Name] = map[string]float64{}
		for _, contender := range contenders {
			if !contender.Has(c) {
				continue
			}
			if _, err := contender.Turn(ctx, c, 0, 8); err != nil {
				return nil, fmt.Errorf("%s: %w", contender.Name, err)
			}
			before := proxy.Trips()
			if _, err := contender.Turn(ctx, c, 0, calls); err != nil {
				return nil, fmt.Errorf("%s: %w", contender.Name, err)
			}
			table[c.Name][contender.Name] = float64(proxy.Trips()-before) / calls
			if c.Writes {
				if err := cleanup(ctx); err != nil {
					return nil, err
				}
			}
		}
	}
	return table, nil
}
