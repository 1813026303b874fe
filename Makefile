# `make` lists what there is to make.  Everything is set up on the way, in folders named .venv*.

PYTHON ?= python3

LOCKS := .ci/locks
UV := .venv-lock/bin/uv
OUTPUT := build/root-anchors
SECONDS := 60
TREES := 1250
VERSIONS := 3.11 3.12 3.13 3.14 3.15
# Each process has a run of neighbours, which share fixtures, until one has nothing left.
PYTEST := -m pytest -n auto --dist worksteal
# What does not hang on the versions of the dependencies: programs beside ours, words, and patterns.
SAME_WITH_ANY := $(addprefix --ignore=tests/,browser consumers distributions docs faults \
    packaging $(addprefix unit/,auditing/test_detect.py \
    auditing/scan/test_trees.py report test_architecture.py test_start_up.py))
# Or uv: .ci/run has it install the same in a tenth of the time.
INSTALLER := pip
with_pip = $(@D)/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input
with_uv = $(UV) pip install --quiet --python $(@D)/bin/python
# ensurepip takes longer than all that is installed then.
venv_uv := --without-pip

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run snapshot test pythons consumers lint format types oldest bench cover \
    differential fuzz mutants distributions man verify-build sbom lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## verify the embedded publication and write build/root-anchors, offline
	.venv/bin/root-anchors build --offline -o $(OUTPUT) $(ARGS)

test: .venv/.dev ## run the tests, none of which needs the internet
	@$(say_what_is_skipped)
	.venv/bin/python $(PYTEST) --ignore=tests/consumers $(ARGS)

consumers: .venv/.dev ## get the consumers from Debian, where that may be, and prove every format in each
	@.ci/install-consumers.sh || echo "SKIPPED: what is not installed here"
	.venv/bin/python $(PYTEST) tests/consumers $(ARGS)

pythons: .venv-lock/.lock ## run the unit tests with every Python from 3.11 on, VERSIONS="3.14 3.15"
	@set -e; for version in $(VERSIONS); do \
	    echo "== Python $$version"; \
	    $(UV) venv --quiet --clear --no-python-downloads --python $$version .venv-pythons || { \
	        echo "SKIPPED: there is no Python $$version" >&2; continue; }; \
	    $(UV) pip install --quiet --python .venv-pythons/bin/python --require-hashes -r $(LOCKS)/dev.txt; \
	    .venv-pythons/bin/python -m pytest -n auto -p no:cacheprovider tests/unit $(ARGS); \
	done

snapshot: .venv/.dev ## carry what a live build wrote, DIR=..., in the next release
	@test -n "$(DIR)" || { echo "name what a live build wrote: make snapshot DIR=anchors" >&2; exit 2; }
	.venv/bin/python fixtures/renew.py "$(DIR)"

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
	.venv-oldest/bin/python $(PYTEST) $(SAME_WITH_ANY) $(ARGS)

bench: .venv/.dev ## time the main job, the observation of 26 servers, asking, an audit of 100,000 files, and 10,000 reports
	.venv/bin/python benchmarks/bench.py
	.venv/bin/python -m benchmarks.rootzone
	.venv/bin/python -m benchmarks.asking
	.venv/bin/python -m benchmarks.audit
	.venv/bin/python -m benchmarks.fleet

fuzz: .venv-fuzz/.fuzz ## fuzz every reader of bytes from outside, SECONDS=60 each
	.venv-fuzz/bin/python -m tests.fuzz.run build/fuzz $(SECONDS) $(ARGS)

differential: .venv/.dev ## give made-up trees to each resolver and to the audit, TREES=1250 each
	@.ci/install-consumers.sh || echo "SKIPPED: what is not installed here"
	.venv/bin/python -m tests.differential.resolvers.compare $(TREES) $(ARGS)

mutants: .venv-mutants/.mutants ## change the verifying code bit by bit, and tell which changes no test sees
	PATH="$(CURDIR)/.venv-mutants/bin:$$PATH" mutmut run $(ARGS)
	.venv-mutants/bin/python -m tests.mutants.score

