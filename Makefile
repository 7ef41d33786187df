# Each target is one line that calls the real tool; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test bench soak fuzz mutants dist fmt lint docs ide clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "%-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build, import real market data into Delta tables, run indicators in Spark SQL
	@scripts/check-prerequisites.sh && scripts/dist.sh --if-stale && scripts/demo.sh

test: ## every test of every language; ends with "N passed, N failed"
	@scripts/check-prerequisites.sh && python3 scripts/run_steps.py test

lint: ## formatting and static checks of every language
	@scripts/check-prerequisites.sh && python3 scripts/run_steps.py lint

bench: ## measure against named peers; JSON lands in tests/bench/results
	@scripts/check-prerequisites.sh && scripts/bench.sh

soak: ## long fault runs
	@scripts/check-prerequisites.sh && python3 scripts/run_steps.py soak

fuzz: ## feed the indicators random rows and states for a minute each (needs a nightly compiler)
	@scripts/check-prerequisites.sh && scripts/fuzz.sh

mutants: ## apply listed one-line faults, one at a time; each must be caught by a test
	@scripts/check-prerequisites.sh && python3 scripts/mutants.py

dist: ## fill dist/ with the jar, the wheel, the C library, the command line and checksums
	@scripts/check-prerequisites.sh && scripts/dist.sh

fmt: ## format every language
	@scripts/fetch-tools.sh lint && cargo fmt --all && sbt/sbt --error scalafmtAll scalafmtSbt && .tools/lint/bin/ruff format .

docs: ## rewrite the generated pages under docs/, the C header and the README's measurements
	@scripts/check-prerequisites.sh && scripts/generate-docs.sh

ide: ## write .bsp/, which editors use to import the JVM build
	@sbt/sbt bspConfig

clean: ## remove what the builds made, not the fetched tools
	@cargo clean && sbt/sbt --error clean && rm -rf target dist demo/lake log spark-warehouse
