// Package generate tests the code generation as an app runs it.
package generate
