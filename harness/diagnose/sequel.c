/* sequel.c - reads what followed from the segments, one by one. */
#include "harness/diagnose/sequel.h"

#include "crafter/seq.h"
#include "harness/diagnose/encounter.h"

/* What a host takes to act, beyond the time that the way took before; and where that is not known, no way is longer. */
#define SLACK_NS (20 * NSEC_PER_MSEC)
#define LONGEST_NS NSEC_PER_SEC
/* No window is larger (RFC 7323 2.3). */
#define WINDOW_MAX (UINT32_C(1) << 30)

bool sequel_is_wanted(const struct encounter *encounter)
{
	switch (encounter->kind) {
	case ENCOUNTER_SYN_TIME_WAIT:
	case ENCOUNTER_SYN_IN_USE:
	case ENCOUNTER_CROSSED_SYN:
	case ENCOUNTER_SYN_ACK_AGAIN:
		return true;
	default:
		return encounter_is_reset(encounter->kind);
	}
}

/* Sent after the encounter reached it? What passes within the time of the way may have been sent before. */
static bool is_later(const struct encounter *encounter, uint64_t delay_ns, uint64_t time_ns)
{
	return time_ns - encounter->time_ns > (delay_ns ? 2 * delay_ns + SLACK_NS : LONGEST_NS);
}

/* tcp_v4_send_reset() gives a segment with ACK its own number and no ACK, and one without the number 0.
 * tcp_send_active_reset(), for a process that still had the connection, has the next number and acknowledges. */
static bool is_stranger_s(const struct segment *reset)
{
	return !(reset->flags & FLAG_ACK) || reset->seq == 0;
}

static void of_subject(struct encounter *encounter, const struct segment *segment, uint64_t delay_ns, uint64_t time_ns)
{
	struct sequel *sequel = &encounter->sequel;
	const struct end *subject = &encounter->subject;

	if (segment->flags & FLAG_RST) {
		if (is_stranger_s(segment))
			sequel->strange_ns = time_ns;
		sequel->over = true;
	} else if (segment->flags & FLAG_SYN) {
		if (encounter->kind == ENCOUNTER_CROSSED_SYN)
			return;
		if (sequel->syn_ns && (segment->flags & FLAG_ACK))
			sequel->connected_ns = time_ns;
		sequel->over = true;
	} else if (encounter_is_reset(encounter->kind) && (segment->flags & FLAG_ACK) &&
		   segment->seq - subject->snd_una < WINDOW_MAX && is_later(encounter, delay_ns, time_ns)) {
		sequel->lived_ns = time_ns;
		sequel->over = true;
	}
}

static void of_other(struct encounter *encounter, const struct segment *segment, uint64_t time_ns)
{
	struct sequel *sequel = &encounter->sequel;

	if (segment->flags & FLAG_RST) {
		if (!sequel->reset_ns && segment->seq == encounter->subject.rcv_nxt)
			sequel->reset_ns = time_ns;
		sequel->over = encounter->kind == ENCOUNTER_SYN_ACK_AGAIN || encounter->kind == ENCOUNTER_CROSSED_SYN;
	} else if (segment->flags == encounter->segment.flags && segment->seq == encounter->segment.seq &&
		   (segment->flags & FLAG_SYN)) {
		sequel->repeats++;
		if (!sequel->syn_ns && !(segment->flags & FLAG_ACK))
			sequel->syn_ns = time_ns;
	} else if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN) {
		if (!sequel->syn_ns)
			sequel->syn_ns = time_ns;
	} else if (encounter->kind == ENCOUNTER_SYN_ACK_AGAIN || encounter->kind == ENCOUNTER_CROSSED_SYN) {
		sequel->peer_ns = time_ns;
		sequel->peer_flags = segment->flags;
		sequel->over = true;
	}
}

void sequel_note(struct encounter *encounter, const struct segment *segment, bool from_subject, uint64_t frame,
		 uint64_t delay_ns, uint64_t time_ns)
{
	if (encounter->sequel.over)
		return;
	if (!from_subject)
		of_other(encounter, segment, time_ns);
	else if (!encounter->answered || encounter->answer_frame != frame)
		of_subject(encounter, segment, delay_ns, time_ns);
	else if (encounter_answer(encounter) == ANSWER_SYN_ACK && encounter->kind != ENCOUNTER_CROSSED_SYN)
		encounter->sequel.over = true;
}
