/*
 * The limit that a reader of the store cannot beat: steps through every row
 * of `SELECT * FROM event` without reading a column.
 */
#include <sqlite3.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	sqlite3_stmt *st;
	sqlite3 *db;
	long n = 0;

	if (argc != 2 || sqlite3_open_v2(argv[1], &db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT * FROM event ORDER BY seq", -1, &st,
	    NULL) != SQLITE_OK)
		return 4;
	while (sqlite3_step(st) == SQLITE_ROW)
		n++;
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	(void)printf("%ld rows\n", n);
	return n > 0 ? 0 : 5;
}
