package entauth

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"

	"github.com/agentuity/auth-go/mixins"
)

// input is a struct that is generated for creating or updating the entities of a type.
type input struct {
	Name   string
	Type   *gen.Type
	Update bool
	Fields []inputField
	// Setter is the method of the builders that takes the input. It is empty for a type
	// that has a method of this name already.
	Setter string
}

// inputField is a field of an input.
type inputField struct {
	Name   string
	Type   string
	Tag    string
	Method string // The method of the mutation that takes the value.
	Kind   inputKind
}

// inputKind says when a field of an input is set, and how its value is passed on.
type inputKind string

const (
	always   inputKind = "always"   // A required value.
	pointer  inputKind = "pointer"  // A value that is set if the pointer is not nil.
	nillable inputKind = "nillable" // A slice, map or pointer that is set if it is not nil.
	ids      inputKind = "ids"      // A list of ids that is set if it is not empty.
	flag     inputKind = "flag"     // A method without a value, called if true.
)

// inputs returns the inputs of the graph, in the order of its types.
func inputs(g *gen.Graph) ([]*input, error) {
	var all []*input
	for _, n := range g.MutableNodes() {
		ofType, err := typeInputs(n)
		if err != nil {
			return nil, err
		}
		all = append(all, ofType...)
	}
	return all, nil
}

// checkInputs reports what is wrong with the inputs that the schemas ask for.
func checkInputs(g *gen.Graph) error {
	var problems problems
	taken := make(map[string]*gen.Type, len(g.Nodes))
	for _, n := range g.Nodes {
		taken[n.Name] = n
	}
	for _, n := range g.MutableNodes() {
		ofType, err := typeInputs(n)
		if err != nil {
			problems.add(n, "%s", err)
			continue
		}
		for _, in := range ofType {
			if what := generatedName(g, in.Name); what != "" {
				problems.add(n, "the name of the input %s is taken by the %s that Ent generates: choose another name with mixins.Inputs", in.Name, what)
			}
			switch other := taken[in.Name]; {
			case other == n && in.Name != n.Name:
				problems.add(n, "has two inputs named %s: choose another name for one of them with mixins.Inputs", in.Name)
			case other != nil:
				problems.add(n, "the name of the input %s is taken by type %s: choose another name with mixins.Inputs", in.Name, other.Name)
			}
			taken[in.Name] = n
			seen := make(map[string]bool, len(in.Fields))
			for _, f := range in.Fields {
				if seen[f.Name] {
					problems.add(n, "input %s would have two fields named %s: omit one of what they set with mixins.Inputs", in.Name, f.Name)
				}
				seen[f.Name] = true
			}
		}
	}
	return problems.err()
}

// typeInputs returns the inputs of a type: one for creating and one for updating, and
// those that its schema names.
func typeInputs(t *gen.Type) ([]*input, error) {
	var ant mixins.InputsAnnotation
	if raw, ok := t.Annotations[ant.Name()]; ok {
		if err := ant.Decode(raw); err != nil {
			return nil, err
		}
	}
	var (
		create = mixins.CreateInput()
		update = mixins.UpdateInput()
		named  []mixins.Input
	)
	for _, in := range ant.Inputs {
		switch {
		case in.Name != "":
			named = append(named, in)
		case in.Update:
			update = update.Pick(in.Picked...).Omit(in.Omitted...)
		default:
			create = create.Pick(in.Picked...).Omit(in.Omitted...)
		}
	}
	create.Name, update.Name = t.Name+"CreateInput", t.Name+"UpdateInput"
	all := make([]*input, 0, 2+len(named))
	for _, in := range append([]mixins.Input{create, update}, named...) {
		if err := checkInput(t, in); err != nil {
			return nil, err
		}
		out := &input{Name: in.Name, Type: t, Update: in.Update, Setter: "Set" + in.Name}
		if in.Name == create.Name || in.Name == update.Name {
			out.Setter = "SetInput"
		}
		if hasSetter(t, out.Setter) {
			out.Setter = ""
		}
		for _, part := range inputParts(t) {
			if included(in, part.name) {
				out.Fields = append(out.Fields, part.fields(in.Update)...)
			}
		}
		all = append(all, out)
	}
	return all, nil
}

// checkInput reports what is wrong with the description of an input.
func checkInput(t *gen.Type, in mixins.Input) error {
	if !token.IsIdentifier(in.Name) || !token.IsExported(in.Name) {
		return fmt.Errorf("mixins.Inputs: %q cannot be the name of an input: use an exported Go name", in.Name)
	}
	var names []string
	for _, part := range inputParts(t) {
		names = append(names, part.name)
	}
	for _, name := range slices.Concat(in.Picked, in.Omitted) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("mixins.Inputs: %s names %q, which is not a field or edge that can be set: choose from %s", in.Name, name, strings.Join(names, ", "))
		}
	}
	return nil
}

func included(in mixins.Input, name string) bool {
	return (len(in.Picked) == 0 || slices.Contains(in.Picked, name)) && !slices.Contains(in.Omitted, name)
}

