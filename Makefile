# The two commands: `make demo` and `make test`. Needs python >= 3.11 and make; the rest is installed
# into .venv beside this file (packaging/bootstrap.py says what, and asks for nothing twice).

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, max(2, os.cpu_count() or 2)))')
FUZZ_S ?= 60
KILLS ?= 200
SCHEDULES ?= 10000
STORIES ?= 500
COUNTIES ?= 10
FAULTS ?= 300
ERRORS ?= all
CUTS ?= all
# Programs start a second sooner where Python may keep what it compiled; git ignores it.
unexport PYTHONPATH PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check types rest screens bench xwindow fuzz interop deb lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

setup: ## make .venv, install what is missing, build fonts and icons
	@test -n "$(PYTHON)" || { echo "expected python >= 3.11, found none; as root: apt-get install python3.11"; exit 1; }
	@$(PYTHON) packaging/bootstrap.py

demo: setup ## watch one inspection from the card to the archive (ONCE=1 checks itself and ends; FUJIE_PORT=8750)
	@ONCE="$(ONCE)" $(PY) -m tests.demo

test: setup ## all tests
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 1

check: setup ## lint, types, import walls, documents that must be true
	@$(MAKE) --no-print-directory -j 2 --output-sync=target types rest

# Types take as long as all the rest, and one core: both at once.
types:
	@$(VENV)/bin/mypy

rest:
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/lint-imports --no-logo
	@$(PY) -m pytest tests/test_tree.py tests/test_docs.py

screens: setup ## every screen and page as a picture in build/screens
	@$(PY) -m tests.screens

bench: setup ## figures in build/bench
	@mkdir -p build/bench
	@for f in benchmarks/[a-z]*.py; do $(PY) -m benchmarks.$$(basename $$f .py) || exit 1; done

xwindow: setup ## a real window and real X events, from PIN to saved form (needs xvfb, xdotool)
	@$(PY) -m tests.xwindow

fuzz: setup ## hostile bytes at every decoder, FUZZ_S seconds; KILLS kills of the tablet; SCHEDULES, STORIES and FAULTS of sync
	@FUZZ_S="$(FUZZ_S)" $(PY) -m tests.fuzzing
	@$(PY) -m tests.killing --rounds "$(KILLS)"
	@$(PY) -m tests.simulation --schedules "$(SCHEDULES)"
	@$(PY) -m tests.simulation --stories "$(STORIES)"
	@$(PY) -m tests.faults --kills "$(FAULTS)" --errors "$(ERRORS)" --cuts "$(CUTS)"
	@$(PY) -m tests.sync_server.reports --seeds "$(COUNTIES)"
	@TAMPER=all $(PY) -m pytest tests/sync_server/test_tampering.py
	@POWERCUTS=all $(PY) -m pytest tests/sync_server/web/test_power_cuts.py tests/sync_server/test_postgresql.py
	@LOOKS=all $(PY) -m pytest tests/field_client/ui/test_views.py

interop: setup ## programs that nobody here wrote read what a server serves and exports
	@$(PY) -m tests.interop

deb: setup ## the tablet as a Debian package in build/deb
	@$(PY) packaging/debian/build.py

lock: setup ## pin the dependencies again from pyproject.toml
	@sh packaging/lock.sh $(VENV)/bin/uv

clean: ## remove everything that make made
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf field_client/ui/assets/fonts field_client/ui/assets/icons sync_server/web/static/icons.svg
