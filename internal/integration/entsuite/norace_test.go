//go:build !race

package entsuite_test

const raceDetector = false
