# twprobe - build, test, install. `make demo` and `make check` install what is missing; nothing else does.
#
#   make              ./twprobe, and the completion of its command lines
#   make demo         install what is missing, build, run the TIME_WAIT matrix in the lab
#   make check        install what is missing, build with -Werror, run all tests (under six minutes)
#   make check-slow   what waits for kernel timers or repeats a run a hundred times
#   make coverage     lines that the unit tests run, by file; fails below 90 % of what needs no privilege
#   make lint         includes, style, cppcheck
#   make syntax       compiles nothing, and warns as CC does; MODE=clang for a second opinion
#   make fuzz         the fuzz targets for a long time (FUZZ_SECONDS each)
#   make reliability  what proves that no wire, no clock and no stall makes a verdict wrong; an hour. docs/reliability.md
#   make bench        cells per second beside the kernel's own connections per second
#   make stacks       docs/stacks.md: what lwIP, gVisor, libslirp, passt answer
#   make beside       build/beside and baselines/: what stacks and paths answer, for the atlas; UML=IMAGE as below
#   make paths        docs/path-tables.md: what the paths that ship change; UML=IMAGE: a kernel with IPVS and netem
#   make kernels      everything on the newest kernel of each series on offer, in QEMU; writes docs/kernels.md and baselines/
#   make atlas        build/atlas.html: every cell of every kernel, stack and path whose results ship; what changed when, and why
#   make mutants      changes the kernel's TCP in one place at a time: who notices? An hour or two of one core; writes docs/mutants.md
#   make kernel-coverage  lines and branches of the kernel's TCP that cells and scenarios reach; writes docs/kernel-coverage.md
#   make man          the manual pages (needs scdoc)
#   make completion   the completion of command lines for bash, zsh and fish
#   make install      into $(DESTDIR)$(PREFIX); without the manual pages where there is no scdoc
#   make uninstall    removes what `make install` put there, and nothing else
#   make dist         build/twprobe-VERSION.tar.gz of the last commit
#   make deb          the Debian packages twprobe and twprobe-doc of the last commit, in build/deb/
#   make static       build/twprobe-VERSION-static.tar.gz: one program that needs no library, its cases and results
#   make image        an OCI image of the program, from nothing: build/twprobe-VERSION.oci.tar
#   make clean        removes ./twprobe and build/
#   make help         this list
#
#   CC, AR, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, PREFIX, BINDIR, DATADIR, MANDIR, UNITDIR and DESTDIR come from the command line or
#   the environment. What the build itself needs (-std, -I, warnings, libraries) is kept apart and always added.
#   V=1 shows the commands whole, WERROR=-Werror makes warnings errors.

# release, static, sanitize, clang (for its warnings), fuzz or coverage. Each builds in a folder of its own, so that none disturbs another.
MODE    = release
BUILD   = build/$(MODE)
VERSION = 0.2.0
FUZZ_SECONDS = 600
FUZZ_PEER_EVENTS = 100000000

# `make CFLAGS=-O3 && sudo make install` installs what was built: an install by itself uses the recorded flags.
ifneq ($(MAKECMDGOALS),)
ifeq ($(filter-out install,$(MAKECMDGOALS)),)
-include $(BUILD)/flags.mk
endif
endif

# A test's own code is compiled in a third of the time so.
TEST_CFLAGS = -O0 -U_FORTIFY_SOURCE
WERROR   =
WARN     = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(MODE),release)
  CFLAGS ?= -O2 -g
  # But for the program, see ONE_PIECE.
  MODE_CFLAGS = -fno-lto
else ifeq ($(MODE),static)
  CFLAGS ?= -O2 -g
  MODE_CPPFLAGS = -DTWPROBE_STATIC
  # What Debian has no archive of.
  MODE_OBJECTS = $(if $(findstring /,$(shell $(CC) -print-file-name=libmnl.a)),,$(BUILD)/scripts/static.d/mnl.o) $(BUILD)/scripts/static.d/dbus.o
else ifeq ($(MODE),sanitize)
  # Lines and names of functions are all that a report of the sanitizers shows; variables cost a tenth of the build.
  CFLAGS ?= -O1 -gline-tables-only
  # The fuzz targets of `make check` are of this build, too. Counters alone cost its programs 5 %; what fuzz adds, 30 %.
  MODE_CFLAGS = $(SANITIZE) -fsanitize-coverage=inline-8bit-counters,pc-table
else ifeq ($(MODE),clang)
  CFLAGS ?= -O0 -g0
