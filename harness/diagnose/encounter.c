/* encounter.c - what is routine for an end, and what answers a segment that was not. */
#include "harness/diagnose/encounter.h"

#include "crafter/seq.h"

/* No window is larger (RFC 7323 2.3). */
#define WINDOW_MAX (UINT32_C(1) << 30)

static bool is_synchronized(enum state state)
{
	return state != STATE_CLOSED && state != STATE_LISTEN && state != STATE_SYN_SENT && state != STATE_SYN_RECV &&
	       state != STATE_UNKNOWN;
}

/* Some of it is new and in the window, or it begins exactly where the next one must; and what the end has had already, which it
 * acknowledges again: that is a repetition, not an encounter. */
static bool is_in_order(const struct end *end, const struct segment *segment)
{
	uint32_t length = segment_length(segment);
	uint32_t window = end_knows(end, END_RCV_WND) ? end->rcv_wnd : WINDOW_MAX;
	uint32_t before = end->rcv_nxt - segment->seq;

	if (segment->seq == end->rcv_nxt || segment->seq - end->rcv_nxt < window)
		return true;
	/* A keepalive, a window probe, or text of this connection that came before. */
	return before <= WINDOW_MAX && (length > 0 || before == 1) &&
	       !(end_knows(end, END_IRS) && seq_before(segment->seq, end->irs));
}

static enum encounter_kind of_numbers(const struct end *end, const struct segment *segment)
{
	if (end_knows(end, END_RCV_NXT) && !is_in_order(end, segment))
		return ENCOUNTER_OUTSIDE_WINDOW;
	if (end_knows(end, END_SND_NXT) && seq_after(segment->ack, end->snd_nxt))
		return ENCOUNTER_ACK_UNSENT;
	if (end_knows(end, END_SND_UNA | END_SND_WND) && seq_before(segment->ack, end->snd_una - end->max_snd_wnd))
		return ENCOUNTER_ACK_OLD;
	return ENCOUNTER_NONE;
}

/* A server whose SYN-ACK nobody acknowledges sends it again. Where the ACK does not show, the SYN-ACK was lost, or the client's
 * address is forged: nobody is in ESTABLISHED. */
static bool is_syn_ack_again(const struct end *end, const struct segment *segment)
{
	/* The FIN of a server that took text from the SYN has not arrived, either (RFC 7413 4.2). */
	bool opens = end->state == STATE_ESTABLISHED || (end->state == STATE_CLOSE_WAIT && !end_knows(end, END_LAST_ACK));

	return (segment->flags & FLAG_ACK) && !end->passive && opens && end_knows(end, END_IRS) && segment->seq == end->irs &&
	       segment->ack - end->iss - 1 <= end->own_syn.payload_size;
}

/* That server closed before its SYN-ACK was acknowledged, and gets the SYN again. */
static bool is_syn_again(const struct end *end, const struct segment *segment)
{
	return !(segment->flags & FLAG_ACK) && end->passive && end_knows(end, END_ISS | END_IRS | END_SND_UNA) &&
	       segment->seq == end->irs && end->snd_una == end->iss;
}

/* tcp_paws_check(): 0 is no time, "or else 'negative' tsval might forbid us to accept their packets". */
static bool has_old_timestamp(const struct end *end, const struct segment *segment)
{
	return end->timestamps && end_knows(end, END_TS_RECENT) && end->ts_recent &&
	       seq_before(segment->tsval, end->ts_recent);
}

static enum encounter_kind in_connection(const struct end *end, const struct segment *segment)
{
	bool has_timestamp = segment_has_option(segment, OPTION_TIMESTAMPS);

	if (segment->flags & FLAG_RST)
		return ENCOUNTER_RESET;
	if ((segment->flags & FLAG_SYN) && (is_syn_ack_again(end, segment) || is_syn_again(end, segment)))
		return ENCOUNTER_NONE;
	if (segment->flags & FLAG_SYN)
		return end->state == STATE_TIME_WAIT ? ENCOUNTER_SYN_TIME_WAIT : ENCOUNTER_SYN_IN_USE;
	if (!(segment->flags & FLAG_ACK))
		return ENCOUNTER_NO_ACK;
	if (end->timestamps && !has_timestamp)
		return ENCOUNTER_NO_TIMESTAMP;
	if (has_old_timestamp(end, segment))
		return ENCOUNTER_OLD_TIMESTAMP;
	return of_numbers(end, segment);
}

