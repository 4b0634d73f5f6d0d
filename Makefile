# The few commands of the house. Everything happens in .venv; the README gives the same as plain commands.

BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,\
  $(shell $(name) -c "import sys; print('$(name)' if sys.version_info >= (3, 11) else '')" 2>/dev/null)))
INSTALLED := .venv/.installed
PEERS := .venv-peers/$(notdir $(BIN))/python
CATALOGUE := src/passerelle/locale/fr/LC_MESSAGES/messages

.DEFAULT_GOAL := help
COVER ?= --cov --cov-report=json:.coverage.json
WORKERS ?= auto
SEED ?= 1
COUNT ?= 300
.PHONY: help install wheels package demo serve-demo serve-demo-codes pictures rehearsal api-demo bench bench-switch bench-parcels bench-workbench bench-fleet bench-shelf bench-peers long-api fleet-simulation fleet-demo histories same-documents test test-fast test-long test-versions mutants lint format contracts compatibility inference messages pages requirements clean

help: ## Say what can be asked for
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: $(INSTALLED) $(CATALOGUE).mo ## Build .venv: passerelle, its plugins, and what tests them

$(INSTALLED): requirements.txt editable.txt pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found. Name it: make PYTHON=/path/to/python3 …" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -r editable.txt
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(INSTALLED)').touch()"

$(CATALOGUE).mo: $(CATALOGUE).po | $(INSTALLED)
	$(BIN)/python tools/catalogue.py

wheels: install ## Build what users install: passerelle and its suppliers as wheels, into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . $(sort $(dir $(wildcard plugins/*/pyproject.toml)))

package: wheels ## All that an installation needs, in dist/wheelhouse: no network, no compiler; and its bill of materials
	cp requirements-run.txt dist/
	$(BIN)/python tools/wheelhouse.py dist
	$(BIN)/cyclonedx-py requirements requirements-run.txt --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --spec-version 1.6 --output-format JSON --output-file dist/passerelle.cdx.json

demo: install ## Run the example flows against a stand-in on this machine, and show what became of every row
	$(BIN)/python examples/demo.py

api-demo: install ## Let an agenda follow the live API, kill it ten times, and compare both sides
	$(BIN)/python examples/api_demo.py

test: lint ## Style, types, rings, every test; tells how many lines the tests reach
	$(BIN)/python -m pytest -q -n $(WORKERS) $(COVER)

test-fast: install ## Tests, without those marked slow and without lint
	$(BIN)/python -m pytest -q -n auto -m "not slow"

serve-demo: install ## Open a workbench to try: 100,000 invented records in quarantine, three accounts
	$(BIN)/python examples/serve_demo.py

serve-demo-codes: ## Show the codes that the telephones of the three accounts would show now
	@$(BIN)/python examples/serve_demo.py --codes

pictures: install ## Take the pictures of the guide to the workbench anew, in Chromium, into docs/images/
	PASSERELLE_GUIDE=docs/images $(BIN)/python -m pytest -q tests/journeys/test_workbench_in_a_browser.py -k guide

rehearsal: install ## Play a whole change of supplier in full size: 400 persons, 30,000 visits, sixty accidents, ten kills (long)
	PASSERELLE_REHEARSAL="400 30000 24 10" $(BIN)/python -m pytest -q tests/journeys/test_rehearsal_of_a_switch.py

test-long: install ## Every test in its long form: kills at every step, three times the examples, a night of a million rows (hours)
	PASSERELLE_LONG=1 $(BIN)/python -m pytest -q -n auto

long-api: install ## Hold the live API to its laws at length: 10,000 pairs of requests a case, 400 random requests an operation (an hour)
	PASSERELLE_LONG=1 $(BIN)/python -m pytest -q tests/stores/test_racing_handings.py tests/stores/test_shelf.py \
	  tests/unit/faces/web/test_document_and_server.py

fleet-demo: install ## Let 3 workers take 200 flows across while they are killed 40 times and PostgreSQL 3 times; print the books
	cd tests && ../$(BIN)/python fleet_demo.py

fleet-simulation: install ## Simulate a day of 10,000 organisations with the real turning and sweeping (some minutes)
	cd tests && ../$(BIN)/python simulated_fleet.py --organisations 10000 --look-every 14400

