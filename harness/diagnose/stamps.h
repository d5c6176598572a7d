/* stamps.h - the timestamps of one side's segments: where they vanish, go back, or are far ahead. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_STAMPS_H
#define TWPROBE_HARNESS_DIAGNOSE_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

enum stamps_view {
	STAMPS_OWN,    /* nothing speaks against it */
	STAMPS_BARE,   /* it has none, where all must have one */
	STAMPS_KEEPALIVE, /* it has none, as those of systems that make keepalives without options (BSD's tcp_respond()) */
	STAMPS_GONE,   /* from here on none has */
	STAMPS_SINGLE, /* the next one has one again, or is back on the clock that this one left */
	STAMPS_BACK,   /* older than the last one; what comes after it decides */
	STAMPS_LOWER,  /* and from here on the clock is lower */
	STAMPS_AHEAD,  /* further ahead than any clock goes in the time */
	STAMPS_HIGHER, /* and from here on it is */
	STAMPS_FAST,   /* and so is the next one, at the same pace: no jump, but a clock */
};

/* So many segments without a timestamp one after the other, or with lower ones: it is not one of them that is odd. */
enum { STAMPS_RUN = 3, STAMPS_NEAR = 1000 };

/* What was found about one segment. */
struct stamps_mark {
	enum stamps_view view;
	uint32_t run;          /* of those without a timestamp, it is this one; 1: the first */
	uint32_t newest;       /* the newest TSval before it */
	uint64_t age_ns;       /* of that */
	uint64_t pace;         /* of a jump ahead, in ticks a millisecond */
	uint32_t stamped;      /* segments of its side that had one, until then */
	uint32_t lives;        /* connections that its side had begun */
	uint64_t run_frame;    /* the first of the run */
	bool before_syn;       /* it is older than the SYN of its own connection */
};

struct stamps {
	bool known;            /* the next two: the newest TSval, and when it passed. 0 is none: "some OSes send SYN and SYNACK
				* messages with tsval=0" (tcp_paws_check()) */
	bool fast;             /* the last two jumps ahead had one pace */
	uint32_t newest;
	uint64_t newest_ns;
	uint32_t stamped;      /* segments with a timestamp */
	uint32_t bare;         /* the last ones without, one after the other */
	uint64_t stamped_frame, run_frame; /* the last one with; the first of the last run without */
	uint32_t longest;      /* of that run */
	uint64_t pace;         /* of the last jump ahead, in ticks a millisecond; 0: there was none */
};

/* A TSval so near to the one before it that it goes without a question. */
static inline bool stamps_is_next(const struct stamps *stamps, uint32_t tsval)
{
	return stamps->known && tsval - stamps->newest <= STAMPS_NEAR;
}

static inline void stamps_next(struct stamps *stamps, uint32_t tsval, uint64_t frame, uint64_t time_ns)
{
	stamps->newest = tsval;
	stamps->newest_ns = time_ns;
	stamps->bare = 0;
	stamps->stamped++;
	stamps->stamped_frame = frame;
}

/* `from` sends the segment; it is as it was before. `cut`: not all options were captured. */
struct stamps_mark stamps_note(struct stamps *stamps, const struct end *from, const struct segment *segment, bool cut,
			       uint64_t frame, uint64_t time_ns);
/* What is to be said in the light of what followed. `now`: the side, and the end as it is. */
enum stamps_view stamps_settle(const struct stamps *now, const struct end *from, const struct stamps_mark *mark,
			       const struct segment *segment, uint64_t frame);

#endif
