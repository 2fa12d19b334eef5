// Package entquery has the parts of a generated client's queries and updates that do not depend on the app's
// types: generated code calls it, apps do not.
package entquery
