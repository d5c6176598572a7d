/* judgement_missing.c - what the capture does not show of an encounter, and what follows that nobody knows. */
#include "harness/diagnose/judgement_internal.h"

#include "crafter/seq.h"
#include "crafter/units.h"
#include "harness/diagnose/losses.h"

/* net/ipv4/tcp_timer.c: TCP_TIMEWAIT_LEN, and a FIN_WAIT_2 that nobody holds (tcp_fin_timeout). */
#define LINUX_FORGETS_NS (60 * NSEC_PER_SEC)

/* How early a sender may give up what nobody acknowledges, without a word: a SYN-ACK after a second (tcp_synack_retries), a FIN
 * (tcp_orphan_retries) and data (TCP_USER_TIMEOUT, tcp_retries2) later, if nobody asks for less. */
#define GIVES_UP_NS NSEC_PER_SEC
#define REPEATS_NS (900 * NSEC_PER_MSEC)
/* No machine that lost its connections with its power is back earlier. */
#define RESTARTS_NS (10 * NSEC_PER_SEC)

static const char blind_text[] = "since the connection began, frames were dropped, the interface was down, or the clock was "
				 "set";

static const char doubled_text[] =
	"the capture shows a segment of this connection twice; whether it arrived twice is not known";
static const char cut_off[] =
	"the capture ends before an answer could come, or this connection made room for others (--max-connections)";
static const char jumbled_text[] = "segments of this connection are not in the order of their times";
static const char torn_text[] = "segments were lost between the two sides of a NAT that the capture shows";
static const char skipped_text[] = "something that this side sent did not come as far as here; its FIN, maybe";
static const char shared_text[] = "two hosts answer for one address; which of them has the connection is not known";
static const char crossed_text[] = "this side closed at about the same time; which of the two came first is not known";
static const char held_back_text[] =
	"this side may have closed already: its FIN has to wait while so much of its data is on its way";
static const char lossy_text[] = "the capture misses many segments around this one";

/* Who answers a SYN with its own ISS had sent that one (RFC 9293 figure 7). A listener has another: secure_tcp_seq() counts
 * with the time. Not so in SYN-RECEIVED: a SYN cookie depends on the SYN alone (and the minute). */
static bool still_connects(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	return subject->state == STATE_SYN_SENT && end_knows(subject, END_ISS) &&
	       encounter_answer(encounter) == ANSWER_SYN_ACK && encounter->answer.seq == subject->iss;
}

/* An ACK with the numbers of the connection shows that it is there. Silence, a reset or a SYN-ACK may come from an end that has
 * lost it. */
static const char *lost_of(const struct encounter *encounter)
{
	enum answer answer = encounter_answer(encounter);

	if (answer == ANSWER_ACK || encounter->subject.state == STATE_CLOSED || still_connects(encounter))
		return NULL;
	if (encounter->unacknowledged_ns >= GIVES_UP_NS)
		return "nobody acknowledged what this side sent; it may have given up without a word";
	if (answer != ANSWER_SILENCE && encounter->idle_ns >= RESTARTS_NS && encounter->subject.state != STATE_TIME_WAIT)
		return "after 10 s without a segment, this side may have been restarted";
	return NULL;
}

/* The first of what a text does not show. */
static const char *lack_of(unsigned lacks)
{
	if (lacks & SEGMENT_LACKS_TIME)
		return "the text does not show when the segments passed";
	if (lacks & SEGMENT_LACKS_BASE)
		return "in the text, each connection's sequence numbers count from its first one";
	if (lacks & SEGMENT_LACKS_OTHERS)
		return "not all packets of the text could be read";
	if (lacks & SEGMENT_LACKS_CHECKSUM)
		return "the text does not show whether a checksum is wrong, or was left to a network card";
	return "the text does not show the sequence number of an ACK on which this depends; tcpdump -vv does";
}

static bool has_unanswered_fin(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	return encounter_answer(encounter) != ANSWER_ACK && subject->fin_taken && subject->state != STATE_CLOSED &&
	       end_knows(subject, END_LAST_ACK) && !seq_after(subject->last_ack_sent, subject->their_fin_seq);
}

