#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "crypt/hash.h"
#include "generate.h"

/* samples/README.md, table by table. */

const char *const env_name[NENV] = { "staging", "shadow", "prod" };
const char *const tenant_name[NTENANT] = { "shop-dk", "shop-de", "shop-nl" };

const struct agent_fact agents[NAGENT] = {
	[REFUND] = { "refund-bot", P_REFUND, "returns-rules", CRM,
	    { ORDERS, CRM }, 2, 2, "order", "finance" },
	[ORDER] = { "order-desk", P_ORDER, "help-centre", CRM,
	    { CRM, ORDERS }, 2, 1, "contact", "support" },
	[FRAUD] = { "fraud-screen", P_ORDER, "fraud-signals", ORDERS,
	    { ORDERS, ORDERS }, 1, 0, "order", "support" },
	[STOCK] = { "stock-planner", P_PURCHASE, "demand-history", STOCKS,
	    { STOCKS, STOCKS }, 1, 1, "internal", "buyer" },
	[PRICE] = { "price-scout", P_PRICE, "product-sheets", CATALOGUE,
	    { CATALOGUE, CATALOGUE }, 1, 1, "public", "product" },
	[COPY] = { "copy-writer", P_CONTENT, "style-guide", CATALOGUE,
	    { CATALOGUE, CATALOGUE }, 1, 0, "public", "product" },
	[SHIFT] = { "shift-planner", P_ROSTER, "labour-rules", ROSTER,
	    { ROSTER, ROSTER }, 1, 0, "staff", "store-manager" },
};

const struct tool_fact tools[NTOOL] = {
	[ORDERS] = { "orders", "order", "orders" },
	[CRM] = { "crm", "contact", "crm" },
	[PAYMENTS] = { "payments", "payment", "payments" },
	[CARRIERS] = { "carriers", "contact", "carriers" },
	[STOCKS] = { "stock", "internal", "stock" },
	[SUPPLIERS] = { "suppliers", "internal", "suppliers" },
	[CATALOGUE] = { "catalogue", "public", "catalogue" },
	[ROSTER] = { "roster", "staff", "roster" },
};

const struct action_fact actions[NACTION] = {
	[REFUND_CREATE] = { "refund.create", REFUND, PAYMENTS, "full",
	    "refund.reverse", 1, 1 },
	[ADDRESS_CHANGE] = { "address.change", ORDER, ORDERS, "partial",
	    "address.restore", 0, 1 },
	[ORDER_CANCEL] = { "order.cancel", ORDER, ORDERS, "full",
	    "order.reinstate", 1, 1 },
	[LETTER_SEND] = { "letter.send", ORDER, CARRIERS, "none", NULL, 0, 0 },
	[HOLD_PLACE] = { "hold.place", FRAUD, ORDERS, "full", "hold.release",
	    1, 1 },
	[PURCHASE_ORDER] = { "purchase.order", STOCK, SUPPLIERS, "full",
	    "purchase.cancel", 1, 1 },
	[PRICE_PROPOSE] = { "price.propose", PRICE, CATALOGUE, "full", NULL,
	    0, 0 },
	[CONTENT_PUBLISH] = { "content.publish", COPY, CATALOGUE, "partial",
	    "content.retract", 0, 1 },
	[CONTENT_CAMPAIGN] = { "content.campaign", COPY, CATALOGUE, "partial",
	    "content.retract", 0, 1 },
	[SHIFT_ASSIGN] = { "shift.assign", SHIFT, ROSTER, "partial",
	    "shift.release", 0, 1 },
	[ACCOUNT_DELETE] = { "account.delete", ORDER, CRM, "none", NULL, 0, 1 },
	[PRICE_CHANGE] = { "price.change", PRICE, CATALOGUE, "partial", NULL,
	    0, 1 },
};

