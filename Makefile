# Two commands set everything up on a machine with Python, make and git: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# two test processes share two cores
export OMP_NUM_THREADS ?= 1
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# on Linux PyPI's torch brings gigabytes of CUDA; with `make TORCH_INDEX= …` it is taken all the same
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# the views are built when the package is installed, so what they are made of counts as well
VIEWS := hatch_build.py ui/build_views.py $(shell find ui -path ui/node_modules -prune -o -type f -print)

.PHONY: help install demo browser test test-all check bench verdicts diagnoses screenshots format clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt $(VIEWS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (PyTorch from $(or $(TORCH_INDEX),PyPI); a minute or two) ..."
	@$(PIP) install -c constraints.txt $(TORCH_INDEX:%=--retries 1 --extra-index-url %) torch
	@$(PIP) install -c constraints.txt -e .
	@$(BIN)/python -c "import tomllib; g = tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']; print('\n'.join(g['test'] + g['check']))" > $(VENV)/development.txt
	@$(PIP) install -c constraints.txt -r $(VENV)/development.txt
	@touch $@

install: $(STAMP)  ## make .venv with everything in it

demo: $(STAMP)  ## watch a real faulty training run on a page, live, and print the verdict
	$(BIN)/chainrule run --view examples/deep_sigmoid_digits.py 200
	@echo
	@echo "The page of this run is at the URL that was printed when it began."
	@echo "To open it again at any time: $(BIN)/chainrule view"

browser: $(STAMP)  ## find Chromium for the tests of the views, or install it
	@$(BIN)/python tests/browser/chromium.py

test: $(STAMP) browser  ## the test suite without its slow tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: $(STAMP) browser  ## the test suite with its slow tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

check: $(STAMP)  ## lint, types, import contracts, structure
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python ui/build_views.py check
	$(BIN)/python -m pytest -q tests/structure

bench: $(STAMP)  ## costs beside those of its peers; writes docs/benchmarks.md
	@$(BIN)/python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['bench']))" > $(VENV)/bench.txt
	@$(PIP) install -c constraints.txt -r $(VENV)/bench.txt
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.exactness
	$(BIN)/python -m benchmarks.sharpness --threads 2
	$(BIN)/python -m benchmarks.products --threads 1
	$(BIN)/python -m benchmarks.slices
	$(BIN)/python -m benchmarks.derivations
	$(BIN)/python -m benchmarks.view_scale

verdicts: $(STAMP)  ## how often the verdict is right; writes docs/verdicts.md
	$(BIN)/python -m benchmarks.verdicts

diagnoses: $(STAMP)  ## how often the mistake in a wrong derivative is named, and rightly
	@$(BIN)/python -m benchmarks.diagnoses

screenshots: $(STAMP) browser  ## pictures of the page for the docs; writes docs/images/page
	PYTHONPATH=tests/browser $(BIN)/python docs/screenshots.py

format: $(STAMP)  ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove what was built
	rm -rf $(VENV) dist src/chainrule/faces/static ui/node_modules .pytest_cache .mypy_cache .ruff_cache
