# Promo: one Makefile, no recursion but for build variants.
#
# Sources are found by folder (a new .c file needs no line here). Each variant has its own object tree, so a sanitizer
# build never rebuilds the release one:
#   VARIANT=release  build/          gcc -O2          (the default)
#   VARIANT=asan     build/asan/     gcc + address and undefined-behaviour sanitizers
#   VARIANT=clang    build/clang/    clang -O1        (a second pair of eyes for warnings)
#   VARIANT=fuzz     build/fuzz/     clang + libFuzzer (undefined behaviour traps there; build/asan/tests/NAME_fuzz INPUT tells it in words)
#   VARIANT=afl      build/afl/      AFL++'s clang, for the same targets
#   VARIANT=coverage build/coverage/ gcc -O0, counting lines and branches (gcov)
# Generated sources are shared by all of them: build/gen/.

VARIANT ?= release
PREFIX  ?= /usr/local
VERSION := 0.1.0

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
MAKEFLAGS += --no-builtin-rules -j$(JOBS)

# One short line for each thing built; `make V=1` shows the whole commands.
ifneq ($(V),1)
  Q := @
  say = @echo "  $(1)"
endif

# ---------------------------------------------------------------- compilers and flags

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wimplicit-fallthrough -Werror
INCLUDES := -I. -Ibuild/gen
DEFINES  := -D_GNU_SOURCE -DPROMO_VERSION='"$(VERSION)"'

ifeq ($(VARIANT),release)
  OUT := build
  CC  := gcc
  OPTIMISE := -O2 -g
else ifeq ($(VARIANT),asan)
  OUT := build/asan
  CC  := gcc
  OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(VARIANT),clang)
  OUT := build/clang
  CC  := clang
  OPTIMISE := -O1 -g
else ifeq ($(VARIANT),fuzz)
  OUT := build/fuzz
  CC  := clang
  OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fsanitize-undefined-trap-on-error
else ifeq ($(VARIANT),afl)
  OUT := build/afl
  CC  := afl-clang-fast
  OPTIMISE := -O1 -g -fno-omit-frame-pointer
else ifeq ($(VARIANT),coverage)
  OUT := build/coverage
  CC  := gcc
  OPTIMISE := -O0 -g --coverage -fprofile-update=atomic -DPROMO_COVERAGE -Wno-maybe-uninitialized -Wno-format-truncation
else
  $(error VARIANT is release, asan, clang, fuzz, afl or coverage, not $(VARIANT))
endif

CFLAGS  := -std=c11 $(DEFINES) $(OPTIMISE) $(WARNINGS) $(INCLUDES) -fno-strict-overflow -pthread
LDFLAGS := $(OPTIMISE) -pthread
LDLIBS  := -Wl,--as-needed -lsqlite3 -lsodium -lutf8proc -lcmark -licui18n -licuuc -licudata -lm

# ---------------------------------------------------------------- sources by folder

GEN := build/gen