const struct stage_fact stages[] = {
	{ REFUND, "1.1.0", STAGING, AT(3, 2, 0, 0), AT(3, 17, 5, 0), NULL },
	{ REFUND, "1.1.0", SHADOW, AT(3, 17, 5, 0), AT(4, 1, 5, 0), NULL },
	{ REFUND, "1.1.0", PROD, AT(4, 1, 5, 0), AT(7, 14, 5, 0), NULL },
	{ REFUND, "1.2.0", SHADOW, AT(6, 29, 5, 0), AT(7, 14, 5, 0), NULL },
	{ REFUND, "1.2.0", PROD, AT(7, 14, 5, 0), AT(8, 18, 5, 0), NULL },
	{ REFUND, "1.3.0", SHADOW, AT(8, 3, 5, 0), AT(8, 18, 5, 0), NULL },
	{ REFUND, "1.3.0", PROD, AT(8, 18, 5, 0), AT(8, 21, 10, 20), NULL },
	{ REFUND, "1.2.0", PROD, AT(8, 21, 10, 20), FOREVER, "1.3.0" },
	{ ORDER, "2.0.0", STAGING, AT(3, 2, 0, 0), AT(3, 17, 5, 0), NULL },
	{ ORDER, "2.0.0", SHADOW, AT(3, 17, 5, 0), AT(4, 1, 5, 0), NULL },
	{ ORDER, "2.0.0", PROD, AT(4, 1, 5, 0), AT(7, 22, 5, 0), NULL },
	{ ORDER, "2.1.0", SHADOW, AT(7, 7, 5, 0), AT(7, 22, 5, 0), NULL },
	{ ORDER, "2.1.0", PROD, AT(7, 22, 5, 0), FOREVER, NULL },
	{ FRAUD, "1.0.0", STAGING, AT(3, 2, 0, 0), AT(3, 17, 5, 0), NULL },
	{ FRAUD, "1.0.0", SHADOW, AT(3, 17, 5, 0), AT(4, 1, 5, 0), NULL },
	{ FRAUD, "1.0.0", PROD, AT(4, 1, 5, 0), FOREVER, NULL },
	{ STOCK, "1.0.0", SHADOW, AT(6, 8, 5, 0), AT(7, 6, 5, 0), NULL },
	{ STOCK, "1.0.0", PROD, AT(7, 6, 5, 0), FOREVER, NULL },
	{ PRICE, "0.3.0", SHADOW, AT(7, 1, 0, 0), FOREVER, NULL },
	{ COPY, "1.0.0", STAGING, AT(3, 2, 0, 0), AT(3, 17, 5, 0), NULL },
	{ COPY, "1.0.0", SHADOW, AT(3, 17, 5, 0), AT(4, 1, 5, 0), NULL },
	{ COPY, "1.0.0", PROD, AT(4, 1, 5, 0), AT(7, 31, 22, 0), NULL },
	{ SHIFT, "1.0.0", STAGING, AT(3, 2, 0, 0), AT(3, 17, 5, 0), NULL },
	{ SHIFT, "1.0.0", SHADOW, AT(3, 17, 5, 0), AT(4, 1, 5, 0), NULL },
	{ SHIFT, "1.0.0", PROD, AT(4, 1, 5, 0), AT(9, 7, 5, 0), NULL },
	{ SHIFT, "1.1.0", SHADOW, AT(8, 23, 5, 0), AT(9, 7, 5, 0), NULL },
	{ SHIFT, "1.1.0", PROD, AT(9, 7, 5, 0), FOREVER, NULL },
	/* kept ready: what one rolls back to */
	{ REFUND, "1.1.0", STAGING, AT(7, 14, 5, 0), FOREVER, NULL },
	{ ORDER, "2.0.0", STAGING, AT(7, 22, 5, 0), FOREVER, NULL },
	{ SHIFT, "1.0.0", STAGING, AT(9, 7, 5, 0), FOREVER, NULL },
};
const size_t nstages = sizeof(stages) / sizeof(stages[0]);

#define REFUND_A \
	"abc17eef4b3e317bac17e348c30ba17b7d0dbb0c2640e277b4c846c3bf77c522"
#define REFUND_B \
	"c6df367840ad0ebaf1aeea46e1634fdb21899447624cbb3305f2e6e87049c8c7"
#define PARAM_ORDER \
	"cecb518004d9a885bb660318bae9031e8a3fc1311586c2b4a2eb84c502e8ea40"
