// Package ratelimit decides whether a request may pass.
//
// The window is the measured one: it restarts at every request that passes, and a request that is refused does not
// extend it. So three requests 4.5 s apart under 3 in 10 s refuse the fourth until 10 s after the third. Decision
// and count are one step: of many concurrent requests exactly as many pass as the rule allows.
package ratelimit

import (
	"context"
	"strings"
	"time"
)

// Limiter counts requests by key. Implementations decide and count in one atomic step and are safe for concurrent use.
// An error means that no decision was possible; the caller answers 5xx or lets the request pass as its own policy
// says, and counts nothing.
type Limiter interface {
	Allow(ctx context.Context, key string, rule Rule) (Decision, error)
}

// Rule is a limit: Max requests in a Window. A Max of zero or less means no limit.
type Rule struct {
	Max    int
	Window time.Duration
}

// Decision is a Limiter's answer.
type Decision struct {
	// Allowed tells whether the request passes.
	Allowed bool
	// RetryAfter is how long to wait when it does not.
	RetryAfter time.Duration
	// Remaining is how many more requests pass in this window.
	Remaining int
}

// RetrySeconds returns RetryAfter in whole seconds, rounded up and at least 1, as the X-Retry-After header has it.
func (d Decision) RetrySeconds() int {
	return int(max((d.RetryAfter+time.Second-1)/time.Second, 1))
}

// PathRule is the rule of the paths that start with Path, or of that one path when Exact is set.
type PathRule struct {
	Path  string
	Exact bool
	Rule  Rule
}

// DefaultRule is the rule of every path that no PathRule names.
var DefaultRule = Rule{Max: 100, Window: 10 * time.Second}

// DefaultPathRules returns the measured rules of the paths below the base path, and the same for two that check a
// password too.
func DefaultPathRules() []PathRule {
	strict, mail := Rule{Max: 3, Window: 10 * time.Second}, Rule{Max: 3, Window: time.Minute}
	return []PathRule{
		{Path: "/sign-in", Rule: strict},
		{Path: "/sign-up", Rule: strict},
		{Path: "/change-password", Rule: strict},
		{Path: "/change-email", Rule: strict},
		{Path: "/verify-password", Exact: true, Rule: strict},
		{Path: "/delete-user", Exact: true, Rule: strict},
		{Path: "/request-password-reset", Exact: true, Rule: mail},
		{Path: "/send-verification-email", Exact: true, Rule: mail},
		{Path: "/forget-password", Rule: mail},
	}
}

// For returns the rule of a path: the first of the list that names it, else DefaultRule. The path is the one that the
// request was routed by, not the one on the wire.
func For(rules []PathRule, path string) Rule {
	for _, r := range rules {
		if path == r.Path || !r.Exact && strings.HasPrefix(path, r.Path) {
			return r.Rule
		}
	}
	return DefaultRule
}

// State is what a Limiter keeps for a key. Implementations in other stores keep the same two values.
type State struct {
	Count int
	Last  time.Time
}

// Step is the rule of the package: it decides about one request and returns the key's next state.
func (s State) Step(rule Rule, now time.Time) (State, Decision) {
	if rule.Max <= 0 {
		return s, Decision{Allowed: true}
	}
	if s.Count == 0 || now.Sub(s.Last) > rule.Window {
		return State{Count: 1, Last: now}, Decision{Allowed: true, Remaining: rule.Max - 1}
	}
	if s.Count >= rule.Max {
		return s, Decision{RetryAfter: max(s.Last.Add(rule.Window).Sub(now), 0)}
	}
	return State{Count: s.Count + 1, Last: now}, Decision{Allowed: true, Remaining: rule.Max - s.Count - 1}
}
