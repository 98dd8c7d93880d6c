# make chat, make test; the rest in README.md. PYTHON=python3.12 picks an interpreter;
# TORCH_INDEX=https://download.pytorch.org/whl/cpu saves a Linux machine without a GPU the CUDA download.
# SHORT=1 makes make bench and make faults short.
# MODEL=local (or openai:NAME, anthropic:NAME, ollama:NAME) lets a language model write the answers of chat, ask and serve.
PYTHON ?= python3
TORCH_INDEX ?=
MODEL ?=
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
PIP := $(BIN)/python -m pip --disable-pip-version-check
EXTRA := $(if $(filter %.gguf,$(MODEL)),local,$(firstword $(subst :, ,$(MODEL))))
READY := .venv/installed $(if $(MODEL),.venv/extra-$(EXTRA)) $(if $(filter local,$(MODEL)),model)
OPTIONS := $(if $(MODEL),--model "$(MODEL)")

.PHONY: chat ask serve model index eval bench faults fuzz audit bench-web screenshot test check check-local format clean

chat: $(READY)
	@$(BIN)/assistant chat $(OPTIONS)

ask: $(READY)
	@$(BIN)/assistant ask $(OPTIONS) $(if $(Q),"$$Q")
ask: export Q := $(value Q)

serve: $(READY)
	@$(BIN)/assistant serve $(OPTIONS)

model: .venv/extra-local
	@$(BIN)/assistant model pull

index: .venv/installed
	@$(BIN)/assistant index

eval: $(READY)
	@$(BIN)/python -m evals $(if $(MODEL),--answerer "$(MODEL)")

bench: .venv/installed
	@$(BIN)/python -m evals.bench $(if $(SHORT),--short)

faults: .venv/installed
	@$(BIN)/python -W ignore::UserWarning:multiprocessing.resource_tracker -m evals.faults $(if $(SHORT),--short)

fuzz: .venv/installed
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=fuzz

audit: .venv/installed .venv/audit
	$(BIN)/python -m pip check
	$(BIN)/python -m pytest tests/test_locked.py
	@$(BIN)/python -m tests.audit

bench-web: .venv/installed
	@$(BIN)/python -m pytest -m slow -s tests/test_web_load.py
	@$(BIN)/python -m evals.bench.web

screenshot: .venv/installed
	@$(BIN)/python -m tests.screenshot

test: .venv/installed
	@$(BIN)/assistant index
	$(PYTEST)
	@touch .venv/tested

# The tests are not run again where make test has just passed and nothing has changed since.
check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory .venv/tested

.venv/tested: .venv/installed Makefile $(shell git ls-files assistant index evals tests source_docs 2>/dev/null)
	$(PYTEST)
	@touch $@

# The real local model, on a sample of the evals.
check-local: .venv/extra-local model
	$(BIN)/python -m pytest -m local

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .index reports build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 is needed and $(PYTHON) is another: give one with PYTHON=python3.12"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(if $(TORCH_INDEX),$(PIP) install --quiet --index-url $(TORCH_INDEX) torch==2.13.0)
	$(PIP) install --quiet -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/audit:
	$(PYTHON) -m venv $@
	$@/bin/python -m pip --disable-pip-version-check install --quiet pip-audit

.venv/extra-%: .venv/installed
	$(PIP) install --quiet --constraint requirements.lock --no-build-isolation --editable ".[$*]"
	@touch $@