/* A server that has said nothing after its SYN-ACK: only the ACK of that opened it. */
static bool is_open_by_ack_alone(const struct end *subject)
{
	return end_only_opened(subject) && (subject->state == STATE_ESTABLISHED || subject->state == STATE_CLOSE_WAIT);
}

/* tsecr_reject in tcp_check_req(), since 6.15: not between the TSvals of the first SYN-ACK and the last one. */
static bool echoes_another(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;
	const struct segment *segment = &encounter->segment;

	return subject->state == STATE_SYN_RECV && subject->timestamps && segment_has_option(segment, OPTION_TIMESTAMPS) &&
	       segment->tsecr != 0 && segment->tsecr - subject->own_syn.tsval > subject->last_tsval - subject->own_syn.tsval;
}

/* Nobody comes back on the same port sooner. */
#define ANOTHER_NS (200 * NSEC_PER_MSEC)

/* A reset has the number that its sender would send next, or that it was asked for (RFC 9293 3.10.7); with a SYN it is forged.
 * One beyond that may be of a connection that was not captured, or of what followed here: a FIN, or the end of a handshake. */
static bool resets_ahead(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;
	uint32_t ahead = encounter->segment.seq - subject->rcv_max;

	if (!encounter_is_reset(encounter->kind) || encounter_answer(encounter) == ANSWER_ACK ||
	    (encounter->segment.flags & FLAG_SYN) || subject->state == STATE_CLOSED ||
	    !seq_after(encounter->segment.seq, subject->rcv_max))
		return false;
	return encounter->idle_ns >= ANOTHER_NS || (ahead == 1 && !subject->fin_taken) ||
	       (subject->state == STATE_SYN_RECV && losses_is_ahead(encounter->segment.seq, subject->rcv_max));
}

/* What a state or a number of the subject's hangs on, and the capture did not show. */
const char *judgement_missing(const struct encounter *encounter, bool expects_silence)
{
	const struct end *subject = &encounter->subject;

	if (!encounter->from_start)
		return "the capture began after this connection";
	if (!end_knows(subject, END_RCV_NXT | END_SND_NXT | END_TIMESTAMPS) && subject->state != STATE_SYN_SENT)
		return "not all numbers of the connection were captured";
	if (encounter->kind == ENCOUNTER_OUTSIDE_WINDOW && !end_knows(subject, END_OPTIONS | END_RCV_WND))
		return "the capture does not show how the windows are scaled";
	if (encounter->kind == ENCOUNTER_ACK_UNSENT && !encounter->answered)
		return "segments of this side may be missing from the capture";
	if ((subject->state == STATE_TIME_WAIT || subject->state == STATE_FIN_WAIT_2) && encounter->idle_ns >= LINUX_FORGETS_NS)
		return "after 60 s without a segment, Linux has forgotten the connection";
	if (encounter->cut)
		return "the capture cuts off options of this connection's segments";
	if (encounter->lacks)
		return lack_of(encounter->lacks);
	if (encounter->filtered)
		return encounter->filtered;
	if (encounter->gaps)
		return "segments of this connection are missing from the capture";
	if (encounter->blind)
		return blind_text;
	if (encounter->doubled)
		return doubled_text;
	if (encounter->jumbled)
		return jumbled_text;
	if (encounter->skipped)
		return skipped_text;
	if (encounter->torn)
		return torn_text;
	if (encounter->shared)
		return shared_text;
	if (encounter->lossy)
		return lossy_text;
	if (encounter->unheard)
		return cut_off;
	if (encounter->perhaps_over)
		return "an earlier segment may have ended the connection without a word";
	if (encounter->unaccepted)
		return "its SYN-ACK came again later: this side may not have taken the ACK before (a full accept queue)";
	if (encounter->crossed)
		return crossed_text;
	if (encounter->disturbed || (encounter->remote && encounter->rough && !encounter->answered))
		return "the path loses, repeats or reorders segments; what had reached this side is not known";
	if (encounter->held_back)
		return held_back_text;
	if (encounter->away && !encounter->answered && is_open_by_ack_alone(subject))
		return "nothing that this side sent shows that the ACK of its SYN-ACK has reached it";
	if (has_unanswered_fin(encounter))
		return "this side has not acknowledged the other one's FIN; it may have been lost on the way";
	if (resets_ahead(encounter))
		return "the reset's number is beyond all that its side was seen to send: it is forged, or segments are missing";
	if (echoes_another(encounter))
		return "it echoes a timestamp that no SYN-ACK of this side had, which newer kernels check (tcp_check_req())";
	if (encounter_resets_beyond_gap(encounter))
		return "the reset may continue what this side holds out of order (SACK); Linux then accepts it";
	if (encounter->answer_origin.view != ORIGIN_OWN)
		return "the answer has another TTL than this side's other segments; something else may have sent it";
	if (encounter->ambiguous)
		return "the answer may belong to another segment that came at the same time";
	if (!encounter->answered && encounter->limited && !expects_silence)
		return "this side had just answered another such segment, and kernels limit these answers";
	if (!encounter->answered && !encounter->subject_speaks)
		return "the capture shows nothing that this side sends";
	return lost_of(encounter);
}