/* RFC 9293 3.10.7.3: its SYN is answered by a SYN-ACK, by a reset that acknowledges it, or by a SYN (simultaneous open). */
static enum encounter_kind in_syn_sent(const struct end *end, const struct segment *segment)
{
	bool acks = segment->flags & FLAG_ACK;
	bool acks_syn = seq_after(segment->ack, end->iss) && !seq_after(segment->ack, end->snd_nxt);

	if (acks && !acks_syn)
		return ENCOUNTER_SYN_SENT;
	if (segment->flags & FLAG_RST)
		return acks ? ENCOUNTER_NONE : ENCOUNTER_SYN_SENT; /* "connection refused" is an answer */
	if (!(segment->flags & FLAG_SYN))
		return ENCOUNTER_SYN_SENT;
	return acks ? ENCOUNTER_NONE : ENCOUNTER_CROSSED_SYN;
}

static enum encounter_kind in_syn_recv(const struct end *end, const struct segment *segment)
{
	if (segment->flags & FLAG_RST)
		return ENCOUNTER_RESET;
	if (segment->flags & FLAG_SYN)
		return segment->seq == end->irs ? ENCOUNTER_NONE : ENCOUNTER_SYN_RECV;
	if (!(segment->flags & FLAG_ACK))
		return ENCOUNTER_NO_ACK;
	if (segment->ack == end->snd_una) /* RFC 9293 3.10.7.4, fifth: not of its SYN */
		return ENCOUNTER_ACK_UNSENT;
	return in_connection(end, segment);
}

enum encounter_kind encounter_kind_of(const struct end *subject, const struct segment *segment)
{
	switch (subject->state) {
	case STATE_SYN_SENT:
		return in_syn_sent(subject, segment);
	case STATE_SYN_RECV:
		return in_syn_recv(subject, segment);
	case STATE_CLOSED:
		return segment->flags & (FLAG_SYN | FLAG_RST) || subject->lives == 0 ? ENCOUNTER_NONE : ENCOUNTER_CLOSED;
	default:
		return is_synchronized(subject->state) ? in_connection(subject, segment) : ENCOUNTER_NONE;
	}
}

bool encounter_is_routine(const struct encounter *encounter)
{
	return encounter->kind == ENCOUNTER_OTHER_SENDER || encounter->kind == ENCOUNTER_TIMESTAMP_AHEAD ||
	       encounter->kind == ENCOUNTER_TWO_CLOCKS || encounter->kind == ENCOUNTER_SACK_SHIFTED;
}

bool encounter_is_second_syn_ack(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	return encounter->kind == ENCOUNTER_SYN_IN_USE && (encounter->segment.flags & FLAG_ACK) && !subject->passive &&
	       end_knows(subject, END_ISS | END_IRS) && encounter->segment.ack == subject->iss + 1 &&
	       encounter->segment.seq != subject->irs;
}

bool encounter_is_open(const struct encounter *encounter)
{
	return encounter_is_silence(encounter->kind) || encounter->kind == ENCOUNTER_SYN_ACK_AGAIN ||
	       encounter_is_ignored(encounter->kind) || encounter_is_routine(encounter);
}

bool encounter_is_withdrawn(const struct encounter *encounter)
{
	if (encounter->repeats || encounter->was_sent || (encounter->again && !encounter->answered))
		return true;
	if (encounter->kind == ENCOUNTER_DATA_SILENT)
		return encounter->answered;
	if (encounter->kind == ENCOUNTER_NO_TIMESTAMP && encounter->stamps.view == STAMPS_GONE && encounter->stamps.run > 1)
		return true;
	if (encounter->kind == ENCOUNTER_OTHER_SENDER)
		return encounter->origin.view == ORIGIN_OWN;
	return encounter->answered &&
	       (encounter->kind == ENCOUNTER_KEEPALIVE_SILENT || encounter->kind == ENCOUNTER_HALF_CLOSED_SILENT) &&
	       encounter_answer(encounter) != ANSWER_RST;
}

bool encounter_resets_beyond_gap(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;
	uint32_t beyond = encounter->segment.seq - subject->rcv_nxt;

	return (encounter->segment.flags & FLAG_RST) && end_knows(subject, END_RCV_NXT) && beyond > 0 &&
	       beyond <= subject->rcv_max - subject->rcv_nxt && (subject->sack || !end_knows(subject, END_OPTIONS));
}

/* An ACK has the next number that its sender has, and the time. Below that is a keepalive or a probe of a closed window
 * (tcp_xmit_probe_skb(): snd_una - 1), which a timer sends, and what was sent before and came late. */
