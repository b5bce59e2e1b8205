# Perennial: `make` lists what it can do. Needs python3 ≥ 3.11 with venv, git and make.
.DEFAULT_GOAL := help
.PHONY: help setup dev spark clients demo run test lint fix bench crash docs lock messages
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
export PERENNIAL_HOME ?= $(CURDIR)/data

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: .venv/.setup ## install Perennial into .venv (versions and hashes from requirements.lock)

dev: .venv/.dev # what the tests need, too

spark: .venv/.spark ## add Apache Spark, the engine to scale out (needs Java 17; 430 MB)

clients: .venv/clients/.done ## add the stock Node clients of the compatibility test (needs Node)

demo: setup ## make the demo company, run its day, serve it and open it
	@PERENNIAL_HOME="$${PERENNIAL_DEMO_HOME:-$(CURDIR)/data/demo}" $(BIN)/perennial demo --serve \
	  || [ $$? -eq 130 ] # Ctrl-C is how it ends

run: setup ## serve your own home (PERENNIAL_HOME, default ./data)
	@$(BIN)/perennial serve || [ $$? -eq 130 ]

test: dev ## run all the tests
	@$(BIN)/pytest -q -n auto --dist worksteal $(ARGS)

lint: dev ## format check, lint, types, import contracts
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy . && $(BIN)/lint-imports

fix: dev ## format, and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: dev ## measure; ARGS="--scale 0.1" for a quick look
	@$(BIN)/python -m bench $(ARGS)

crash: dev ## kill -9 under load, N times (N=200 takes a quarter of an hour); ARGS="--seed …"
	@$(BIN)/python -m tests.crash $(or $(N),15) $(ARGS)

docs: dev ## run every example of the documentation
	@$(BIN)/pytest -q tests/test_docs.py $(ARGS)

messages: dev ## collect and compile the translations
	@$(BIN)/python -m perennial.web.messages $(ARGS)

lock: dev ## renew the three lock files (ARGS=--upgrade)
	@for group in "requirements.lock" "requirements-dev.lock --group dev" \
	    "requirements-spark.lock --extra spark -c requirements.lock"; do \
	  $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	    --fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate -q \
	    --custom-compile-command "make lock" -o $$group $(ARGS) || exit; \
	done

.venv/bin/python:
	@python=$$(for it in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	  [ -n "$$it" ] && "$$it" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && echo "$$it" && break; done); \
	[ -n "$$python" ] || { echo "Perennial needs Python 3.11 or newer. Install it," \
	  "or name one: make setup PYTHON=/path/to/python3" >&2; exit 1; }; \
	"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing." \
	  "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	echo "Making .venv with $$($$python --version)"; "$$python" -m venv .venv

.venv/.setup: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Perennial needs (about a minute the first time)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.setup
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.spark: requirements-spark.lock .venv/.setup
	@echo "Installing Apache Spark (a minute or two)"
	@$(PIP) install --no-build-isolation --require-hashes -r requirements-spark.lock
	@touch $@

.venv/clients/.done: tests/clients/package-lock.json | .venv/bin/python
	@mkdir -p $(@D) && cp tests/clients/package.json tests/clients/package-lock.json $(@D)
	@npm --prefix $(@D) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
