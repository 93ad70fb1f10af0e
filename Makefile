PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench data setup clean

demo: $(VENV)/.core  ## paint the bundled cut and say where to look
	$(BIN)/shiage demo --out demo_painted --force

test: $(VENV)/.dev  ## run all tests
	$(BIN)/python -m pytest -n auto

check: $(VENV)/.dev  ## what CI checks besides the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.core  ## speed and accuracy; see benchmarks/
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/gaps.py

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
	$(BIN)/python -m pip install --quiet --editable ".[data,train,bench]" --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist demo_painted