else ifeq ($(MODE),fuzz)
  CFLAGS ?= -O1 -g
  MODE_CFLAGS = $(SANITIZE) -fsanitize=fuzzer-no-link
else ifeq ($(MODE),coverage)
  CFLAGS ?= -O0 -g
  MODE_CFLAGS = --coverage -DTWPROBE_COVERAGE
else
  $(error MODE is $(MODE), but must be release, static, sanitize, clang, fuzz or coverage)
endif
# What only clang can do is not for another compiler of the environment.
ifneq ($(filter sanitize clang fuzz,$(MODE)),)
ifeq ($(findstring clang,$(CC)),)
  CC = clang
endif
endif

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
UNITDIR ?= $(PREFIX)/lib/systemd/system

# Asked once, and not before something is compiled: `make demo` begins without cairo.
CAIRO_CPPFLAGS = $(eval CAIRO_CPPFLAGS := $(shell pkg-config --cflags cairo))$(CAIRO_CPPFLAGS)
# For what draws by cairo itself: the program loads it where it needs it (harness/report/cairo.h).
CAIRO_LDLIBS   = $(eval CAIRO_LDLIBS := $(shell pkg-config --libs cairo))$(CAIRO_LDLIBS)
# The program looks for its cases in ../share from where it is; only another place must be told.
ifneq ($(abspath $(DATADIR)),$(abspath $(BINDIR)/../share))
  CASES_CPPFLAGS = -DTWPROBE_DATADIR='"$(DATADIR)"'
endif
OWN_CPPFLAGS = -D_GNU_SOURCE -DTWPROBE_VERSION='"$(VERSION)"' $(MODE_CPPFLAGS) $(CASES_CPPFLAGS) -I. $(CAIRO_CPPFLAGS)
OWN_CFLAGS   = -std=c11 $(WARN) $(MODE_CFLAGS)
OWN_LDLIBS   = -lnet -lpcap -lmnl -lyaml -ljansson -lcap-ng -lseccomp -lz -ldl -lm
COMPILE = $(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS)
LINK    = $(CC) $(OWN_CFLAGS) $(CFLAGS) $(LDFLAGS)
LIBS    = $(OWN_LDLIBS) $(LDLIBS)
ifeq ($(MODE),static)
  CAIRO_LDLIBS = $(shell pkg-config --static --libs cairo)
  LIBS = -static $(MODE_OBJECTS) -lnet -lpcap $(if $(filter %/mnl.o,$(MODE_OBJECTS)),,-lmnl) -lyaml -ljansson -lcap-ng -lseccomp \
	$(CAIRO_LDLIBS) -lz -lm $(LDLIBS)
endif

# Each command as a short line; V=1 shows them whole.
ifeq ($(V),)
  Q = @echo '  $(1) $(patsubst $(BUILD)/%,%,$@)';
endif

