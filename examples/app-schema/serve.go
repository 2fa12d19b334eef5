package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/agentuity/auth-go/authent"
	"github.com/agentuity/auth-go/examples/app-schema/ent"
)

// settings are what the arguments of serve and the environment say.
type settings struct {
	addr       string
	migrate    bool
	database   string
	production bool
}

// serve runs the app's server until ctx ends, and then lets requests finish.
func serve(ctx context.Context, args []string, stderr io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "address to listen on")
	flags.BoolVar(&s.migrate, "migrate", false, "create the tables that the database does not have")
	flags.StringVar(&s.database, "database", os.Getenv("DATABASE_URL"), "Postgres URL, or sqlite:FILE; a database in memory without it")
	flags.BoolVar(&s.production, "production", os.Getenv("APP_ENV") == "production", "refuse a weak secret, limit requests, and send no mail to the log")
	if err := flags.Parse(args); err != nil {
		return usageError{err}
	}
	if flags.NArg() > 0 {
		return usageError{fmt.Errorf("serve takes no argument %q", flags.Arg(0))}
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	defer func() { _ = listener.Close() }() // The server closes it first.
	app, err := newApp(ctx, s, listener.Addr().String(), logger)
	if err != nil {
		return err
	}
	defer func() { _ = app.close() }()
	server := &http.Server{
		Handler:           app,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	logger.Info("the app is ready", "url", "http://"+listener.Addr().String(), "auth", app.auth.BaseURL()+"/api/auth")
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("the app stops")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return app.close()
}

// app is the server of the example.
type app struct {
	auth   *authent.Auth
	client *ent.Client
	log    *slog.Logger
	mux    *http.ServeMux
	closes []func() error
}

// newApp opens the database and makes the server. addr is where it listens, for the base URL if no other is set.
func newApp(ctx context.Context, s settings, addr string, logger *slog.Logger) (*app, error) {
	a := &app{log: logger, mux: http.NewServeMux()}
	config, err := a.config(ctx, s, addr)
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	url := s.database
	var opts []authent.OpenOption
	if url == "" {
		url, s.migrate = "sqlite::memory:", true
	}
	if s.migrate {
		opts = append(opts, authent.CreateTables())
	}
	a.auth, a.client, err = ent.OpenAuth(ctx, url, config, opts...)
	if errors.Is(err, authent.ErrMissingTables) {
		err = fmt.Errorf("start with --migrate to create the tables: %w", err)
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	a.closes = append(a.closes, a.client.Close)
	a.routes()
	return a, nil
}

// close releases what the app holds. It may be called again.
func (a *app) close() (err error) {
	for i := len(a.closes) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closes[i]())
	}
	a.closes = nil
	return err
}

// config reads the settings of the auth service from the environment.
func (a *app) config(ctx context.Context, s settings, addr string) (authent.Config, error) {
	base := os.Getenv("AGENTUITY_BASE_URL")
	if base == "" {
		base = "http://" + addr
	}
	c := authent.Config{
		BaseURL:     base,
		Development: !s.production,
		Logger:      a.log,
		Social:      providers(),
	}
	var problems []error
	c.Password.RequireVerification = flagOf("AUTH_REQUIRE_EMAIL_VERIFICATION", &problems)
	if strategy := os.Getenv("AUTH_COOKIE_CACHE"); strategy != "" && strategy != "off" {
		c.Session.CookieCache = authent.CookieCacheConfig{Enabled: true, Strategy: authent.CookieCacheStrategy(strategy)}
	}
	c.Account.EncryptTokens = flagOf("AUTH_ENCRYPT_TOKENS", &problems)
	limited := os.Getenv("AUTH_RATE_LIMIT") == "" || flagOf("AUTH_RATE_LIMIT", &problems)
	c.RateLimit.Enabled = &limited // Authent's own default is off in development.
	if proxies := os.Getenv("AUTH_TRUSTED_PROXIES"); proxies != "" {
		c.TrustedProxies = strings.Split(proxies, ",")
	}
	if _, port, err := net.SplitHostPort(addr); err == nil && !s.production {
		c.TrustedOrigins = []string{"http://localhost:" + port} // The same page under the other name of the machine.
	}
	if !s.production {
		// All that needs mail is on; the links are in the log.
		c.Mailer = authent.LogMailer(a.log)
		c.Email.Change = true
		c.DeleteUser = authent.DeleteUserConfig{Enabled: true, ByMail: true}
		c.Email.SignInOnVerify = c.Password.RequireVerification
	}
	switch how := os.Getenv("AUTH_DELETE_USER"); how {
	case "":
	case "off":
		c.DeleteUser = authent.DeleteUserConfig{}
	case "at-once":
		c.DeleteUser = authent.DeleteUserConfig{Enabled: true}
	default:
		problems = append(problems, fmt.Errorf("AUTH_DELETE_USER: %q is neither at-once nor off", how))
	}
	problems = append(problems, a.useRedis(ctx, &c))
	return c, errors.Join(problems...)
}

// flagOf reads a setting that is on or off.
func flagOf(name string, problems *[]error) bool {
	on, err := parseFlag(os.Getenv(name))
	if err != nil {
		*problems = append(*problems, fmt.Errorf("%s: %w", name, err))
	}
	return on
}

func parseFlag(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "on", "true", "1", "yes":
		return true, nil
	case "", "off", "false", "0", "no":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither on nor off", text)
}
