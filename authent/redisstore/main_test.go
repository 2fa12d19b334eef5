package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// stops are what ends with the tests.
var stops []func()

func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range stops {
		stop()
	}
	os.Exit(code)
}

// server returns how the Redis of all tests is reached: the server that AUTHENT_TEST_REDIS names, or one that is started.
var server = sync.OnceValues(func() (*redis.Options, error) {
	if url := os.Getenv("AUTHENT_TEST_REDIS"); url != "" {
		return redis.ParseURL(url)
	}
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("no redis-server: install it (\"make test-deps\" does on Debian), or set AUTHENT_TEST_REDIS to the URL of one")
	}
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		return nil, err
	}
	options := &redis.Options{Network: "unix", Addr: filepath.Join(dir, "s")}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "--port", "0", "--unixsocket", options.Addr, "--save", "", "--appendonly", "no", "--dir", dir)
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	stops = append(stops, func() {
		cancel()
		_ = cmd.Wait() // It was killed.
		_ = os.RemoveAll(dir)
	})
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := client.Ping(ctx).Err()
		if err == nil {
			return options, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the Redis that was started does not answer: %w", err)
		}
	}
})
