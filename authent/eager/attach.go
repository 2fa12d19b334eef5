package eager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"entgo.io/ent/dialect/sql"
)

// Loaded returns the node of a query whose rows were read, and to whose entities those of edges may have to be
// attached, or nil.
func Loaded(ctx context.Context, query any) *Node {
	n, ok := ctx.Value(nodeKey{}).(*Node)
	if !ok || n.query != query {
		return nil
	}
	return n
}

// Attached returns the edges whose entities are attached to those of the node: their rows came in those of the
// node, or their entities were made as the rows of their own statements arrived.
func (n *Node) Attached() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil {
			return
		}
		for _, e := range n.Edges {
			if e.loaded() && !yield(e) {
				return
			}
		}
	}
}

// Query returns the query of the node.
func (n *Node) Query() any { return n.query }

// Entities is how the rows of a query become entities.
type Entities[T any] struct {
	New    func() *T
	Scan   func(columns []string) ([]any, error)
	Assign func(entity *T, columns []string, values []any) error
	Values *Values // that rows are scanned into, one after the other, or nil if entities keep them
}

// Make makes entities of rows. There is room for some at first.
func Make[T any](rows *sql.Rows, room int, entities Entities[T]) ([]*T, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	r := reader[T]{Entities: entities, columns: columns}
	defer r.close()
	all := make([]*T, 0, room)
	for rows.Next() {
		e, err := r.read(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// Link is how the entities of an edge and their parents are one. K is the type of the key by which they find each
// other: the id of a parent or, for an edge whose key is in the row of the parent, the id of the entity.
type Link[P, T any, K comparable] struct {
	One    func(*P) **T   // where a parent has its entity, if the edge is to one
	Many   func(*P) *[]*T // where a parent has its entities, if it is to many
	Parent func(*P) *K    // the key in a parent, nil for NULL
	Child  func(*T) *K    // the key in an entity, nil for NULL
}

func (l *Link[P, T, K]) add(parent *P, e *T) {
	if l.Many == nil {
		*l.One(parent) = e
		return
	}
	all := l.Many(parent)
	*all = append(*all, e)
}

// Attach gives the entities of an edge to their parents, and returns them.
func Attach[P, T any, K comparable](n *Node, parents []*P, entities Entities[T], link Link[P, T, K]) ([]*T, error) {
	if link.Many != nil {
		for _, parent := range parents {
			*link.Many(parent) = []*T{}
		}
	}
	switch {
	case n.rows != nil:
		return attachRows(n, parents, entities, &link)
	case n.made.err != nil:
		return nil, n.made.err
	}
	all, ok := n.made.entities.([]*T)
	if !ok {
		return nil, fmt.Errorf("eager: unexpected entities %T of an edge", n.made.entities)
	}
	if n.Key.One {
		return all, link.attachByID(all, parents, n.Key.Column)
	}
	return all, link.attachByParent(all, parents)
}

// attachByID gives entities to the parents that have their ids.
func (l *Link[P, T, K]) attachByID(all []*T, parents []*P, column string) error {
	positions := make(map[K]int, len(all))
	for i, e := range all {
		positions[*l.Child(e)] = i
	}
	wanted := make([]bool, len(all))
	found := 0
	for _, parent := range parents {
		key := l.Parent(parent)
		if key == nil {
			continue
		}
		if i, ok := positions[*key]; ok {
			*l.One(parent) = all[i]
			if !wanted[i] {
				wanted[i] = true
				found++
			}
		}
	}
	if found == len(positions) {
		return nil
	}
	for key, i := range positions {
		if !wanted[i] {
			return fmt.Errorf("unexpected foreign-key %q returned %v", column, key)
		}
	}
	return nil
}

// attachByParent gives entities to the parents whose ids they have.
func (l *Link[P, T, K]) attachByParent(all []*T, parents []*P) error {
	positions := make(map[K]int, len(parents))
	for i, parent := range parents {
		positions[*l.Parent(parent)] = i // Of parents that are the same, the last one, as with Ent.
	}
	owners := make([]int, len(all))
	numbers := make([]int, len(parents))
	for i, e := range all {
		key := l.Child(e)
		if key == nil {
			return errors.New("foreign-key is nil for an entity of the edge")
		}
		owner, ok := positions[*key]
		if !ok {
			return fmt.Errorf("unexpected referenced foreign-key returned %v", *key)
		}
		owners[i] = owner
		numbers[owner]++
	}
	if l.Many != nil {
		for i, n := range numbers {
			if n > 0 {
				*l.Many(parents[i]) = make([]*T, 0, n)
			}
		}
	}
	for i, e := range all {
		l.add(parents[owners[i]], e)
	}
	return nil
}

// attachRows makes entities of the rows of an edge that came in those of its parents, and gives them to their
// parents.
func attachRows[P, T any, K comparable](n *Node, parents []*P, entities Entities[T], link *Link[P, T, K]) ([]*T, error) {
	var (
		rows   = n.rows
		r      = reader[T]{Entities: entities, columns: rows.Columns()}
		all    = make([]*T, 0, len(parents))
		shared = n.Key.One && len(parents) > 1 // Parents with one key have one entity.
		byKey  entitiesByKey[T]
	)
	defer rows.Close()
	defer r.close()
	if shared {
		byKey.grow(len(parents))
	}
	for _, parent := range parents {
		rows.NextParent()
		for rows.Next() {
			if shared {
				if e := byKey.get(rows.First()); e != nil {
					link.add(parent, e)
					continue
				}
			}
			e, err := r.read(rows)
			if err != nil {
				return nil, err
			}
			if shared {
				byKey.add(rows.First(), e)
			}
			link.add(parent, e)
			all = append(all, e)
		}
	}
	return all, rows.Err()
}

// entitiesByKey are entities by their key: few in a list, more in a map.
type entitiesByKey[T any] struct {
	keys     [][]byte
	entities []*T
	all      map[string]*T
}

const maxListed = 32

// grow makes room for a number of keys at most.
func (b *entitiesByKey[T]) grow(keys int) {
	b.keys = slices.Grow(b.keys, min(keys, maxListed))
	b.entities = slices.Grow(b.entities, min(keys, maxListed))
}

func (b *entitiesByKey[T]) get(key []byte) *T {
	if b.all != nil {
		return b.all[string(key)]
	}
	for i, k := range b.keys {
		if bytes.Equal(k, key) {
			return b.entities[i]
		}
	}
	return nil
}

func (b *entitiesByKey[T]) add(key []byte, e *T) {
	if b.all == nil && len(b.keys) < maxListed {
		b.keys, b.entities = append(b.keys, key), append(b.entities, e)
		return
	}
	if b.all == nil {
		b.all = make(map[string]*T)
		for i, k := range b.keys {
			b.all[string(k)] = b.entities[i]
		}
	}
	b.all[string(key)] = e
}
