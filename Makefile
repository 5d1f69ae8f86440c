# Two commands a newcomer needs: `make run` serves the dashboard, `make test` checks everything.
PYTHON ?= python3
PARK_PORT ?= 8501
PARK_ADDRESS ?= 127.0.0.1
export PARK_PORT PARK_ADDRESS
TEST_PROCESSES ?= 2
BIN := .venv/bin

.PHONY: run test check lock clean

run: .venv/installed
	@$(BIN)/python -m data init
	@exec $(BIN)/python -m streamlit run dashboard.py --server.port "$(PARK_PORT)" --server.address "$(PARK_ADDRESS)"

# Compiled modules are kept, whatever the shell says: the tests start Python many times.
test: .venv/tested
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses $(TEST_PROCESSES) --dist worksteal

check: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Both locks are resolved for every platform and name no index; hashes only.
lock: .venv/installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group test -c requirements.lock -o tests/requirements.lock

.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "ParkPulse needs Python 3.11 or newer; set PYTHON=python3.x" >&2; exit 2; }
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.lock | .venv/bin/python
	@echo "Installing the pinned packages (about a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

.venv/tested: tests/requirements.lock .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r tests/requirements.lock
	@touch $@

clean:
	rm -rf .venv .parkpulse .pytest_cache .mypy_cache .ruff_cache .hypothesis
