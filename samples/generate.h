#ifndef SAMPLES_GENERATE_H
#define SAMPLES_GENERATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/event.h"

/*
 * The seeded generator of the sample company's log.  A build tool: it
 * knows the fact sheet (README.md) and nothing of the program but the names
 * of the columns.  Same arguments, same bytes, everywhere.
 *
 *   generate.c          arguments, how many runs fit, order of the units
 *   generate_facts.c    the fact sheet as tables, and what holds at a time
 *   generate_arrive.c   when runs begin
 *   generate_run.c      one run, event by event
 *   generate_plan.c     what happens in a run: drawn, or an anchor's row
 *   generate_calendar.c deployments, drills, incidents ...
 *   generate_write.c    events to lines, merged by recorded_us
 *   generate_faults.c   edits of events, from a faults file
 */

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define FOREVER INT64_MAX

/* A moment of 2026 in microseconds since 1970; 20454 days lie before it. */
#define YDAY(m, d) ((m) == 1 ? (d) : (m) == 2 ? 31 + (d) : (m) == 3 ? 59 + (d) \
	: (m) == 4 ? 90 + (d) : (m) == 5 ? 120 + (d) : (m) == 6 ? 151 + (d) \
	: (m) == 7 ? 181 + (d) : (m) == 8 ? 212 + (d) : (m) == 9 ? 243 + (d) \
	: (m) == 10 ? 273 + (d) : (m) == 11 ? 304 + (d) : 334 + (d))
#define AT(m, d, h, mi) ((INT64_C(20453) + YDAY(m, d)) * DAY + (h) * HOUR \
	+ (mi) * MINUTE)

/* --- generate_facts.c ------------------------------------------------ */

enum agent { REFUND, ORDER, FRAUD, STOCK, PRICE, COPY, SHIFT, NAGENT };
enum tool { ORDERS, CRM, PAYMENTS, CARRIERS, STOCKS, SUPPLIERS, CATALOGUE,
	ROSTER, NTOOL };
enum action { REFUND_CREATE, ADDRESS_CHANGE, ORDER_CANCEL, LETTER_SEND,
	HOLD_PLACE, PURCHASE_ORDER, PRICE_PROPOSE, CONTENT_PUBLISH,
	CONTENT_CAMPAIGN, SHIFT_ASSIGN, ACCOUNT_DELETE, PRICE_CHANGE, NACTION,
	NO_ACTION };
enum env { STAGING, SHADOW, PROD, NENV };
enum policy { P_BASE, P_REFUND, P_ORDER, P_PURCHASE, P_PRICE, P_CONTENT,
	P_ROSTER, NPOLICY };
enum tenant { DK, DE, NL, NTENANT };

struct agent_fact {
	const char *id;
	enum policy policy;
	const char *resource;   /* what it retrieves */
	enum tool retrieves;    /* through which tool */
	enum tool read[2];      /* tools it reads */
	int nread;
	int shadow_reads;       /* how many of them are granted read alone */
	const char *class;      /* data class of its input */
	const char *reviewer;   /* role that reviews */
};
struct tool_fact { const char *id, *class, *system; };
struct action_fact {
	const char *id;
	enum agent agent;
	enum tool tool;
	const char *reversible, *undo;
	int amount;             /* carries money */
	int state;              /* changes a state: has before and after */
};
struct stage_fact {
	enum agent agent;
	const char *version;
	enum env env;
	int64_t from, to;
	const char *rollback_of;
};
struct version_fact {
	enum agent agent;
	const char *version, *provider, *model, *model_version;
	int temperature_milli;
	const char *params_hash, *prompt, *prompt_version;
	int score[4];           /* golden safety red-team fairness; 0: none */
	char prompt_hash[65];   /* read from the company's folder */
};
struct pin_fact {
	enum tool tool;
	const char *version, *hash;
	int64_t from, to;
};
struct policy_fact { const char *id, *gate; };
struct policy_version {
	enum policy policy;
	const char *version;
	int64_t from;
	char hash[65];          /* read from the company's folder */
};
struct duty { const char *person, *role; int64_t from, to; };

extern const struct agent_fact agents[NAGENT];
extern const struct tool_fact tools[NTOOL];
extern const struct action_fact actions[NACTION];
extern const struct policy_fact policies[NPOLICY];
extern const char *const env_name[NENV];
extern const char *const tenant_name[NTENANT];
extern const struct stage_fact stages[];
extern const size_t nstages;
extern struct version_fact versions[];
extern const size_t nversions;
extern struct policy_version policy_versions[];
extern const size_t npolicy_versions;
extern const struct pin_fact pins[];
extern const size_t npins;

/* Reads prompts and policy sources below dir; exits 2 where one is absent. */
void facts_load(const char *dir);

/* What holds at a time.  NULL: nothing does. */
const struct stage_fact *stage_at(enum agent, enum env, int64_t us);
struct version_fact *version_of(enum agent, const char *version);
const char *pin_at(enum tool, int64_t us);
const struct policy_version *policy_at(enum policy, int64_t us);
/* The n-th of those who hold the role then, n modulo their number. */
const char *person_at(const char *role, int64_t us, uint64_t n);
int on_duty(const char *role, int64_t us);
int64_t next_duty(const char *role, int64_t us);
const char *governance_at(int64_t us);

