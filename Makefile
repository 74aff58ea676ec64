# Each line is one that a person could type. `make run` on a fresh machine needs python3 with venv, and make.

PYTHON ?= python3
BIN := .venv/bin
PATIENT := -o faulthandler_timeout=0  # one test of these may take many minutes

.PHONY: run test lint quality laws mutants campaigns bench clean

run: .venv/installed
	$(BIN)/chaoskit run --seed 7

test: .venv/installed-test
	$(BIN)/python -m pytest -n auto -m "not quality and not bench"

lint: .venv/installed-test
	$(BIN)/ruff check .
	rm -rf .make/types && mkdir -p .make/types/chaoskit
	ln -s $(CURDIR)/chaoskit/* $(CURDIR)/models $(CURDIR)/nemeses $(CURDIR)/reports .make/types/chaoskit/
	MYPYPATH=.make/types $(BIN)/mypy --package chaoskit
	$(BIN)/python -m pytest -q tests/tidy

# `make -k quality` goes on after a failure. What is planted in a text needs the text to run; all else is quicker compiled.
quality: laws mutants campaigns

laws: .venv/installed-test
	$(BIN)/python tests/packaging/as_installed.py -m pytest -q -n auto $(PATIENT) -m "quality and not mutants" tests/laws

mutants: .venv/installed-test
	$(BIN)/python -m pytest -q -n auto $(PATIENT) -m mutants tests/laws

campaigns: .venv/installed-test
	$(BIN)/python tests/packaging/as_installed.py -m pytest -q -s $(PATIENT) -m quality tests/quality tests/unit
	$(BIN)/python -m pytest -q $(PATIENT) -m quality tests/packaging

bench: .venv/installed-test
	$(BIN)/python tests/bench/run.py

clean:
	rm -rf .venv .make build *.egg-info .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint,bench]'
	touch $@ .venv/installed
