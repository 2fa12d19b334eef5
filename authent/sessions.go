package authent

import "context"

// ListSessions returns the sessions of the session's user, oldest first.
//
// The token of a session is all that is needed to use it: of other sessions than the request's own, the member token is
// the session's id, which RevokeSession takes as well and which signs nobody in. SessionConfig.ListTokens shows them.
func (a *Auth) ListSessions(ctx context.Context) ([]*Session, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	sessions, err := a.listSessions(ctx, id.User.ID)
	if err != nil {
		return nil, err
	}
	listed := make([]*Session, len(sessions))
	for i, s := range sessions {
		shown := *s
		if s.Token != id.Session.Token && !a.config.Session.ListTokens {
			shown.Token = s.ID
		}
		listed[i] = &shown
	}
	return listed, nil
}

// RevokeSessionInput is the input of RevokeSession.
type RevokeSessionInput struct {
	// Token of a session, or what ListSessions has in its place.
	Token string `json:"token"`
}

// RevokeSession ends a session of the session's user. The answer is the same if there is no such session.
func (a *Auth) RevokeSession(ctx context.Context, in RevokeSessionInput) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.endSessionOf(ctx, id.User.ID, in.Token); err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}

// RevokeSessions ends all sessions of the session's user, this one included.
func (a *Auth) RevokeSessions(ctx context.Context) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.endSessionsOf(ctx, id.User.ID); err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}

// RevokeOtherSessions ends all sessions of the session's user but this one.
func (a *Auth) RevokeOtherSessions(ctx context.Context) (*StatusOutput, error) {
	id, err := a.requireSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.endOtherSessionsOf(ctx, id.User.ID, id.Session.Token); err != nil {
		return nil, err
	}
	return &StatusOutput{Status: true}, nil
}
