# Forcedex: one target per intention. `make demo` and `make test` need nothing done before.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PACKAGES := $(VENV)/.packages
READY  := $(VENV)/.ready
# What is drawn with is put there; it is not part of the source.
DRAWING := src/forcedex/analytics/charts
# The page is built anew when one of its sources is newer.
PAGE    := src/forcedex/server/built/index.html

.PHONY: analytics-mutants analytics-oracle bench bench-latency bench-memory bench-reports bench-restart bench-revocation bench-search bench-service check clean demo faults format fuzz fuzz-api help locks mutants permissions relevance salesforce salesforce-preview security setup test

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

setup: $(READY) ## Make .venv with everything in it

$(PACKAGES): requirements/dev.txt pyproject.toml tests/node/package-lock.json web/package-lock.json salesforce/package-lock.json salesforce/preview/package-lock.json $(shell find src -name "*.proto")
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Forcedex needs Python 3.11 or newer: try make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing: apt-get install python3-venv"; exit 2; }
	@echo "Installing Forcedex into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@cd tests/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@cd salesforce && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@cd salesforce/preview && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@cp web/node_modules/echarts/dist/echarts.min.js $(DRAWING)/
	@cat web/node_modules/echarts/LICENSE web/node_modules/echarts/NOTICE web/node_modules/zrender/LICENSE \
		> $(DRAWING)/echarts.LICENSE
	@touch $(PACKAGES)

$(PAGE): $(PACKAGES) web/rollup.config.js $(shell find web/src -type f)
	@echo "Building the page …"
	@cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm run build --silent --loglevel=error

$(READY): $(PACKAGES) $(PAGE)
	@touch $(READY)

demo: $(READY) ## A working product: Elasticsearch, a Salesforce org, everything synced; stays up
	@$(BIN)/forcedex demo

PROCESSES ?= 4
test: $(READY) ## All that CI runs: lint, types, import contracts, tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder --ignore=tests/security

check: test ## The same as test

format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## Measure the full sync against its limit, and the demo's start; writes docs/evidence
	@$(BIN)/python -m bench.full_sync
	@$(BIN)/python -m bench.demo_start

bench-latency: $(READY) ## Measure how soon changes are searchable; writes docs/evidence
	@$(BIN)/python -m bench.latency

bench-restart: $(READY) ## Measure how the sync comes back after kills; writes docs/evidence
	@$(BIN)/python -m bench.restart

bench-memory: $(READY) ## Measure the most memory that the sync holds; writes docs/evidence
	@$(BIN)/python -m bench.memory

bench-revocation: $(READY) ## Measure how soon what is taken back is hidden and rewritten; writes docs/evidence
	@$(BIN)/python -m bench.revocation

relevance: $(READY) ## Judge the search: 29 classes of queries over 50,000 records; writes docs/evidence
	@$(BIN)/python -m bench.relevance --write

bench-search: $(READY) ## Measure the search over a million records; writes docs/evidence
	@$(BIN)/python -m bench.search --write

bench-service: $(READY) ## Measure the service under a hundred people; writes docs/evidence
	@$(BIN)/python -m bench.service --write

CALLS ?= 20000
fuzz-api: $(READY) ## Call the whole API by its description, as three people
	@$(BIN)/python -m pytest tests/service/test_service_fuzz.py -q -s --calls $(CALLS)

INPUTS ?= 1000000
fuzz: $(READY) ## A million texts for the parser of searches
	@$(BIN)/python -m pytest tests/unit/search/test_fuzz.py -q --inputs $(INPUTS)

SCENARIOS ?= 2000
faults: $(READY) ## The oracle and the kill sweep, for hours: prints its seed, and its figures last
	@$(BIN)/python -m pytest tests/acceptance/test_kills.py -q -s --kills 300
	@$(BIN)/python -m pytest tests/acceptance/test_oracle.py -q -s --scenarios $(SCENARIOS)

WORLDS ?= 4
analytics-oracle: $(READY) ## Every report and grouping against SQL over raw records, in WORLDS=n random orgs
	@$(BIN)/python -m tests.analytics_oracle --worlds $(WORLDS) $(if $(SEED),--seed $(SEED))

analytics-mutants: $(READY) ## Plant a bug in each report's formula; the oracle must see every one
	@$(BIN)/python -m tests.analytics_oracle.planted_bugs

bench-reports: $(READY) ## Measure the reports over a million deals; writes docs/evidence
	@$(BIN)/python -m bench.reports --write

mutants: $(READY) ## Plant every bug of tests/mutants, one at a time; make test tries half of them
	@$(BIN)/python -m pytest tests/mutants -q --mutants all

QUESTIONS ?= 200000
permissions: $(READY) ## Answers against an index of only what the user may see, for hours: QUESTIONS=n, prints its seed
	@$(BIN)/python -m pytest tests/integration/access/test_differential.py -q -s --questions $(QUESTIONS)

security: $(READY) ## The product on an Elasticsearch with security behind TLS: keys, passwords, several orgs
	@$(BIN)/python -m pytest tests/security -q

salesforce: $(READY) ## Check the Salesforce project without an org: components, Apex, metadata
	@cd salesforce && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check

salesforce-preview: $(READY) ## The Lightning components in your browser, over everything that is real
	@$(BIN)/python -m tests.preview

locks: $(READY) ## Renew the lock files from pyproject.toml
	@$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements/run.txt
	@$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --group dev pyproject.toml -o requirements/dev.txt

clean: ## Remove .venv and the demo's data
	rm -rf $(VENV) .forcedex src/forcedex/server/built salesforce/preview/built
