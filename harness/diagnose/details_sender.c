/* details_sender.c - sentences about who sent a segment: how far away, and by which clock. */
#include <inttypes.h>
#include <stdlib.h>

#include "crafter/units.h"
#include "harness/diagnose/details_internal.h"

/* How far away its sender is. */
static void add_origin(struct textbuf *text, const char *what, const struct segment *segment, const struct origin_mark *origin)
{
	int hops = abs(origin->hops);

	if (origin->view == ORIGIN_OWN)
		return;
	if (origin->by_id) {
		textbuf_item(text, " ", "%s IP ID is %u; those of the other segments of its side count up, and were "
			     "at %u.", what, (unsigned)segment->ip_id, (unsigned)origin->id);
		return;
	}
	textbuf_item(text, " ", "%s TTL is %u; that of %s of its side is %u: ", what, (unsigned)segment->ttl,
		     origin->view == ORIGIN_PROXY ? "the handshake" : "the other segments", (unsigned)origin->ttl);
	/* Of 32 hops, 31 are more than ways have. */
	if (segment->ttl == 1 || origin->ttl == 1)
		textbuf_add(text, "1 is rather set by a process (IP_TTL, as BGP does for a neighbour) than what a way left.");
	else
		textbuf_add(text, "sent %d hop%s %s, if both began with a usual TTL (%s64, 128, 255).", hops,
			    hops == 1 ? "" : "s", origin->hops > 0 ? "nearer" : "farther away",
			    segment->ttl <= 32 || origin->ttl <= 32 ? "32, " : "");
}

/* "Its timestamp is 1000 below the last one (1 s, if the clock ticks in milliseconds)" */
static void add_distance(struct textbuf *text, uint32_t tsval, uint32_t base, const char *what)
{
	int32_t distance = (int32_t)(tsval - base);
	char time[DETAILS_SPAN_SIZE];
	uint32_t size = distance < 0 ? base - tsval : tsval - base;

	textbuf_item(text, " ", "Its timestamp is %" PRIu32 " %s %s (%s, if the clock ticks in milliseconds)", size,
		     distance < 0 ? "below" : "above", what, details_span(0, size * NSEC_PER_MSEC, time));
}

/* A SYN into a connection that is still remembered: is it of the host that had that? */
static void add_syn_clock(const struct encounter *encounter, struct textbuf *text)
{
	const struct end *subject = &encounter->subject;
	uint32_t tsval = encounter->segment.tsval;

	if (!subject->timestamps || !end_knows(subject, END_TS_RECENT) || subject->ts_recent == 0 || tsval == 0 ||
	    !segment_has_option(&encounter->segment, OPTION_TIMESTAMPS) || encounter->time_ns < subject->ts_recent_ns ||
	    clocks_allow(subject->ts_recent, tsval, encounter->time_ns - subject->ts_recent_ns))
		return;
	add_distance(text, tsval, subject->ts_recent, "the old connection's last one");
	textbuf_add(text, ", which its clock cannot show now: another host has the address and port (a NAT), the client has "
		    "restarted, or it draws a new offset for each connection.");
}

static void add_stamps(const struct encounter *encounter, struct textbuf *text)
{
	const struct stamps_mark *stamps = &encounter->stamps;

	if (encounter->kind == ENCOUNTER_OLD_TIMESTAMP || encounter->kind == ENCOUNTER_TIMESTAMP_AHEAD)
		add_distance(text, encounter->segment.tsval, encounter->kind == ENCOUNTER_OLD_TIMESTAMP ?
			     encounter->subject.ts_recent : stamps->newest, "the last one");
	if (encounter->kind == ENCOUNTER_OLD_TIMESTAMP)
		textbuf_add(text, "%s.", stamps->before_syn ?
			    ", and older than the SYN's: it is not of this connection's clock" : "");
	if (encounter->kind == ENCOUNTER_TIMESTAMP_AHEAD) {
		char age[DETAILS_SPAN_SIZE];

		textbuf_add(text, ", %s after it.", details_span(0, stamps->age_ns, age));
	}
	if (stamps->view == STAMPS_SINGLE && encounter->kind == ENCOUNTER_NO_TIMESTAMP)
		textbuf_item(text, " ", "The next segments of its side have one again: something else made this one.");
	else if (stamps->view == STAMPS_SINGLE && encounter->kind == ENCOUNTER_TIMESTAMP_AHEAD)
		textbuf_item(text, " ", "The next segments of its side are back on their clock: something else made this one.");
	else if (stamps->view == STAMPS_FAST)
		textbuf_item(text, " ", "The next segments go on at the same pace, about %" PRIu64 " ticks a millisecond: "
			     "nothing has jumped, its clock is faster than the one tick that RFC 7323 5.4 allows.",
			     stamps->pace);
	else if (stamps->view == STAMPS_HIGHER)
		textbuf_item(text, " ", "The next segments of its side go on from there.");
}

static void add_shift(const struct encounter *encounter, struct textbuf *text)
{
	const struct shifts_mark *shifts = &encounter->shifts;
	bool sack = encounter->kind == ENCOUNTER_SACK_SHIFTED;
	uint32_t by = sack ? shifts->sack_by : shifts->ack_by;

	if (sack || encounter_has_shifted_ack(encounter))
		textbuf_item(text, " ", "%s %" PRIu32 " %s what was sent.", sack ? "The block lies" : "It lies",
			     by >> 31 ? 0 - by : by, by >> 31 ? "before" : "beyond");
}

void details_sender(const struct encounter *encounter, struct textbuf *text)
{
	if (encounter->kind == ENCOUNTER_SYN_TIME_WAIT || encounter->kind == ENCOUNTER_SYN_IN_USE)
		add_syn_clock(encounter, text);
	if (encounter->clocks != CLOCKS_ONE && encounter->kind != ENCOUNTER_TWO_CLOCKS)
		textbuf_item(text, " ", "Two clocks tick behind the client's address: several hosts or containers share it.");
	add_stamps(encounter, text);
	add_shift(encounter, text);
	add_origin(text, "The segment's", &encounter->segment, &encounter->origin);
	add_origin(text, "The answer's", &encounter->answer, &encounter->answer_origin);
}
