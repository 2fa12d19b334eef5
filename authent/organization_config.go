package authent

// OrganizationConfig configures organizations.
type OrganizationConfig struct{}

// roles are the roles of members and what they permit.
type roles struct{}

// orgLookup is the organization of an identity, looked up when it is asked for.
type orgLookup struct{}

func (s *service) configureOrganizations(Store) error { return nil }

func organizationEndpoints() []Endpoint { return nil }