# sources_in FOLDER: hand-written .c files, without the build-time generators.
sources_in = $(filter-out %_generate.c,$(wildcard $(1)/*.c))
# generated_in FOLDER: .c files that re2c and Lemon make of that folder's .re and .y files.
generated_in = $(patsubst %.re,$(GEN)/%.c,$(wildcard $(1)/*.re)) $(patsubst %.y,$(GEN)/%.c,$(wildcard $(1)/*.y))
# grammar headers (token numbers) that must exist before a folder is compiled.
tokens_in = $(patsubst %.y,$(GEN)/%.h,$(wildcard $(1)/*.y))
# objects SOURCES
objects = $(patsubst %.c,$(OUT)/obj/%.o,$(patsubst $(GEN)/%,gen/%,$(1)))

STDLIB_FILES := $(sort $(wildcard stdlib/*.promo))

VM_OBJECTS       := $(call objects,$(call sources_in,vm) $(call generated_in,vm) $(GEN)/vm/zone_data.c)
COMPILER_OBJECTS := $(call objects,$(call sources_in,compiler) $(call generated_in,compiler) \
                      $(if $(wildcard compiler/*.c),$(GEN)/compiler/stdlib_files.c))
ENGINE_OBJECTS   := $(call objects,$(call sources_in,runtime/engine) $(call generated_in,runtime/engine))
CHANNELS_OBJECTS := $(call objects,$(call sources_in,runtime/channels) $(call generated_in,runtime/channels))
STORE_OBJECTS    := $(call objects,$(call sources_in,runtime/store) $(call generated_in,runtime/store))
LAB_OBJECTS      := $(call objects,$(call sources_in,runtime/lab) $(call generated_in,runtime/lab))
CLI_OBJECTS      := $(call objects,$(call sources_in,runtime/cli) $(call generated_in,runtime/cli))

LIBVM       := $(OUT)/libvm.a
LIBCOMPILER := $(OUT)/libcompiler.a
LIBENGINE   := $(OUT)/libengine.a
LIBSTORE    := $(OUT)/libstore.a
LIBCHANNELS := $(OUT)/libchannels.a
LIBLAB      := $(OUT)/liblab.a
LIBCLI      := $(OUT)/libcli.a
LIBPROMO    := $(OUT)/libpromo.a
PROMO       := $(OUT)/promo

# Tests. Any tests/FOLDER/NAME_test.c is a cmocka program of its own, NAME_bench.c a benchmark, NAME_tool.c a helper
# program for a run.sh, NAME_fuzz.c a libFuzzer target; every other .c file there is shared support,
# linked into the tests that include a header of that folder ("tests/FOLDER/...h").
TEST_SOURCES    := $(sort $(wildcard tests/*/*_test.c))
TOOL_SOURCES    := $(sort $(wildcard tests/*/*_tool.c))
BENCH_SOURCES   := $(sort $(wildcard tests/*/*_bench.c))
FUZZ_SOURCES    := $(sort $(wildcard tests/*/*_fuzz.c))
SUPPORT_SOURCES := $(filter-out $(TEST_SOURCES) $(TOOL_SOURCES) $(BENCH_SOURCES) $(FUZZ_SOURCES) tests/tidy/%,$(wildcard tests/*/*.c))
TESTS   := $(foreach source,$(TEST_SOURCES),$(OUT)/tests/$(basename $(notdir $(source))))
# Fuzz targets end with the main of libFuzzer or AFL++, or with one that only replays inputs (tests/fuzz/driver/).
FUZZ_DRIVER := $(if $(filter-out afl,$(VARIANT)),$(OUT)/obj/tests/fuzz/driver/$(if $(filter fuzz,$(VARIANT)),edges,replay).o)
FUZZ_FLAGS_fuzz = -fsanitize=fuzzer -Wl,--wrap=LLVMFuzzerTestOneInput -Wl,-Map=$$@.map
FUZZ_FLAGS_afl  = -fsanitize=fuzzer
TOOLS   := $(foreach source,$(TOOL_SOURCES),$(OUT)/tests/$(basename $(notdir $(source))))
BENCHES := $(foreach source,$(BENCH_SOURCES),$(OUT)/tests/$(basename $(notdir $(source))))
FUZZERS := $(foreach source,$(FUZZ_SOURCES),$(OUT)/tests/$(basename $(notdir $(source))))

# ---------------------------------------------------------------- what people type

.PHONY: build help setup run test check unit asan clang tidy bench fuzz format install clean libraries tests tools

LIBRARIES := $(LIBVM) $(if $(COMPILER_OBJECTS),$(LIBCOMPILER)) $(if $(ENGINE_OBJECTS),$(LIBENGINE)) \
             $(if $(STORE_OBJECTS),$(LIBSTORE)) $(LIBCHANNELS) $(if $(LAB_OBJECTS),$(LIBLAB)) $(LIBCLI) $(LIBPROMO)

