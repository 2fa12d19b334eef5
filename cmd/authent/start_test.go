package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestStart does what the page docs/start.md says, as it says it.
func TestStart(t *testing.T) {
	t.Parallel()
	page := readFile(t, "../../docs/start.md")
	dir := newModule(t)
	mustAuthent(t, "init", dir)
	address := freeAddress(t)
	blocks := regexp.MustCompile("(?ms)^```go\n(?:// ([a-z/]+\\.go)\n)?(.*?)^```$").FindAllStringSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Fatalf("the page has %d blocks of Go, want 3", len(blocks))
	}
	for _, b := range blocks {
		name, code := b[1], b[2]
		if name == "" { // The methods of User.
			name = "ent/schema/auth.go"
			code = readFile(t, filepath.Join(dir, name)) + "\n" + code
			code = strings.Replace(code, "import (\n", "import (\n\t\"entgo.io/ent/schema/edge\"\n\t\"entgo.io/ent/schema/field\"\n", 1)
		}
		code = strings.ReplaceAll(code, "localhost:8080", address)
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), strings.ReplaceAll(code, "example.com/shop", "example.com/app"))
	}
	goCommand(t, dir, "generate", "./ent")
	goCommand(t, dir, "mod", "tidy")
	goCommand(t, dir, "build", "-o", "shop", ".")

	server := exec.Command(filepath.Join(dir, "shop"))
	server.Dir = dir
	server.Env = append(os.Environ(), "DATABASE_URL=sqlite:shop.db", "AGENTUITY_AUTH_SECRET=a-secret-of-the-page-0123456789abcdef", "GOWORK=off")
	var log strings.Builder
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	}()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	base := "http://" + address
	waitFor(t, base+"/api/auth/ok")

	answer(t, http.DefaultClient, "GET", base+"/api/projects", "", "", 401, `{"error":"Unauthorized"}`)
	answer(t, browser, "POST", base+"/api/auth/sign-up/email", "application/json",
		`{"name":"Ada","email":"ada@example.com","password":"correct horse"}`, 200, `"email":"ada@example.com"`)
	form := "application/x-www-form-urlencoded"
	answer(t, browser, "POST", base+"/api/projects", form, url.Values{"name": {"Apollo"}}.Encode(), 200, `"name":"Apollo"`)
	answer(t, browser, "POST", base+"/api/projects", form, "", 400, `value is less than the required length`)
	answer(t, browser, "GET", base+"/api/projects", "", "", 200, `"name":"Apollo"`)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // A file of the test or of the repository.
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answer sends a request and fails the test unless the answer has a status and a text.
func answer(t *testing.T, c *http.Client, method, target, contentType, body string, status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status || !strings.Contains(string(got), text) {
		t.Fatalf("%s %s = %d %s %v, want %d %s", method, target, res.StatusCode, got, err, status, text)
	}
}

// waitFor waits until a server answers.
func waitFor(t *testing.T, target string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		res, err := http.Get(target) //nolint:gosec,noctx // A server that the test started.
		if err == nil {
			_ = res.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// freeAddress returns an address on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("localhost:%d", port)
}
