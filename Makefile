# One command for each thing that people do here. Run "make" for the list.

# The modules of the repository, as in go.work.
MODULES := . authent/redisstore bench cmd/authent examples/app-schema internal/integration

# What "go generate" writes: a change here without a change there is stale.
GENERATED := ent examples/app-schema/ent internal/integration bench/internal/peers/stock

GO ?= go
TESTFLAGS ?=
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

# Runs a command beside a throw-away Postgres, unless AUTHENT_TEST_POSTGRES names one.
WITH_POSTGRES := $(GO) run ./internal/pgtest/run --

PATTERNS := $(patsubst ././...,./...,$(foreach m,$(MODULES),./$(m)/...))

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: example
example: ## generate the example's client and run its tour (DATABASE_URL runs it on Postgres)
	$(GO) generate ./examples/app-schema/...
	$(GO) run ./examples/app-schema tour

.PHONY: test
test: ## run all tests, on Postgres and SQLite
	$(WITH_POSTGRES) $(GO) test -timeout 30m $(TESTFLAGS) $(PATTERNS)

.PHONY: test-race
test-race: ## run all tests with the race detector
	$(MAKE) test TESTFLAGS="-race $(TESTFLAGS)"

# How long each fuzz target runs.
FUZZTIME ?= 2s

.PHONY: fuzz
fuzz: ## run each fuzz target of the code for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

INTEROP_FLAGS ?=

.PHONY: interop
interop: ## the official JavaScript client and the TypeScript server on the same database
	cd interop && npm ci --ignore-scripts --no-progress
	$(WITH_POSTGRES) node interop/run.mjs $(INTEROP_FLAGS)
ifeq ($(INTEROP_FLAGS),)
	$(WITH_POSTGRES) node interop/run.mjs --tables=go test/crossing.test.mjs
endif

.PHONY: test-deps
test-deps: ## install what tests need and the machine does not have: Postgres, Redis, Chromium, Node.js
	@.ci/test-deps

.PHONY: generate
generate: ## generate all clients again
	$(foreach d,$(GENERATED),$(GO) generate ./$(d)/... &&) true

.PHONY: check-generate
check-generate: generate ## fail if generated code is stale
	@git diff --exit-code --stat -- $(GENERATED) || { echo "generated code is stale: run \"make generate\" and commit the result" >&2; exit 1; }
	@untracked=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	 test -z "$$untracked" || { echo "generated files are not committed:" >&2; echo "$$untracked" >&2; exit 1; }

.PHONY: build
build: ## build every module alone, without go.work
	@for m in $(MODULES); do echo "build $$m"; (cd $$m && GOWORK=off $(GO) build -o /dev/null ./... && GOWORK=off $(GO) vet ./...) || exit 1; done

.PHONY: format
format: ## format the code
	@gofmt -l -w $$(git ls-files '*.go')

.PHONY: lint
lint: ## check format and code: gofmt, vet, staticcheck, golangci-lint
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted:" >&2; echo "$$unformatted" >&2; exit 1; }
	$(GO) vet $(PATTERNS)
	$(GO) run $(STATICCHECK) $(PATTERNS)
	@for m in $(MODULES); do echo "golangci-lint $$m"; (cd $$m && $(GO) run $(GOLANGCI) run ./...) || exit 1; done

.PHONY: vuln
vuln: ## look for known vulnerabilities, where the network allows
	@.ci/vuln $(GOVULNCHECK) $(MODULES)

# The benchmarks run in the folder of their module: the code of the peer on Node is there.
BENCH := cd bench && $(GO) run .

bench/drizzle/node_modules: bench/drizzle/package-lock.json
	cd bench/drizzle && npm ci --no-audit --no-fund
	@touch $@

.PHONY: bench
bench: bench/drizzle/node_modules ## measure queries beside the peers, in a few minutes (BENCHFLAGS="-case get")
	$(WITH_POSTGRES) sh -c '$(BENCH) $(BENCHFLAGS)'

.PHONY: bench-report
bench-report: bench/drizzle/node_modules ## measure longer, and write docs/benchmarks.md
	$(WITH_POSTGRES) sh -c '$(BENCH) -full -report ../docs $(BENCHFLAGS)'

interop/node_modules: interop/package-lock.json
	cd interop && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: bench-http
bench-http: interop/node_modules bench/drizzle/node_modules ## measure the auth service beside the TypeScript server, and write docs/benchmarks.md
	$(WITH_POSTGRES) sh -c '$(BENCH) http -report ../docs $(BENCHFLAGS)'

.PHONY: bench-driver
bench-driver: ## run the Go benchmarks of the driver and of the rest
	$(WITH_POSTGRES) $(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: tidy
tidy: ## tidy the go.mod of every module
	@for m in $(MODULES); do (cd $$m && GOWORK=off $(GO) mod tidy) || exit 1; done
