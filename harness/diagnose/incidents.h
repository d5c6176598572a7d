/* incidents.h - encounters that follow from one another are one incident: what answers one is the next. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_INCIDENTS_H
#define TWPROBE_HARNESS_DIAGNOSE_INCIDENTS_H

#include "harness/diagnose/encounter.h"

/* So many encounters are remembered. */
enum { INCIDENTS_KEPT = 64 };

/* One that was told. */
struct incident {
	uint64_t connection, first, answer_frame; /* first: the frame with which the incident began; answer_frame: 0: none */
	enum encounter_kind kind;
};

struct incidents {
	struct incident kept[INCIDENTS_KEPT]; /* a ring */
	uint32_t next;
};

/* The encounter is told; those before it were told in the order of their frames. Returns the frame with which its incident
 * began: its own, where it is the first. */
uint64_t incidents_take(struct incidents *incidents, const struct encounter *encounter);

#endif
