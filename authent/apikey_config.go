package authent

import "context"

// APIKeyConfig configures API keys.
type APIKeyConfig struct{}

func (s *service) configureAPIKeys(Store) error { return nil }

func apiKeyEndpoints() []Endpoint { return nil }

func (a *Auth) keyOf(*call) string { return "" }

func (a *Auth) identifyKey(context.Context, *call, string) (*Identity, error) { return nil, nil }

func (a *Auth) checkKey(context.Context, *Endpoint) error { return nil }
