#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*
 * Every limit of the program, and nowhere else.  Each is tested at the limit
 * and one past it (docs/format/limits.md).
 */
#define KIB 1024u
#define MIB (1024u * 1024u)

/* YAML: project, registry, mappings */
#define LIMIT_YAML_FILE (1 * MIB)
#define LIMIT_YAML_DEPTH 32
#define LIMIT_YAML_NODES 100000
#define LIMIT_YAML_SCALAR (64 * KIB)
#define LIMIT_YAML_FILES 20000
#define LIMIT_YAML_TOTAL (64 * MIB)
#define LIMIT_DIAG 100 /* errors shown; the rest is counted */

/* JSON files, logs, Markdown, templates */
#define LIMIT_JSON_FILE (16 * MIB)
#define LIMIT_JSON_DEPTH 64
#define LIMIT_LOG_RECORD (16 * MIB)
#define LIMIT_LOG_DEPTH 64
#define LIMIT_MARKDOWN (64 * KIB)
#define LIMIT_TEMPLATE (256 * KIB)
#define LIMIT_TEMPLATE_NODES 50000
#define LIMIT_TEMPLATE_DEPTH 16
#define LIMIT_DOCUMENT (16 * MIB)

/* The audit store */
#define LIMIT_RECORD (1 * MIB)
#define LIMIT_FIELD (256 * KIB)
#define LIMIT_STREAMS 100000
#define LIMIT_SEGMENT 65536u /* events in a segment */
#define LIMIT_BATCH 10000    /* lines in a transaction of ingest */

/* SQL text that runs on a store */
#define LIMIT_SQL (1000 * 1000)
#define LIMIT_SQL_STEPS 200000000ull /* VM steps of one statement, and */
#define LIMIT_SQL_ROW_STEPS 5000ull  /* so many more for each event */
#define LIMIT_SQL_HEAP (256 * MIB)    /* SQLite's, for the whole process */

/* Evaluation */
#define LIMIT_EXCEPTIONS 1000 /* kept by place; all are counted */
#define LIMIT_SAMPLE 25       /* rows drawn of a population */
#define LIMIT_RECORDS 5000    /* output.max_records */
#define LIMIT_RUNS 100        /* runs with a document of their own */

/* Reports of check */
#define LIMIT_SARIF_RESULTS 5000 /* a code host takes no more */
#define LIMIT_COMMENT 60000      /* bytes of Markdown in a comment */
#define LIMIT_ANNOTATIONS 10     /* of one level, in one step */

/* Packs */
#define LIMIT_PACK_ENTRIES 100000
#define LIMIT_PACK_MANIFEST (32 * MIB)
#define LIMIT_PACK_LINE 300
#define LIMIT_PACK_JSON (8 * MIB)
#define LIMIT_PACK_FILE (2048ull * MIB)
#define LIMIT_PACK_TOTAL (16384ull * MIB)
#define LIMIT_PACK_RATIO 200
#define LIMIT_PACK_SIGNERS 16
#define LIMIT_PACK_NAME 200
#define LIMIT_PACK_LEVELS 12
#define LIMIT_TRUST (1 * MIB)
#define LIMIT_NOTE (64 * KIB)
#define LIMIT_NOTE_SIGS 16
#define LIMIT_PROOF_HASHES 63

/* The site */
#define LIMIT_TABLE_ROWS 500 /* rows on one page */
#define LIMIT_CELL 120       /* code points in a table cell */
#define LIMIT_TEXT (4 * KIB) /* bytes of a value elsewhere */

#endif