#define PARAM_FRAUD \
	"a46714326081d6352c6e89058014056a2ced70811f8fc1b0552a5d623ab0f574"
#define PARAM_STOCK \
	"f385e2275f25221727ea1487bb8f0d03fed47568c8d3299529561f5b23ee0fc6"
#define PARAM_PRICE \
	"61f84c01e101ea18d4ce3dd7483ea77d4cf145ef76b7c609fbc39f532324bf9c"
#define PARAM_COPY \
	"2647c569bcf1476e2279c7fbe28f5c612aed541ef848fb8db10d741d68fa8b5f"
#define PARAM_SHIFT \
	"65c2a538f422930c1295313f29e8ba20f91e8c14e0fa1bfa905886c7e82436ea"
#define ALPHA "alpha-models"
#define LARGE "alpha-large"
#define SMALL "alpha-small"
#define FEB "2026-02-15"
#define JUN "2026-06-30"

struct version_fact versions[] = {
	{ REFUND, "1.1.0", ALPHA, LARGE, FEB, 200, REFUND_A, "refund-decide",
	    "3", { 931000, 991000, 12000, 14000 }, "" },
	{ REFUND, "1.2.0", ALPHA, LARGE, FEB, 200, REFUND_A, "refund-decide",
	    "4", { 940000, 992000, 11000, 13000 }, "" },
	{ REFUND, "1.3.0", ALPHA, LARGE, JUN, 400, REFUND_B, "refund-decide",
	    "5", { 951000, 990000, 13000, 15000 }, "" },
	{ ORDER, "2.0.0", ALPHA, SMALL, FEB, 300, PARAM_ORDER, "order-answer",
	    "7", { 921000, 989000, 14000, 0 }, "" },
	{ ORDER, "2.1.0", ALPHA, SMALL, JUN, 300, PARAM_ORDER, "order-answer",
	    "8", { 933000, 990000, 12000, 0 }, "" },
	{ FRAUD, "1.0.0", "fictional-retail", "inhouse-risk", "2026.3", 0,
	    PARAM_FRAUD, "fraud-score", "1", { 962000, 994000, 6000, 0 }, "" },
	{ STOCK, "1.0.0", ALPHA, LARGE, FEB, 0, PARAM_STOCK, "stock-order",
	    "2", { 917000, 993000, 7000, 0 }, "" },
	{ PRICE, "0.3.0", ALPHA, SMALL, JUN, 100, PARAM_PRICE,
	    "price-propose", "1", { 905000, 988000, 9000, 0 }, "" },
	{ COPY, "1.0.0", ALPHA, LARGE, FEB, 700, PARAM_COPY, "copy-write",
	    "2", { 926000, 987000, 15000, 0 }, "" },
	{ SHIFT, "1.0.0", ALPHA, SMALL, FEB, 100, PARAM_SHIFT, "shift-plan",
	    "3", { 908000, 991000, 8000, 16000 }, "" },
	{ SHIFT, "1.1.0", ALPHA, SMALL, JUN, 100, PARAM_SHIFT, "shift-plan",
	    "4", { 923000, 992000, 7000, 12000 }, "" },
};
const size_t nversions = sizeof(versions) / sizeof(versions[0]);

