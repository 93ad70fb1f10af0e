PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Rooms whose tests need no extra.
CORE_TESTS := $(addprefix tests/,checks colors cuts episode files imports lines matching painting \
	test_properties.py test_provenance.py test_structures.py)

.PHONY: demo test test-core check page page-types page-check bench bench-small data setup clean

demo: $(VENV)/.core  ## paint the bundled cut and say where to look
	$(BIN)/shiage demo --out demo_painted --force

test: $(VENV)/.dev  ## run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

test-core:  ## the core's tests in an environment of their own: make test-core PYTHON=python3.13
	work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && $(PYTHON) -m venv "$$work" && \
		"$$work/bin/python" -m pip install --quiet --upgrade "pip>=25.1" && \
		"$$work/bin/python" -m pip install --quiet --editable . --group core-test && \
		"$$work/bin/python" -m pytest -n auto --dist worksteal -p no:cacheprovider $(CORE_TESTS)

check: $(VENV)/.dev  ## what CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

page: page/node_modules  ## build the page of shiage ui from its source in page/; needs Node.js
	cd page && npm run build

page-types: page/node_modules $(VENV)/.dev  ## write what page and server say as TypeScript
	$(call write_page_types,page/src/messages.ts)

page-check: page/node_modules $(VENV)/.dev  ## check the page's source, and that the built page is made of it
	$(call write_page_types,build/messages.ts)
	diff page/src/messages.ts build/messages.ts
	cd page && npm run check && npm test
	cd page && npm run build -- --outDir "$(CURDIR)/build/page" --emptyOutDir
	diff -rq build/page src/shiage/web/static

define write_page_types
mkdir -p build
$(BIN)/python scripts/write_page_types.py build/messages.json
cd page && npm run --silent types -- -i ../build/messages.json -o ../$(1)
endef

page/node_modules: page/package-lock.json
	cd page && npm ci --no-audit --no-fund
	touch $@

bench: $(VENV)/.core  ## speed, and gaps found again; see benchmarks/
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/gaps.py

bench-small: $(VENV)/.dev  ## the benchmark on what comes with shiage, minutes
	$(BIN)/shiage bench run --suite demo --suite examples/mini --split validation --out runs/bench_small \
		--matcher ant --matcher shape --matcher hungarian --matcher flow --matcher position \
		--matcher dense --protocol next --protocol half --protocol cut-1 --protocol cut-2
	$(BIN)/shiage bench table runs/bench_small --of trust
	$(BIN)/shiage bench plot runs/bench_small --out runs/bench_small/scores.png --force
	$(BIN)/shiage bench failures runs/bench_small --suite demo --matcher ant --protocol cut-2 \
		--gallery runs/bench_small/failures.png --force
	$(BIN)/shiage bench clicks --suite demo --suite examples/mini --split validation --keys 2 --matcher ant --matcher shape
	$(BIN)/shiage bench scaling --small --out runs/bench_small/scaling.png --force

DATA ?= dataset
data: $(VENV)/.dev  ## the standard set; make data ASSETS=folder-of-glb ART=folder-of-vector-art
	$(BIN)/shiage data make procedural --characters 1000 --clips 1000 --out $(DATA)
	$(BIN)/shiage data make rendered --assets $(ASSETS) --clips 600 --out $(DATA)
	$(BIN)/shiage data make vector --art $(ART) --clips 500 --out $(DATA)

setup: $(VENV)/.dev  ## only make the environment

$(VENV)/.core: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shiage needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --editable ".[data,train,bench,web]" --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist demo_painted page/node_modules
