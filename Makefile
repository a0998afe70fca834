# One door for people and CI: make demo | test | check | fix | lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test fuzz check fix lock peers clean help

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Make .venv and install everything from the hashed lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v >= (3, 11) else f"Wattplan needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 $@")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## Quote a sample plant: offers in the terminal, an HTML report on disk
	@$(BIN)/wattplan demo

test: $(STAMP) ## Run all tests
	@$(BIN)/python -m pytest -n auto --dist loadfile

fuzz: $(STAMP) ## Run all tests with property tests that draw anew
	@$(BIN)/python -m pytest -n auto --dist loadfile --hypothesis-profile=fuzz

check: $(STAMP) ## ruff, mypy, import-linter, house rules: what CI runs besides the tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest tests/house

fix: $(STAMP) ## Mend what ruff can mend
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: $(STAMP) ## Renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-header --no-annotate pyproject.toml -o requirements.lock

peers: ## Make .venv-peers with the programs that bills are compared with (2 GB; optional)
	@$(PYTHON) benchmarks/peers/install.py

clean: ## Remove what setup and runs made
	rm -rf $(VENV) .venv-peers .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis out
