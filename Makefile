# The commands, for people and for CI. Each sets up what it needs, once.
#
#   make run              the explorer at http://127.0.0.1:8000 (HOST=, PORT=)
#   make test             all tests that need nothing outside the repository, on WORKERS=3 processes
#                         (ARGS= for pytest); installs Chromium and Firefox with apt where they are
#                         missing
#   make test-fast        the same without browsers and without what takes long: under two minutes
#   make test-data        the tests on real data (DATA=folder)
#   make coverage         the tests without browsers, and which lines none of them runs
#   make test-load        what the server bears, for docs/security.md (ARGS="--seconds 20", "--write")
#   make test-deploy      a deployment: its files; nginx, Redis and two replicas, also killed and out
#                         of room; fetches nginx and Redis where they are missing, installs no service
#   make check            format, lint, types, then make test
#   make lint             format, lint, types alone
#   make format           mend the format and what the linter can mend
#   make wheel            the package, into dist/
#   make audit            known faults of the pinned packages (asks their registry)
#   make sbom             the pinned packages with their hashes, as CycloneDX, into dist/
#   make bench            speed against the peers, in an environment of its own
#   make bench-web        the page against Gradio and Streamlit apps (ARGS=)
#   make train            train a model of the zoo, or all (NAME=, DATA=folder, ARGS=)
#   make train-sentiment  the same for the sentence model
#   make requirements     compile the pins anew (needs uv)

DATA ?=
ARGS ?=
WORKERS ?= 3

PYTHON = .venv/bin/python
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -c constraints.in

# A file's tests run in one process, in order, so that its server and its models are made once.
# Browsers come last in each process (tests/conftest.py says why), so files keep their order.
ON_ALL_CORES = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What needs more than the repository has commands of its own.
WITHIN = --ignore=tests/data --ignore=tests/deploy

.PHONY: run test test-fast test-data test-load test-deploy coverage check lint format wheel audit sbom bench bench-web train \
    train-sentiment requirements environment dev-environment browser

# The page loads htmx from its CDN; a copy of the same bytes stands in where that doesn't answer.
run: environment
	@$(PYTHON) -m tools.htmx 2>/dev/null || echo "No copy of htmx could be fetched: pages load it from the CDN."
	@GATE_EXPLORER_UPLOADS="$${GATE_EXPLORER_UPLOADS-$(CURDIR)/.uploads}" exec $(PYTHON) -m app serve

test: browser
	@$(PYTHON) -m pytest tests $(WITHIN) $(ON_ALL_CORES) $(ARGS)

test-fast: dev-environment
	@$(PYTHON) -m pytest tests $(WITHIN) --ignore=tests/browser -m "not slow" \
	    $(ON_ALL_CORES) $(ARGS)

coverage: dev-environment
	@$(PYTHON) -m pytest tests $(WITHIN) --ignore=tests/browser $(ON_ALL_CORES) \
	    --cov --cov-report=term:skip-covered $(ARGS)

test-data: dev-environment
	@test -d "$(DATA)" || { \
	    echo "make test-data needs the folder of the real data: make test-data DATA=folder" >&2; \
	    exit 2; }
	@GATE_EXPLORER_DATA="$$(cd "$(DATA)" && pwd)" $(PYTHON) -m pytest tests/data $(ON_ALL_CORES) $(ARGS)

test-load: dev-environment
	@$(PYTHON) -m tests.load $(ARGS)

test-deploy: browser
	@$(PYTHON) -m tools.services >/dev/null
	@sh tools/setup.sh .venv-deploy requirements/deploy.txt
	@$(PYTHON) -m pytest tests/deploy $(ARGS)

check: lint
	@$(MAKE) --no-print-directory test

lint: dev-environment
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -m tools.javascript
	@$(PYTHON) -m tools.css

format: dev-environment
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

wheel: dev-environment
	@$(PYTHON) -m hatchling build -t wheel

audit:
	@sh tools/setup.sh .venv-audit requirements/audit.txt
	@.venv-audit/bin/python -m tools.audit

sbom:
	@sh tools/setup.sh .venv-audit requirements/audit.txt
	@mkdir -p dist
	@.venv-audit/bin/cyclonedx-py requirements --output-reproducible requirements/runtime.txt \
	    -o dist/gate-explorer.cdx.json
	@echo dist/gate-explorer.cdx.json

bench:
	@sh tools/setup.sh .venv-bench requirements/runtime.txt requirements/bench.txt
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-bench/bin/python -m bench $(ARGS)

bench-web: browser
	@sh tools/setup.sh .venv-bench-web requirements/bench-web.txt
	@.venv-bench-web/bin/python -m bench.web $(ARGS)

train: environment
	@$(PYTHON) -m app train $(or $(NAME),all) $(if $(DATA),--data "$(DATA)") $(ARGS)

train-sentiment: environment
	@$(PYTHON) -m app train sentiment $(if $(DATA),--data "$(DATA)") $(ARGS)

requirements:
	cd requirements && $(COMPILE) --extra web --extra files -o runtime.txt ../pyproject.toml
	cd requirements && $(COMPILE) --all-extras -c runtime.txt -o dev.txt ../pyproject.toml dev.in
	cd requirements && $(COMPILE) -o audit.txt audit.in
	cd requirements && $(COMPILE) -o deploy.txt deploy.in
	cd requirements && $(COMPILE) --extra web -o bench-web.txt ../pyproject.toml bench-web.in

environment:
	@sh tools/setup.sh .venv requirements/runtime.txt

dev-environment:
	@sh tools/setup.sh .venv requirements/dev.txt

browser: dev-environment
	@$(PYTHON) -m tools.htmx
	@$(PYTHON) -m tools.browser >/dev/null
