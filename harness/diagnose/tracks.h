/* tracks.h - the connections of a capture by their four-tuples, and in the order of their last segments. Bounded memory. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TRACKS_H
#define TWPROBE_HARNESS_DIAGNOSE_TRACKS_H

#include "harness/diagnose/track.h"
#include "listener/flows.h"

/* `list`: of `most`, of which so many were ever used. The place of a connection there is its slot. */
struct tracks {
	struct track *list;
	struct flows *flows;
	size_t most, used;
	uint32_t newest, oldest; /* by the last segment; UINT32_MAX: there is none */
};

/* -1: out of memory. */
int tracks_open(struct tracks *tracks, size_t most);
void tracks_close(struct tracks *tracks);

/* Either direction finds it: *reversed (may be NULL) says that these are the target's segments. NULL: there is none. */
struct track *tracks_find(const struct tracks *tracks, const struct tuple *tuple, bool *reversed);
/* A segment of it passes. */
void tracks_touch(struct tracks *tracks, struct track *connection);
/* The one that has to go before another can be added, which is idle longest; NULL: none. */
struct track *tracks_superfluous(const struct tracks *tracks);
/* A new one, which is 0 but for its links and its conversation's tuple. Takes the place of the superfluous one. */
struct track *tracks_add(struct tracks *tracks, const struct tuple *tuple);

#endif
