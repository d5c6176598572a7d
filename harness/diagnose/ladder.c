/* ladder.c - a ring of the last segments, and the chains of each connection in it. */
#include "harness/diagnose/ladder.h"

#include <stdlib.h>
#include <string.h>

/* So many segments before one is forgotten, it passes: those before it are still there. */
enum { LADDER_PASSES = LADDER_KEPT / 4 };

/* As small as can be: every segment of the capture is written here. */
struct ladder_entry {
	uint64_t frame, time_ns;
	uint32_t seq, ack, tsval, tsecr, payload_size;
	uint32_t ordinal;     /* of the segments of its connection */
	uint16_t back, ahead; /* how far it is to the connection's segment before and after it; 0: none that is remembered */
	uint16_t window;
	uint16_t flags;
	uint8_t source, target; /* states after it */
	bool from_target, has_timestamps;
};

_Static_assert(LADDER_KEPT <= UINT16_MAX, "a distance within the ring fits into 16 bits");
_Static_assert(STATE_UNKNOWN <= UINT8_MAX, "a state fits into 8 bits");

struct ladder_ring {
	uint64_t count; /* segments so far; the last one has this number */
	struct ladder_entry entries[LADDER_KEPT];
};

struct ladder_ring *ladder_open(void)
{
	return calloc(1, sizeof(struct ladder_ring));
}

static bool is_kept(const struct ladder_ring *ladder, uint64_t number)
{
	return number && number <= ladder->count && ladder->count - number < LADDER_KEPT;
}

static const struct ladder_entry *entry_at(const struct ladder_ring *ladder, uint64_t number)
{
	return &ladder->entries[number % LADDER_KEPT];
}

void ladder_add(struct ladder_ring *ladder, uint64_t *last, uint64_t ordinal, const struct segment *segment, uint64_t frame,
		uint64_t time_ns, bool from_target, enum state source, enum state target)
{
	uint64_t number = ++ladder->count;
	struct ladder_entry *entry = &ladder->entries[number % LADDER_KEPT];

	entry->back = is_kept(ladder, *last) ? (uint16_t)(number - *last) : 0;
	if (entry->back)
		ladder->entries[*last % LADDER_KEPT].ahead = entry->back;
	entry->ahead = 0;
	entry->frame = frame;
	entry->time_ns = time_ns;
	entry->seq = segment->seq;
	entry->ack = segment->ack;
	entry->tsval = segment->tsval;
	entry->tsecr = segment->tsecr;
	entry->payload_size = segment->payload_size;
	entry->ordinal = (uint32_t)ordinal;
	entry->window = segment->window;
	entry->flags = segment->flags;
	entry->source = (uint8_t)source;
	entry->target = (uint8_t)target;
	entry->from_target = from_target;
	entry->has_timestamps = segment->tsval || segment_has_option(segment, OPTION_TIMESTAMPS);
	*last = number;
}

static uint64_t before(const struct ladder_ring *ladder, uint64_t number)
{
	uint64_t back = entry_at(ladder, number)->back;

	return back && is_kept(ladder, number - back) ? number - back : 0;
}

static uint64_t after(const struct ladder_ring *ladder, uint64_t number)
{
	uint64_t ahead = entry_at(ladder, number)->ahead;

	return ahead ? number + ahead : 0;
}

/* The number of the segment with this frame, which came after `number`; 0: it is not remembered. The ring is in the order of
 * the frames. */
static uint64_t find(const struct ladder_ring *ladder, uint64_t number, uint64_t frame)
{
	uint64_t first = number, last = ladder->count;

	if (!is_kept(ladder, first))
		first = ladder->count >= LADDER_KEPT ? ladder->count - LADDER_KEPT + 1 : 1;
	while (frame && first < last) {
		uint64_t middle = first + (last - first) / 2;

		if (entry_at(ladder, middle)->frame < frame)
			first = middle + 1;
		else
			last = middle;
	}
	return entry_at(ladder, first)->frame == frame ? first : 0;
}

