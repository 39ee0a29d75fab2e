# Lode: `make help` lists what there is.
SHELL := /bin/bash
# A command that fails fails its line, whatever its output goes through.
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help

PIPELINE  ?= pipelines/weekly-churn.json5
AS_OF     ?=
WAREHOUSE ?=
EXPORTS   ?=
DATA      ?= ../shared/data
LODE      := .build/release/lode
BENCH     := .build/release/lode-bench
PACKAGES  := libopenblas-dev libzstd-dev libsnappy-dev zlib1g-dev liblz4-dev libbrotli-dev pkg-config
ARGUMENTS := -f $(PIPELINE) $(if $(AS_OF),--as-of $(AS_OF)) $(if $(WAREHOUSE),--warehouse $(WAREHOUSE)) \
             $(if $(EXPORTS),--exports $(EXPORTS))
# The demo runs the sample retailer's other tables as well.
RELATIONS := $(if $(filter pipelines/weekly-churn.json5,$(PIPELINE)),pipelines/surveys-and-campaigns.json5)
LISTS     := $(or $(EXPORTS),exports)/*/*.csv $(or $(EXPORTS),exports)/*/*.html \
             $(if $(RELATIONS),$(or $(EXPORTS),exports)-relations/*/*.html)
STAGES    := extract clean transform cluster correlate classify forecast export report

.PHONY: help deps build demo test check bench bench-quick conformance crash fuzz verify-real coverage \
        distclean sample silent-damage \
        docs $(STAGES)

help: ## this text
	@echo 'Set-up and demonstration'
	@grep -hE '^(deps|build|demo|sample|distclean):.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'
	@echo 'Stages (of PIPELINE=… AS_OF=… WAREHOUSE=… EXPORTS=…; only what is stale is run)'
	@for s in $(STAGES); do echo "  make $$s"; done | paste -sd' ' | fold -s -w 96
	@echo '  (make clean is the data-cleaning stage; make distclean removes build products)'
	@echo 'Quality'
	@grep -hE '^(test|check|conformance|crash|fuzz|verify-real|coverage|silent-damage|bench|bench-quick|bench-instructions):.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

deps: ## install the missing system libraries (asks for root only if one is missing)
	@missing=""; for p in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; \
	  root=""; [ "$$(id -u)" = 0 ] || root=sudo; \
	  $$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

build: deps ## build the release binary .build/release/lode
	@swift build -c release --product lode

demo: build ## run both pipelines of the built-in sample retailer: the lists, then customer relations
	@$(LODE) run $(ARGUMENTS)
	@$(if $(RELATIONS),echo; $(LODE) run -f $(RELATIONS) $(if $(AS_OF),--as-of $(AS_OF)) \
	  $(if $(WAREHOUSE),--warehouse $(WAREHOUSE)-relations) $(if $(EXPORTS),--exports $(EXPORTS)-relations),:)
	@echo; echo 'The lists and the report$(if $(RELATIONS),s):'; { ls -1U $(LISTS) 2>/dev/null || true; } | sed 's/^/  /'
	@echo; echo 'Whom to keep (first three):'; f=$$(ls -1 $(or $(EXPORTS),exports)/*/audience_keep_*[0-9].csv | tail -1); \
	 head -4 $$f | cut -d, -f1,2,7,8,13-15

$(STAGES): build
	@$(LODE) run $(ARGUMENTS) +op:$@

sample: build ## write the sample retailer anew into datasets/sample-retailer
	@$(LODE) sample --seed 20240101 --customers 2000 --years 2 --out datasets/sample-retailer

test: deps ## all tests
	@swift test

check: deps ## format, warnings, tidy rules
	@swift format lint --strict --recursive --parallel Sources Tests Package.swift
	@swift build 2>&1 | tail -1
	@swift test --skip-build --filter TidyTests 2>&1 | tail -1 || swift test --filter TidyTests

