package pgxdriver_test

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/agentuity/auth-go/authent/pgxdriver"
)

// wire is a proxy in front of a server that counts round trips: how often the client speaks
// after the server did.
type wire struct {
	url string

	mu     sync.Mutex
	trips  int
	client bool // who spoke last
	sent   []byte
	delay  time.Duration
}

// newWire starts a proxy in front of the server of a URL.
func newWire(t testing.TB, server string) *wire {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	if host := u.Query().Get("host"); host != "" {
		port := u.Query().Get("port")
		if port == "" {
			port = "5432"
		}
		network, address = "unix", host+"/.s.PGSQL."+port
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	w := &wire{}
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.serve(conn, network, address) })
		}
	})
	q := u.Query()
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = listener.Addr().String(), q.Encode()
	w.url = u.String()
	return w
}

// serve copies between a client and the server.
func (w *wire) serve(client net.Conn, network, address string) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(context.Background(), network, address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var both sync.WaitGroup
	both.Go(func() { w.copy(server, client, true) })
	both.Go(func() { w.copy(client, server, false) })
	both.Wait()
}

func (w *wire) copy(dst, src net.Conn, client bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			w.mu.Lock()
			if client && !w.client {
				w.trips++
			}
			if w.client = client; client {
				w.sent = append(w.sent, buf[:n]...)
			}
			delay := w.delay
			w.mu.Unlock()
			if delay > 0 {
				time.Sleep(delay)
			}
			if _, err := dst.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	// One side is gone: so is the other.
	_ = dst.Close()
	_ = src.Close()
}

// count returns the number of round trips that f takes.
func (w *wire) count(f func()) int {
	w.mu.Lock()
	before := w.trips
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trips - before
}

// sends returns what the client sends while f runs.
func (w *wire) sends(f func()) string {
	w.mu.Lock()
	w.sent = nil
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.sent)
}

// withoutPings keeps the pool from checking connections that were idle for a second.
func withoutPings() pgxdriver.OpenOption {
	return pgxdriver.WithPoolConfig(func(c *pgxpool.Config) error {
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
		return nil
	})
}
