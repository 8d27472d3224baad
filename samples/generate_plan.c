#include <string.h>

#include "generate.h"

/* --- filler runs: drawn ------------------------------------------------ */

static enum action
draw_action(struct rng *r, enum agent a, int shadow)
{
	uint64_t x = rng_below(r, 100);

	switch (a) {
	case REFUND:
		return x < 90 || shadow ? REFUND_CREATE : NO_ACTION;
	case ORDER:
		return x < 45 && !shadow ? NO_ACTION : x < 75 ? ADDRESS_CHANGE
		    : x < 98 ? ORDER_CANCEL : LETTER_SEND;
	case FRAUD:
		return x < 40 || shadow ? HOLD_PLACE : NO_ACTION;
	case STOCK:
		return x < 85 || shadow ? PURCHASE_ORDER : NO_ACTION;
	case PRICE:
		return PRICE_PROPOSE;
	case COPY:
		return x < 92 ? CONTENT_PUBLISH : CONTENT_CAMPAIGN;
	case SHIFT:
		return SHIFT_ASSIGN;
	case NAGENT:
		break;
	}
	return NO_ACTION;
}

static enum answer
draw_answer(struct rng *r)
{
	uint64_t x = rng_below(r, 100);

	return x < 86 ? APPROVED : x < 92 ? MODIFIED : REJECTED;
}

/* Orders are larger than refunds, purchases larger still. */
static int
times_refund(enum action a)
{
	return a == ORDER_CANCEL ? 3 : a == HOLD_PLACE ? 6
	    : a == PURCHASE_ORDER ? 42 : 1;
}

static void
draw_case(struct plan *p, struct rng *r)
{
	uint64_t x = rng_below(r, 100);

	p->tenant = x < 45 ? DE : x < 75 ? DK : NL;
	p->action = draw_action(r, p->agent, p->env == SHADOW);
	p->eur_cents = rng_draw(r, &q_refund) * times_refund(p->action);
	p->confidence = (int)rng_draw(r, &q_confidence);
	x = rng_below(r, 100);
	p->models = x < 45 ? 1 : x < 75 ? 2 : x < 92 ? 3 : 4;
	p->retrieves = rng_ppm(r, 700000);
	p->answer = draw_answer(r);
}

static int
waits(const struct plan *p)
{
	return p->env == PROD && p->action != NO_ACTION &&
	    rule_for(p->action, p->tenant, p->start, money(p->tenant,
	    p->eur_cents), p->confidence).tier[1] == 'p';
}

void
plan_filler(struct plan *p, struct rng *r, uint64_t n)
{
	static const struct { unsigned below; enum agent agent; } share[] = {
		{ 420, ORDER }, { 700, REFUND }, { 862, FRAUD }, { 892, STOCK },
		{ 922, PRICE }, { 942, COPY }, { 962, SHIFT },
	};
	uint64_t x = rng_below(r, 962);
	size_t i = 0;

	memset(p, 0, sizeof(*p));
	while (x >= share[i].below)
		i++;
	p->agent = share[i].agent;
	p->env = p->agent == PRICE ? SHADOW : PROD;
	p->by_person = p->agent == ORDER || p->agent == REFUND ||
	    (p->agent == SHIFT && rng_ppm(r, 300000));
	draw_case(p, r);
	p->user = p->agent == SHIFT ? 90000 : rng_below(r, 60000);
	if (p->by_person)
		p->user_role = p->agent == SHIFT ? "store-manager"
		    : p->agent == REFUND && rng_ppm(r, 150000) ? "support"
		    : "customer";
	x = rng_below(r, 100);
	p->reads = x < 50 ? 1 : x < 85 ? 2 : 3;
	/* 40 orders a tenant and day is the policy's limit: a larger company
	 * plans more often, but does not order more. */
	if (p->agent == STOCK && n > 40000)
		p->action = NO_ACTION;
	if (rng_ppm(r, 4000))
		p->special = INPUT_BLOCKED;
	else if (rng_ppm(r, 1000))
		p->special = ACCESS_DENIED;
	else if (p->agent == ORDER && p->action == NO_ACTION &&
	    rng_ppm(r, 10000))
		p->special = HUMAN;
	/* What is blocked at the gate is an action that was proposed. */
	if (p->special == INPUT_BLOCKED && p->action == NO_ACTION)
		p->action = draw_action(r, p->agent, 1);
	p->child = p->agent == ORDER && rng_ppm(r, 90000);
	if (p->child && rng_ppm(r, 400000))
		p->child_cents = (int)rng_draw(r, &q_refund) * 6;
	p->reviewed = rng_ppm(r, 20000);
	p->reversed = p->env == PROD && rng_ppm(r, 10000) &&
	    p->action != NO_ACTION;
	p->complaint = (p->agent == ORDER || p->agent == REFUND) &&
	    rng_ppm(r, 300);
	p->start = arrive(r, p->agent, n, p->by_person);
	p->start = arrive_settle(p->agent, p->start, waits(p));
}

