//go:build race

package equality_test

// defaultEpisodes is how many seeds are run by default: the race detector is slow.
const defaultEpisodes = 6
