# The commands of this project. `make run` serves the editor; `make test` sets up and passes the tests; `make help` lists all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1

.PHONY: help run open install install-dev test check format types bench licenses web web-test clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

run: $(VENV)/.installed  ## install what is needed, serve the editor and open it
	$(BIN)/python main.py

open:  ## a new address that signs a browser in to the server that is running
	$(BIN)/python main.py open

install: $(VENV)/.installed  ## make .venv with what running needs

install-dev: $(VENV)/.installed-dev  ## ... and with what tests and tools need

# By file, so that a server or a model that the tests of a file share is made once. Torch would take all cores in each of
# the processes; what is compiled is kept, as hundreds of tests start a Python of their own. A browser, its server and its
# worker fill the cores alone.
test: $(VENV)/.installed-dev  ## all tests: on up to four cores, then those that drive a browser
	env -u PYTHONDONTWRITEBYTECODE OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses=4 --dist=loadfile -m "not browser"
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -m browser

check: $(VENV)/.installed-dev  ## format, lint, types, laws and the quick tests: under a minute
	$(BIN)/python -m tools.check

format: $(VENV)/.installed-dev  ## put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/.installed-dev  ## write the types of the editor (web/src/api/types.ts) and of scripts (workflow.pyi)
	$(BIN)/python -m tools.typescript_types
	$(BIN)/python -m tools.python_stubs

bench: $(VENV)/.installed-dev  ## measure, and print ratios
	$(BIN)/python bench/overhead.py
	$(BIN)/python bench/caching.py
	$(BIN)/python bench/session.py
	$(BIN)/python bench/kills.py
	$(BIN)/python bench/streaming.py
	$(BIN)/python bench/sampling.py
	$(BIN)/python bench/training.py
	$(BIN)/python bench/models.py
	$(BIN)/python bench/widening.py
	$(BIN)/python bench/serving.py
	$(BIN)/python bench/editor.py

licenses: $(VENV)/.installed-dev  ## list the licences of all dependencies; fails when one is not permissive
	$(BIN)/python tools/licenses.py

web: web/node_modules/.package-lock.json  ## build the editor into web/dist (needs Node.js 20)
	cd web && npm run --silent build

web-test: web/node_modules/.package-lock.json  ## check the editor: types, lint, unit tests, and that web/dist is current
	cd web && npm run --silent typecheck && npm run --silent lint && npm run --silent test && npm run --silent check-build

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund

clean:  ## remove .venv and caches; never pictures, models or workflows
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