conformance: build strace ## foreign readers (pyarrow, duckdb, deltalake) and a PostgreSQL source
	@cmp -s Tests/Conformance/requirements.txt .conformance/requirements.txt || { python3 -m venv .conformance && .conformance/bin/pip -q install -r Tests/Conformance/requirements.txt && cp Tests/Conformance/requirements.txt .conformance/; }
	@$(LODE) run --warehouse .conformance/warehouse --exports .conformance/exports --quiet
	@.conformance/bin/python Tests/Conformance/conformance.py .conformance/warehouse
	@swift build -c release --product lode-bench 2>&1 | tail -1
	@rm -rf .conformance/peers .conformance/zoo && mkdir -p .conformance/zoo
	@.conformance/bin/python Tests/Conformance/parquet_write.py .conformance/peers --compare $(BENCH)
	@$(BENCH) parquet-zoo .conformance/zoo && .conformance/bin/python Tests/Conformance/parquet_read.py .conformance/zoo
	@.conformance/bin/python Tests/Conformance/foreign_append.py $(LODE)
	@LODE=$(abspath $(LODE)) bash Tests/Conformance/crash_kill.sh 40
	@LODE=$(abspath $(LODE)) bash Tests/Conformance/crash_writers.sh 20
	@BENCH=$(abspath $(BENCH)) bash Tests/Conformance/crash_commits.sh 12
	@$(MAKE) -s postgresql && bash Tests/Conformance/postgres.sh

crash: build strace ## kill at every system call, fail calls, kill writers beside each other, lose power (minutes)
	@LODE=$(abspath $(LODE)) bash Tests/Conformance/crash_kill.sh
	@LODE=$(abspath $(LODE)) bash Tests/Conformance/crash_writers.sh 60
	@swift build -c release --product lode-bench 2>&1 | tail -1
	@BENCH=$(abspath $(BENCH)) bash Tests/Conformance/crash_commits.sh 60
	@LODE_CRASH_ALL=1 swift test --filter PowerLoss

.PHONY: strace
strace:
	@command -v strace >/dev/null || $(MAKE) -s deps PACKAGES=strace

silent-damage: build ## show what other CSV readers change without a word
	@cmp -s Tests/Conformance/requirements.txt .conformance/requirements.txt || { python3 -m venv .conformance && .conformance/bin/pip -q install -r Tests/Conformance/requirements.txt && cp Tests/Conformance/requirements.txt .conformance/; }
	@.conformance/bin/pip -q install pandas
	@.conformance/bin/python notebooks-docs/silent-damage/peers.py $(LODE)

.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || $(MAKE) -s deps PACKAGES=postgresql

fuzz: deps ## damage Parquet, CSV, gzip files and logs for LODE_FUZZ_SECONDS (60); bound the memory
	@LODE_FUZZ_SECONDS=$${LODE_FUZZ_SECONDS:-60} swift test -c debug --filter 'Fuzz|CSVDamage'
	@swift build -c release --product lode-bench 2>&1 | tail -1
	@for kind in parquet csv gzip delta; do \
	  $(BENCH) fuzz-memory $$kind $$(( $${LODE_FUZZ_SECONDS:-60} / 6 )) || exit 1; done

verify-real: deps ## check published figures on the real files in DATA=../shared/data
	@swift build -c release --product lode-bench
	@$(BENCH) verify-real --data $(DATA)

coverage: deps ## how often 90 % intervals of lifetime totals hold in 200 simulated worlds
	@swift build -c release --product lode-bench
	@$(BENCH) coverage
	@$(BENCH) recovery

CIRCUMSTANCES = --date "$$(date +%F)" --load "$$(cut -d' ' -f1-3 /proc/loadavg)" \
  --machine "$$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $$(nproc) cores, $$(awk '/MemTotal/ {printf "%.0f", $$2 / 1e6}' /proc/meminfo) GB, $$(uname -sr)"

bench: deps ## measure side by side with the named peers (makes a Python environment)
	@swift build -c release --product lode-bench
	@$(BENCH) bench $(CIRCUMSTANCES) --report notebooks-docs/benchmarks.md

bench-quick: deps ## the same on smaller data, under two minutes
	@swift build -c release --product lode-bench
	@$(BENCH) bench --quick $(CIRCUMSTANCES)

.PHONY: bench-instructions
bench-instructions: deps ## instruction counts of five kernels against Tests/Bench/instructions.json
	@command -v valgrind >/dev/null || $(MAKE) -s deps PACKAGES=valgrind
	@swift build -c release --product lode-bench
	@python3 Tests/Bench/instructions.py $(UPDATE)

distclean: ## remove build products, the demo's warehouse and exports
	@rm -rf .build .build-* warehouse exports warehouse-relations exports-relations .bench .conformance
