// Package entsuite runs Ent's own integration tests on clients of entauth and on pgxdriver.
//
// The tests and their schemas are those of Ent's repository (entc/integration) at the version
// that go.mod requires. They are in testdata/ent.txtar, unchanged. The test unpacks them into a
// module of their own, generates their clients with the extension, lets them open pgxdriver
// instead of the driver that they name, and runs what they test.
package entsuite