ROOMS   = crafter listener cases cases/* harness/*
MAIN    = harness/commands/main
# A program of the build: writes manual pages and completion from the tables of commands and options.
WRITER  = harness/pages/write
SOURCES = $(filter-out $(MAIN).c $(WRITER).c,$(wildcard $(ROOMS:%=%/*.c)))
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY = $(BUILD)/libtwprobe.a
PROGRAM = $(BUILD)/twprobe
# What several tests share (tests/unit/*.c that are no test themselves).
HELPERS = $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
TESTS   = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
# Holds the output of live tests against docs/schema.
VALIDATOR = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/schema/*.c))
RELAY   = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/reliability/*.c))
BENCHES = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
# What each segment of a capture goes through is optimized as one piece: calls from file to file are a twelfth of the time.
HOT     = crafter/checksum crafter/conversation crafter/end crafter/end_got crafter/end_next listener/byte_stream listener/capture_file \
	listener/decode listener/ear listener/flows $(patsubst %,harness/diagnose/%,closing clocks crossing delay diagnosis diagnosis_file \
	handshake ladder losses marks meeting molds nat origin ports routine shifts stamps track tracked tracker tracks twins unshown)
COMPILED = $(OBJECTS) $(BUILD)/$(MAIN).o $(BUILD)/$(WRITER).o $(HELPERS) $(TESTS) $(FUZZERS) $(VALIDATOR) $(RELAY) $(BENCHES)

# Not every compiler can.
ifeq ($(MODE),release)
  ONE_PIECE_CFLAGS = -flto -flto-partition=one -ffat-lto-objects
  ONE_PIECE = $(eval ONE_PIECE := $(if $(shell echo 'int main(void) { return 0; }' | $(CC) -x c $(ONE_PIECE_CFLAGS) -o /dev/null - 2>&1 || \
	echo no),,$(ONE_PIECE_CFLAGS)))$(ONE_PIECE)
  $(HOT:%=$(BUILD)/%.o) $(PROGRAM): private MODE_CFLAGS = $(ONE_PIECE)
endif

all: twprobe completion

twprobe: $(PROGRAM)
	@cp -f $< $@

$(PROGRAM): $(BUILD)/$(MAIN).o $(LIBRARY) $(MODE_OBJECTS)
	$(call Q,LINK) $(LINK) -o $@ $(BUILD)/$(MAIN).o $(LIBRARY) $(LIBS)

# libmnl's own macros convert signs.
$(BUILD)/scripts/static.d/%.o: scripts/static.d/%.c
	@mkdir -p $(@D)
	$(call Q,CC  ) $(COMPILE) -Wno-sign-conversion -c -o $@ $<

$(BUILD)/pages/write: $(BUILD)/$(WRITER).o $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(LINK) -o $@ $^ $(LIBS)

# Made from nothing each time: an archive keeps the objects of files that are gone.
$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(call Q,AR  ) $(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC  ) $(COMPILE) -MMD -MP -c -o $@ $<
	$(MARK)

# What the writers of pages and programs carry with them (.incbin), of which the compiler's list of dependencies does not know.
$(BUILD)/harness/report/html.o: harness/report/html.css
$(BUILD)/harness/report/cells_page.o: harness/report/cells_page.css harness/report/cells_page.js
$(BUILD)/harness/report/report_export_c.o: harness/report/report_export_c.txt
$(BUILD)/harness/report/report_export_scapy.o: harness/report/report_export_scapy.txt

$(BUILD)/libhelpers.a: $(HELPERS)
	@mkdir -p $(@D)
	@rm -f $@
	$(call Q,AR  ) $(AR) rcs $@ $^

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/libhelpers.a $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(COMPILE) $(TEST_CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(BUILD)/libhelpers.a $(LIBRARY) $(LIBS) \
		-lcheck -lsubunit -lrt -lpthread -lm
	$(MARK)

$(BUILD)/tests/test_draw: private OWN_LDLIBS += $(CAIRO_LDLIBS)

$(BUILD)/schema/%: tests/schema/%.c $(BUILD)/libhelpers.a $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(COMPILE) $(LDFLAGS) -MMD -MP -o $@ $< $(BUILD)/libhelpers.a $(LIBRARY) $(LIBS)
	$(MARK)

$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(COMPILE) $(LDFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(LIBRARY) $(LIBS)
	$(MARK)

$(BUILD)/bench/%: tests/bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call Q,LINK) $(COMPILE) $(LDFLAGS) -MMD -MP -o $@ $< $(LIBRARY) $(LIBS) -lcheck -lsubunit -lrt -lpthread -lm
	$(MARK)

$(BUILD)/reliability/%: tests/reliability/%.c
	@mkdir -p $(@D)
	$(call Q,LINK) $(COMPILE) $(LDFLAGS) -MMD -MP -o $@ $< $(LDLIBS)
	$(MARK)

# What a compiler warns of without making an object: with MODE=clang, a second opinion in a third of the time.
SYNTAX = $(patsubst %.c,$(BUILD)/%.syntax,$(SOURCES) $(MAIN).c $(WRITER).c $(wildcard tests/unit/*.c tests/schema/*.c tests/bench/*.c \
	tests/reliability/*.c))
syntax: $(SYNTAX)
$(BUILD)/%.syntax: %.c FORCE
	@mkdir -p $(@D)
	$(call Q,READ) $(COMPILE) -fsyntax-only $<

# Objects of one build have one set of flags: whatever was compiled depends on the record of them, which is written
# only when they change. -Werror is not among them. It changes no object; but what was compiled without it is marked, and
# the first build with it compiles that once more, so that no warning is passed over.
define FLAGS
CC = $(value CC)
AR = $(value AR)
CPPFLAGS = $(value CPPFLAGS)
CFLAGS = $(value CFLAGS)
LDFLAGS = $(value LDFLAGS)
LDLIBS = $(value LDLIBS)
# $(VERSION) $(CASES_CPPFLAGS) $(value OWN_CPPFLAGS) $(value OWN_CFLAGS) $(value WARN) $(value MODE_CFLAGS) $(value OWN_LDLIBS)
endef
$(BUILD)/flags.mk: export TEXT = $(FLAGS)
$(BUILD)/flags.mk: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$TEXT" | cmp -s - $@ || printf '%s\n' "$$TEXT" >$@
$(COMPILED): $(BUILD)/flags.mk

MARK = @$(if $(WERROR),rm -f,touch) $@.lax
ifneq ($(WERROR),)
$(patsubst %.lax,%,$(wildcard $(COMPILED:=.lax))): FORCE
endif
FORCE:

# A page for the program, one for each command, which is a file command_NAME.c, and those that are documents; completion for three
# shells.
COMMANDS = $(patsubst harness/commands/command_%.c,%,$(filter-out %/command_cell.c,$(wildcard harness/commands/command_*.c)))
ARTICLES = twprobe-case.5 twprobe-scenario.5 twprobe-path.5 twprobe-records.5 twprobe.7
MANUALS  = $(BUILD)/pages/twprobe.1 $(COMMANDS:%=$(BUILD)/pages/twprobe-%.1) $(ARTICLES:%=$(BUILD)/pages/%)
$(BUILD)/pages/written: $(BUILD)/pages/write docs/completion.bash $(wildcard docs/manual/*.scd docs/*.md)
	$(call Q,TEXT) $< docs $(@D) && cat $(@D)/twprobe.bash.tables docs/completion.bash >$(@D)/twprobe.bash && touch $@
$(MANUALS): %: $(BUILD)/pages/written
	$(call Q,MAN ) scdoc <$@.scd >$@

# What else a mode can build; scripts/run-tests asks for them.
tests: $(TESTS) $(VALIDATOR)
fuzzers: $(FUZZERS)
benches: $(BENCHES)
relay: $(RELAY)
man: $(MANUALS)
completion: $(BUILD)/pages/written
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

coverage:
	@scripts/deps build check
	@scripts/coverage

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

# What each path that ships changes, and why.
paths:
	@$(MAKE) --no-print-directory -j2 twprobe
	scripts/path-tables $(if $(UML),--uml=$(UML)) >build/path-tables.md && cp build/path-tables.md docs/path-tables.md

stacks:
	@scripts/deps build stacks
	@$(MAKE) --no-print-directory -j2 twprobe
	scripts/stacks run && scripts/stacks report && scripts/stacks baselines

bench:
	@scripts/deps build check
	@$(MAKE) --no-print-directory -j2 twprobe benches
	@tests/bench/bench.sh

# What ships of stacks and paths, for the atlas: asked on this machine (UML=IMAGE: a kernel with IPVS and netem). Those of kernels: below.
beside:
	@scripts/deps build stacks
	@$(MAKE) --no-print-directory -j2 twprobe
	scripts/beside build/beside $(if $(UML),--uml=$(UML))

# What ships of each kernel (baselines/): less than 1 MB in all.
KERNEL_MATRICES = all time-wait time-wait-rst closed syn-sent half openings conditions icmp receive-window
# A kernel that gave no results (3) is a column less; that a scenario differs (1) is explained in docs/kernels.toml, or report says so.
kernels:
	@scripts/deps build kernels
	@$(MAKE) --no-print-directory -j2 twprobe
	rm -rf build/kernels build/kernels-scenarios
	scripts/kernels run --output=build/kernels $(KERNEL_MATRICES:%=--matrix=%) \
		oldest series candidate running uml-bullseye || [ $$? = 3 ]
	scripts/kernels run --output=build/kernels-scenarios --scenarios oldest series candidate running uml-bullseye || \
		case $$? in 1|3) ;; *) exit $$?; esac
	scripts/kernels report --results=build/kernels --scenarios=build/kernels-scenarios
	scripts/kernels baseline --results=build/kernels

# From the results that ship, and docs/kernels.toml.
atlas: twprobe
	TWPROBE_CASES=cases scripts/kernels report --shipped --page=build/atlas.html
	@ls -l build/atlas.html

# Goes on where it was interrupted. What docs/mutants.ndjson.gz noticed stands, unless AGAIN= asks about everything. SHARD=1/2 and
# SHARD=2/2 on two machines: put the files of build/mutants together, then scripts/mutants keep and report.
# From 7.x on a user-mode kernel's processes cost less than half (seccomp instead of ptrace).
MUTANTS_KERNEL = 7.3
SHARD = 1/1
AGAIN = docs/mutants.ndjson.gz
mutants:
	@scripts/deps build kernels
	@$(MAKE) --no-print-directory -j2 twprobe
	scripts/mutants run --output=build/mutants --shard=$(SHARD) $(AGAIN:%=--again=%) $(MUTANTS_KERNEL)
	scripts/mutants keep build/mutants
	scripts/mutants report

COVERAGE_KERNEL = 7.3
kernel-coverage:
	@scripts/deps build kernels
	@$(MAKE) --no-print-directory -j2 twprobe
	scripts/kernels coverage $(COVERAGE_KERNEL)

# What is installed, as FILE=PLACE. Installing and removing go by this one list.
CASES     = $(wildcard cases/*.yaml cases/scenarios/*.yaml cases/paths/*.yaml baselines/*.ndjson.gz baselines/*/*.ndjson.gz)
PAGES     = $(foreach page,$(MANUALS),$(page)=$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page)))
SHELLS    = $(BUILD)/pages/twprobe.bash=$(DATADIR)/bash-completion/completions/twprobe \
	$(BUILD)/pages/_twprobe=$(DATADIR)/zsh/site-functions/_twprobe \
	$(BUILD)/pages/twprobe.fish=$(DATADIR)/fish/vendor_completions.d/twprobe.fish