histories: install ## Play 2,000 random histories of a source against a model of its destination (an hour or more)
	PASSERELLE_HISTORIES=2000 $(BIN)/python -m pytest -q -n auto tests/journeys/test_histories_of_a_source.py

same-documents: install ## Hold the quick readers of documents against the exact ones: 4,000 random documents (test: 150)
	PASSERELLE_DOCUMENTS=4000 $(BIN)/python -m pytest -q tests/unit/stages/decode/test_quick.py tests/unit/stages/decode/test_units.py

mutants: install ## Change the code a little, COUNT times from SEED, and say which changes no test notices (long; not in CI)
	$(BIN)/python tools/mutants --seed $(SEED) --count $(COUNT)

bench: install ## Measure passerelle beside a plain loop, a floor and libraries; writes docs/performance.md and .svg (hours)
	$(BIN)/python tests/benchmarks/bench.py --docs docs $(if $(wildcard .venv-peers/.installed),--peers $(PEERS))

bench-switch: install ## Measure a move of five contracts beside one run of the same file: a ratio of processor times
	$(BIN)/python tests/benchmarks/moving.py

bench-parcels: install ## Measure a night of 2,000 small files and 1,000 messages: processor time of each, peak memory
	$(BIN)/python tests/benchmarks/small_parcels.py

bench-workbench: install ## Measure pages of the workbench with 1,000 and 1,000,000 waiting records, and for 20 people at a time
	$(BIN)/python tests/benchmarks/workbench.py

bench-fleet: install ## Measure two workers beside one, settling with policies and fences, an empty turn; on PostgreSQL
	$(BIN)/python tests/benchmarks/fleet.py
	$(BIN)/python tests/benchmarks/fenced_settling.py
	$(BIN)/python tests/benchmarks/empty_turns.py

bench-shelf: install ## Measure a shelf: runs with and without, one of ten million records, streams, followers (minutes, 1 GB)
	$(BIN)/python tests/benchmarks/shelves.py

bench-peers: install .venv-peers/.installed ## The job and documents beside other tools, in an environment of theirs; counts what each lets pass
	$(BIN)/python tests/benchmarks/bench.py --only peers document-peers --times 3 --peers $(PEERS)

.venv-peers/.installed: tests/benchmarks/requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/$(notdir $(BIN))/python -m pip install --quiet --require-hashes -r tests/benchmarks/requirements-peers.txt
	@$(BIN)/python -c "import pathlib; pathlib.Path('.venv-peers/.installed').touch()"

test-versions: install ## The quick tests on every Python from 3.11 to 3.13 that this machine has, each in an environment of its own
	$(BIN)/python tools/test_versions.py

lint: install ## Style, types, rings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## Put everything in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contracts: install ## Write the published form of the contracts and archive new editions; refuse what breaks a promise
	$(BIN)/python -m passerelle.contracts.publishing contracts

pages: install ## Write the pages of docs/ that are made from the code
	$(BIN)/python -m passerelle.faces.pages docs
	$(BIN)/python -m passerelle.faces.suppliers_page docs

compatibility: install ## Count the bench of compatibility: 84 answers of which the truth is known, and all cross pairs
	$(BIN)/python tests/compatibility.py

inference: install ## Measure what «plugins infer» proposes on invented exports, a third of them not tuned on
	$(BIN)/python tests/inference/measure.py

messages: install ## Gather the sentences people read, update the French catalogue, compile it
	$(BIN)/python tools/messages.py

requirements: ## Choose versions anew: uv (not installed here) writes requirements.txt from requirements.in
	uv pip compile requirements.in --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-emit-package passerelle-social \
	  -o requirements.txt
	uv pip compile requirements-run.in --universal --python-version 3.11 --generate-hashes --constraint requirements.txt \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-emit-package passerelle-social \
	  -o requirements-run.txt
	uv pip compile tests/benchmarks/requirements-peers.in --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-emit-package passerelle-social \
	  -o tests/benchmarks/requirements-peers.txt

clean: ## Remove what can be made again
	rm -rf .venv .venv-3.* .venv-peers demo-out demo-serve dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .mutants
