# The README's two commands are `make demo` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_PORT ?= 8000
STATE := state/demo-$(DEMO_PORT)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

TWO_AT_ONCE := -q -n 2 --disable-socket --allow-unix-socket
IN_PROCESS := $(TWO_AT_ONCE) tests/architecture tests/unit tests/http
# What is logged while a proof runs holds its numbers.
PROOF := -q -p no:randomly --log-cli-level=INFO

.PHONY: help install install-dev install-system demo demo-reset test check conformance limits format kill-proof large-bodies screenshots lock

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

install: $(VENV)/.runtime ## the runtime into .venv, from the lock
install-dev: $(VENV)/.dev
install-system: $(VENV)/.system

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q vault pod_server clients vocab
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(VENV)/.system: deploy/install-test-tools $(wildcard tests/*/package-lock.json) $(VENV)/.dev
	deploy/install-test-tools
	@touch $@

demo: install ## start everything with invented people and print their logins
	@exec $(BIN)/python -m clients.demo --port $(DEMO_PORT) --state $(STATE)

demo-reset: ## forget the demo's state
	rm -rf $(STATE)

.PHONY: gates
gates: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: gates ## format, lint, types, import contracts, sizes, unit tests; no network
	$(BIN)/python -m pytest $(IN_PROCESS)

# Generated examples, all of them, are for this one: they take longer than `check` may. Coverage is measured in the same
# run, and without tests/property: what chance reaches is no branch that a test reaches.
test: install-dev install-system gates ## everything: real processes, a browser, foreign clients; a branch of the vault that no test takes fails
	$(BIN)/coverage erase
	EXAMPLES=all $(BIN)/coverage run -m pytest $(IN_PROCESS) --timeout 900
	$(MAKE) --no-print-directory covered
	EXAMPLES=all $(BIN)/python -m pytest $(TWO_AT_ONCE) tests/property --timeout 900
	$(BIN)/python -m pytest -q -p no:randomly tests/storage tests/security tests/conformance tests/browser

.PHONY: covered
covered: # what the run before it measured: every branch of the vault, 95 % of the server
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include 'vault/*' --fail-under 100
	$(BIN)/coverage report --include 'pod_server/*' --fail-under 95

kill-proof: install-dev install-system ## 100 rounds of kill -9 on a folder and 30 on S3; minutes when nothing else runs
	$(BIN)/python -m pytest $(PROOF) tests/storage/test_kill.py -k folder --kills 100
	$(BIN)/python -m pytest $(PROOF) tests/storage/test_kill.py -k s3 --kills 30

large-bodies: install-dev install-system ## 2 GiB in and out in bounded memory, on a folder and on S3
	$(BIN)/python -m pytest $(PROOF) tests/storage/test_large_bodies.py --large-mib 2048

screenshots: install-dev install-system ## pictures of the story's pages, 360 and 1280 px wide
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

conformance: install-dev ## write docs/conformance.md from the register, the tests' marks and the verdicts
	$(BIN)/python -m tests.conformance.report

.PHONY: bench
bench: install-dev ## CPU and rate of a running server at 1 and 16 connections; every answer and the journal are checked
	$(BIN)/python -m bench

.PHONY: bench-sight
bench-sight: install-dev ## time of the answers about who sees what, with 5,000 documents and 200 grants
	$(BIN)/python -m bench.who_sees

.PHONY: bench-auth
bench-auth: install-dev ## CPU of authenticating a request whose token is known; fails above 110 µs
	$(BIN)/python -m bench.authentication --at-most 110

limits: install ## write docs/reference/limits.md from the limits themselves
	$(BIN)/python -m pod_server.limits_page > docs/reference/limits.md

.PHONY: access-proof
access-proof: install-dev ## the access decision against a naive evaluator on 100,000 generated trees; most of an hour
	ACCESS_EXAMPLES=100000 $(BIN)/python -m pytest -q -s --timeout 0 -k naive_evaluator tests/property/test_decide_against_naive.py

HANDLERS := $(wildcard pod_server/http/*.py vault/operations/*.py) pod_server/storages/app.py pod_server/storages/resources.py
.PHONY: mutation-http
mutation-http: install-dev ## features taken out of the HTTP handlers: of those that a requirement asks for its tests must notice 90 %, of the others (tests/mutation/unrequired.csv) all tests 90 %; SOME=n tries n of each
	$(BIN)/python -m tests.mutation --features --least 90 --some $(or $(SOME),0) --except tests/mutation/unrequired.csv --tests=-mrequirement --tests tests/http --tests tests/unit/pod_server/http --tests tests/unit/vault $(filter-out %/__init__.py,$(HANDLERS))
	$(BIN)/python -m tests.mutation --features --least 90 --some $(or $(SOME),0) --only tests/mutation/unrequired.csv $(addprefix --tests ,$(wildcard tests/http/test_storages_*.py) tests/unit/pod_server/http tests/unit/pod_server/storages tests/unit/vault/operations) $(filter-out %/__init__.py,$(HANDLERS))

.PHONY: mutation-access
mutation-access: install-dev ## faults put into vault/access one by one: at least 90 % must be noticed by its unit tests
	$(BIN)/python -m tests.mutation --least 90 --tests tests/unit/vault/access $(filter-out %/__init__.py,$(wildcard vault/access/*.py))

format:
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## make the locks again from pyproject.toml; needs uv on the path
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 -c constraints.txt pyproject.toml -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 -c constraints.txt --extra dev pyproject.toml -o requirements-dev.txt
