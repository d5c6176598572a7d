/* stamps.c - timestamps against those before them, and those after. */
#include "harness/diagnose/stamps.h"

#include "crafter/seq.h"
#include "harness/diagnose/clocks.h"

static void note_bare(struct stamps *stamps, struct stamps_mark *mark, uint64_t frame)
{
	if (stamps->bare++ == 0)
		stamps->run_frame = frame;
	stamps->longest = stamps->bare;
	mark->view = STAMPS_BARE;
	mark->run = stamps->bare;
	mark->run_frame = stamps->run_frame;
}

static void note_newest(struct stamps *stamps, uint32_t tsval, uint64_t time_ns)
{
	stamps->known = tsval != 0;
	stamps->newest = tsval;
	stamps->newest_ns = time_ns;
}

/* The second jump at the pace of the one before it is none: the clock is that fast. */
static void note_ahead(struct stamps *stamps, struct stamps_mark *mark, uint32_t ticks)
{
	uint64_t pace = ticks * UINT64_C(1000) / (mark->age_ns / 1000 + 1);

	stamps->fast = stamps->pace && pace <= stamps->pace * 2 && stamps->pace <= pace * 2;
	if (!stamps->fast)
		mark->view = STAMPS_AHEAD;
	stamps->pace = mark->pace = pace;
}

static void note_stamped(struct stamps *stamps, struct stamps_mark *mark, const struct end *from, uint32_t tsval,
			 uint64_t time_ns)
{
	mark->newest = stamps->newest;
	mark->age_ns = time_ns > stamps->newest_ns ? time_ns - stamps->newest_ns : 0;
	mark->before_syn = from->own_syn.seen && from->own_syn.timestamps && from->own_syn.tsval &&
			   seq_before(tsval, from->own_syn.tsval);
	if (stamps->known && seq_before(tsval, stamps->newest)) {
		mark->view = STAMPS_BACK;
		return;
	}
	if (stamps->known && !clocks_allow(stamps->newest, tsval, mark->age_ns))
		note_ahead(stamps, mark, tsval - stamps->newest);
	note_newest(stamps, tsval, time_ns);
}

struct stamps_mark stamps_note(struct stamps *stamps, const struct end *from, const struct segment *segment, bool cut,
			       uint64_t frame, uint64_t time_ns)
{
	struct stamps_mark mark = { .view = STAMPS_OWN };
	bool has = segment_has_option(segment, OPTION_TIMESTAMPS);

	if (segment->flags & FLAG_SYN) { /* maybe of another host, or of a new connection */
		if (has)
			note_newest(stamps, segment->tsval, time_ns);
		return mark;
	}
	/* Linux's resets have none (tcp_v4_send_reset()). */
	if (!from->timestamps || cut || (segment->flags & FLAG_RST))
		return mark;
	mark.lives = from->lives;
	mark.stamped = stamps->stamped;
	if (!has) {
		note_bare(stamps, &mark, frame);
		return mark;
	}
	stamps->bare = 0;
	stamps->stamped++;
	stamps->stamped_frame = frame;
	note_stamped(stamps, &mark, from, segment->tsval, time_ns);
	return mark;
}

enum stamps_view stamps_settle(const struct stamps *now, const struct end *from, const struct stamps_mark *mark,
			       const struct segment *segment, uint64_t frame)
{
	bool same = from->lives == mark->lives, after = same && now->stamped_frame > frame;
	uint32_t since = now->stamped - mark->stamped;

	switch (mark->view) {
	case STAMPS_BARE:
		if (same && now->run_frame == mark->run_frame && now->longest >= STAMPS_RUN)
			return STAMPS_GONE;
		return after ? STAMPS_SINGLE : STAMPS_BARE;
	case STAMPS_BACK:
		if (after && !seq_before(from->last_tsval, mark->newest))
			return STAMPS_SINGLE;
		/* Segments that overtake each other are no older than their connection. */
		return same && since >= STAMPS_RUN && mark->before_syn ? STAMPS_LOWER : STAMPS_BACK;
	case STAMPS_AHEAD:
		if (after && seq_before(from->last_tsval, segment->tsval))
			return STAMPS_SINGLE;
		if (same && now->fast)
			return STAMPS_FAST;
		return same && since >= STAMPS_RUN ? STAMPS_HIGHER : STAMPS_AHEAD;
	default:
		return mark->view;
	}
}