#define MARCH AT(3, 1, 0, 0)
const struct pin_fact pins[] = {
	{ ORDERS, "4.2.0", "2a0e00698ee445b19ae709131ba3a1fda21769af62b6823c4"
	    "8303c3d667ff966", MARCH, FOREVER },
	{ CRM, "2.5.0", "7709f90bcac6564e917f20fa9ce5b12fe09fcba0d1e8067f8ddf"
	    "8059a52a1d93", MARCH, FOREVER },
	{ PAYMENTS, "3.0.0", "7f497e4c8c9e8829bfdd08153d5fe14c8d79641ff38fb29"
	    "460cdc86d34696193", MARCH, AT(7, 14, 5, 0) },
	{ PAYMENTS, "3.1.0", "bc4beb0aa5f517534c1889c4c9822c281e872c83adabb90"
	    "ba2540a68ab7862e2", AT(7, 14, 5, 0), FOREVER },
	{ CARRIERS, "1.8.0", "7da004347734b8f6c5c3e2851b6195f714139546b155a5d"
	    "f7f87f181ffe2f328", MARCH, FOREVER },
	{ STOCKS, "2.1.0", "b0898ff148962f321c922d611090143c840bb49850cb75c44"
	    "bdf2984b1ecea7d", MARCH, FOREVER },
	{ SUPPLIERS, "1.3.0", "a3da866d097affaba768e9fb4e6ceef94c642e5dfeb023"
	    "8293fa1cd4b40f018c", MARCH, FOREVER },
	{ CATALOGUE, "5.0.0", "81c5df7ca3745518b6ffa26917b09af0257a9c44870295"
	    "a36803eba4b5f0924c", MARCH, FOREVER },
	{ ROSTER, "1.0.0", "5c6ba076cc34aced96762efeebf8ad4d15660a78dc10a3f5c"
	    "bf80f4d0bca0e90", MARCH, AT(9, 7, 5, 0) },
	{ ROSTER, "1.1.0", "2bda198c1f3026f5ee9b3b959be443ea39bb82fb589a019dc"
	    "0c9e919dc7acc40", AT(9, 7, 5, 0), FOREVER },
};
const size_t npins = sizeof(pins) / sizeof(pins[0]);

const struct policy_fact policies[NPOLICY] = {
	[P_BASE] = { "base-policy", NULL },
	[P_REFUND] = { "refund-policy", "refund-gate" },
	[P_ORDER] = { "order-policy", "order-gate" },
	[P_PURCHASE] = { "purchase-policy", "purchase-gate" },
	[P_PRICE] = { "price-policy", "price-gate" },
	[P_CONTENT] = { "content-policy", "content-gate" },
	[P_ROSTER] = { "roster-policy", "roster-gate" },
};

/* Of a policy the newest comes last. */
struct policy_version policy_versions[] = {
	{ P_BASE, "1", AT(3, 2, 0, 0), "" },
	{ P_REFUND, "4", AT(3, 2, 0, 0), "" },
	{ P_REFUND, "5", AT(4, 1, 0, 0), "" },
	{ P_REFUND, "6", AT(5, 18, 0, 0), "" },
	{ P_REFUND, "7", AT(7, 1, 0, 0), "" },
	{ P_REFUND, "8", AT(8, 21, 10, 5), "" },
	{ P_ORDER, "3", AT(3, 2, 0, 0), "" },
	{ P_ORDER, "4", AT(7, 22, 5, 0), "" },
	{ P_PURCHASE, "1", AT(6, 1, 0, 0), "" },
	{ P_PURCHASE, "2", AT(7, 6, 5, 0), "" },
	{ P_PRICE, "1", AT(6, 15, 0, 0), "" },
	{ P_CONTENT, "1", AT(3, 2, 0, 0), "" },
	{ P_ROSTER, "1", AT(3, 2, 0, 0), "" },
	{ P_ROSTER, "2", AT(9, 7, 5, 0), "" },
};
const size_t npolicy_versions =
    sizeof(policy_versions) / sizeof(policy_versions[0]);

/* Those who decide and review.  finance-lead.one also holds finance, but
 * answers only what was escalated. */
static const struct duty duties[] = {
	{ "finance.one", "finance", 0, FOREVER },
	{ "finance.two", "finance", 0, AT(8, 15, 0, 0) },
	{ "finance.three", "finance", AT(8, 3, 0, 0), FOREVER },
	{ "support.two", "support", 0, FOREVER },
	{ "support.one", "support", 0, AT(9, 1, 0, 0) },
	{ "support.three", "support", 0, FOREVER },
	{ "support.four", "support", 0, FOREVER },
	{ "buyer.one", "buyer", 0, FOREVER },
	{ "buyer.two", "buyer", 0, FOREVER },
	{ "product.one", "product", 0, FOREVER },
	{ "support.one", "product", AT(9, 1, 0, 0), FOREVER },
	{ "store-manager.one", "store-manager", 0, FOREVER },
	{ "store-manager.two", "store-manager", 0, FOREVER },
	{ "store-manager.three", "store-manager", 0, FOREVER },
};
#define NDUTY (sizeof(duties) / sizeof(duties[0]))