// hasSetter reports whether the builders of t have a method of the given name without the
// inputs: one that sets a field or edge, or the SetInput of another extension.
func hasSetter(t *gen.Type, method string) bool {
	if gql, ok := t.Annotations["EntGQL"].(map[string]any); ok && gql["MutationInputs"] != nil && method == "SetInput" {
		return true
	}
	for _, f := range t.Fields {
		if "Set"+f.StructField() == method {
			return true
		}
	}
	for _, e := range t.Edges {
		if e.Unique && "Set"+e.StructField() == method {
			return true
		}
	}
	return false
}

// inputPart is a field or an edge of a type that an input can set.
type inputPart struct {
	name   string // As in the schema.
	fields func(update bool) []inputField
}

// inputParts returns what can be set of a type: its id unless the database makes it or an
// edge gives it, its fields, and the edges that have no field of their own.
func inputParts(t *gen.Type) []inputPart {
	var parts []inputPart
	shared := sharedIDEdge(t)
	if t.HasOneFieldID() && t.ID.UserDefined && shared == nil {
		parts = append(parts, fieldPart(t.ID, true))
	}
	for _, f := range t.Fields {
		parts = append(parts, fieldPart(f, f.Immutable))
	}
	for _, e := range t.EdgesWithID() {
		switch {
		case e.Ref != nil && sharesID(e.Type, e.Ref): // The other row has its id from this one: it comes later.
		case e.Field() == nil || e == shared:
			parts = append(parts, edgePart(e))
		}
	}
	return parts
}

func fieldPart(f *gen.Field, immutable bool) inputPart {
	return inputPart{f.Name, func(update bool) []inputField {
		field := inputField{
			Name: f.StructField(), Type: f.Type.String(), Tag: f.StructTag, Method: f.MutationSet(), Kind: always,
		}
		if f.Sensitive() {
			field.Tag = `json:"-"`
		}
		switch {
		case update && immutable:
			return nil
		case !update && !f.Optional && !f.Default:
			return []inputField{field}
		case f.Type.Nillable:
			field.Kind = nillable
		default:
			field.Type, field.Kind = "*"+field.Type, pointer
		}
		all := []inputField{field}
		if update && f.SupportsMutationAppend() {
			all = append(all, inputField{
				Name: f.MutationAppend(), Type: f.Type.String(), Tag: prefixTag("append_", field.Tag), Method: f.MutationAppend(), Kind: nillable,
			})
		}
		if update && f.Optional {
			all = append(all, inputField{
				Name: f.MutationClear(), Type: "bool", Tag: prefixTag("clear_", field.Tag), Method: f.MutationClear(), Kind: flag,
			})
		}
		return all
	}}
}

func edgePart(e *gen.Edge) inputPart {
	return inputPart{e.Name, func(update bool) []inputField {
		if update && e.Immutable {
			return nil
		}
		var (
			id    = e.Type.ID.Type.String()
			clear = inputField{Name: e.MutationClear(), Type: "bool", Tag: jsonTag("clear_" + e.Name), Method: e.MutationClear(), Kind: flag}
		)
		if !e.Unique {
			name := strings.TrimPrefix(e.MutationAdd(), "Add")
			tag := strings.TrimSuffix(e.Name, "s") + "_ids"
			if !update {
				return []inputField{{Name: name, Type: "[]" + id, Tag: jsonTag(tag), Method: e.MutationAdd(), Kind: ids}}
			}
			return []inputField{
				clear,
				{Name: e.MutationAdd(), Type: "[]" + id, Tag: jsonTag("add_" + tag), Method: e.MutationAdd(), Kind: ids},
				{Name: e.MutationRemove(), Type: "[]" + id, Tag: jsonTag("remove_" + tag), Method: e.MutationRemove(), Kind: ids},
			}
		}
		set := inputField{
			Name: strings.TrimPrefix(e.MutationSet(), "Set"), Type: "*" + id, Tag: jsonTag(e.Name + "_id"), Method: e.MutationSet(), Kind: pointer,
		}
		switch {
		case !update && !e.Optional:
			set.Type, set.Kind, set.Tag = id, always, `json:"`+e.Name+`_id"`
			return []inputField{set}
		case update && e.Optional:
			return []inputField{clear, set}
		}
		return []inputField{set}
	}}
}

func jsonTag(name string) string { return `json:"` + name + `,omitempty"` }

// prefixTag is the tag of a field that goes with another one, whose tag is given. It
// follows the style of its name: clear_bio with bio, clearImageURL with imageURL.
func prefixTag(prefix, tag string) string {
	name, rest, ok := strings.Cut(strings.TrimPrefix(tag, `json:"`), `"`)
	name, _, _ = strings.Cut(name, ",")
	switch {
	case !ok || rest != "" || name == "-":
		return `json:"-"`
	case name != strings.ToLower(name):
		return jsonTag(strings.TrimSuffix(prefix, "_") + strings.ToUpper(name[:1]) + name[1:])
	}
	return jsonTag(prefix + name)
}