build: libraries $(if $(CLI_OBJECTS),$(PROMO)) ## the program and the libraries (the default)

help: ## this list
	@echo "make TARGET [VARIANT=release|asan|clang|fuzz]"
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

setup: build/setup.stamp ## install what is missing (Debian, by apt); nothing when all is there

run: build ## fold a real purchase history through a loyalty programme and explain a customer
	@if [ -x examples/run.sh ]; then PROMO=$(PROMO) examples/run.sh; else echo "there is no examples/run.sh yet"; fi

test: build tests tools ## every test: units, goldens, examples, a clang build, tidy, a share under the sanitizers
	@tests/run.sh all

check: build tests tools ## the fast tests: units and goldens
	@tests/run.sh check

unit: tests ## unit tests only; with VARIANT=asan under the sanitizers
	@OUT=$(OUT) tests/run.sh unit

asan: ## every unit test and marked script under the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory VARIANT=asan build tests tools
	@OUT=build/asan tests/run.sh asan

.PHONY: torture
torture: build tests tools ## everything that tries to break the product, for TIME seconds (3600); writes spec/reliability.md
	@tests/torture/torture.sh

.PHONY: coverage
coverage: ## run the tests on a build that counts, and print how many lines and branches of vm, compiler and engine they reach
	@$(MAKE) --no-print-directory VARIANT=coverage build tests tools
	@tests/coverage/measure.sh

.PHONY: analyze
analyze: build ## have gcc's and clang's analyzers, clang-tidy and cppcheck read everything; TOOLS="gcc tidy cppcheck" chooses
	@.ci/setup analyze
	@ALL=1 tests/analyze/run.sh

.PHONY: mutate
mutate: build tests tools ## make small mistakes in verifier, books and gates, and see the tests notice; COUNT=n SEED=n TIME=seconds
	@COUNT=$${COUNT:-400} LEAST=$${LEAST:-90} tests/mutate/run.sh

clang: ## everything once with clang, for its warnings
	@$(MAKE) --no-print-directory VARIANT=clang build tests tools

tidy: build/tool/tidy $(if $(wildcard spec/reference.c),build/tool/reference) ## layers, stale generated pages, rows without a test, long files
	@build/tool/tidy . $(if $(wildcard spec/reference.c),build/tool/reference)

bench: build $(BENCHES) ## measure; writes build/bench.tsv
	@if [ -x tests/bench/run.sh ]; then tests/bench/run.sh; else echo "there is no tests/bench/run.sh yet"; fi

fuzz: ## fuzz FUZZ=target (all when empty) for TIME=seconds in all (default 600), from SEED=; ENGINE=afl for AFL++
	@FUZZ="$(FUZZ)" TIME="$(or $(TIME),600)" SEED="$(SEED)" ENGINE="$(ENGINE)" tests/fuzz/run.sh

.PHONY: corpus
corpus: ## keep what fuzzing has found: minimise build/fuzz/corpus/ into tests/fuzz/corpus/
	@FUZZ="$(FUZZ)" tests/fuzz/keep.sh

.PHONY: properties
properties: build tools ## the properties P1 to P15 over all examples with new stories, and random lives, for about TIME seconds (default 300)
	@TIME=$$(($${TIME:-300} / 2)) tests/properties/run.sh
	@ALL=$${LIVES:-$$(($${TIME:-300} * 2000))} LIVES=1 tests/lives/run.sh

.PHONY: lives
lives: build tools ## LIVES random lives (default 1,000,000) in every example against the proven bounds
	@ALL=$${LIVES:-1000000} LIVES=1 tests/lives/run.sh

.PHONY: repair
repair: build tools ## copies while a run writes, damages, restores with a wallet: SEED=n TIME=seconds (300)
	@tests/repair/long.sh

