package authent

// Op is the operator of a condition.
type Op int

// The operators of conditions.
const (
	OpEQ Op = iota + 1
	OpNEQ
	OpLT
	OpLTE
	OpGT
	OpGTE
	OpIn
	OpNotIn
	OpIsNull
	OpNotNull
	OpContains
	OpHasPrefix
	OpHasSuffix
	OpOr
)

// Cond is a condition on a row: an operator on a column, or OpOr of other conditions.
type Cond struct {
	Column string
	Op     Op
	// Value of the comparison; a []any for OpIn and OpNotIn, a string for OpContains,
	// OpHasPrefix and OpHasSuffix.
	Value any
	// Any are the conditions of OpOr, of which one must be fulfilled.
	Any []Cond
}

// EQ returns the condition that a column is equal to a value.
func EQ(column string, value any) Cond { return Cond{Column: column, Op: OpEQ, Value: value} }

// NEQ returns the condition that a column is not equal to a value.
func NEQ(column string, value any) Cond { return Cond{Column: column, Op: OpNEQ, Value: value} }

// LT returns the condition that a column is less than a value.
func LT(column string, value any) Cond { return Cond{Column: column, Op: OpLT, Value: value} }

// LTE returns the condition that a column is at most a value.
func LTE(column string, value any) Cond { return Cond{Column: column, Op: OpLTE, Value: value} }

// GT returns the condition that a column is greater than a value.
func GT(column string, value any) Cond { return Cond{Column: column, Op: OpGT, Value: value} }

// GTE returns the condition that a column is at least a value.
func GTE(column string, value any) Cond { return Cond{Column: column, Op: OpGTE, Value: value} }

// In returns the condition that a column is one of some values.
func In[T any](column string, values ...T) Cond {
	anys := make([]any, len(values))
	for i, v := range values {
		anys[i] = v
	}
	return Cond{Column: column, Op: OpIn, Value: anys}
}

// IsNull returns the condition that a column is NULL.
func IsNull(column string) Cond { return Cond{Column: column, Op: OpIsNull} }

// NotNull returns the condition that a column is not NULL.
func NotNull(column string) Cond { return Cond{Column: column, Op: OpNotNull} }

// Or returns the condition that one of some conditions is fulfilled.
func Or(conds ...Cond) Cond { return Cond{Op: OpOr, Any: conds} }
