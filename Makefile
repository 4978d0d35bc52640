# Common commands by name; Meson does the work.
BUILD = build

all: $(BUILD)/build.ninja ## build build/billow
	@ninja -C $(BUILD) billow

$(BUILD)/build.ninja:
	@script/setup server
	@meson setup $(BUILD) --buildtype=release

test: ## every test (script/test)
	@script/test
test-core: $(BUILD)/build.ninja ## unit tests of base and core
	@ninja -C $(BUILD) && meson test -C $(BUILD) --suite base --suite core
test-pg: $(BUILD)/build.ninja ## unit tests on a throwaway PostgreSQL
	@ninja -C $(BUILD) && tests/with-postgres tests/run-units $(BUILD) postgres
asan: ## unit tests with clang's sanitizers
	@[ -e build-clang/build.ninja ] || CC=clang meson setup build-clang -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build-clang && tests/run-units build-clang
fuzz: ## search with a fuzzer: make fuzz T=json S=60, or T=--all
	@script/fuzz $(T) $(or $(S),60)
pages: ## the pages in Chromium; pictures in build/screens/
	@script/setup test && ninja -C $(BUILD) billow tests/kit/kit_server && tests/browser/run.sh $(BUILD)
lago-face: ## docs/lago-face.md anew, from api/openapi.yaml
	@script/setup test && node tests/contract/lago_face.mjs >docs/lago-face.md
cover: ## lines and branches of core that its unit tests run; fails below 95 % and 90 %
	@script/setup test && tests/cover
bench: $(BUILD)/build.ninja ## ratios of ingest, JSON and metering, start-up, memory, PDFs (docs/benchmarks.md)
	@ninja -C $(BUILD) billow tests/bench/bench_load tests/bench/bench_bare tests/bench/bench_json tests/bench/bench_metering tests/bench/bench_pdf tests/bench/bench_price
	@tests/bench/bench.sh $(BUILD)
lint: $(BUILD)/build.ninja ## layers, format, clang-tidy
	@ninja -C $(BUILD) && tools/check-layers $(BUILD) && tools/lint $(BUILD) all
format: ## clang-format all sources
	@git ls-files -co --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'tools/*.c' | xargs clang-format -i
run: ## the demo, served
	@script/server
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

.PHONY: all test test-core test-pg asan fuzz pages lago-face cover bench lint format run help
