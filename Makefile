# Qorgan. `make` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ENV_STAMP := .venv/.stamp-$(shell cat requirements/dev.txt requirements/runtime.txt pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)
WEB_STAMP := frontend/dist/.stamp-$(shell cat frontend/package-lock.json frontend/*.mjs frontend/*.scss frontend/*.js 2>/dev/null | sha256sum | cut -c1-16)
NODE_OK := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && echo yes)
RESULTS = --junitxml=.qorgan/results/$@.xml
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help demo region test crawl queue long faults attack lint e2e screenshots scenario rules matrix bench mutants trust audit full clean environment

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: environment  ## the whole service on this machine, with a demo region, until Ctrl-C
	@$(BIN)/qorgan demo

region: environment  ## the same with three schools and half a year of history; the first time makes it, later ones keep it
	@$(BIN)/qorgan demo --region

test: environment  ## the default suite (PostgreSQL and Valkey are real and come along)
	$(BIN)/pytest $(RESULTS) -n 2 --dist loadfile -m "not crawl and not e2e and not processes and not scenario and not long and not faults and not trust"

crawl: environment  ## everybody opens every route: who may, what it costs, whether a planted name appears
	$(BIN)/pytest $(RESULTS) -n 2 --dist loadfile -m "crawl and not trust"

queue: environment  ## worker, relay, Valkey and PostgreSQL killed at random under 300 jobs: nothing lost or doubled
	$(BIN)/pytest $(RESULTS) -n 3 --dist loadfile -m processes

long: environment  ## the guards that try many times, with the numbers of the law; the same fire under 1,000 jobs
	$(BIN)/pytest $(RESULTS) -n 2 --dist loadfile --durations=5 -m long

faults: environment  ## one fault after the other under load: acknowledged and present, effects and doubles, the way back; ONLY=postgres
	ONLY="$(ONLY)" $(BIN)/pytest $(RESULTS) -s -m faults tests/faults

attack: environment  ## whoever may not, tries: tenants as a machine, every id, every route bent, the canary of everybody
	$(BIN)/pytest $(RESULTS) -n 2 --dist loadfile --durations=10 -m trust

scenario: environment  ## the main job once through on a fresh instance with the test clock, a line a step
	$(BIN)/pytest $(RESULTS) -m scenario -s

e2e: environment  ## a real browser: the main job on a phone in Kazakh, every page by link, keyboard, no script, axe
	@test -x /usr/bin/chromium || { echo "Chromium is needed for this target: apt-get install chromium"; exit 1; }
	$(if $(PHONE),QORGAN_E2E_ONCE=yes )$(BIN)/pytest $(RESULTS) -m e2e $(if $(PHONE),-k "not 1280 and not russian",-n 2 --dist load)

screenshots: environment  ## every page as its readers see it, in three languages and two widths, under .qorgan/screenshots
	QORGAN_SCREENSHOTS=.qorgan/screenshots $(BIN)/pytest -m e2e tests/e2e/test_pages.py -k links

lint: environment  ## style, types, import contracts, templates, completeness of the three languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet
	$(BIN)/python -m src.platform.cli.messages check

rules: environment  ## every rule of the law with the tests that quote it
	@$(BIN)/qorgan rules

matrix: environment  ## who reads what, from the compiled policy
	@$(BIN)/qorgan matrix

bench: environment  ## pages beside the bare statements behind them: milliseconds, CPU time and their ratio (KEEP=yes writes them down)
	$(BIN)/python -m bench $(if $(INCIDENTS),--incidents $(INCIDENTS)) $(if $(KEEP),--keep) $(if $(GATE),--gate)
	$(if $(GATE),,$(BIN)/python -m bench.flood)

mutants: environment  ## every guard taken out once in a copy of the tree: the tests must notice (TURN=yes: eight of them)
	@$(BIN)/python -m mutants $(if $(TURN),--turn)

trust: environment  ## every promise of security with its tests: held, broken or why not (QUICK=yes: has each a test)
	@$(BIN)/python -m trust $(if $(QUICK),--quick)

audit: environment  ## known holes of every pinned package; needs an advisory database and says so where there is none
	@test -x .qorgan/audit/bin/pip-audit || $(PYTHON) -m venv .qorgan/audit
	@.qorgan/audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@$(BIN)/python -m trust.audit .qorgan/audit/bin/pip-audit

full: environment  ## everything, before an issue is called done
	@$(MAKE) lint rules matrix test crawl
	@$(MAKE) -j2 queue scenario
	@$(MAKE) long faults attack e2e mutants trust

clean:  ## throw the local data away (the demo region is made again)
	rm -rf .qorgan

environment: $(ENV_STAMP) $(WEB_STAMP)

$(ENV_STAMP): requirements/dev.txt pyproject.toml
	@echo "Preparing the Python environment …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: PYTHON=python3.12 make …"; rm -rf .venv; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f .venv/.stamp-* && touch $@

$(WEB_STAMP): $(ENV_STAMP)
	@echo "Building the front end …"
ifneq ($(NODE_OK),yes)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
endif
	@cd frontend && npm ci --ignore-scripts --no-audit --no-fund --silent && node build.mjs
	@mkdir -p frontend/dist && rm -f frontend/dist/.stamp-* && touch $@
