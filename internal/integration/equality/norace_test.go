//go:build !race

package equality_test

// defaultEpisodes is how many seeds are run by default.
const defaultEpisodes = 24
