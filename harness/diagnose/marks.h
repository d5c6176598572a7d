/* marks.h - what one segment shows of its sender besides what it says: its origin, its timestamp, its host's clocks, and
 * whether its acknowledgments lie beside what was sent. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_MARKS_H
#define TWPROBE_HARNESS_DIAGNOSE_MARKS_H

#include "harness/diagnose/clocks.h"
#include "harness/diagnose/track.h"

struct marks {
	struct origin_mark origin;
	struct stamps_mark stamps;
	struct shifts_mark shifts;
	enum clocks_view clocks;
};

/* What the whole capture shows. */
struct marks_capture {
	struct clocks clocks;
	uint64_t echoes; /* segments that came again as they were but for their TTL: it was taken in two places of one way */
};

/* Almost every segment: has it nothing that is worth a mark? Then it is noted here, else marks_note() must do it. */
static inline bool marks_is_plain(struct track_side *side, const struct end *from, const struct end *to,
				  const struct segment *segment, uint64_t frame, uint64_t time_ns)
{
	bool stamped = segment->option_count == 3 && segment->options[2] == OPTION_TIMESTAMPS;

	if (segment->ttl != side->origin.ttl || (segment->flags & (FLAG_SYN | FLAG_RST)))
		return false;
	if (segment->raw_size || segment->ack - to->snd_una > to->snd_nxt - to->snd_una)
		return false;
	if (from->timestamps && !(stamped && stamps_is_next(&side->stamps, segment->tsval)))
		return false;
	origin_own(&side->origin, from, segment, frame);
	if (from->timestamps)
		stamps_next(&side->stamps, segment->tsval, frame, time_ns);
	return true;
}

/* `from`, on `side`, sends the segment to `to`; they are as they were before. `keepalive`:
 * closing_is_keepalive(). `lacks`: enum segment_lack. */
void marks_note(struct marks *marks, struct marks_capture *all, struct track_side *side, const struct end *from,
		const struct end *to, const struct segment *segment, bool keepalive, unsigned lacks, uint64_t frame,
		uint64_t time_ns);
/* The encounter that the segment is, given the one that it would be without. `marks`: NULL: it is plain. */
enum encounter_kind marks_kind(enum encounter_kind kind, const struct marks *marks);
/* They go on record with the encounter. */
void marks_keep(struct encounter *encounter, const struct marks *marks, const struct track_side *sender);
/* The encounter is over: what is to be made of its marks, and of its answer's, in the light of what followed. `connection`: as
 * it is now; NULL: it is forgotten. */
void marks_settle(struct encounter *encounter, const struct track *connection, const struct marks_capture *all);

#endif
