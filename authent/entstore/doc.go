// Package entstore has the parts of the generated store that do not depend on the app's types:
// generated code calls it, apps do not.
package entstore
