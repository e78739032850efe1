# 民评 minping. `make` or `make help` lists the targets: the comment behind each `##` is the help.
# A fresh machine needs python3 (3.11 or newer) with pip, and make. Everything else is installed here,
# from the locked and hashed requirements*.lock, into .venv (and uv into .tools where there is none).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# uv where the machine has it, else a copy of our own.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
UV_VERSION := 0.13.9
# The machine's certificates, so that a house with its own certificate authority needs no setting.
export UV_SYSTEM_CERTS ?= 1
export UV_NO_PROGRESS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup crossing demo up test test-fast test-years lint lock clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP) ## install everything into .venv (a second run is instant)

.tools/bin/uv:
	@echo "No uv here: installing it into .tools"
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools "uv==$(UV_VERSION)"

$(STAMP): $(filter .tools/%,$(UV)) requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "minping needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ": make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(UV) venv --quiet --no-python-downloads --python $(PYTHON) $(VENV)
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.crossing/.set-up: $(filter .tools/%,$(UV)) requirements-crossing.lock
	@test -x .crossing/bin/python || $(UV) venv --quiet --no-python-downloads --python $(PYTHON) .crossing
	$(UV) pip sync --quiet --python .crossing/bin/python --require-hashes requirements-crossing.lock
	@touch $@

crossing: .crossing/.set-up ## the extra that proposes panels for crossing quotas of a draw, into .crossing (420 MB, GPL-3, a process of its own)

demo: setup ## one whole cycle: complaints, cases, votes, seal, ranking, letters (ARGS="--complaints FILE --keep")
	$(BIN)/minping demo $(ARGS)

up: setup ## the whole house to work with, data in ./minping-data (ARGS="--port-base 8600")
	$(BIN)/minping up $(ARGS)

test: lint test-fast ## every check: the walls, then all tests, on real servers
	$(BIN)/pytest -n 2 --dist loadfile -m "(live or e2e) and not years" --durations=10 $(ARGS)

test-years: setup ## two simulated years running, and the tutorial twice to the byte: four minutes more
	$(BIN)/pytest -n 2 --dist loadfile -m years --durations=10 $(ARGS)

test-fast: setup ## only the tests that start no server
	$(BIN)/pytest -n 2 -m "not live and not e2e" $(ARGS)

lint: setup ## the walls: ruff, format, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

lock: $(filter .tools/%,$(UV)) ## renew requirements*.lock after a change of pyproject.toml (UPGRADE=--upgrade for newer releases)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $(UPGRADE) --extra suggest pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $(UPGRADE) --extra dev pyproject.toml -o requirements-dev.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $(UPGRADE) deploy/crossing/requirements.in -o requirements-crossing.lock

clean: ## remove .venv, .tools, .crossing and caches (never a data folder)
	rm -rf $(VENV) .tools .crossing .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