static bool is_older(const struct end *subject, const struct segment *segment)
{
	if (end_knows(subject, END_SND_NXT) && seq_before(segment->seq, subject->snd_nxt))
		return true;
	return end_knows(subject, END_LAST_TSVAL) && segment_has_option(segment, OPTION_TIMESTAMPS) &&
	       seq_before(segment->tsval, subject->last_tsval);
}

/* Nobody leaves out numbers: what lies before a segment was sent before it. */
void encounter_note_sent(struct encounter *encounter, const struct end *end, const struct segment *segment)
{
	if (encounter->kind == ENCOUNTER_ACK_UNSENT && (segment->flags & (FLAG_ACK | FLAG_RST | FLAG_SYN)) == FLAG_ACK &&
	    end_knows(end, END_SND_NXT) && seq_after(segment->seq, end->snd_nxt) &&
	    !seq_before(segment->seq, encounter->segment.ack))
		encounter->was_sent = true;
}

/* RFC 9293 3.10.7: a reset has the number that the segment acknowledged, or acknowledges it; a SYN-ACK acknowledges the SYN,
 * or of its text as much as it takes (RFC 7413 4.2);
 * an ACK says what the end has and expects, with the segment or without. */
bool encounter_is_answered_by(const struct encounter *encounter, const struct segment *segment)
{
	const struct segment *asked = &encounter->segment;
	const struct end *subject = &encounter->subject;
	uint32_t end_seq = asked->seq + segment_length(asked);
	bool acks = segment->flags & FLAG_ACK;

	if (encounter->answered || encounter->over || encounter_is_routine(encounter))
		return false;
	/* Nothing resets a reset. */
	if (segment->flags & FLAG_RST)
		return !(asked->flags & FLAG_RST) &&
		       (acks ? segment->ack == end_seq : (asked->flags & FLAG_ACK) ? segment->seq == asked->ack :
			segment->seq == subject->snd_nxt);
	if (!acks)
		return false;
	if (segment->flags & FLAG_SYN)
		return (asked->flags & FLAG_SYN) &&
		       (segment->ack - asked->seq - 1 <= asked->payload_size || segment->ack == subject->irs + 1);
	/* What it sent before comes again by a timer, unless it acknowledges more than it had then. */
	if (segment_length(segment) > 0 && seq_before(segment->seq, subject->snd_nxt) &&
	    !seq_after(segment->ack, subject->rcv_nxt))
		return false;
	if (segment->ack == end_seq && segment_length(asked) > 0)
		return true;
	return segment->ack == subject->rcv_nxt && segment_length(segment) == 0 && !is_older(subject, segment);
}

/* A reset that acknowledges, in answer to an acknowledgment, is what a process sends that closes with data unread. An ACK that
 * opens the window is what a process causes that reads; for less than a segment nobody sends one (RFC 9293 3.8.6.2.2). */
bool encounter_answer_is_doubtful(const struct encounter *encounter, const struct segment *segment)
{
	const struct end *subject = &encounter->subject;
	uint32_t edge = segment->ack + ((uint32_t)segment->window << subject->rcv_wscale);

	if (segment->flags & FLAG_RST)
		return segment->flags & encounter->segment.flags & FLAG_ACK;
	if (segment->flags & FLAG_SYN)
		return false;
	if (encounter->owes || subject->state == STATE_CLOSED)
		return true;
	return end_knows(subject, END_RCV_WND | END_OPTIONS) &&
	       seq_after(edge, subject->rcv_nxt + subject->rcv_wnd + subject->rcv_mss);
}

void encounter_answer_with(struct encounter *encounter, const struct segment *segment, const struct origin_mark *origin,
			   uint64_t frame, uint64_t time_ns)
{
	encounter->answered = encounter->over = true;
	encounter->answer_frame = frame;
	encounter->answer_ns = time_ns;
	encounter->answer = *segment;
	encounter->answer.payload = NULL;
	if (origin)
		encounter->answer_origin = *origin;
}

enum answer encounter_answer(const struct encounter *encounter)
{
	return encounter->answered ? verdict_answer(&encounter->answer) : ANSWER_SILENCE;
}

enum isn encounter_isn(const struct encounter *encounter)
{
	if (encounter_answer(encounter) != ANSWER_SYN_ACK)
		return ISN_NONE;
	return verdict_isn(&encounter->answer, encounter->subject.snd_nxt);
}