/* Who gets no answer sends the SYN again after a second (TCP_TIMEOUT_INIT); once it was reset, Linux does not, and Windows does
 * so after half a second. So its repetitions show that no reset came, if no filter has left that out. */
static const char *perhaps_refused(const struct encounter *encounter)
{
	const struct encounter_syn *syn = &encounter->syn;

	if (syn->sent <= 1)
		return "it was not sent again, as a SYN without an answer is; the answer may be missing from the capture";
	if (!syn->resets_shown && syn->last_ns - encounter->time_ns < (syn->sent - 1) * REPEATS_NS)
		return "it was sent again within a second, as some systems do after a reset; the capture has no resets";
	return NULL;
}

/* Of what no book decides: whether the capture is good enough to say that something did not come. */
const char *judgement_missing_of_open(const struct encounter *encounter)
{
	if (encounter->lacks)
		return lack_of(encounter->lacks);
	/* Clocks are measured by that of the capture. */
	if (encounter_is_routine(encounter) && encounter->kind != ENCOUNTER_OTHER_SENDER &&
	    encounter->kind != ENCOUNTER_SACK_SHIFTED && encounter->blind)
		return blind_text;
	if (encounter_is_routine(encounter) && encounter->filtered)
		return encounter->filtered;
	if (encounter_is_routine(encounter))
		return encounter->doubled ? doubled_text : encounter->lossy ? lossy_text : NULL;
	if (encounter->kind == ENCOUNTER_SYN_UNREACHABLE)
		return NULL;
	if (encounter->syn.host_asks && !encounter->answered)
		return "the capture shows only SYNs or resets of this host; a filter may have left out its answers";
	if (!encounter->subject_speaks && !encounter->answered)
		return "the capture shows nothing that this side sends";
	if (encounter->kind == ENCOUNTER_SYN_UNANSWERED && perhaps_refused(encounter))
		return perhaps_refused(encounter);
	if (encounter->filtered)
		return encounter->filtered;
	if (encounter->kind == ENCOUNTER_DATA_SILENT && is_open_by_ack_alone(&encounter->subject))
		return "nothing that this side sent shows that it took the ACK of its SYN-ACK (a full accept queue drops it)";
	if (encounter->blind)
		return blind_text;
	if (encounter->gaps)
		return "segments of this connection are missing from the capture";
	if (encounter->lossy)
		return lossy_text;
	if (encounter->doubled || encounter->jumbled)
		return encounter->doubled ? doubled_text : jumbled_text;
	if (encounter->shared)
		return shared_text;
	if (encounter->crossed || encounter->held_back)
		return encounter->crossed ? crossed_text : held_back_text;
	return encounter->unheard ? cut_off : NULL;
}