/* --- shadow runs: 40 a version, spread over its stage ------------------ */

#define NSHADOW 40

size_t
plan_shadows(void)
{
	return nversions * NSHADOW;
}

void
plan_shadow(struct plan *p, struct rng *r, size_t i, char id[16])
{
	const struct version_fact *v = &versions[i / NSHADOW];
	int64_t k = (int64_t)(i % NSHADOW), from = 0, to = 0;

	snprintf(id, 16, "s%02u-%02u", (unsigned)(i / NSHADOW + 1) % 100,
	    (unsigned)k + 1);
	*r = rng_for(id);
	memset(p, 0, sizeof(*p));
	for (size_t s = 0; s < nstages; s++)
		if (stages[s].agent == v->agent && stages[s].env == SHADOW &&
		    strcmp(stages[s].version, v->version) == 0) {
			from = stages[s].from;
			to = stages[s].to;
		}
	if (to == FOREVER)
		to = AT(10, 4, 0, 0);
	p->agent = v->agent;
	p->env = SHADOW;
	draw_case(p, r);
	p->models = 1;
	p->reads = rng_ppm(r, 250000);
	p->retrieves = !p->reads;
	if (p->agent == ORDER || p->agent == REFUND) {
		p->user = rng_below(r, 60000);
		p->user_role = "customer";
	}
	p->start = from + HOUR + (to - from - 37 * HOUR) * k / (NSHADOW - 1);
	p->start = arrive_settle(p->agent, p->start, 0);
}

/* --- anchors: in every log, the same at every seed --------------------- */

struct anchor {
	enum agent agent;
	enum tenant tenant;
	enum action action;
	int cents, confidence;
	enum special special;
	enum answer answer;
	unsigned flags;
	const char *rule;       /* BLOCK_OWN */
	int64_t first;
	int every, times;       /* days, runs */
};
enum { CHILD = 1, REVIEWED = 2, REVERSED = 4, COMPLAINT = 8, ERASED = 16,
	STAFF = 32, MANAGER = 64 };

