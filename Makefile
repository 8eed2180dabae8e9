# The only commands. Each sets up what it needs; `make help` lists them.
.PHONY: help demo run test check bench chaos audit lock
PYTHON ?= python3
BIN := .venv/bin

help:
	@echo "make demo   show the main job with a small shop of our own"
	@echo "make run    start the app with the settings of the environment or .env"
	@echo "make test   run the tests"
	@echo "make check  format, lint, types, layers"
	@echo "make bench  measure, as ratios in one run"
	@echo "make chaos  faults on purpose, and the count of what is there afterwards"
	@echo "make audit  look for known weaknesses in the dependencies; needs the network"
	@echo "make lock   lock the dependencies anew"

demo: .venv/done
	$(BIN)/saleor-loyalty demo $(ARGS)

run: .venv/done
	$(BIN)/saleor-loyalty run

test: .venv/done
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: .venv/done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/done
	$(BIN)/python -m bench $(ARGS)

chaos: .venv/done
	$(BIN)/python -m chaos $(ARGS)

# In a place of its own, so that its own dependencies are none of the app's. Unreachable data are a failure, no pass.
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	build/audit/bin/pip-audit --strict --vulnerability-service osv --disable-pip --require-hashes -r requirements.lock \
		|| { echo "Not passed: a known weakness is named above, or pip-audit's data could not be reached."; exit 1; }

# uv reads the project file and writes versions and hashes, no addresses.
lock: .venv/done
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml --output-file requirements.lock

.venv: .venv/done

.venv/done: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "Python 3.11 to 3.13 is needed; name one with make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
