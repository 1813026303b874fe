# `make` lists what there is to make.  Everything is set up on the way, in .venv and .venv-oldest.

PYTHON ?= python3
UV_VERSION := 0.13.9

LOCKS := .ci/locks
OUTPUT := build/root-anchors
PIP_FLAGS := --quiet --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test consumers lint format types oldest bench cover lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## verify the embedded publication and write build/root-anchors, offline
	.venv/bin/root-anchors build --offline -o $(OUTPUT) $(ARGS)

test: .venv/.dev ## run the tests, none of which needs the internet
	@$(say_what_is_skipped)
	.venv/bin/python -m pytest -n auto --ignore=tests/consumers $(ARGS)

consumers: .venv/.dev ## get the consumers from Debian, where that may be, and prove every format in each
	@.ci/install-consumers.sh || echo "SKIPPED: what is not installed here"
	.venv/bin/python -m pytest -n auto tests/consumers $(ARGS)

lint: .venv/.dev ## check style and formatting
	.venv/bin/ruff check
	.venv/bin/ruff format --check

format: .venv/.dev ## mend what `make lint` can mend
	.venv/bin/ruff check --fix-only --exit-zero
	.venv/bin/ruff format

types: .venv/.dev ## check the types
	.venv/bin/mypy

oldest: .venv-oldest/.oldest ## run the tests with the oldest supported dependencies (Python 3.11 to 3.13)
	@$(say_what_is_skipped)
	.venv-oldest/bin/python -m pytest -n auto --ignore=tests/consumers $(ARGS)

bench: .venv/.dev ## time the main job, and the observation of 26 servers
	.venv/bin/python benchmarks/bench.py
	.venv/bin/python -m benchmarks.rootzone

cover: .venv/.dev ## tell which lines no test runs
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -q
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report

lock: .venv-lock/bin/uv ## renew the pinned dependencies in .ci/locks
	$(compile) --group build --output-file $(LOCKS)/run.txt
	$(compile) --group dev --constraints $(LOCKS)/run.txt --output-file $(LOCKS)/dev.txt
	$< pip compile --quiet --universal --no-deps --resolution lowest-direct \
	    pyproject.toml --output-file .venv-lock/floors.txt
	$(compile) --group build --group test --constraints .venv-lock/floors.txt \
	    --output-file $(LOCKS)/oldest.txt

clean: ## remove everything that was made here
	rm -rf .venv .venv-oldest .venv-lock build dist .coverage* .hypothesis .mypy_cache \
	    .pytest_cache .ruff_cache
	find anchors tests fixtures benchmarks -name __pycache__ -prune -exec rm -rf {} +

# A stamp names the last step that went through, so a step that failed is tried again.

.venv/.created .venv-oldest/.created .venv-lock/.created:
	@$(check_python)
	@rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	@touch $@

.venv/.run: .venv/.created $(LOCKS)/run.txt pyproject.toml
	$(call install_lock,run)
	$(install_project)
	@touch $@

.venv/.dev: .venv/.run $(LOCKS)/dev.txt
	$(call install_lock,dev)
	@touch $@

.venv-oldest/.oldest: .venv-oldest/.created $(LOCKS)/oldest.txt pyproject.toml
	$(call install_lock,oldest)
	$(install_project)
	@touch $@

.venv-lock/bin/uv: .venv-lock/.created Makefile
	.venv-lock/bin/python -m pip install $(PIP_FLAGS) uv==$(UV_VERSION)
	@touch $@

define install_lock
@echo "installing $(LOCKS)/$(1).txt into $(@D)"
@$(@D)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r $(LOCKS)/$(1).txt
endef

define install_project
@echo "installing root-anchors into $(@D), editable"
@$(@D)/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
endef

compile = $< pip compile --quiet --upgrade --universal --generate-hashes --no-header \
    --no-annotate pyproject.toml

define check_python
command -v $(PYTHON) >/dev/null || { \
    echo "root-anchors needs Python 3.11 or newer; there is no $(PYTHON)." \
        "Say where one is: make PYTHON=/path/to/python3" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
    echo "root-anchors needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
        "Say where a newer one is: make PYTHON=/path/to/python3" >&2; exit 1; }
endef

define say_what_is_skipped
PATH="$$PATH:/usr/local/sbin:/usr/sbin"; \
command -v nsd >/dev/null || echo "SKIPPED: tests that need nsd (Debian: apt install nsd)"; \
command -v named >/dev/null || echo "SKIPPED: tests that need named (Debian: apt install bind9)"
endef
