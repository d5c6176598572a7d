/* tracks.h - the connections of a capture by their four-tuples, and in the order of their last segments. Bounded memory.
 *
 * Most connections of a capture are over, and are only remembered: when others begin, those that no segment came to for long
 * fall asleep, and take a sixth of the memory until something asks for them. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TRACKS_H
#define TWPROBE_HARNESS_DIAGNOSE_TRACKS_H

#include "harness/diagnose/molds.h"
#include "harness/diagnose/track.h"
#include "listener/flows.h"

/* So many stay awake: few enough that they are still in a core's second cache when they fall asleep, be it one of 1 MiB through
 * which all that is read passes. */
enum { TRACKS_AWAKE = 64 };

/* A connection, awake or not. */
struct tracks_slot {
	uint32_t newer, older;    /* by the last segment; UINT32_MAX: none */
	struct molds_place place; /* mold 0: it is awake, and `word` is its place in tracks.awake */
};

/* `slots`: of `most`, of which so many were ever used. The place of a connection there is its slot. */
struct tracks {
	struct tracks_slot *slots;
	struct track *awake;      /* of `most`; so many were ever used */
	size_t awake_used, awake_count, awake_most;
	size_t hand;              /* the next one that is looked at */
	uint32_t spare;           /* of `awake`, the first that is not used; its slot is the next. UINT32_MAX: none */
	struct molds *molds;
	struct flows *flows;
	size_t most, used;
	uint32_t newest, oldest;  /* by the last segment; UINT32_MAX: there is none */
};

/* -1: out of memory. */
int tracks_open(struct tracks *tracks, size_t most);
void tracks_close(struct tracks *tracks);

/* Either direction finds it: *reversed (may be NULL) says that these are the target's segments. NULL: there is none. Like the
 * others here it wakes what it returns, which stays where it is until tracks_add(). */
struct track *tracks_find(struct tracks *tracks, const struct tuple *tuple, bool *reversed);
/* The one of a slot. */
struct track *tracks_at(struct tracks *tracks, uint32_t slot);
/* What is told of it at the end, be it in *room. */
struct tracked *tracks_read(struct tracks *tracks, uint32_t slot, struct tracked *room);
/* A segment of it passes. */
void tracks_touch(struct tracks *tracks, struct track *connection);
/* The one that has to go before another can be added, which is idle longest; NULL: none. */
struct track *tracks_superfluous(struct tracks *tracks);
/* A new one, which is 0 but for its slot and its conversation's tuple. Takes the place of the superfluous one. */
struct track *tracks_add(struct tracks *tracks, const struct tuple *tuple);

#endif
