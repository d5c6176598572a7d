/* trait.h - the traits of an answer that a step of a scenario may check: what it carries, or does not. Pure. */
#ifndef TWPROBE_CASES_SCENARIO_TRAIT_H
#define TWPROBE_CASES_SCENARIO_TRAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/quantity.h"
#include "cases/scenario/sack_list.h"
#include "crafter/fail.h"
#include "crafter/offset.h"
#include "crafter/segment.h"
#include "crafter/stimulus.h"

enum trait_id {
	TRAIT_FLAGS,
	TRAIT_SEQ,        /* an offset from snd_nxt */
	TRAIT_WINDOW,     /* as on the wire: not scaled */
	TRAIT_PAYLOAD,    /* bytes */
	TRAIT_MSS,        /* options from here on: "absent", or a value */
	TRAIT_WSCALE,
	TRAIT_SACK,       /* SACK permitted: "present" or "absent" */
	TRAIT_SACK_BLOCKS, /* blocks, counted from rcv_nxt */
	TRAIT_TIMESTAMPS, /* "present" or "absent" */
	TRAIT_TSECR,      /* an offset from ts_recent, the last TSval that was taken */
	TRAIT_COUNT,
};

/* What one of them must be. */
struct trait_check {
	bool said;
	bool absent, present;  /* of options */
	uint16_t flags;
	struct range range;
	struct offset offset;
	struct sack_list blocks;
};

enum { TRAIT_TEXT_SIZE = SACK_LIST_TEXT_SIZE };

const char *trait_name(enum trait_id id);
/* TRAIT_COUNT: unknown name. */
enum trait_id trait_parse(const char *name);
const char *trait_list(char *buffer, size_t size);
/* Reads what it must be: "S", "equal", "1..64240", "+10..+20", "absent". */
int trait_check_parse(enum trait_id id, const char *text, struct trait_check *check, struct error *error);

/* Is it so in this segment, with offsets from this baseline? Both texts say what, for a report. */
bool trait_check_holds(enum trait_id id, const struct trait_check *check, const struct segment *segment,
		       const struct baseline *base, char expected[static TRAIT_TEXT_SIZE],
		       char observed[static TRAIT_TEXT_SIZE]);

#endif
