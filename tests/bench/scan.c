/*
 * The limit that a reader of the store cannot beat: steps through every row
 * of `SELECT * FROM event` without reading a column.  With "evp" each row's
 * values are read by the column calls, written after their names and hashed
 * with OpenSSL, one row at a time: what a plain verifier costs.
 *
 *     scan DB [THREADS] [evp]
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF (1 << 20)

struct part {
	pthread_t thread;
	const char *path;
	long long first, end; /* seq */
	long n;
	int evp, failed;
};

/* "name":"value" of what is there, without escapes. */
static size_t
write_row(sqlite3_stmt *st, char *buf)
{
	int ncol = sqlite3_column_count(st);
	size_t n = 0;

	for (int c = 0; c < ncol; c++) {
		const char *name = sqlite3_column_name(st, c), *v;
		size_t namelen = strlen(name), len;

		if (sqlite3_column_type(st, c) == SQLITE_NULL)
			continue;
		v = (const char *)sqlite3_column_text(st, c);
		len = (size_t)sqlite3_column_bytes(st, c);
		if (n + namelen + len + 6 > BUF)
			break;
		buf[n++] = '"';
		memcpy(buf + n, name, namelen);
		n += namelen;
		memcpy(buf + n, "\":\"", 3);
		n += 3;
		memcpy(buf + n, v, len);
		n += len;
		memcpy(buf + n, "\",", 2);
		n += 2;
	}
	return n;
}

static void *
walk(void *ctx)
{
	struct part *p = ctx;
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *mc = EVP_MD_CTX_new();
	char *buf = malloc(BUF);
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;

	p->failed = sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT * FROM event NOT INDEXED WHERE seq "
	    ">= ?1 AND seq < ?2 ORDER BY seq", -1, &st, NULL) != SQLITE_OK;
	(void)sqlite3_bind_int64(st, 1, p->first);
	(void)sqlite3_bind_int64(st, 2, p->end);
	for (; !p->failed && sqlite3_step(st) == SQLITE_ROW; p->n++)
		if (p->evp && (!EVP_DigestInit_ex2(mc, md, NULL) ||
		    !EVP_DigestUpdate(mc, buf, write_row(st, buf)) ||
		    !EVP_DigestFinal_ex(mc, hash, NULL)))
			p->failed = 1;
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	EVP_MD_CTX_free(mc);
	EVP_MD_free(md);
	free(buf);
	return NULL;
}

static long long
size_of(const char *path)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	long long n = 0;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ==
	    SQLITE_OK && sqlite3_prepare_v2(db, "SELECT max(seq) + 1 FROM "
	    "event", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

int
main(int argc, char **argv)
{
	struct part part[64] = { { 0 } };
	int evp = argc > 1 && strcmp(argv[argc - 1], "evp") == 0;
	int n = argc - evp > 2 ? atoi(argv[2]) : 1, failed = 0;
	long long size;
	long rows = 0;

	if (argc < 2 || n < 1 || n > 64)
		return 2;
	size = size_of(argv[1]);
	for (int i = 0; i < n; i++) {
		part[i].path = argv[1];
		part[i].evp = evp;
		part[i].first = size * i / n;
		part[i].end = size * (i + 1) / n;
		if (pthread_create(&part[i].thread, NULL, walk, &part[i]) != 0)
			return 4;
	}
	for (int i = 0; i < n; i++) {
		(void)pthread_join(part[i].thread, NULL);
		rows += part[i].n;
		failed |= part[i].failed;
	}
	(void)printf("%ld rows\n", rows);
	return failed ? 4 : rows > 0 && rows == size ? 0 : 5;
}
