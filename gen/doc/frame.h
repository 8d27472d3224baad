#ifndef DOC_FRAME_H
#define DOC_FRAME_H

#include "doc/sec.h"

/*
 * What stands in every document round its body (documents.md part 1): title
 * block, status line, confrontation table; gaps, sources, approval, changes.
 * Each adds one section to the root, made of facts of its own.
 */
struct frame {
	struct sec sec;         /* section and at are set by each part */
	const struct facts *body; /* the document's own facts */
	struct docnode *root;
	const struct section *sections;
	const char **agent;     /* whom the document is about */
	size_t nagent;
	int all_agents;         /* it is about the whole company */
	const struct result **claim; /* in the order of the table */
	size_t nclaim;
	const struct gap **gap;
	size_t ngap;
	const char *content_hash, *basis_hash;
	const char *status;     /* draft signed stale */
	const char *status_why;
};

/* Collects claims, gaps, hashes and the status, from facts and findings. */
void frame_collect(struct frame *);

void frame_title(struct frame *);
void frame_status(struct frame *);
void frame_claims(struct frame *);
void frame_gaps(struct frame *);
void frame_sources(struct frame *);
void frame_approval(struct frame *);
void frame_changes(struct frame *);

#endif
