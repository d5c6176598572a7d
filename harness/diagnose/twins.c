/* twins.c - each frame's headers as a number, kept for a moment. */
#include "harness/diagnose/twins.h"

#include <string.h>

#include "crafter/units.h"

/* A mirror port hands on both within so much. */
#define TWIN_NS (2 * NSEC_PER_MSEC)
/* A twin counts double: where each frame has one, the score rises by one with each pair. */
enum { SCORE_ALWAYS = 8, SCORE_MOST = 32 };

static uint64_t turn(uint64_t value, unsigned by)
{
	return value << by | value >> (64 - by);
}

static uint64_t print_address(const struct address *address)
{
	uint64_t halves[2];

	_Static_assert(sizeof(address->bytes) == sizeof(halves), "an address is two halves");
	memcpy(halves, address->bytes, sizeof(halves));
	return halves[0] ^ turn(halves[1], 23);
}

/* Sums of products, which do not wait for each other: it is made of every segment. */
static uint64_t print_of(const struct segment *segment)
{
	const struct endpoint *source = &segment->tuple.source, *target = &segment->tuple.target;
	uint64_t print = ((uint64_t)segment->seq << 32 | segment->ack) * UINT64_C(0x9e3779b97f4a7c15) +
			 ((uint64_t)source->port << 48 | (uint64_t)target->port << 32 | (uint32_t)segment->ip_id << 16 |
			  segment->window) * UINT64_C(0xc2b2ae3d27d4eb4f) +
			 print_address(&source->address) * UINT64_C(0x165667b19e3779f9) +
			 (print_address(&target->address) ^ (uint64_t)segment->payload_size << 8 ^ segment->flags) *
				 UINT64_C(0x27d4eb2f165667c5);

	if (segment_has_option(segment, OPTION_TIMESTAMPS))
		print += ((uint64_t)segment->tsval << 32 | segment->tsecr) * UINT64_C(0x85ebca77c2b2ae63);
	for (size_t i = 0; i < segment->raw_size; i++) /* SACK blocks */
		print = turn(print, 9) + segment->raw[i];
	return (print ^ print >> 29) | 1;
}

/* What has no IP ID of its own may have been sent twice. */
static unsigned view_of(const struct twins_frame *kept, uint64_t print, const struct segment *segment, uint64_t time_ns)
{
	bool numbered = segment->tuple.source.address.family == 4 && segment->ip_id;
	uint64_t apart;

	if (kept->print != print)
		return TWINS_SINGLE;
	apart = time_ns > kept->time_ns ? time_ns - kept->time_ns : kept->time_ns - time_ns;
	if (apart == 0)
		return TWINS_EXACT;
	return numbered && apart <= TWIN_NS ? TWINS_NEAR : TWINS_SINGLE;
}

unsigned twins_note(struct twins *twins, const struct segment *segment, uint64_t time_ns)
{
	uint64_t print = print_of(segment);
	struct twins_frame *kept = &twins->kept[print / 2 % TWINS_KEPT];
	unsigned view = view_of(kept, print, segment, time_ns);

	if (view == TWINS_SINGLE) {
		*kept = (struct twins_frame){ print, time_ns };
		twins->score -= twins->score > 0;
		return TWINS_SINGLE;
	}
	kept->print = 0;
	if (twins->score < SCORE_MOST)
		twins->score += 2;
	return twins->score >= SCORE_ALWAYS ? view | TWINS_ALWAYS : view;
}
