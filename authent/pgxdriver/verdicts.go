package pgxdriver

import (
	"encoding/json"
	"sync"

	"github.com/agentuity/auth-go/authent/eager"
)

// maxCost is the cost, in the units of the server's planner, up to which a statement runs
// again for each edge that it is the parent of.
const maxCost = 100

// maxParents is the number of rows from which on a statement does not run again, whatever the
// planner says.
const maxParents = 1000

// maxVerdicts is how many statements are remembered.
const maxVerdicts = 4096

// verdicts remember which statements are cheap enough to run again for each edge.
type verdicts struct {
	mu    sync.Mutex
	cheap map[string]bool
}

// get returns the verdict on the statement of a node.
func (v *verdicts) get(n *eager.Node) (cheap, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	cheap, known = v.cheap[n.SQL]
	return cheap, known
}

func (v *verdicts) put(n *eager.Node, cheap bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cheap == nil || len(v.cheap) >= maxVerdicts {
		v.cheap = make(map[string]bool)
	}
	v.cheap[n.SQL] = cheap
}

// costOf returns the cost of a statement that was explained.
func costOf(explained []byte) (float64, error) {
	var plans []struct {
		Plan struct {
			TotalCost float64 `json:"Total Cost"`
		}
	}
	if err := json.Unmarshal(explained, &plans); err != nil {
		return 0, err
	}
	return plans[0].Plan.TotalCost, nil
}