/* Hours of work in UTC: first, last; 1: also on Sundays. */
static const struct { const char *role; int from, to, sunday; } hours[] = {
	{ "finance", 6, 16, 0 },
	{ "support", 6, 20, 1 },
	{ "buyer", 6, 16, 0 },
	{ "product", 6, 16, 0 },
	{ "store-manager", 6, 20, 1 },
};

static void
file_hash(char out[65], const char *dir, const char *path)
{
	struct arena *a = arena_new();
	struct hash *h = hash_new(a);
	struct err e = { 0 };
	uint8_t sum[HASH_LEN];
	char *p;
	size_t n;

	if (out_slurp(a, arena_printf(a, "%s/%s", dir, path), 1 << 20, &p, &n,
	    &e) != 0)
		die(2, "%s", e.msg);
	hash_bytes(h, sum, p, n);
	hash_hex(out, sum);
	hash_free(h);
	arena_free(a);
}

void
facts_load(const char *dir)
{
	char path[256];

	for (size_t i = 0; i < nversions; i++) {
		snprintf(path, sizeof(path), "registry/prompts/%s/%s.txt",
		    versions[i].prompt, versions[i].prompt_version);
		file_hash(versions[i].prompt_hash, dir, path);
	}
	for (size_t i = 0; i < npolicy_versions; i++) {
		const char *id = policies[policy_versions[i].policy].id;

		snprintf(path, sizeof(path), "policies/%s/source/%s/%s.rego",
		    id, policy_versions[i].version, id);
		file_hash(policy_versions[i].hash, dir, path);
	}
}

const struct stage_fact *
stage_at(enum agent a, enum env env, int64_t us)
{
	for (size_t i = 0; i < nstages; i++)
		if (stages[i].agent == a && stages[i].env == env &&
		    us >= stages[i].from && us < stages[i].to)
			return &stages[i];
	return NULL;
}

struct version_fact *
version_of(enum agent a, const char *version)
{
	for (size_t i = 0; i < nversions; i++)
		if (versions[i].agent == a &&
		    strcmp(versions[i].version, version) == 0)
			return &versions[i];
	return NULL;
}

const char *
pin_at(enum tool t, int64_t us)
{
	for (size_t i = 0; i < npins; i++)
		if (pins[i].tool == t && us >= pins[i].from && us < pins[i].to)
			return pins[i].hash;
	return NULL;
}

const struct policy_version *
policy_at(enum policy p, int64_t us)
{
	const struct policy_version *best = NULL;

	for (size_t i = 0; i < npolicy_versions; i++)
		if (policy_versions[i].policy == p &&
		    us >= policy_versions[i].from)
			best = &policy_versions[i];
	return best;
}

const char *
person_at(const char *role, int64_t us, uint64_t n)
{
	const char *held[NDUTY] = { NULL };
	size_t k = 0;

	for (size_t i = 0; i < NDUTY; i++)
		if (strcmp(duties[i].role, role) == 0 &&
		    us >= duties[i].from && us < duties[i].to)
			held[k++] = duties[i].person;
	return k == 0 ? NULL : held[n % k];
}

const char *
governance_at(int64_t us)
{
	return us < AT(7, 20, 0, 0) ? "governance.one" : "governance.two";
}

int
on_duty(const char *role, int64_t us)
{
	int hour = (int)(us / HOUR % 24);

	for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++)
		if (strcmp(hours[i].role, role) == 0)
			return hour >= hours[i].from && hour < hours[i].to &&
			    (hours[i].sunday || weekday(us) != 6);
	return 0;
}

int64_t
next_duty(const char *role, int64_t us)
{
	us -= us % HOUR;
	do
		us += HOUR;
	while (!on_duty(role, us));
	return us;
}

static struct ruling
ruling(enum policy p, const char *rule, const char *tier, const char *reason)
{
	struct ruling r = { p, rule, tier, NULL, reason, policies[p].gate, 0,
	    1, 0 };

	return r;
}