.PHONY: kills
kills: build tools $(OUT)/tests/restart_bench ## kill -9 the program and the service KILLS times (default 500), and compare with runs in peace; then the seconds of a start
	@KILLS=$${KILLS:-500} tests/kills/run.sh

.PHONY: differ
differ: build build/tests/differ_tool ## generated campaigns in the machine and in the reference evaluator: SEED=n TIME=seconds (default 120)
	@SEED=$(or $(SEED),1) TIME=$${TIME:-120} tests/reference/run.sh

.PHONY: deliveries
deliveries: build tools ## kill -9 while the outbox is filled and emptied: TIME=seconds, SEED=n; a receiver has each effect once
	@KILLS=$$(($${TIME:-60} * 3)) SEED=$${SEED:-1} tests/outbox/run.sh

.PHONY: sim
sim: build/tests/sim_tool build/tests/upgrade_tool ## simulate whole systems with kills and faults: SEED=n TIME=seconds; STEPS=n: one life, judged after every step
	@SEED=$(or $(SEED),1) TIME=$(or $(TIME),60) STEPS=$(STEPS) tests/sim/run.sh

.PHONY: oom
oom: build tools ## the N-th allocation fails, for all N, or as many as TIME=seconds allow, from SEED=
	@TIME="$(or $(TIME),all)" SEED="$(SEED)" tests/oom/run.sh

.PHONY: fuzzers
fuzzers: $(FUZZERS)

format: ## clang-format over hand-written C
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## remove everything built
	rm -rf build

