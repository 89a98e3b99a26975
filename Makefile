# Cartable needs Python 3.11 or later and make, nothing else: the rest comes from the lock file into .venv.
# Node is used by `make check` only, and comes from the lock file too.

PYTHON ?= python3
PORT ?= 8000
# Two at least: much of a browser test is waiting.
TEST_PROCESSES ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 2 ] && echo $$n || echo 2)
VENV := .venv
BIN := $(VENV)/bin
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak check bench clean format chromium
.PHONY: check-format check-lint check-types check-templates check-imports check-migrations check-messages check-javascript

help:
	@echo "make setup    install Cartable into .venv (only what changed)"
	@echo "make demo     start the demo region on http://localhost:$(PORT) (PORT=8001 for another port)"
	@echo "make test     run all tests, in random order"
	@echo "make soak     run the tests that go on for minutes: days under faults, kills, long torture"
	@echo "make check    format, lint, types, templates, import contracts, migrations, messages, JavaScript"
	@echo "make bench    run the benchmarks"
	@echo "make format   format Python and JavaScript"
	@echo "make clean    forget what can be made again; var/ and its database stay"

setup: $(VENV)/.installed

$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Cartable needs Python 3.11 or later; name one with PYTHON=python3.12 make setup." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the locked packages into $(VENV)…"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/cartable messages compile
	@touch $@

demo: setup
	@exec $(BIN)/cartable demo --port $(PORT)

test: setup chromium
	$(BIN)/pytest -n $(TEST_PROCESSES)

soak: setup chromium
	$(BIN)/pytest -m soak -n $(TEST_PROCESSES)

bench: setup
	$(BIN)/cartable bench all

check: check-format check-lint check-types check-templates check-imports check-migrations check-messages check-javascript

check-format: setup
	$(BIN)/ruff format --check .

check-lint: setup
	$(BIN)/ruff check .

check-types: setup
	$(BIN)/mypy

check-templates: setup
	$(BIN)/djlint --lint --quiet src

check-imports: setup
	$(BIN)/lint-imports --no-cache

check-migrations: setup
	$(BIN)/cartable makemigrations --check --dry-run

check-messages: setup
	$(BIN)/cartable messages check

check-javascript: node_modules/.installed
	$(WITH_NODE) node_modules/.bin/tsc --project .
	$(WITH_NODE) node_modules/.bin/biome ci

node_modules/.installed: package-lock.json | setup
	$(WITH_NODE) npm install --no-save --no-fund --no-audit
	@touch $@

format: setup node_modules/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(WITH_NODE) node_modules/.bin/biome check --write

# Browser tests drive the Chromium of the system: no package registry ships one. Without windows it takes half the processor time.
CHROMIUM_PACKAGE := chromium-headless-shell

chromium:
	@if [ -n "$$CHROMIUM" ] || command -v $(CHROMIUM_PACKAGE) >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(CHROMIUM_PACKAGE); then :; \
	elif command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	else \
	  echo "The browser tests need Chromium: install it (Debian: sudo apt-get install $(CHROMIUM_PACKAGE))," >&2; \
	  echo "or name one with CHROMIUM=/path/to/chromium make test." >&2; exit 1; \
	fi

clean:
	rm -rf $(VENV) node_modules build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var/static
	find src journeys bench -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
