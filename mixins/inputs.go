package mixins

import (
	"slices"

	"entgo.io/ent/schema"
)

// Input describes an input type of a schema: a struct whose fields are set on a builder
// in one call. Each schema has two without being asked, which hold all that can be set:
// ProjectCreateInput and ProjectUpdateInput. See Inputs.
type Input struct {
	Name    string   `json:"name,omitempty"`
	Update  bool     `json:"update,omitempty"`
	Picked  []string `json:"picked,omitempty"`
	Omitted []string `json:"omitted,omitempty"`
}

// CreateInput describes the input for creating an entity.
func CreateInput() Input { return Input{} }

// UpdateInput describes the input for updating an entity.
func UpdateInput() Input { return Input{Update: true} }

// Named makes the input one more type, of the given name, beside the one that every
// schema has. The builders set it with "Set" and the name.
func (i Input) Named(name string) Input {
	i.Name = name
	return i
}

// Pick leaves out of the input all but the given fields and edges.
func (i Input) Pick(names ...string) Input {
	i.Picked = slices.Concat(i.Picked, names)
	return i
}

// Omit leaves the given fields and edges out of the input.
func (i Input) Omit(names ...string) Input {
	i.Omitted = slices.Concat(i.Omitted, names)
	return i
}

// InputsAnnotation is the annotation that Inputs returns.
type InputsAnnotation struct {
	Inputs []Input `json:"inputs"`
}

// Inputs chooses the fields of the input types of a schema. The fields and edges are named
// as in the schema. What an input leaves out is set by the setters of the builder:
//
//	func (Project) Annotations() []schema.Annotation {
//		return []schema.Annotation{
//			mixins.Inputs(
//				mixins.CreateInput().Omit("owner_id"),
//				mixins.UpdateInput().Named("RenameProject").Pick("name"),
//			),
//		}
//	}
//
//	client.Project.Create().SetInput(in).SetOwner(user).Save(ctx)
//	project.Update().SetRenameProject(rename).Save(ctx)
func Inputs(inputs ...Input) InputsAnnotation { return InputsAnnotation{Inputs: inputs} }

// Name of the annotation.
func (InputsAnnotation) Name() string { return inputsName }

// Merge adds the inputs of another annotation.
func (a InputsAnnotation) Merge(other schema.Annotation) schema.Annotation {
	if o, ok := other.(InputsAnnotation); ok {
		a.Inputs = slices.Concat(a.Inputs, o.Inputs)
	}
	return a
}

// Decode reads the annotation from its form in a loaded schema.
func (a *InputsAnnotation) Decode(annotation any) error { return decode(annotation, a) }