install: $(LIBPROMO) $(if $(CLI_OBJECTS),$(PROMO)) ## program, library, headers and pkg-config file under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/man/man1
	$(if $(CLI_OBJECTS),install -m 755 $(PROMO) $(DESTDIR)$(PREFIX)/bin/promo)
	install -m 644 $(LIBPROMO) $(DESTDIR)$(PREFIX)/lib/libpromo.a
	@for header in $(wildcard vm/*.h runtime/engine/*.h runtime/store/*.h runtime/channels/*.h spec/*.def); do \
	  install -D -m 644 $$header $(DESTDIR)$(PREFIX)/include/promo/$$header; done
	@for page in $(wildcard spec/man/*.1); do \
	  install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename $$page); done
	@printf '%s\n' 'prefix=$(PREFIX)' 'includedir=$${prefix}/include/promo' 'libdir=$${prefix}/lib' '' 'Name: libpromo' \
	  'Description: Runs verified campaign bundles durably' 'Version: $(VERSION)' 'Cflags: -I$${includedir}' \
	  'Libs: -L$${libdir} -lpromo -pthread' 'Libs.private: -lsqlite3 -lsodium -lutf8proc -lcmark -licui18n -licuuc -licudata -lm' 'Requires:' \
	  > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libpromo.pc

libraries: $(LIBRARIES)
tests: $(TESTS)
tools: $(TOOLS) $(if $(filter release asan,$(VARIANT)),$(FUZZERS))

# ---------------------------------------------------------------- setting up

build/setup.stamp: .ci/setup
	@mkdir -p build
	@.ci/setup
	@touch $@

# ---------------------------------------------------------------- generated sources

$(GEN)/%.c: %.re | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,re2c $<)
	$(Q)re2c -W -i --no-generation-date -o $@ $<

$(GEN)/%.c $(GEN)/%.h &: %.y | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,lemon $<)
	$(Q)lemon -d$(@D) $<

# Zone rules as a table. It is made anew when the system's tzdata has changed.
build/tool/zone_generate: vm/zone_generate.c | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)gcc -std=c11 $(DEFINES) -O1 $(WARNINGS) $(INCLUDES) -o $@ $<

$(GEN)/vm/zone_data.c: build/tool/zone_generate build/setup.stamp $(wildcard /usr/share/zoneinfo/tzdata.zi)
	@mkdir -p $(@D)
	$(call say,generate $@)
	$(Q)build/tool/zone_generate /usr/share/zoneinfo > $@.new
	@mv $@.new $@

# The standard library of the language as bytes in the program.
build/tool/stdlib_generate: compiler/stdlib_generate.c | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)gcc -std=c11 $(DEFINES) -O1 $(WARNINGS) $(INCLUDES) -o $@ $<

$(GEN)/compiler/stdlib_files.c: build/tool/stdlib_generate $(STDLIB_FILES) $(wildcard stdlib)
	@mkdir -p $(@D)
	$(call say,generate $@)
	$(Q)build/tool/stdlib_generate $(STDLIB_FILES) > $@.new
	@mv $@.new $@

# The reference pages of spec/reference/ are printed from the tables; tidy compares.
build/tool/reference: spec/reference.c $(wildcard spec/*.def) | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)gcc -std=c11 $(DEFINES) -O1 $(WARNINGS) $(INCLUDES) -o $@ $<

build/tool/tidy: tests/tidy/tidy.c | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)gcc -std=c11 $(DEFINES) -O1 -g $(WARNINGS) $(INCLUDES) -o $@ $<

# ---------------------------------------------------------------- objects and libraries

# Computed goto is a GNU extension that both compilers know; Lemon's output is not written for our warnings.
$(OUT)/obj/vm/interp.o: CFLAGS += -Wno-pedantic
LEMON_CFLAGS = -std=c11 $(DEFINES) $(OPTIMISE) $(INCLUDES) -w -fno-strict-overflow -pthread

$(OUT)/obj/%.o: %.c | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $(filter-out release,$(VARIANT)) $<)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Only the product is counted: what the tests do inside an INVARIANT is done.
$(OUT)/obj/tests/%.o: CFLAGS += $(if $(filter coverage,$(VARIANT)),-UPROMO_COVERAGE)

# The linker's wrapping gives edges.c names that C keeps for itself; it must not count its own edges.
$(OUT)/obj/tests/fuzz/driver/edges.o: CFLAGS += -Wno-reserved-identifier -fno-sanitize-coverage=inline-8bit-counters,pc-table,trace-cmp,indirect-calls

$(OUT)/obj/gen/%.o: $(GEN)/%.c | build/setup.stamp
	@mkdir -p $(@D)
	$(call say,cc $(filter-out release,$(VARIANT)) $<)
	$(Q)$(CC) $(if $(wildcard $*.y),$(LEMON_CFLAGS),$(CFLAGS)) -MMD -MP -c -o $@ $<

$(VM_OBJECTS): | $(call tokens_in,vm)
$(COMPILER_OBJECTS): | $(call tokens_in,compiler)
$(ENGINE_OBJECTS): | $(call tokens_in,runtime/engine)
$(STORE_OBJECTS): | $(call tokens_in,runtime/store)
$(LAB_OBJECTS) $(CLI_OBJECTS): | $(call tokens_in,compiler)

define archive
@mkdir -p $(@D)
@rm -f $@
$(call say,ar $@)
$(Q)ar rcs $@ $(filter %.o,$^)
endef

$(LIBVM): $(VM_OBJECTS)
	$(archive)
$(LIBCOMPILER): $(COMPILER_OBJECTS)
	$(archive)
$(LIBENGINE): $(ENGINE_OBJECTS)
	$(archive)
$(LIBSTORE): $(STORE_OBJECTS)
	$(archive)
$(LIBCHANNELS): $(CHANNELS_OBJECTS)
	$(archive)
$(LIBLAB): $(LAB_OBJECTS)
	$(archive)
$(LIBCLI): $(filter-out %/main.o,$(CLI_OBJECTS))
	$(archive)
$(LIBPROMO): $(VM_OBJECTS) $(ENGINE_OBJECTS) $(STORE_OBJECTS) $(CHANNELS_OBJECTS)
	$(archive)

$(PROMO): $(CLI_OBJECTS) $(LIBLAB) $(LIBCHANNELS) $(LIBSTORE) $(LIBENGINE) $(LIBCOMPILER) $(LIBVM)
	$(call say,link $@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(CLI_OBJECTS) $(LIBLAB) $(LIBCHANNELS) $(LIBSTORE) $(LIBENGINE) $(LIBCOMPILER) $(LIBVM) $(LDLIBS)

# ---------------------------------------------------------------- test programs

# A test links only the layers whose headers it includes (and what those need), so that a unit test of one layer
# builds while another is broken.
layer_of = $(shell sed -n 's/^\#include "\(vm\|compiler\|runtime\/[a-z]*\)\/.*/\1/p' $(1) | sort -u)
needs_vm              := $(LIBVM)
needs_compiler        := $(LIBCOMPILER) $(LIBVM)
needs_runtime/engine  := $(LIBENGINE) $(LIBVM)
needs_runtime/store   := $(LIBSTORE) $(LIBENGINE) $(LIBVM)
needs_runtime/channels := $(LIBCHANNELS) $(LIBVM)
needs_runtime/lab     := $(LIBLAB) $(LIBCHANNELS) $(LIBSTORE) $(LIBENGINE) $(LIBCOMPILER) $(LIBVM)
needs_runtime/cli     := $(LIBCLI) $(LIBLAB) $(LIBCHANNELS) $(LIBSTORE) $(LIBENGINE) $(LIBCOMPILER) $(LIBVM)
# The support files of the test folders whose headers a test includes.
support_of = $(foreach folder,$(shell sed -n 's/^\#include "\(tests\/[a-z_]*\)\/.*/\1/p' $(1) | sort -u),$(filter $(folder)/%,$(SUPPORT_SOURCES)))
libraries_of = $(sort $(foreach layer,$(call layer_of,$(1) $(call support_of,$(1)) $(wildcard $(patsubst %.c,%.h,$(call support_of,$(1))))),$(needs_$(layer))))

# test_program SOURCE
comma := ,
define test_program
$(OUT)/obj/$(basename $(1)).o: | $(if $(filter $(LIBCOMPILER),$(call libraries_of,$(1))),$(call tokens_in,compiler))
$(OUT)/tests/$(basename $(notdir $(1))): $(OUT)/obj/$(basename $(1)).o $(if $(filter %_fuzz.c,$(1)),$(FUZZ_DRIVER)) $(call objects,$(call support_of,$(1))) $(call libraries_of,$(1))
	@mkdir -p $$(@D)
	$$(call say,link $$@)
	$$(Q)$$(CC) $$(LDFLAGS) $(if $(filter %_fuzz.c,$(1)),$(FUZZ_FLAGS_$(VARIANT))) $(if $(filter asan%oom_tool.c,$(VARIANT)$(1)),-Wl$(comma)--wrap=malloc$(comma)--wrap=calloc$(comma)--wrap=realloc) $(if $(filter %/cli_fuzz.c,$(1)),-Wl$(comma)--wrap=argp_parse$(comma)--wrap=argp_error$(comma)--wrap=argp_failure$(comma)--wrap=argp_usage) -o $$@ $$(filter %.o,$$^) \
	  -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LDLIBS) -ljansson -lcmocka $(if $(filter %/zone_test.c,$(1)),$$$$(pkg-config --libs glib-2.0)) $(if $(filter %/statistics_test.c,$(1)),-lgsl -lgslcblas -lm)
endef
$(foreach source,$(TEST_SOURCES) $(TOOL_SOURCES) $(BENCH_SOURCES) $(FUZZ_SOURCES),$(eval $(call test_program,$(source))))

# GLib is the outside oracle for zone rules, in this one test.
$(OUT)/obj/tests/unit/zone_test.o: CFLAGS += $$(pkg-config --cflags glib-2.0)

-include $(shell [ -d $(OUT)/obj ] && find $(OUT)/obj -name '*.d')
