package authenttest_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
)

// failure runs part of a test that ends it, and returns why.
func failure(fn func(testing.TB)) string {
	f := &failing{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(f)
	}()
	<-done
	f.clean()
	return f.message
}

// failing is a test that may fail.
type failing struct {
	testing.TB
	message  string
	cleanups []func()
}

// clean does what the test left for its end.
func (f *failing) clean() {
	for _, cleanup := range slices.Backward(f.cleanups) {
		cleanup()
	}
}

func (f *failing) Helper()                  {}
func (f *failing) Context() context.Context { return context.Background() }
func (f *failing) Output() io.Writer        { return io.Discard }
func (f *failing) Cleanup(fn func())        { f.cleanups = append(f.cleanups, fn) }
func (f *failing) Fatal(args ...any)        { f.Fatalf("%s", fmt.Sprint(args...)) }
func (f *failing) Errorf(format string, args ...any) {
	f.message += fmt.Sprintf(format, args...)
}

func (f *failing) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *failing) Error(args ...any) { f.Errorf("%s", fmt.Sprint(args...)) }
