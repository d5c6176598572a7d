/* sack_list.h - SACK blocks as a scenario writes them: "+10..+20 +30..+40", distances from a number that is known only later.
 * Pure. */
#ifndef TWPROBE_CASES_SCENARIO_SACK_LIST_H
#define TWPROBE_CASES_SCENARIO_SACK_LIST_H

#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/segment.h"

enum {
	SACK_LIST_MAX = 4,       /* RFC 2018 3: as many as an option list has room for */
	SACK_LIST_SENT_MAX = 3,  /* the same, next to timestamps */
	SACK_LIST_TEXT_SIZE = SACK_LIST_MAX * 25 + 1,
};

/* In their order; each from its first number up to the one behind its last. */
struct sack_list {
	uint8_t count;
	struct {
		int32_t from, to;
	} blocks[SACK_LIST_MAX];
};

int sack_list_parse(const char *text, struct sack_list *list, struct error *error);
/* "absent" for an empty one. */
const char *sack_list_format(const struct sack_list *list, char buffer[static SACK_LIST_TEXT_SIZE]);
/* The blocks of a segment's first SACK option, counted from `base`. */
void sack_list_read(const struct segment *segment, uint32_t base, struct sack_list *list);
/* Appends the option, behind two NOPs. */
void sack_list_add(const struct sack_list *list, uint32_t base, struct segment *segment);

#endif
