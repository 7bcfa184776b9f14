# Two commands: `make grade` for learners, `make test` for everything.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: grade test lint selfcheck mutants soak soak-class clean

# Exit status 1 of the grader means "not everything has passed yet", which is no failure of make.
grade: $(VENV)/ready
	@$(BIN)/python -m grader --student || test $$? -eq 1

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

selfcheck: $(VENV)/ready-dev
	$(BIN)/python -m grader selfcheck

mutants: $(VENV)/ready-dev
	PYTHONPATH=tests $(BIN)/python -m mutants.run $(ARGS)

# Verdicts must not change: many selfchecks over many seeds on a busy machine (hours).
soak: $(VENV)/ready-dev
	$(BIN)/python tests/soak.py

# A class of 300, its batch killed ten times, every verdict compared with grading alone (hours).
soak-class: $(VENV)/ready-dev
	PYTHONPATH=. $(BIN)/python tests/soak_class.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[torch]"
	@touch $@

$(VENV)/ready-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[torch,cluster,dev]"
	@touch $(VENV)/ready $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .benchmarks
