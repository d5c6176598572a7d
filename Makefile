# twprobe - build, test, install. `make demo` and `make check` install what is missing by themselves.
#
#   make            ./twprobe
#   make demo       install what is missing, build, run the TIME_WAIT matrix in the lab
#   make check      install what is missing, build, run all tests (under six minutes)
#   make check-slow what waits for kernel timers or repeats a run a hundred times
#   make lint       includes, style, cppcheck
#   make fuzz       the fuzz targets for a long time (FUZZ_SECONDS each)
#   make reliability  what proves that no wire, no clock and no stall makes a verdict wrong; an hour. docs/reliability.md
#   make bench      cells per second beside the kernel's own connections per second
#   make kernels    all matrices on the newest kernel of each series on offer, in QEMU; writes docs/kernels.md
#   make install    into $(DESTDIR)$(PREFIX)

CC      = gcc
PREFIX  = /usr/local
# release, sanitize, clang (for its warnings) or fuzz. Each builds in a folder of its own, so that none disturbs another.
MODE    = release
BUILD   = build/$(MODE)
VERSION = 0.1.0
FUZZ_SECONDS = 600
FUZZ_PEER_EVENTS = 100000000

WARN     = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
CPPFLAGS = -D_GNU_SOURCE -DTWPROBE_VERSION='"$(VERSION)"' -I. $(CAIRO_CPPFLAGS)
CFLAGS   = -std=c11 -O2 -g $(WARN)
LDLIBS   = -lnet -lpcap -lmnl -lyaml -ljansson -lcap-ng -lseccomp $(CAIRO_LDLIBS) -lm
# Asked once, and not before something is compiled: `make demo` begins without cairo.
CAIRO_CPPFLAGS = $(eval CAIRO_CPPFLAGS := $(shell pkg-config --cflags cairo))$(CAIRO_CPPFLAGS)
CAIRO_LDLIBS   = $(eval CAIRO_LDLIBS := $(shell pkg-config --libs cairo))$(CAIRO_LDLIBS)
SANITIZE = -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(MODE),sanitize)
  CFLAGS += $(SANITIZE)
else ifeq ($(MODE),clang)
  CC = clang
  CFLAGS += -O0 -g0
else ifeq ($(MODE),fuzz)
  CC = clang
  CFLAGS += $(SANITIZE) -fsanitize=fuzzer-no-link
else ifneq ($(MODE),release)
  $(error MODE is $(MODE), but must be release, sanitize, clang or fuzz)
endif

# Each command as a short line; V=1 shows them whole.
ifeq ($(V),)
  Q = @echo '  $(1) $(patsubst $(BUILD)/%,%,$@)';
endif

ROOMS   = crafter listener cases cases/* harness/*
MAIN    = harness/commands/main
SOURCES = $(filter-out $(MAIN).c,$(wildcard $(ROOMS:%=%/*.c)))
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY = $(BUILD)/libtwprobe.a
PROGRAM = $(BUILD)/twprobe
# What several tests share (tests/unit/*.c that are no test themselves).
HELPERS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
TESTS   = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
RELAY   = $(BUILD)/reliability/relay
BENCHES = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))

all: twprobe

twprobe: $(PROGRAM)
	@cp $< $@

$(PROGRAM): $(BUILD)/$(MAIN).o $(LIBRARY)
	$(call Q,LINK) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Made anew each time: an archive keeps the objects of files that are gone.
$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(call Q,AR  ) ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC  ) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libhelpers.a: $(HELPERS)
	@rm -f $@
	$(call Q,AR  ) ar rcs $@ $^

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libhelpers.a $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/libhelpers.a $(LIBRARY) $(LDLIBS) -lcheck -lsubunit -lrt -lpthread -lm

$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(LIBRARY) $(LDLIBS)

$(BUILD)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call Q,LINK) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< -lpthread

$(BUILD)/reliability/%: tests/reliability/%.c
	@mkdir -p $(@D)
	$(call Q,LINK) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $<

$(BUILD)/twprobe.1: docs/twprobe.1.scd
	@mkdir -p $(@D)
	scdoc <$< >$@

# What else a mode can build; scripts/run-tests asks for them.
tests: $(TESTS)
fuzzers: $(FUZZERS)
benches: $(BENCHES)
man: $(BUILD)/twprobe.1
list-tests:
	@echo $(TESTS)
list-fuzzers:
	@echo $(FUZZERS)

demo:
	@scripts/deps build
	@$(MAKE) --no-print-directory -j2 twprobe
	./twprobe matrix

check:
	@scripts/deps build check
	@scripts/deps kernels || echo "going on without; the tests that boot kernels will be skipped"
	@scripts/run-tests check

check-slow:
	@scripts/deps build check
	@scripts/run-tests slow

lint:
	@scripts/deps build check
	@scripts/run-tests lint

fuzz:
	@scripts/deps build check
	@$(MAKE) --no-print-directory -j2 MODE=fuzz fuzzers
	@scripts/fuzz $(FUZZ_SECONDS)
	FUZZ_PEER_EVENTS=$(FUZZ_PEER_EVENTS) $(BUILD:release=fuzz)/fuzz/fuzz_peer

reliability:
	@scripts/deps build check
	@scripts/deps kernels || echo "going on without; what boots kernels will be skipped"
	@$(MAKE) --no-print-directory -j2 twprobe $(RELAY)
	@tests/reliability/all.sh

bench:
	@scripts/deps build check
	@$(MAKE) --no-print-directory -j2 twprobe benches
	@tests/bench/bench.sh

# A kernel that gave no results (3) is a column less.
kernels:
	@scripts/deps build kernels
	@$(MAKE) --no-print-directory -j2 twprobe
	rm -rf build/kernels
	scripts/kernels run --output=build/kernels --matrix=all --matrix=time-wait --matrix=time-wait-rst \
		oldest series candidate running || [ $$? = 3 ]
	scripts/kernels report --results=build/kernels
	scripts/kernels run --output=build/kernels-scenarios --scenarios oldest series

install: twprobe man
	install -D -m 755 twprobe $(DESTDIR)$(PREFIX)/bin/twprobe
	install -D -m 644 $(BUILD)/twprobe.1 $(DESTDIR)$(PREFIX)/share/man/man1/twprobe.1
	install -d $(DESTDIR)$(PREFIX)/share/twprobe/cases/scenarios
	install -m 644 cases/*.yaml $(DESTDIR)$(PREFIX)/share/twprobe/cases
	install -m 644 cases/scenarios/*.yaml $(DESTDIR)$(PREFIX)/share/twprobe/cases/scenarios

clean:
	rm -rf build twprobe

-include $(OBJECTS:.o=.d) $(BUILD)/$(MAIN).d $(TESTS:=.d) $(HELPERS:.o=.d) $(FUZZERS:=.d) $(BENCHES:=.d)

.PHONY: all tests fuzzers benches man list-tests list-fuzzers
.PHONY: demo check check-slow lint fuzz reliability bench kernels install clean