/* A SYN shows that somebody asks, not that somebody listens. */
static enum state shown_state(const struct ladder_entry *entry, uint8_t state)
{
	bool asks = (entry->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;

	return state == STATE_LISTEN && asks ? STATE_UNKNOWN : (enum state)state;
}

static struct ladder_rung rung_of(const struct ladder_entry *entry, bool subject_is_target)
{
	return (struct ladder_rung){
		.frame = entry->frame,
		.time_ns = entry->time_ns,
		.seq = entry->seq,
		.ack = entry->ack,
		.tsval = entry->tsval,
		.tsecr = entry->tsecr,
		.payload_size = entry->payload_size,
		.ordinal = entry->ordinal,
		.window = entry->window,
		.flags = entry->flags,
		.has_timestamps = entry->has_timestamps,
		.of_subject = entry->from_target == subject_is_target,
		.subject = shown_state(entry, subject_is_target ? entry->target : entry->source),
		.other = shown_state(entry, subject_is_target ? entry->source : entry->target),
	};
}

/* Of two segments that have to be shown, the next one after `at`; 0: none. */
static uint64_t next_of(const uint64_t shown[static 2], uint64_t at)
{
	uint64_t first = shown[0] > at ? shown[0] : 0, second = shown[1] > at ? shown[1] : 0;

	if (!first || !second)
		return first + second;
	return first < second ? first : second;
}

/* A few lines before it, itself, and what came next. What has to be shown gets its place; what is before it is left out. */
static size_t choose(const struct ladder_ring *ladder, uint64_t number, const uint64_t shown[static 2],
		     uint64_t chosen[static LADDER_MOST])
{
	size_t count = 0, back = 0;
	uint64_t at = number;

	for (; back < LADDER_BEFORE && before(ladder, at); back++)
		at = before(ladder, at);
	for (; at && count < LADDER_MOST; at = after(ladder, at)) {
		uint64_t next = next_of(shown, at - 1);
		size_t left = LADDER_MOST - count;

		/* Room for those that come, and for one more after the last of them. */
		if (at > number && next && left <= (next_of(shown, next) ? 3 : 2))
			at = next;
		chosen[count++] = at;
	}
	return count;
}

size_t ladder_read(const struct ladder_ring *ladder, uint64_t number, uint64_t answer_frame, uint64_t end_frame,
		   bool subject_is_target, struct ladder_rung rungs[static LADDER_MOST])
{
	uint64_t chosen[LADDER_MOST], shown[2];
	uint32_t expected = 0;
	size_t count;

	if (!is_kept(ladder, number))
		return 0;
	shown[0] = find(ladder, number, answer_frame);
	shown[1] = find(ladder, number, end_frame);
	count = choose(ladder, number, shown, chosen);
	for (size_t i = 0; i < count; i++) {
		const struct ladder_entry *entry = entry_at(ladder, chosen[i]);

		rungs[i] = rung_of(entry, subject_is_target);
		rungs[i].left_out = entry->ordinal - expected;
		rungs[i].is_encounter = chosen[i] == number;
		rungs[i].is_answer = answer_frame && entry->frame == answer_frame;
		rungs[i].ends_delay = end_frame && entry->frame == end_frame;
		expected = entry->ordinal + 1;
	}
	return count;
}

bool ladder_passes(const struct ladder_ring *ladder, uint64_t number)
{
	return ladder->count > number && ladder->count - number >= LADDER_KEPT - LADDER_PASSES;
}

/* In the place of the last one where there is no room. */
static size_t extend(const struct ladder_ring *ladder, uint64_t frame, bool subject_is_target,
		     struct ladder_rung rungs[static LADDER_MOST], size_t count)
{
	uint64_t number = frame > rungs[count - 1].frame ? find(ladder, 0, frame) : 0;

	if (!number)
		return count;
	if (count == LADDER_MOST)
		count--;
	rungs[count] = rung_of(entry_at(ladder, number), subject_is_target);
	rungs[count].left_out = rungs[count].ordinal - rungs[count - 1].ordinal - 1;
	return count + 1;
}

size_t ladder_resume(const struct ladder_ring *ladder, uint64_t answer_frame, uint64_t end_frame, bool subject_is_target,
		     struct ladder_rung rungs[static LADDER_MOST], size_t count)
{
	bool end_is_first = end_frame && end_frame < answer_frame;

	if (!count)
		return 0;
	count = extend(ladder, end_is_first ? end_frame : answer_frame, subject_is_target, rungs, count);
	count = extend(ladder, end_is_first ? answer_frame : end_frame, subject_is_target, rungs, count);
	for (size_t i = 0; i < count; i++) {
		rungs[i].is_answer = answer_frame && rungs[i].frame == answer_frame;
		rungs[i].ends_delay = end_frame && rungs[i].frame == end_frame;
	}
	return count;
}

void ladder_segment(const struct ladder_rung *rung, struct segment *segment)
{
	*segment = (struct segment){
		.ttl = SEGMENT_TTL,
		.flags = rung->flags,
		.window = rung->window,
		.seq = rung->seq,
		.ack = rung->ack,
		.payload_size = rung->payload_size,
	};
	if (rung->has_timestamps)
		segment_add_timestamps(segment, rung->tsval, rung->tsecr);
}

void ladder_close(struct ladder_ring *ladder)
{
	free(ladder);
}