distributions: .venv/.dev ## audit Debian's packages, and write docs/state-of-the-distributions.md
	rm -rf build/packages
	CI=true .ci/download-packages.sh
	.venv/bin/python -m tests.distributions.table

cover: .venv/.dev ## tell which lines no test runs
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -q
	.venv/bin/coverage combine --quiet
	.venv/bin/coverage report

man: .venv/.dev ## write the man page and the shells' completions, docs/data
	.venv/bin/python -m tests.docs.manual
	.venv/bin/python -m tests.docs.completions

verify-build: .venv/.run ## build wheel and sdist twice, without network, compare, leave them in dist; URL=...
	URL='$(URL)' .venv/bin/python -m tests.packaging.building

sbom: .venv-sbom/.sbom .venv-run/.run ## make dist/root-anchors.cdx.json, the bill of materials of what runs
	.venv-sbom/bin/python -m tests.packaging.sbom .venv-run/bin/python

lock: .venv-lock/.lock ## renew the pinned dependencies in .ci/locks
	$(compile) pyproject.toml --group build --output-file $(LOCKS)/run.txt
	$(compile) pyproject.toml --group dev --constraints $(LOCKS)/run.txt \
	    --output-file $(LOCKS)/dev.txt
	$(UV) pip compile --quiet --universal --no-deps --resolution lowest-direct --all-extras \
	    pyproject.toml --group build --output-file .venv-lock/floors.txt
	$(compile) pyproject.toml --group build --group test --constraints .venv-lock/floors.txt \
	    --output-file $(LOCKS)/oldest.txt
	$(compile) pyproject.toml --group mutants --constraints $(LOCKS)/dev.txt \
	    --output-file $(LOCKS)/mutants.txt
	$(compile) --group sbom --output-file $(LOCKS)/sbom.txt
	$(compile) pyproject.toml --group fuzz --constraints $(LOCKS)/dev.txt \
	    --output-file $(LOCKS)/fuzz.txt
	$(compile) --group lock --output-file $(LOCKS)/lock.txt

clean: ## remove everything that was made here
	rm -rf .venv .venv-oldest .venv-run .venv-sbom .venv-fuzz .venv-mutants \
	    .venv-lock .venv-pythons mutants build dist .coverage* .hypothesis \
	    .mypy_cache .pytest_cache .ruff_cache
	find anchors tests fixtures benchmarks -name __pycache__ -prune -exec rm -rf {} +

# A stamp names the last step that went through, so a step that failed is tried again.

.venv/.created .venv-oldest/.created .venv-run/.created .venv-sbom/.created .venv-fuzz/.created \
.venv-mutants/.created .venv-lock/.created:
	@$(check_python)
	@rm -rf $(@D)
	$(PYTHON) -m venv $(venv_$(INSTALLER)) $(@D)
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

.venv-run/.run: .venv-run/.created $(LOCKS)/run.txt
	$(call install_lock,run)
	@touch $@

.venv-sbom/.sbom: .venv-sbom/.created $(LOCKS)/sbom.txt
	$(call install_lock,sbom)
	@touch $@

.venv-fuzz/.fuzz: .venv-fuzz/.created $(LOCKS)/fuzz.txt pyproject.toml
	$(call install_lock,fuzz)
	$(install_project)
	@touch $@

.venv-mutants/.mutants: .venv-mutants/.created $(LOCKS)/mutants.txt pyproject.toml
	$(call install_lock,mutants)
	@touch $@

.venv-lock/.lock: .venv-lock/.created $(LOCKS)/lock.txt
	$(call install_lock,lock)
	@touch $@

define install_lock
@echo "installing $(LOCKS)/$(1).txt into $(@D)"
@$(with_$(INSTALLER)) --require-hashes -r $(LOCKS)/$(1).txt
endef

define install_project
@echo "installing root-anchors into $(@D), editable"
@$(with_$(INSTALLER)) --no-index --no-deps --no-build-isolation --editable .
endef

compile = $(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header \
    --no-annotate

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
command -v named >/dev/null || echo "SKIPPED: tests that need named (Debian: apt install bind9)"; \
command -v openssl >/dev/null || echo "SKIPPED: tests that need openssl (Debian: apt install openssl)"
endef
