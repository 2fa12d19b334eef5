// Package servers starts the servers that are compared: this project's example app and the
// TypeScript server.
package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Server is a process that answers on the loopback.
type Server struct {
	Name    string
	Address string
	cmd     *exec.Cmd
}

// Settings are those that both servers share.
type Settings struct {
	Database string
	Secret   string
	Public   string // The address that they believe to be reached at.
}

func (s Settings) env(more ...string) []string {
	return append(append(os.Environ(),
		"DATABASE_URL="+s.Database,
		"AGENTUITY_AUTH_SECRET="+s.Secret,
		"AGENTUITY_BASE_URL="+s.Public,
		"AUTH_RATE_LIMIT=off",
	), more...)
}

// Address returns a free one on the loopback.
func Address(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Build builds the example app into a folder, and returns its program.
func Build(ctx context.Context, folder string) (string, error) {
	program := filepath.Join(folder, "app-schema")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/agentuity/auth-go/examples/app-schema").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the example app: %w\n%s", err, out)
	}
	return program, nil
}

// Go starts the example app. It creates the tables that are missing.
func Go(ctx context.Context, program, address string, s Settings) (*Server, error) {
	cmd := exec.CommandContext(ctx, program, "serve", "--addr", address, "--migrate")
	cmd.Env = s.env()
	return start(ctx, "authent", address, cmd)
}

// TypeScript starts the server of the TypeScript side from the folder "interop" of this
// repository, where "npm ci" has been run.
func TypeScript(ctx context.Context, interop, address string, s Settings) (*Server, error) {
	cmd := exec.CommandContext(ctx, "node", "--import", "./peer/bun.mjs", "peer/server.mjs")
	cmd.Dir = interop
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	cmd.Env = s.env("PORT="+port, "GITLAB_ISSUER=http://127.0.0.1:9", "GITLAB_CLIENT_ID=none", "GITLAB_CLIENT_SECRET=none")
	return start(ctx, "TypeScript", address, cmd)
}

// start runs a server and returns when it answers.
func start(ctx context.Context, name, address string, cmd *exec.Cmd) (*Server, error) {
	printed := &tail{}
	cmd.Stdout, cmd.Stderr = printed, printed
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server %s: %w", name, err)
	}
	s := &Server{Name: name, Address: address, cmd: cmd}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if s.ok(ctx) {
			return s, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("the server %s does not answer at %s; it printed:\n%s", name, address, printed), s.Close())
}

func (s *Server) ok(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address+"/api/auth/ok", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// Close ends the process.
func (s *Server) Close() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	// The end that was asked for is no error.
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// CPU returns the time of the processor that the process has used.
func (s *Server) CPU() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name of the program, in brackets.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", s.cmd.Process.Pid, len(fields))
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	// A tick is a hundredth of a second on every Linux that Go runs on.
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// tail keeps the end of what a server prints.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() > 1<<20 {
		t.text.Reset()
	}
	return t.text.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.text.String()
	return s[max(0, len(s)-4_000):]
}
