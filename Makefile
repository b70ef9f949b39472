# make run       serve the desk on this computer (PORT=8501)
# make serve     serve it to a team: everybody signs in (docs/operations.md)
# make test      the tests, browser journeys included        make test-all  and what needs other servers
# make faults    a hundred kills, a full disk, ten thousand ticks of the clock (takes more than an hour)
# make texts     collect the texts of the screens for translators (docs/translating.md)
# make check     lint, types, import contracts, long files   make bench     the benchmark table
# Everything sets itself up: a fresh machine needs python3 (3.11 or newer), make and the package registries.

PORT ?= 8501
export UV_PYTHON_DOWNLOADS = never
# Every start of Python reads compiled modules, whatever this machine says of writing them: 1 s instead of 3.
export UV_COMPILE_BYTECODE = 1
export PYTHONDONTWRITEBYTECODE =
PYTHON = .venv/bin/python
LONG_LINES = 400

.DEFAULT_GOAL := check
.PHONY: pictures setup run serve test test-fast test-all check format bench faults browser servers texts clean

setup: .venv/ready

.venv/ready: pyproject.toml uv.lock .ci/setup
	@.ci/setup
	@touch $@

run: setup
	@PORT=$(PORT) $(PYTHON) app.py

serve: setup
	@DESK_SIGN_IN=required PORT=$(PORT) $(PYTHON) app.py

browser: setup
	@.ci/browser

servers:
	@.ci/servers

test: setup browser
	@$(PYTHON) -m pytest -n 3 --dist loadfile -m "not slow_real"

test-fast: setup
	@$(PYTHON) -m pytest -n 3 --dist loadfile -m "not slow_real and not browser"

test-all: test servers
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m slow_real

faults: setup servers
	@KILLS=100 TICKS=10000 TICK_KILLS=160 $(PYTHON) -m pytest tests/faults -m slow_real

check: setup
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy app.py api core pages storage benchmarks tests
	@PYTHONPATH=. .venv/bin/lint-imports
	@git ls-files '*.py' | xargs wc -l | awk '$$2 != "total" && $$1 > $(LONG_LINES) {print "  long: " $$1 " lines  " $$2; n++} END {print n+0 " source files above $(LONG_LINES) lines"}'

format: setup
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

pictures: setup browser servers  # the guide's pictures, as the tests see the screens and the files
	@TAKE_PICTURES=1 $(PYTHON) -m pytest -q tests/e2e tests/core/engine/formats/xlsx/test_libreoffice_picture.py tests/core/engine/formats/pdf/test_scripts_picture.py
	@.ci/pictures

texts: setup
	@$(PYTHON) -m pages.locale.collect

bench: setup
	@$$(.ci/uv) sync --quiet --locked --inexact --group bench
	@$(PYTHON) -m benchmarks

clean:
	rm -rf .venv .uv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
