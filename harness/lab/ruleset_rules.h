/* ruleset_rules.h - the rules of a path's rule set by their handles in the kernel: their text, and their line in the user's
 * file. Pure. */
#ifndef TWPROBE_HARNESS_LAB_RULESET_RULES_H
#define TWPROBE_HARNESS_LAB_RULESET_RULES_H

#include <stddef.h>
#include <stdint.h>

enum { RULESET_NAME_SIZE = 64, RULESET_TEXT_SIZE = 120 };

struct ruleset_rule {
	char family[8];                  /* "inet", "ip" */
	char table[RULESET_NAME_SIZE], chain[RULESET_NAME_SIZE];
	uint64_t handle;                 /* 0: the chain's policy */
	unsigned ordinal;                /* in its chain, from 0 */
	char text[RULESET_TEXT_SIZE];    /* as nft lists it, cut at the end */
	int line;                        /* in the user's file, from 1; 0: not known */
};

struct ruleset_rules {
	size_t count;
	struct ruleset_rule *rules;      /* malloc'ed */
};

/* From what `nft -a -s list ruleset` prints; `source` is the text of the user's rule set, which begins in the line `first_line`
 * of its file. -1: out of memory. */
int ruleset_rules_read(struct ruleset_rules *rules, const char *listing, const char *source, int first_line);
/* NULL: there is no such rule. */
const struct ruleset_rule *ruleset_rules_find(const struct ruleset_rules *rules, const char *family, const char *table,
					      const char *chain, uint64_t handle);
void ruleset_rules_free(struct ruleset_rules *rules);

#endif
