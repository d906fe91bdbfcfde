# `make course` builds everything and grades a demo class; `make test` proves the project.
# `make help` lists the rest. Only what changed is done again.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin
SHELL := /bin/bash
export PATH := $(CURDIR)/$(BIN):$(PATH)

SOURCES := $(shell find autograder solutions -type f -not -name '*.pyc' 2>/dev/null)
PAGES := $(shell find book -type f -not -path '*/node_modules/*' -not -path '*/vendor/*' \
	-not -name '*.pyc' 2>/dev/null)

.PHONY: help course dev notebooks book demo serve lab grade test test-full bench bench-browser lint format lock clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | \
		while IFS='|' read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

course: book demo ## set up, build the book, make and grade a demo class
	@cat _build/demo/table.txt
	@echo
	@echo "The book:    make serve, then open http://127.0.0.1:$(PORT)/"
	@echo "The class:   _build/demo/report.html, _build/demo/feedback/, _build/demo/grades.csv"

# ----- set-up -----

.venv/installed: requirements.txt requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: python3 was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing the pinned requirements into .venv (a minute or two) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev-installed: .venv/installed requirements-dev.txt
	@echo "installing PyTorch, for the tests and benchmarks that compare with it ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

dev: .venv/dev-installed ## PyTorch as an oracle; on Linux it may be a download of gigabytes

book/node_modules/installed: book/package.json book/package-lock.json
	@command -v npm >/dev/null || \
		{ echo "npm is needed to fetch the site's scripts. On Debian: apt-get install npm"; exit 1; }
	@echo "fetching the site's pinned npm packages ..."
	@npm ci --prefix book --silent --no-audit --no-fund
	@touch $@

# ----- notebooks, book, demo -----

course/built: .venv/installed $(SOURCES) _config.yml
	@python -m autograder build
	@touch $@

notebooks: course/built ## the exercise notebooks and the nbgrader course in course/

_build/book-built: .venv/installed book/node_modules/installed course/built $(PAGES) $(SOURCES) \
		_config.yml _toc.yml
	@python book/vendor.py
	@echo "building the book ..."
	@# Sphinx does not repeat the warnings of pages that it has read: start anew after a failure
	@jupyter-book build . -W -n --keep-going -q || \
		{ rm -rf _build/html _build/.doctrees; exit 1; }
	@echo "putting Python and Jupyter into the book ..."
	@PYTHONPATH=$(CURDIR):$(CURDIR)/book python -m browser.site
	@touch $@

book: _build/book-built ## the book, in _build/html

_build/demo/table.txt: .venv/installed $(SOURCES)
	@echo "making a demo class and grading it ..."
	@python -m autograder demo --out _build/demo

demo: _build/demo/table.txt ## a synthetic class, graded, in _build/demo

# ----- use -----

serve: book ## show the book on http://127.0.0.1:8000/ (PORT=... for another)
	@python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: course/built ## the exercises in JupyterLab
	@PYTHONPATH=book jupyter lab book/exercises

grade: .venv/installed ## grade a class: SUBMITTED=folder OUT=folder
	@test -n "$(SUBMITTED)" -a -n "$(OUT)" || \
		{ echo "Say what to grade and where to: make grade SUBMITTED=folder OUT=folder"; exit 1; }
	@python -m autograder grade --submitted "$(SUBMITTED)" --out "$(OUT)"

# ----- proof -----

lint: .venv/installed ## style and types
	@ruff format --check -q . && ruff check -q . && mypy --no-error-summary

format: .venv/installed ## put the code into the one format
	@ruff check --fix -q . ; ruff format -q .

test: lint book ## what CI runs
	@python -m pytest -n 2 --dist worksteal -m "not slow"

test-full: lint book dev ## everything: slow tests, and those against PyTorch
	@python -m pytest -n 2 --dist worksteal

bench: dev ## ratios against PyTorch: kernels, pools, training
	@python benchmarks/kernels.py
	@python benchmarks/pools.py
	@python benchmarks/training.py

bench-browser: book ## the book in Chromium: seconds, weight, accessibility
	@python benchmarks/browser.py --json

lock: .venv/installed ## pin the installed versions anew
	@{ echo '# Every package of requirements.txt at the one version that is tested; `make lock` writes it.'; \
		python -m pip freeze --exclude-editable | grep -v '^torch==' \
			| grep -vxF -f <(grep == requirements-dev.txt | grep -v '^filelock'); } > requirements.lock

clean: ## remove what was built (not .venv; not course/, which may hold work of yours)
	@rm -rf _build course/built book/_static/vendor