/* The rule that decides, as the policies' files say. */
struct ruling {
	enum policy policy;
	const char *rule, *tier, *role, *reason, *gate;
	int64_t sla;
	int persons, escalate;
};
struct ruling rule_for(enum action, enum tenant, int64_t us,
    int64_t amount_minor, int confidence);

/* --- generate.c: draws ------------------------------------------------ */

/* SplitMix64, one for each run. */
struct rng { uint64_t s; };
extern const char *seed_text;
uint64_t rng_next(struct rng *);
uint64_t rng_below(struct rng *, uint64_t n); /* 0 to n - 1 */
int rng_ppm(struct rng *, unsigned ppm);      /* so many in a million */
/* From SHA-256("exhibit-company/1\n" seed "\n" id "\n"). */
struct rng rng_for(const char *id);
/* Straight lines between the quantiles at 0 10 25 50 75 90 99 100 %. */
struct quantiles { int64_t at[8]; };
int64_t rng_draw(struct rng *, const struct quantiles *);
extern const struct quantiles q_refund, q_approval, q_confidence, q_tool,
    q_delay;

/* --- generate_arrive.c ------------------------------------------------ */

void arrive_init(void);
/* When filler run `number` of that agent begins. */
int64_t arrive(struct rng *, enum agent, uint64_t number, int by_person);
/* Moves a start out of the spans that the calendar has for itself. */
int64_t arrive_settle(enum agent, int64_t start, int waits);
/* In so bad a quarter of an hour one call in four fails. */
int bad_weather(enum tool, int64_t us);
/* Wednesday is 2: Monday is 0. */
int weekday(int64_t us);

/* --- generate_plan.c -------------------------------------------------- */

enum answer { APPROVED, MODIFIED, REJECTED, EXPIRED };
enum special { PLAIN, ACCESS_DENIED, INPUT_BLOCKED, BLOCK_B1, BLOCK_B2,
	BLOCK_B3, BLOCK_B4, BLOCK_OWN, HUMAN, TOOL_RETRY, TOOL_DOWN,
	MODEL_DOWN, REFUSED };
struct plan {
	enum agent agent;
	enum tenant tenant;
	enum env env;
	int64_t start;
	enum action action;
	int64_t eur_cents;
	int confidence;         /* in thousandths */
	int reads, retrieves, models;
	enum special special;
	enum answer answer;
	int by_person;          /* a session with a person */
	const char *user_role;
	uint64_t user;
	const char *block_rule; /* BLOCK_OWN: of the agent's own policy */
	int child;              /* order-desk asks fraud-screen */
	int child_cents;
	int reviewed, reversed, complaint, rolled_back;
	int64_t complaint_at, rollback_at; /* 0: drawn */
	int erased;             /* the input's payload is gone */
	int fixed;              /* no draws: an anchor's shape is its row */
};
/* Filler run number n, from its own draws. */
void plan_filler(struct plan *, struct rng *, uint64_t n);
/* The anchors and shadow runs: how many, and the i-th, with its id. */
size_t plan_anchors(void);
void plan_anchor(struct plan *, size_t i, char id[16]);
size_t plan_shadows(void);
void plan_shadow(struct plan *, struct rng *, size_t i, char id[16]);
int64_t money(enum tenant, int64_t eur_cents);

/* --- generate_run.c --------------------------------------------------- */

void run_write(const struct plan *, const char *id, struct rng *);

/* --- generate_calendar.c ---------------------------------------------- */

/* Everything that is in every log and belongs to no filler run. */
void calendar_write(void);
/* The n-th access event of the nightly check. */
void calendar_check(uint64_t n);

/* --- generate_write.c ------------------------------------------------- */

/* An event in work: columns as set, event_id and times among them. */
struct draft { struct value col[EVENT_NCOL]; };

/* Text lives in a pool that write_forget() empties, once a unit. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void set_text(struct draft *, enum event_col, const char *); /* NULL: none */
void set_int(struct draft *, enum event_col, int64_t);

/* Only counts what would be written: the first of the two passes. */
extern int counting;
extern uint64_t counted;

/* The salted hash of a content, whose line goes before the next event. */
const char *payload(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* The hash alone, as of a content that was erased since. */
const char *payload_erased(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
/* The n-th document of an agent's source: its line is written once. */
const char *payload_document(enum agent, int n);
#define NDOCUMENT 40

void write_event(struct draft *);
void write_forget(void);

struct write_options {
	FILE *to;               /* NULL: split into dir */
	const char *dir;
	int log_only;           /* no payloads */
};
void write_init(const struct write_options *);
/* Writes what was recorded before that time. */
void write_until(int64_t recorded_us);
uint64_t write_done(void);      /* events written */
void die(int status, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* --- generate_faults.c ------------------------------------------------ */

/* Reads edits of events; only: the one fault of that name or number, or
 * NULL for all.  Exits 2 with file:line where the file is wrong. */
void faults_load(const char *file, const char *only);
/* Applies the edits to an event; 0: it is removed. */
int faults_apply(struct draft *);
/* Calls f for each event that the file adds. */
void faults_add(void (*f)(struct draft *));
/* Exits 2 if an edit named no event of the log. */
void faults_check(void);

#endif