static struct ruling
approve(enum policy p, const char *rule, const char *role, int64_t sla,
    const char *reason)
{
	struct ruling r = ruling(p, rule, "approve", reason);

	r.role = role;
	r.sla = sla;
	return r;
}

static struct ruling
rule_refund(int dkk, int version, int64_t minor, int confidence)
{
	int64_t alone = version >= 8 ? (dkk ? 29800 : 4000)
	    : (dkk ? 37300 : 5000);
	int64_t one = dkk ? 746000 : 100000;
	struct ruling r;

	if (version >= 7 && minor > one) {
		r = approve(P_REFUND, dkk ? "R7" : "R6", "finance", HOUR,
		    "above the limit of one person");
		r.persons = 2;
	} else if (minor > alone)
		r = approve(P_REFUND, dkk ? "R4" : "R3", "finance", HOUR,
		    "above the limit");
	else if (confidence < 700)
		r = approve(P_REFUND, "R8", "finance", HOUR,
		    "low confidence");
	else
		return ruling(P_REFUND, dkk ? "R2" : "R1", "auto",
		    "within the limit");
	r.escalate = 1;
	return r;
}

struct ruling
rule_for(enum action a, enum tenant t, int64_t us, int64_t minor,
    int confidence)
{
	int dkk = t == DK, low = confidence < 700;
	const struct policy_version *v;

	switch (a) {
	case REFUND_CREATE:
		v = policy_at(P_REFUND, us);
		return rule_refund(dkk, v->version[0] - '0', minor, confidence);
	case ADDRESS_CHANGE:
		if (low)
			break;
		return ruling(P_ORDER, "O1", "notify", "address of the order");
	case ORDER_CANCEL:
		if (minor > (dkk ? 149200 : 20000))
			return approve(P_ORDER, dkk ? "O5" : "O4", "support",
			    4 * HOUR, "above the limit");
		if (low)
			break;
		return ruling(P_ORDER, dkk ? "O3" : "O2", "auto",
		    "within the limit");
	case LETTER_SEND:
		return approve(P_ORDER, "O6", "support", 4 * HOUR,
		    "cannot be undone");
	case HOLD_PLACE:
		if (minor > (dkk ? 373000 : 50000))
			return approve(P_ORDER, dkk ? "O10" : "O9", "support",
			    4 * HOUR, "above the limit");
		if (low)
			break;
		return ruling(P_ORDER, dkk ? "O8" : "O7", "auto",
		    "within the limit");
	case PURCHASE_ORDER:
		if (minor > (dkk ? 1865000 : 250000))
			return approve(P_PURCHASE, dkk ? "P4" : "P3", "buyer",
			    8 * HOUR, "above the limit");
		if (low)
			return approve(P_PURCHASE, "P5", "buyer", 8 * HOUR,
			    "low confidence");
		return ruling(P_PURCHASE, dkk ? "P2" : "P1", "auto",
		    "within the limit");
	case PRICE_PROPOSE:
		if (low)
			return approve(P_PRICE, "C3", "product", 8 * HOUR,
			    "low confidence");
		return ruling(P_PRICE, "C1", "auto", "proposal only");
	case CONTENT_PUBLISH:
		if (low)
			return approve(P_CONTENT, "T3", "product", 8 * HOUR,
			    "low confidence");
		return ruling(P_CONTENT, "T1", "notify", "product text");
	case CONTENT_CAMPAIGN:
		return approve(P_CONTENT, "T2", "product", 8 * HOUR,
		    "campaign text");
	case SHIFT_ASSIGN:
		return approve(P_ROSTER, "S1", "store-manager", 8 * HOUR,
		    "plans of people are approved");
	case ACCOUNT_DELETE:
		return ruling(P_ORDER, "O13", "block", "never by an agent");
	case PRICE_CHANGE:
		return ruling(P_PRICE, "C2", "block", "never by an agent");
	case NACTION:
	case NO_ACTION:
		break;
	}
	return approve(P_ORDER, "O12", "support", 4 * HOUR, "low confidence");
}
