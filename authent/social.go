package authent

// Provider is a way to sign in with an account elsewhere; package social has them.
type Provider interface {
	// ID is the name in URLs and in account.providerId, such as "github".
	ID() string
}

// AccountConfig configures the linking and the deletion of accounts.
type AccountConfig struct{}

func (s *service) configureSocial(Store) error { return nil }