UNIT      = $(BUILD)/twprobe-serve@.service
SCHEMAS   = $(wildcard docs/schema/*.json)
INSTALLED = twprobe=$(BINDIR)/twprobe $(UNIT)=$(UNITDIR)/$(notdir $(UNIT)) $(foreach case,$(CASES),$(case)=$(DATADIR)/twprobe/$(case)) $(SHELLS) \
	$(foreach schema,$(SCHEMAS),$(schema)=$(DATADIR)/twprobe/schema/$(notdir $(schema)))
SCDOC     = $(shell command -v scdoc)

# It says where the program is.
$(UNIT): systemd/$(notdir $(UNIT)).in FORCE
	@mkdir -p $(@D)
	$(call Q,TEXT) sed 's|@BINDIR@|$(BINDIR)|' $< >$@

install: twprobe completion $(UNIT) $(if $(SCDOC),man)
	@set -e; for pair in $(INSTALLED) $(if $(SCDOC),$(PAGES)); do \
		mode=644; [ ! -x "$${pair%%=*}" ] || mode=755; \
		install -v -D -m $$mode "$${pair%%=*}" "$(DESTDIR)$${pair#*=}"; \
	done
	@$(if $(SCDOC),,echo 'scdoc is not installed: the manual pages were left out')

uninstall:
	@for pair in $(INSTALLED) $(PAGES); do rm -v -f "$(DESTDIR)$${pair#*=}"; done
	@for folder in /cases/scenarios /cases/paths /cases /baselines/stacks /baselines/paths /baselines /schema ''; do \
		rmdir "$(DESTDIR)$(DATADIR)/twprobe$$folder" 2>/dev/null || :; \
	done

dist:
	@mkdir -p build
	git archive --prefix=twprobe-$(VERSION)/ -o build/twprobe-$(VERSION).tar.gz HEAD

# Of the last commit, as `make dist`; what Debian's tools write goes into one folder.
deb: dist
	@scripts/deps build package
	rm -rf build/deb && mkdir -p build/deb && tar -C build/deb -xzf build/twprobe-$(VERSION).tar.gz
	cd build/deb/twprobe-$(VERSION) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc
	@echo; ls -1 build/deb/*.deb

# The linker warns of what glibc loads by itself (names of hosts and users); docs/fleet.md says what that means.
STATIC_FOLDER = twprobe-$(VERSION)-static
static:
	@scripts/deps build
	@$(MAKE) --no-print-directory MODE=static build/static/twprobe
	@rm -rf build/static/$(STATIC_FOLDER) && mkdir -p build/static/$(STATIC_FOLDER)
	@strip -o build/static/$(STATIC_FOLDER)/twprobe build/static/twprobe
	@cp --parents $(CASES) LICENSE build/static/$(STATIC_FOLDER)
	tar -C build/static --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -czf build/$(STATIC_FOLDER).tar.gz $(STATIC_FOLDER)

image: twprobe
	@scripts/deps build image
	scripts/image twprobe build/twprobe-$(VERSION).oci.tar

help:
	@sed -n 's/^#   //p' Makefile

clean:
	rm -rf build twprobe

-include $(OBJECTS:.o=.d) $(BUILD)/$(MAIN).d $(BUILD)/$(WRITER).d $(TESTS:=.d) $(HELPERS:.o=.d) $(FUZZERS:=.d) $(VALIDATOR:=.d) $(BENCHES:=.d) $(RELAY:=.d)

.DELETE_ON_ERROR:
.PHONY: all tests syntax fuzzers benches relay man completion list-tests list-fuzzers
.PHONY: stacks beside demo static check check-slow coverage lint fuzz reliability bench paths kernels atlas mutants kernel-coverage install uninstall dist deb image clean help FORCE
