package signed

import (
	"slices"
	"strconv"
	"strings"
)

// ChunkThreshold and ChunkSize are the bounds of a cookie, in bytes: a longer value than the first is in cookies name.0,
// name.1, ... of the second.
const (
	ChunkThreshold = 4093
	ChunkSize      = 4096 - 200
)

// Split returns the values of a cookie's chunks: one, the value itself, if it is not too long.
func Split(value string) []string {
	if len(value) <= ChunkThreshold {
		return []string{value}
	}
	var chunks []string
	for len(value) > ChunkSize {
		chunks, value = append(chunks, value[:ChunkSize]), value[ChunkSize:]
	}
	return append(chunks, value)
}

// LookupSplit is Lookup for a cookie that may be split. The whole one wins over its chunks.
func LookupSplit(headers []string, name string, secure bool) (value string, ok bool) {
	if value, ok = Lookup(headers, name, secure); ok && value != "" {
		return value, true
	}
	var b strings.Builder
	for i, n := range Chunks(headers, name, secure) {
		if i != n {
			return "", false
		}
		chunk, _ := Lookup(headers, ChunkName(name, n), secure)
		b.WriteString(chunk)
	}
	return b.String(), b.Len() > 0
}

// ChunkName returns the name of a chunk.
func ChunkName(name string, n int) string { return name + "." + strconv.Itoa(n) }

// maxChunks bounds the numbers that Chunks looks at.
const maxChunks = 100

// Chunks returns the numbers of the chunks of a cookie that are there, in their order.
func Chunks(headers []string, name string, secure bool) []int {
	var numbers []int
	for key := range pairs(headers) {
		if plain, isSecure := strings.CutPrefix(key, SecurePrefix); isSecure {
			key = plain
		} else if secure {
			continue
		}
		suffix, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(suffix)
		if err == nil && n >= 0 && n < maxChunks && ChunkName(name, n) == key && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}
