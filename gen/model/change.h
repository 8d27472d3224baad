#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

/*
 * One thing that two packs say differently.  before NULL: only the later one
 * has it; after NULL: only the earlier one.
 */
enum change_way { CHANGE_WORSE, CHANGE_BETTER, CHANGE_OTHER };

struct change {
	const char *kind; /* verdict, gap, agent, ...: compare.h */
	const char *id;   /* "HO-01 refund-bot", "refund-bot kill_max_us" */
	const char *before, *after;
	enum change_way way;
};

#endif
