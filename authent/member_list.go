package authent

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// ListMembersInput is the input of ListMembers. Without id and slug it is about the active organization.
type ListMembersInput struct {
	// Limit and Offset choose a page. Limit defaults to the limit of members.
	Limit  *int `json:"limit" check:"min=0"`
	Offset *int `json:"offset" check:"min=0"`
	// SortBy is a column. Defaults to createdAt, oldest first.
	SortBy        string `json:"sortBy,omitempty" check:"option=id|organizationId|userId|role|createdAt"`
	SortDirection string `json:"sortDirection,omitempty" check:"option=asc|desc"`
	// FilterField is a column whose value must be as FilterOperator (eq by default) and FilterValue say.
	FilterField    string   `json:"filterField,omitempty" check:"option=id|organizationId|userId|role|createdAt"`
	FilterValue    []string `json:"filterValue,omitempty"`
	FilterOperator string   `json:"filterOperator,omitempty" check:"option=eq|ne|lt|lte|gt|gte|in|not_in|contains|starts_with|ends_with"`

	OrganizationID   string `json:"organizationId,omitempty"`
	OrganizationSlug string `json:"organizationSlug,omitempty"` // Goes before OrganizationID.
}

// ListMembersOutput is the output of ListMembers.
type ListMembersOutput struct {
	Members []*Member `json:"members"` // With their users.
	// Total is how many there are on all pages.
	Total int `json:"total"`
}

// ListMembers returns members of an organization of which the user is one.
func (a *Auth) ListMembers(ctx context.Context, in ListMembersInput) (*ListMembersOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	member, err := a.memberOfGiven(ctx, id, in.OrganizationID, in.OrganizationSlug)
	if err != nil {
		return nil, err
	}
	where := []Cond{EQ("organizationId", member.OrganizationID)}
	if in.FilterField != "" {
		filter, err := memberFilter(in)
		if err != nil {
			return nil, err
		}
		where = append(where, filter)
	}
	q := Query{Where: where, Limit: a.pageSize(in.Limit)}
	if in.Offset != nil {
		q.Offset = *in.Offset
	}
	by := in.SortBy
	if by == "" {
		by = "createdAt"
	}
	q.Order = append(q.Order, Order{Column: by, Desc: in.SortDirection == "desc"})
	if by != "id" {
		q.Order = append(q.Order, Order{Column: "id"}) // Pages do not overlap.
	}
	out := &ListMembersOutput{}
	if out.Members, err = a.memberTable().FindWithUsers(ctx, q); err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	var known bool
	if out.Total, known = totalOf(q, len(out.Members)); known {
		return out, nil
	}
	if out.Total, err = a.memberTable().Count(ctx, where...); err != nil {
		return nil, fmt.Errorf("count members: %w", err)
	}
	return out, nil
}

// totalOf returns how many rows there are on all pages, if the rows found on one tell: it is the last one.
func totalOf(q Query, found int) (total int, known bool) {
	return q.Offset + found, found < q.Limit && (found > 0 || q.Offset == 0)
}

// memberOfGiven returns the user's membership in the organization that an input names, or else in the active one. The
// error is ErrNotMemberOfThis if there is none.
func (a *Auth) memberOfGiven(ctx context.Context, id *Identity, organizationID, slug string) (*Member, error) {
	if slug != "" {
		organization, err := a.organization(ctx, EQ("slug", slug))
		if err != nil {
			return nil, err
		}
		if organization == nil {
			return nil, ErrOrganizationNotFound
		}
		organizationID = organization.ID
	}
	who, err := id.in(organizationID, ErrNoActiveOrganization)
	if err != nil {
		return nil, err
	}
	return a.asMember(ctx, who, ErrNotMemberOfThis)
}

var filterOps = map[string]Op{
	"": OpEQ, "eq": OpEQ, "ne": OpNEQ, "lt": OpLT, "lte": OpLTE, "gt": OpGT, "gte": OpGTE, "in": OpIn, "not_in": OpNotIn,
	"contains": OpContains, "starts_with": OpHasPrefix, "ends_with": OpHasSuffix,
}

// memberFilter returns the condition of a list's filter.
func memberFilter(in ListMembersInput) (Cond, error) {
	wrong := func(what string) error {
		return newError(http.StatusBadRequest, ErrValidation.Code, "[query.filterValue] Invalid input: "+what)
	}
	c := Cond{Column: in.FilterField, Op: filterOps[in.FilterOperator]}
	values := make([]any, len(in.FilterValue))
	for i, text := range in.FilterValue {
		values[i] = text
		if in.FilterField == "createdAt" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return Cond{}, wrong("expected a time such as 2006-01-02T15:04:05.000Z")
			}
			values[i] = at
		}
	}
	switch c.Op {
	case OpIn, OpNotIn:
		c.Value = values
		return c, nil
	case OpContains, OpHasPrefix, OpHasSuffix:
		if in.FilterField == "createdAt" {
			return Cond{}, wrong("a time is no text that " + in.FilterOperator + " compares")
		}
	}
	if len(values) != 1 {
		return Cond{}, wrong(fmt.Sprintf("expected one value, received %d", len(values)))
	}
	c.Value = values[0]
	return c, nil
}
