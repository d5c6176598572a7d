/* pair.h - the two ends of a connection by what they are to a test, whichever of them listens, connects or sends.
 *
 * A tuple (crafter/tuple.h) has a direction: source and target of a segment. A pair has roles. */
#ifndef TWPROBE_CRAFTER_PAIR_H
#define TWPROBE_CRAFTER_PAIR_H

#include "crafter/tuple.h"

struct pair {
	struct endpoint crafted; /* the end that we make, or that takes its place */
	struct endpoint subject; /* the end that is asked */
};

/* Of the segments that the crafted end sends. */
static inline struct tuple pair_to_subject(const struct pair *pair)
{
	return (struct tuple){ .source = pair->crafted, .target = pair->subject };
}

/* Of the segments that the subject sends. */
static inline struct tuple pair_from_subject(const struct pair *pair)
{
	return (struct tuple){ .source = pair->subject, .target = pair->crafted };
}

/* The subject is where such segments go, or where they come from. */
static inline struct pair pair_of_target(const struct tuple *tuple)
{
	return (struct pair){ .crafted = tuple->source, .subject = tuple->target };
}

static inline struct pair pair_of_source(const struct tuple *tuple)
{
	return (struct pair){ .crafted = tuple->target, .subject = tuple->source };
}

#endif
