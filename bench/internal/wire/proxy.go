// Package wire is a proxy in front of Postgres that delays and counts.
package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"
)

// A Proxy passes connections on to a server. It delays what it passes on, each direction by
// half of its latency, without holding back what follows: a hundred messages at once arrive
// a hundred at once, later. And it counts round trips: how often a client speaks after the
// server did.
type Proxy struct {
	url      string
	half     time.Duration
	network  string
	address  string
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	trips int
	conns map[net.Conn]bool // True if the client of it spoke last.
}

// Listen starts a proxy on a free port of the loopback in front of the Postgres server of a
// URL. A latency of 0 only counts.
func Listen(ctx context.Context, server string, latency time.Duration) (*Proxy, error) {
	u, err := url.Parse(server)
	if err != nil {
		// The error quotes the URL, and with it the password.
		return nil, errors.New("the URL of the server is not a URL: want postgres://user@host:port/database")
	}
	p := &Proxy{half: latency / 2, network: "tcp", address: u.Host, conns: map[net.Conn]bool{}}
	q := u.Query()
	if host := q.Get("host"); host != "" {
		port := q.Get("port")
		if port == "" {
			port = "5432"
		}
		p.network, p.address = "unix", host+"/.s.PGSQL."+port
	}
	if u.Port() == "" && p.network == "tcp" {
		p.address = net.JoinHostPort(u.Hostname(), "5432")
	}
	p.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on the loopback: %w", err)
	}
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = p.listener.Addr().String(), q.Encode()
	p.url = u.String()
	p.running.Go(p.accept)
	return p, nil
}

// URL returns the URL of the database through the proxy.
func (p *Proxy) URL() string { return p.url }

// Trips returns how many round trips there were.
func (p *Proxy) Trips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trips
}

// Close ends the proxy and its connections.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conns[conn] = false
		p.mu.Unlock()
		p.running.Go(func() { p.serve(conn) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer func() {
		_ = client.Close()
		p.mu.Lock()
		delete(p.conns, client)
		p.mu.Unlock()
	}()
	server, err := (&net.Dialer{}).DialContext(context.Background(), p.network, p.address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var both sync.WaitGroup
	both.Go(func() { p.pass(server, client, func() { p.spoke(client, true) }) })
	both.Go(func() { p.pass(client, server, func() { p.spoke(client, false) }) })
	both.Wait()
}

// spoke notes who spoke on a connection.
func (p *Proxy) spoke(conn net.Conn, client bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if client && !p.conns[conn] {
		p.trips++
	}
	p.conns[conn] = client
}

// pass copies one direction of a connection until it ends, and then ends the other.
func (p *Proxy) pass(dst, src net.Conn, spoke func()) {
	defer func() {
		_ = dst.Close()
		_ = src.Close()
	}()
	if p.half == 0 {
		buf := make([]byte, 64<<10)
		for {
			n, err := src.Read(buf)
			if n > 0 {
				spoke()
				if _, err := dst.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	late(dst, src, p.half, spoke)
}