/* Faults name these runs, in this order a001, a002, ..: add at the end. */
static const struct anchor anchors[] = {
	/* refund-bot: a001 to a072 */
	{ REFUND, DE, REFUND_CREATE, 2790, 900, PLAIN, APPROVED, 0, NULL,
	    AT(4, 2, 9, 10), 16, 11 },
	{ REFUND, DK, REFUND_CREATE, 3000, 860, PLAIN, APPROVED, STAFF, NULL,
	    AT(4, 7, 10, 20), 28, 6 },
	{ REFUND, NL, REFUND_CREATE, 8990, 880, PLAIN, APPROVED, 0, NULL,
	    AT(4, 9, 8, 30), 15, 12 },
	{ REFUND, DK, REFUND_CREATE, 12000, 870, PLAIN, APPROVED, 0, NULL,
	    AT(4, 16, 12, 15), 32, 5 },
	{ REFUND, DE, REFUND_CREATE, 115000, 910, PLAIN, APPROVED, 0, NULL,
	    AT(7, 8, 9, 30), 28, 3 },
	{ REFUND, DK, REFUND_CREATE, 110000, 905, PLAIN, APPROVED, 0, NULL,
	    AT(7, 15, 10, 40), 28, 3 },
	{ REFUND, DE, REFUND_CREATE, 15000, 840, PLAIN, MODIFIED, 0, NULL,
	    AT(5, 11, 11, 5), 35, 4 },
	{ REFUND, NL, REFUND_CREATE, 21000, 810, PLAIN, REJECTED, 0, NULL,
	    AT(5, 13, 13, 25), 35, 4 },
	{ REFUND, DE, REFUND_CREATE, 9500, 850, PLAIN, EXPIRED, 0, NULL,
	    AT(6, 3, 17, 5), 28, 4 },
	{ REFUND, DE, REFUND_CREATE, 3000, 640, PLAIN, APPROVED, 0, NULL,
	    AT(6, 4, 7, 45), 28, 4 },
	{ REFUND, NL, REFUND_CREATE, 2500, 900, ACCESS_DENIED, APPROVED, 0,
	    NULL, AT(7, 3, 9, 0), 56, 2 },
	{ REFUND, DE, REFUND_CREATE, 4900, 900, INPUT_BLOCKED, APPROVED, 0,
	    NULL, AT(6, 9, 15, 0), 63, 2 },
	{ REFUND, DE, REFUND_CREATE, 1990, 890, TOOL_RETRY, APPROVED, 0, NULL,
	    AT(7, 16, 8, 10), 1, 1 },
	{ REFUND, NL, REFUND_CREATE, 2490, 890, BLOCK_OWN, APPROVED, 0, "R5",
	    AT(7, 23, 18, 30), 1, 1 },
	{ REFUND, NL, NO_ACTION, 0, 0, PLAIN, APPROVED, 0, NULL,
	    AT(7, 24, 8, 20), 1, 1 },
	{ REFUND, DE, REFUND_CREATE, 3990, 760, PLAIN, APPROVED,
	    REVIEWED | REVERSED, NULL, AT(7, 27, 9, 15), 1, 1 },
	{ REFUND, DE, REFUND_CREATE, 3590, 800, PLAIN, APPROVED, REVIEWED,
	    NULL, AT(7, 28, 9, 25), 34, 2 },
	{ REFUND, DK, REFUND_CREATE, 4100, 820, PLAIN, APPROVED, COMPLAINT,
	    NULL, AT(7, 17, 9, 35), 1, 1 },
	{ REFUND, NL, REFUND_CREATE, 2200, 900, PLAIN, APPROVED, 0, NULL,
	    AT(8, 19, 9, 0), 1, 1 },
	{ REFUND, NL, REFUND_CREATE, 9900, 900, PLAIN, APPROVED, 0, NULL,
	    AT(8, 19, 10, 0), 1, 1 },
	/* order-desk */
	{ ORDER, DE, ADDRESS_CHANGE, 0, 890, PLAIN, APPROVED, 0, NULL,
	    AT(4, 3, 9, 20), 14, 12 },
	{ ORDER, NL, ORDER_CANCEL, 6000, 880, PLAIN, APPROVED, 0, NULL,
	    AT(4, 6, 16, 40), 16, 11 },
	{ ORDER, DK, ORDER_CANCEL, 7500, 870, PLAIN, APPROVED, 0, NULL,
	    AT(4, 8, 17, 50), 45, 4 },
	{ ORDER, DE, ORDER_CANCEL, 26000, 900, PLAIN, APPROVED, 0, NULL,
	    AT(4, 10, 10, 10), 29, 6 },
	{ ORDER, NL, LETTER_SEND, 0, 920, PLAIN, APPROVED, 0, NULL,
	    AT(4, 7, 9, 50), 25, 7 },
	{ ORDER, DE, ORDER_CANCEL, 4500, 880, PLAIN, APPROVED, ERASED, NULL,
	    AT(4, 6, 11, 0), 14, 4 },
	{ ORDER, NL, ORDER_CANCEL, 3500, 880, PLAIN, APPROVED, ERASED, NULL,
	    AT(6, 8, 11, 0), 14, 6 },
	{ ORDER, DE, ORDER_CANCEL, 5500, 880, PLAIN, APPROVED, ERASED, NULL,
	    AT(9, 7, 11, 0), 14, 2 },
	{ ORDER, DE, NO_ACTION, 0, 0, HUMAN, APPROVED, 0, NULL,
	    AT(7, 13, 12, 30), 30, 3 },
	{ ORDER, NL, ORDER_CANCEL, 8000, 850, PLAIN, APPROVED, COMPLAINT, NULL,
	    AT(7, 14, 14, 45), 28, 3 },
	{ ORDER, DE, ADDRESS_CHANGE, 0, 870, PLAIN, APPROVED, CHILD, NULL,
	    AT(4, 16, 13, 5), 25, 7 },
	{ ORDER, DE, ORDER_CANCEL, 30000, 840, PLAIN, EXPIRED, 0, NULL,
	    AT(7, 15, 21, 10), 35, 2 },
	{ ORDER, NL, ORDER_CANCEL, 31000, 830, PLAIN, MODIFIED, 0, NULL,
	    AT(7, 16, 9, 40), 35, 2 },
	{ ORDER, DK, ORDER_CANCEL, 32000, 820, PLAIN, REJECTED, 0, NULL,
	    AT(7, 17, 10, 50), 35, 2 },
	{ ORDER, DE, ADDRESS_CHANGE, 0, 610, PLAIN, APPROVED, 0, NULL,
	    AT(7, 24, 11, 30), 35, 2 },
	{ ORDER, NL, ORDER_CANCEL, 5000, 880, ACCESS_DENIED, APPROVED, 0, NULL,
	    AT(7, 8, 12, 0), 57, 2 },
	{ ORDER, DE, ORDER_CANCEL, 4000, 880, BLOCK_B1, APPROVED, 0, NULL,
	    AT(7, 21, 12, 10), 1, 1 },
	{ ORDER, DE, ORDER_CANCEL, 4000, 880, BLOCK_B3, APPROVED, 0, NULL,
	    AT(8, 4, 23, 10), 1, 1 },
	{ ORDER, NL, ORDER_CANCEL, 4000, 880, BLOCK_B4, APPROVED, 0, NULL,
	    AT(8, 25, 12, 20), 1, 1 },
	{ ORDER, NL, ORDER_CANCEL, 4000, 880, BLOCK_OWN, APPROVED, 0, "O11",
	    AT(8, 6, 12, 40), 1, 1 },
	{ ORDER, DE, ACCOUNT_DELETE, 0, 910, BLOCK_OWN, APPROVED, 0, "O13",
	    AT(9, 1, 12, 50), 1, 1 },
	{ ORDER, DE, ADDRESS_CHANGE, 0, 760, PLAIN, APPROVED, REVERSED, NULL,
	    AT(7, 29, 13, 0), 1, 1 },
	{ ORDER, DK, NO_ACTION, 0, 0, PLAIN, APPROVED, 0, NULL,
	    AT(7, 30, 13, 10), 20, 2 },
	{ ORDER, DE, ORDER_CANCEL, 4200, 880, TOOL_DOWN, APPROVED, 0, NULL,
	    AT(9, 10, 13, 20), 1, 1 },
	/* fraud-screen */
	{ FRAUD, DE, HOLD_PLACE, 12000, 900, PLAIN, APPROVED, 0, NULL,
	    AT(4, 4, 9, 30), 24, 7 },
	{ FRAUD, NL, HOLD_PLACE, 70000, 890, PLAIN, APPROVED, 0, NULL,
	    AT(4, 13, 10, 15), 28, 6 },
	{ FRAUD, DK, HOLD_PLACE, 65000, 880, PLAIN, APPROVED, 0, NULL,
	    AT(8, 5, 10, 25), 1, 1 },
	{ FRAUD, NL, HOLD_PLACE, 72000, 820, PLAIN, REJECTED, 0, NULL,
	    AT(7, 30, 10, 35), 1, 1 },
	{ FRAUD, DE, HOLD_PLACE, 74000, 830, PLAIN, EXPIRED, 0, NULL,
	    AT(8, 7, 21, 45), 1, 1 },
	{ FRAUD, DE, HOLD_PLACE, 76000, 840, PLAIN, MODIFIED, 0, NULL,
	    AT(8, 14, 10, 55), 1, 1 },
	{ FRAUD, NL, HOLD_PLACE, 20000, 620, PLAIN, APPROVED, 0, NULL,
	    AT(9, 4, 11, 15), 1, 1 },
	{ FRAUD, NL, HOLD_PLACE, 15000, 880, ACCESS_DENIED, APPROVED, 0, NULL,
	    AT(7, 7, 11, 25), 1, 1 },
	{ FRAUD, DE, HOLD_PLACE, 16000, 880, TOOL_RETRY, APPROVED, 0, NULL,
	    AT(7, 31, 11, 35), 1, 1 },
	{ FRAUD, DE, HOLD_PLACE, 17000, 770, PLAIN, APPROVED,
	    REVIEWED | REVERSED, NULL, AT(8, 18, 11, 45), 1, 1 },
	{ FRAUD, NL, HOLD_PLACE, 18000, 880, INPUT_BLOCKED, APPROVED, 0, NULL,
	    AT(9, 8, 11, 55), 1, 1 },
	/* stock-planner */
	{ STOCK, DE, PURCHASE_ORDER, 117100, 910, PLAIN, APPROVED, 0, NULL,
	    AT(7, 7, 13, 2), 12, 7 },
	{ STOCK, NL, PURCHASE_ORDER, 300000, 900, PLAIN, APPROVED, 0, NULL,
	    AT(7, 9, 13, 4), 14, 6 },
	{ STOCK, DE, PURCHASE_ORDER, 320000, 860, PLAIN, MODIFIED, 0, NULL,
	    AT(7, 21, 13, 6), 1, 1 },
	{ STOCK, DK, PURCHASE_ORDER, 340000, 830, PLAIN, REJECTED, 0, NULL,
	    AT(8, 4, 13, 8), 1, 1 },
	{ STOCK, DK, PURCHASE_ORDER, 310000, 840, PLAIN, EXPIRED, 0, NULL,
	    AT(8, 18, 13, 10), 1, 1 },
	{ STOCK, NL, PURCHASE_ORDER, 90000, 630, PLAIN, APPROVED, 0, NULL,
	    AT(9, 1, 13, 12), 1, 1 },
	{ STOCK, DE, PURCHASE_ORDER, 90000, 880, ACCESS_DENIED, APPROVED, 0,
	    NULL, AT(7, 28, 13, 14), 1, 1 },
	{ STOCK, DE, PURCHASE_ORDER, 95000, 780, PLAIN, APPROVED,
	    REVIEWED | REVERSED, NULL, AT(8, 25, 13, 16), 1, 1 },
	{ STOCK, DK, PURCHASE_ORDER, 85000, 900, BLOCK_OWN, APPROVED, 0, "P6",
	    AT(9, 10, 13, 18), 1, 1 },
	/* price-scout, in shadow */
	{ PRICE, DE, PRICE_PROPOSE, 0, 880, PLAIN, APPROVED, 0, NULL,
	    AT(7, 3, 3, 5), 12, 7 },
	{ PRICE, DE, PRICE_CHANGE, 0, 860, BLOCK_OWN, APPROVED, 0, "C2",
	    AT(8, 20, 3, 6), 1, 1 },
	/* copy-writer, to 07-30 */
	{ COPY, DE, CONTENT_PUBLISH, 0, 900, PLAIN, APPROVED, 0, NULL,
	    AT(4, 7, 8, 40), 19, 6 },
	{ COPY, NL, CONTENT_CAMPAIGN, 0, 890, PLAIN, APPROVED, 0, NULL,
	    AT(4, 6, 9, 5), 33, 4 },
	{ COPY, DE, CONTENT_CAMPAIGN, 0, 850, PLAIN, MODIFIED, 0, NULL,
	    AT(7, 17, 9, 55), 1, 1 },
	{ COPY, DE, CONTENT_CAMPAIGN, 0, 820, PLAIN, REJECTED, 0, NULL,
	    AT(7, 20, 10, 5), 1, 1 },
	{ COPY, DE, CONTENT_CAMPAIGN, 0, 830, PLAIN, EXPIRED, 0, NULL,
	    AT(7, 21, 14, 15), 1, 1 },
	{ COPY, NL, CONTENT_PUBLISH, 0, 620, PLAIN, APPROVED, 0, NULL,
	    AT(7, 22, 10, 25), 1, 1 },
	{ COPY, NL, CONTENT_PUBLISH, 0, 870, BLOCK_B2, APPROVED, 0, NULL,
	    AT(7, 23, 10, 35), 1, 1 },
	{ COPY, NL, CONTENT_PUBLISH, 0, 870, ACCESS_DENIED, APPROVED, 0, NULL,
	    AT(7, 24, 10, 45), 1, 1 },
	{ COPY, DE, CONTENT_PUBLISH, 0, 770, PLAIN, APPROVED, REVERSED, NULL,
	    AT(7, 27, 10, 55), 1, 1 },
	/* shift-planner */
	{ SHIFT, DE, SHIFT_ASSIGN, 0, 900, PLAIN, APPROVED, 0, NULL,
	    AT(4, 7, 13, 3), 14, 12 },
	{ SHIFT, NL, SHIFT_ASSIGN, 0, 850, PLAIN, MODIFIED, 0, NULL,
	    AT(7, 13, 13, 5), 1, 1 },
	{ SHIFT, NL, SHIFT_ASSIGN, 0, 820, PLAIN, REJECTED, 0, NULL,
	    AT(7, 27, 13, 7), 1, 1 },
	{ SHIFT, DK, SHIFT_ASSIGN, 0, 830, PLAIN, EXPIRED, 0, NULL,
	    AT(8, 10, 13, 9), 1, 1 },
	{ SHIFT, DE, SHIFT_ASSIGN, 0, 880, ACCESS_DENIED, APPROVED, 0, NULL,
	    AT(8, 11, 13, 11), 1, 1 },
	{ SHIFT, DE, SHIFT_ASSIGN, 0, 880, BLOCK_OWN, APPROVED, 0, "S3",
	    AT(9, 14, 13, 13), 1, 1 },
	{ SHIFT, DK, SHIFT_ASSIGN, 0, 870, PLAIN, APPROVED, MANAGER, NULL,
	    AT(7, 15, 9, 45), 28, 3 },
};
#define NROW (sizeof(anchors) / sizeof(anchors[0]))

