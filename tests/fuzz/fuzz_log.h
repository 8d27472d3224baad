/* What the log fuzzers share: a store in memory's stead, and the count. */
#ifndef TESTS_FUZZ_LOG_H
#define TESTS_FUZZ_LOG_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "ingest/append.h"
#include "ingest/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
fuzz_key(void *ctx, const char **p, size_t *len, struct err *e)
{
	(void)ctx;
	(void)e;
	*p = "key";
	*len = 3;
	return 0;
}

static void
fuzz_write(const char *path, const uint8_t *p, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, len, f) != len || fclose(f) != 0)
		abort();
}

/*
 * Property: records in = records that gave events + records refused, each
 * with its line; and the same file again appends nothing.
 */
static void
fuzz_ingest(const uint8_t *p, size_t len, const char *format)
{
	/* Without a disk below, a run takes a tenth of the time. */
	char dir[] = "/dev/shm/exhibit-fuzz-XXXXXX", log[64], store[64], cmd[80];
	struct arena *a = arena_new();
	uint64_t known = 0;

	if (access("/dev/shm", W_OK) == -1)
		memcpy(dir, "/var/tmp", 8);
	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(log, sizeof(log), "%s/log", dir);
	(void)snprintf(store, sizeof(store), "%s/db", dir);
	fuzz_write(log, p, len);
	for (int turn = 0; turn < 2; turn++) {
		struct ingest_options opt = { .format = format,
			.timezone = "+01:00", .now_us = INT64_C(1) << 52,
			.payload_key = fuzz_key, .source_key = "k",
			.source_keylen = 1 };
		struct ingest_report r;
		struct append *ap = NULL;
		struct diag diag;
		struct err e = { 0 };

		diag_init(&diag, a);
		if ((turn == 0 && append_create(store, "a/b/c", 1, &e) == -1) ||
		    append_open(a, store, &ap, &e) == -1)
			abort();
		if (ingest_file(a, ap, &opt, log, &r, &diag, &e) == -1) {
			if (e.kind == ERR_OK || e.msg[0] == '\0')
				abort();
		} else {
			if (r.errors > r.records || diag.total != r.errors)
				abort();
			if (turn == 1 && r.appended != 0)
				abort();
			if (turn == 0)
				known = r.appended + r.known;
			else if (r.known < known)
				abort();
		}
		if (append_close(ap) == -1)
			abort();
	}
	arena_free(a);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (system(cmd) != 0)
		abort();
}

#endif
