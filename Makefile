# One rule: every target works from a fresh clone with Python >= 3.11 and nothing else.
# Nothing but this file is Unix-only; the README has the same steps for Windows.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.sitmap-installed
SERVE  ?= 1
HOST   ?= 127.0.0.1
PORT   ?= 8000
OUT    ?= out/mali-2017

.DEFAULT_GOAL := help
.PHONY: help install demo test check format lock bench bench-server gallery js postgis system-packages clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-16s %s\n", $$1, $$2}'

install: $(STAMP) ## make .venv from the hashed lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --no-python-downloads --python $(PYTHON) $(VENV) && \
	  VIRTUAL_ENV=$(VENV) uv pip install --quiet --require-hashes -r requirements.lock && \
	  VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation -e . ; \
	else \
	  { [ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) \
	    || { echo "The venv module is missing. On Debian or Ubuntu: apt install python3-venv"; exit 1; }; } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

demo: $(STAMP) ## draw examples/mali-2017 into out/mali-2017, then serve it (SERVE=0: draw only)
	@$(BIN)/sitmap render examples/mali-2017 --format pdf,svg,png,html --out $(OUT)
	@if [ "$(SERVE)" != "0" ]; then $(BIN)/sitmap serve examples/mali-2017 --host $(HOST) --port $(PORT); fi

test: $(STAMP) ## run every test that can run on this machine
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --quiet --custom-compile-command "make lock"

lock: ## write requirements.lock and deploy/requirements.lock anew from pyproject.toml (needs uv)
	@$(COMPILE) --all-extras -o requirements.lock
	@$(COMPILE) --extra raster --extra postgis --extra columnar --extra speed --extra build \
	  --constraint requirements.lock -o deploy/requirements.lock

bench: $(STAMP) ## measure everything and write docs/measured.md (ONLY=tiles,stores: some; QUICK=1: small numbers, no table)
	@$(BIN)/python benchmarks/run.py $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench-server: $(STAMP) ## serve the same data with PostGIS + tipg, nginx and sitmap, and compare
	@$(BIN)/python benchmarks/bench_server.py

postgis: $(STAMP) ## start a private PostgreSQL with PostGIS on a free port, until Ctrl-C
	@$(BIN)/python benchmarks/postgis_cluster.py

js: tests/js/node_modules/.package-lock.json ## the JavaScript tile reader that the tests hold tiles against (needs npm)

tests/js/node_modules/.package-lock.json: tests/js/package-lock.json
	@npm ci --prefix tests/js --silent --no-audit --no-fund

gallery: $(STAMP) ## draw docs/gallery anew from the examples, and docs/checklist.md from the rules
	@$(BIN)/python docs/write_checklist.py
	@$(BIN)/python docs/draw_gallery.py

system-packages: ## Debian/Ubuntu packages that the tests drive: a browser, PostGIS, nginx, GDAL's tools (as root; QGIS=1: QGIS too, a gigabyte)
	apt-get update
	apt-get install -y --no-install-recommends chromium postgresql postgresql-postgis nginx-light gdal-bin $(if $(shell command -v npm),,npm) $(if $(QGIS),python3-qgis)

clean: ## remove what was built
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