size_t
plan_anchors(void)
{
	size_t n = 0;

	for (size_t i = 0; i < NROW; i++)
		n += (size_t)anchors[i].times;
	return n;
}

void
plan_anchor(struct plan *p, size_t i, char id[16])
{
	const struct anchor *a = anchors;
	size_t k = i;

	while (k >= (size_t)a->times)
		k -= (size_t)a++->times;
	snprintf(id, 16, "a%03u", (unsigned)(i + 1) % 1000);
	memset(p, 0, sizeof(*p));
	p->agent = a->agent;
	p->env = a->agent == PRICE ? SHADOW : PROD;
	p->tenant = a->tenant;
	p->action = a->action;
	p->eur_cents = a->cents;
	p->confidence = a->confidence;
	p->special = a->special;
	p->answer = a->answer;
	p->block_rule = a->rule;
	p->start = a->first + (int64_t)k * a->every * DAY;
	p->reads = 2;
	p->retrieves = p->models = p->fixed = 1;
	p->by_person = a->agent == ORDER || a->agent == REFUND ||
	    (a->flags & MANAGER);
	p->user = a->flags & MANAGER ? 90000 : 1000000 + i;
	if (p->by_person)
		p->user_role = a->flags & MANAGER ? "store-manager"
		    : a->flags & STAFF ? "support" : "customer";
	p->child = (a->flags & CHILD) != 0;
	p->child_cents = p->child && k % 2 == 0 ? 30000 : 0;
	p->reviewed = (a->flags & REVIEWED) != 0;
	p->reversed = (a->flags & REVERSED) != 0;
	p->complaint = (a->flags & COMPLAINT) != 0;
	p->erased = (a->flags & ERASED) != 0;
}
