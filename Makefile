# Exhibit: evidence that AI agents in production were governed.
# `make` builds, `make demo` shows, `make check` tests.  README.md reads on.
#
# MODE picks flags and folder: release debug asan tsan cov fuzz.
MODE	?= release
B	 = build/$(MODE)
PREFIX	?= /usr/local
DESTDIR	?=
DATADIR	?= $(PREFIX)/share/exhibit
SHARED	?= ../shared
VERSION	 = 0.1.0
-include config.mk

PKGS	 = sqlite3 libcmark libxml-2.0 yaml-0.1 jansson libcrypto zlib
DEBS	 = gcc pkg-config libsqlite3-dev libcmark-dev libxml2-dev libyaml-dev \
	   libjansson-dev libssl-dev zlib1g-dev libcmocka-dev sqlite3 \
	   python3 openssh-client openssl mandoc

SRC	:= $(sort $(wildcard gen/*/*.c))
SAMPLESRC := $(sort $(wildcard samples/*.c))
ASSETS	:= $(sort $(shell find mappings templates site samples/init samples/company samples/faults.yaml -type f 2>/dev/null))
OBJ	 = $(SRC:%.c=$B/%.o) $B/assets.o
LIBOBJ	 = $(filter-out $B/gen/cmd/main.o,$(OBJ))
UNIT	 = $(patsubst %.c,$B/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ	 = $(patsubst %.c,$B/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

CC	?= cc
has	 = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))
STD	 = -std=c11 -D_POSIX_C_SOURCE=200809L -Igen
WARN	 = -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	   -Wcast-qual -Wvla -Wundef -Wformat=2 -Wswitch-enum \
	   -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Werror \
	   $(call has,-Wno-format-truncation)
HARDEN	 = -fstack-protector-strong -fstack-clash-protection \
	   $(call has,-fcf-protection=full) -fPIE
CFLAGS.release	= -O2 -g -D_FORTIFY_SOURCE=3 $(call has,-ftrivial-auto-var-init=zero)
CFLAGS.debug	= -O0 -g
CFLAGS.clang	= -O1
CFLAGS.asan	= -O1 -g -DARENA_DEBUG -fsanitize=address,undefined \
		  -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.tsan	= -O1 -g -fsanitize=thread
CFLAGS.cov	= -O0 -g --coverage
CFLAGS.fuzz	= -O1 -g -DFUZZ -fsanitize=fuzzer-no-link,address,undefined
LDFLAGS.asan	= -fsanitize=address,undefined
LDFLAGS.tsan	= -fsanitize=thread
LDFLAGS.cov	= --coverage
LDFLAGS.fuzz	= -fsanitize=address,undefined
PKG_CFLAGS	:= $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS	:= $(shell pkg-config --libs $(PKGS) 2>/dev/null)
ALL_CFLAGS	:= $(STD) $(WARN) $(HARDEN) $(CFLAGS.$(MODE)) $(PKG_CFLAGS) \
		   -DEXHIBIT_VERSION='"$(VERSION)"' -DEXHIBIT_DATADIR='"$(DATADIR)"' \
		   -ffile-prefix-map=$(CURDIR)=. -pthread -MMD -MP $(CFLAGS)
ALL_LDFLAGS	 = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS.$(MODE)) \
		   -pthread $(LDFLAGS)
LIBS		 = $(PKG_LIBS) -lm

V	?= 0
Q.0	 = @
Q	 = $(Q.$(V))
say	 = @printf '  %-7s %s\n' $(1) $(2)

.PHONY: all deps build demo check check-here check-fresh lint bench fuzz \
	coverage regen dist install uninstall clean fmt check-site \
	check-tamper check-repro
all: deps
	$(Q)$(MAKE) build
build: $B/exhibit $B/sample $B/share/sample/log $B/share/sample/faults

# Asks pkg-config first; apt-get only for what is missing.
deps:
	$(Q)tests/deps $(PKGS) -- $(DEBS)

$B/exhibit: $(OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$B/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Files built into the program: one .incbin each, sorted by name.
$B/assets.S: $(ASSETS) tests/assets.sh Makefile
	@mkdir -p $(@D)
	$(Q)LC_ALL=C sh tests/assets.sh $(ASSETS) >$@.tmp && mv $@.tmp $@
$B/assets.o: $B/assets.S $(ASSETS)
	$(Q)$(CC) -c -o $@ $<

# CPU variants have flags of their own, and no others.
$B/gen/crypt/hash_avx2.o: ALL_CFLAGS += $(call has,-mavx2)
$B/gen/crypt/hash_avx512.o: ALL_CFLAGS += $(call has,-mavx512f) $(call has,-mavx512bw) \
	$(call has,-mavx512vl)

# The seeded generator of the sample company's log: a build tool.
SAMPLEOBJ  = $(SAMPLESRC:%.c=$B/%.o)
$B/sample: $(SAMPLEOBJ) $(filter $B/gen/base/% $B/gen/crypt/%,$(LIBOBJ)) $B/assets.o
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# The sample company's log, one file a week; and with its seeded faults.
$B/share/sample/log: $B/sample $(shell find samples/company -type f)
	$(Q)rm -rf $@ && mkdir -p $@
	$(Q)ASAN_OPTIONS=detect_leaks=0 $B/sample --events 20000 --seed 1 --split week --out $@
$B/share/sample/faults: $B/sample samples/faults.yaml $(shell find samples/company -type f)
	$(Q)rm -rf $@ && mkdir -p $@
	$(Q)ASAN_OPTIONS=detect_leaks=0 $B/sample --events 20000 --seed 1 --faults samples/faults.yaml \
	    --split week --out $@

demo: all
	$(Q)rm -rf build/demo
	$(Q)build/release/exhibit demo build/demo

# Tests: under ASan and UBSan, the last line counts them.
check: deps
	$(Q)$(MAKE) MODE=asan check-here
check-here: build $(UNIT) $(FUZZ)
	$(Q)B=$B SHARED=$(SHARED) sh tests/run.sh
$B/tests/unit/%: tests/unit/%.c $(LIBOBJ) Makefile
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $< $(LIBOBJ) \
	    $(LIBS) $(shell pkg-config --libs cmocka)
# Fuzz targets replay their corpus through a plain main.
$B/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIBOBJ) Makefile
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MF $@.d -o $@ $< \
	    $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,tests/fuzz/replay.c) \
	    $(LIBOBJ) $(LIBS)

lint: build
	$(Q)B=build/$(MODE) sh tests/lint/check.sh
bench: all
	$(Q)python3 tests/bench/run.py --build build/release
fuzz:
	$(Q)$(MAKE) MODE=fuzz CC=clang fuzz-here
fuzz-here: $(FUZZ)
	$(Q)B=$B sh tests/fuzz/run.sh
# 100,000 changes of a pack and 1,000 untouched packs, in two halves.
check-tamper: $B/tests/unit/test_tamper
	$(Q)B=$B sh tests/tamper.sh
# One pack in more than ten settings, one of them a program built elsewhere.
check-repro: build
	$(Q)$(MAKE) MODE=debug build/debug/exhibit
	$(Q)B=$B REPRO=all OTHER=$(CURDIR)/build/debug/exhibit sh tests/repro/check.sh >$B/repro.log; \
	    cat $B/repro.log; ! grep -q '^FAIL' $B/repro.log
check-site: all
	$(Q)sh tests/site/run.sh
check-fresh:
	$(Q)sh tests/fresh.sh
coverage: deps
	$(Q)$(MAKE) MODE=cov check-here
	$(Q)gcovr --root . --filter gen/ --print-summary build/cov | tail -4
regen: build
	$(Q)REGEN=1 B=$B SHARED=$(SHARED) sh tests/run.sh

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(DATADIR) \
	    $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $B/exhibit $(DESTDIR)$(PREFIX)/bin/exhibit
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(DATADIR)/sample
	cp -r $B/share/sample/log $B/share/sample/faults $(DESTDIR)$(DATADIR)/sample
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/exhibit
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/exhibit*.1
	rm -rf $(DESTDIR)$(DATADIR)
fmt:
	clang-format -i $(SRC) $(wildcard gen/*/*.h)
clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
