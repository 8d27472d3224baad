#ifndef RENDER_CONTROL_H
#define RENDER_CONTROL_H

struct build;
struct ref;
struct str;
struct test;

/*
 * What data/controls/ holds (docs/format/controls.md): for each test its text
 * and what it found, and the files with which sqlite3 or psql run it again.
 */

/* <test>.json: text, hash, parameters; by scope counts, times, exceptions,
 * sample, outcome, reason.  RFC 8785 and one LF. */
void control_json(struct str *, const struct build *, const struct test *);

/* ref.sql: the reference tables as TEMP tables, for SQLite and PostgreSQL. */
void control_ref_sql(struct str *, const struct ref *);

/* params.sqlite and params.psql: :from_us, :to_us, :as_of_us. */
void control_params_sqlite(struct str *, const struct build *);
void control_params_psql(struct str *, const struct build *);

/* sql/<test>.sql: the test's text, counted by scope: scope n x b. */
void control_test_sql(struct str *, const struct test *);

#endif
