# Everything a checkout needs is made here, in .venv. It takes git, make and a Python; `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := mvpbench/constraints.txt
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c $(CONSTRAINTS)

# Each candidate is really run: a shim that exists but cannot start, or a Python without venv, is passed over.
PYTHON ?=
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3 python)
FITS := import sys, venv, ensurepip; raise SystemExit(not (3, 11) <= sys.version_info < (3, 14))

# Else pytest rewrites every test file at every run, which is half of its start, and each command compiles all of ours.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install dev demo check quick test soak bench system clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(VENV)/.stamp-core ## the core alone, in .venv

dev: $(VENV)/.stamp-dev ## the core and every extra, in .venv

demo: $(VENV)/.stamp-demo ## the whole way on bundled data, offline: survey to published release
	$(BIN)/mvpbench demo $(DIR)

check: $(VENV)/.stamp-dev ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

quick: $(VENV)/.stamp-dev ## the fast tests, without server and browser
	$(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile=quick -m "not slow and not server and not browser"

# File by file over two processes; who shares the demo or the server is told in tests/conftest.py.
test: check ## every check and every test, as CI runs them
	$(BIN)/pytest -n 2 --dist loadfile

soak: SEED := $(shell date +%s)
soak: $(VENV)/.stamp-dev ## every test with fifty times as many random examples, new ones each time
	@echo "soak: SEED=$(SEED)"
	MVPBENCH_SOAK=$(SEED) $(BIN)/pytest --hypothesis-profile=soak --hypothesis-seed=$(SEED)

bench: $(VENV)/.stamp-dev ## measure speed and memory
	$(BIN)/python -m benchmarks

SYSTEM := chromium postgresql

system: ## Debian packages for the browser and PostgreSQL tests (as root): chromium, postgresql
	@if command -v chromium >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then \
	  echo "system: $(SYSTEM) are installed, nothing to do"; \
	elif ! command -v apt-get >/dev/null; then echo "system: no apt-get here; install $(SYSTEM) by hand" >&2; exit 1; \
	elif [ "$$(id -u)" -ne 0 ]; then echo "system: run as root: apt-get update && apt-get install $(SYSTEM)" >&2; exit 1; \
	else echo "system: apt-get update, apt-get install $(SYSTEM)"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq; apt-get install -y -qq --no-install-recommends $(SYSTEM) >/dev/null; chromium --version; fi

clean: ## remove .venv, caches and built files
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is written last, so that an interrupted installation is taken up again.
$(VENV)/.stamp-venv:
	@for candidate in $(CANDIDATES); do \
	  if "$$candidate" -c '$(FITS)' >/dev/null 2>&1; then \
	    echo "$(VENV): $$("$$candidate" --version) ($$candidate)"; \
	    "$$candidate" -m venv --clear $(VENV); touch $@; exit 0; fi; done; \
	echo "no fitting Python: 3.11, 3.12 or 3.13 with venv is needed, tried: $(CANDIDATES); name one with PYTHON=..." >&2; \
	exit 1

STAMP_NEEDS := pyproject.toml $(CONSTRAINTS) | $(VENV)/.stamp-venv

$(VENV)/.stamp-core: $(STAMP_NEEDS)
	@echo "$(VENV): installing the core"
	@$(PIP_INSTALL) -e .
	@touch $@

# torch by its exact version and before what asks for it, so that pip may take a wheel found locally.
$(VENV)/.stamp-torch: $(CONSTRAINTS) | $(VENV)/.stamp-venv
	@echo "$(VENV): installing torch"
	@$(PIP_INSTALL) "$$(grep '^torch==' $(CONSTRAINTS))"
	@touch $@

$(VENV)/.stamp-demo: $(VENV)/.stamp-torch $(STAMP_NEEDS)
	@echo "$(VENV): installing the core, labelstudio and train"
	@$(PIP_INSTALL) -e ".[labelstudio,train]"
	@touch $(VENV)/.stamp-core $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-torch $(STAMP_NEEDS)
	@echo "$(VENV): installing the core and the extras labelstudio, train, dev"
	@$(PIP_INSTALL) -e ".[labelstudio,train,dev]"
	@touch $(VENV)/.stamp-core $(VENV)/.stamp-demo $@
