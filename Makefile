# Truecount: `make demo` shows it, `make test` tests it, `make check` is what CI runs. `make help` lists the rest.

PYTHONS := python3 python3.13 python3.12 python3.11
BIN     := .venv/bin
READY   := .venv/.ready
ARGS    ?=
WORKERS ?= 3

# An environment that was made in another folder has that folder's name in its scripts: build it again.
ifneq ($(shell grep -c ' $(CURDIR)/\.venv$$' .venv/pyvenv.cfg 2>/dev/null),1)
.PHONY: $(READY)
endif

.PHONY: help setup demo test check lint bench torture looks chromium lock messages clean
.DEFAULT_GOAL := help

help:
	@echo 'make setup     build .venv from the locked requirements (the other targets do it themselves)'
	@echo 'make demo      simulators and the whole product on this machine; ARGS=--exit stops after one run'
	@echo 'make test      all tests; ARGS="tests/core -k plan" for some of them, WORKERS=6 on a larger machine'
	@echo 'make check     what CI runs: format, lint, types, import contracts, migrations, then all tests'
	@echo 'make bench     tables of calls, seconds and memory by size'
	@echo 'make looks     pictures of every page and state in .looks/: both languages, light and dark, three widths'
	@echo 'make torture   the long kill test: processes killed at every write'
	@echo 'make lock      lock the requirements of pyproject.toml with hashes; ARGS=--upgrade takes the newest versions'
	@echo 'make messages  collect and compile the translated texts (needs gettext)'
	@echo 'make clean     remove .venv and all that the tools leave behind'

setup: $(READY)
	@:

$(READY): pyproject.toml requirements-dev.txt
	@set -eu; \
	if ! grep -q ' $(CURDIR)/\.venv$$' .venv/pyvenv.cfg 2>/dev/null || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=; \
		for candidate in $(PYTHONS); do \
			if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
		done; \
		[ -n "$$python" ] || { echo 'Truecount needs Python 3.11 or newer, and none was found: install one and run make again.' >&2; exit 1; }; \
		if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then \
			package=python3-venv; [ "$$python" = python3 ] || package=$$python-venv; \
			if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
				echo "Installing $$package …" >&2; \
				apt-get update -qq </dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$package </dev/null >/dev/null; \
			else \
				echo "This Python cannot make virtual environments: install $$package (sudo apt-get install $$package) and run make again." >&2; exit 1; \
			fi; \
		fi; \
		echo "Building .venv with $$($$python --version) …" >&2; \
		$$python -m venv --clear .venv; \
	fi; \
	$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt; \
	$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	touch $(READY)

demo: setup
	@$(BIN)/truecount demo $(ARGS)

test: setup chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: lint
	@$(MAKE) --no-print-directory test

# With a key of their own, the checks that load the settings leave no secret key in anybody's home.
lint messages: export TRUECOUNT_SECRET_KEY = the checks need no secret
lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests $(wildcard docs/*.py benchmarks)
	$(BIN)/lint-imports --no-logo
	PYTHONWARNINGS='ignore:Got an error checking:RuntimeWarning' DJANGO_SETTINGS_MODULE=truecount.conf.settings \
		$(BIN)/django-admin makemigrations --check --dry-run

bench: setup
	@$(BIN)/python -m benchmarks $(ARGS)

looks: setup chromium
	@TRUECOUNT_LOOKS=.looks $(BIN)/python -m pytest -n 2 tests/e2e/test_looks.py $(ARGS)

torture: setup
	@$(BIN)/python -m pytest -m torture $(ARGS)

# The browser tests drive the system's Chromium; without one they would only seem to pass, so this fails instead.
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the browser tests …' >&2; \
		apt-get update -qq </dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium </dev/null >/dev/null; \
	else \
		echo 'The browser tests need Chromium: sudo apt-get install chromium' >&2; exit 1; \
	fi

# uv resolves for every Python and system at once; it is told pip's package index, and no address is written down.
lock: setup
	@set -eu; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv; \
	index=$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true); \
	[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
	compile() { echo "Locking $$1 …" >&2; echo hatchling | $(BIN)/uv pip compile --quiet $(ARGS) --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$$@" -; }; \
	compile requirements.txt pyproject.toml; \
	compile requirements-dev.txt pyproject.toml --extra dev

messages: export DJANGO_SETTINGS_MODULE = truecount.conf.settings
messages: setup
	@command -v msgfmt >/dev/null || { echo 'Collecting texts needs gettext: sudo apt-get install gettext' >&2; exit 1; }
	cd src/truecount && ../../$(BIN)/django-admin makemessages --locale fr --add-location file --no-obsolete
	cd src/truecount && ../../$(BIN)/django-admin compilemessages --locale fr

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find src tests benchmarks docs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
