/* closing.c - resets told apart by what they answer; keepalives and half-closed connections that nobody answers. */
#include "harness/diagnose/closing.h"

#include "crafter/seq.h"
#include "crafter/units.h"

/* A reset to a third ACK comes with the time of the way, counted from the last SYN-ACK; a process may take as long to
 * accept, and abort. */
#define HANDSHAKE_NS (3 * NSEC_PER_SEC)
/* TCP_KEEPINTVL is at least a second. tcp_retransmit_timer() doubles at least TCP_RTO_MIN (200 ms), once a tail loss probe was
 * sent (tcp_send_loss_probe()): the third or fourth time, something comes more than 600 ms after the first. */
#define KEEPALIVE_NS (NSEC_PER_SEC - 50 * NSEC_PER_MSEC)
#define REPEATED_NS (550 * NSEC_PER_MSEC)
enum { KEEPALIVES = 2, REPEATS = 3 };

bool closing_is_keepalive(const struct end *from, const struct end *to, const struct segment *segment)
{
	return (segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK)) == FLAG_ACK && segment->payload_size <= 1 &&
	       end_knows(to, END_RCV_NXT) && segment->seq + 1 == to->rcv_nxt &&
	       end_knows(from, END_SND_UNA | END_SND_NXT) && from->snd_una == from->snd_nxt &&
	       !(end_knows(to, END_RCV_WND) && to->rcv_wnd == 0); /* else a window probe, with the same numbers */
}

/* tcp_v4_send_reset(): what meets no connection is answered with the number that it acknowledged, and no ACK. */
static bool answers(const struct closing *closing)
{
	return !(closing->segment->flags & FLAG_ACK);
}

/* tcp_check_req(), embryonic_reset: of a connection that was never accepted, and so never sent anything, nor acknowledged more
 * than the SYN. */
static bool is_of_handshake(const struct closing *closing)
{
	const struct end *from = closing->from;

	return end_only_opened(from) && from->state == STATE_ESTABLISHED && closing->to->state == STATE_ESTABLISHED &&
	       closing->segment->seq == from->snd_nxt &&
	       closing->time_ns - track_spoke_ns(closing->sender) < HANDSHAKE_NS;
}

static enum encounter_kind kind_of_reset(const struct closing *closing)
{
	const struct end *from = closing->from, *to = closing->to;

	if (to->state == STATE_TIME_WAIT)
		return ENCOUNTER_RESET_TIME_WAIT;
	if (closing->receiver->probes)
		return ENCOUNTER_RESET_GIVEN_UP;
	if (!answers(closing))
		return ENCOUNTER_RESET;
	if (closing->sender->probes && closing->segment->seq == closing->sender->probe_ack)
		return ENCOUNTER_RESET_KEEPALIVE;
	if (from->fin_sent && to->fin_taken && closing->sender->unheard)
		return ENCOUNTER_RESET_HALF_CLOSED;
	return is_of_handshake(closing) ? ENCOUNTER_RESET_HANDSHAKE : ENCOUNTER_RESET;
}

/* tcp_retransmit_timer() sends the oldest segment again that nobody acknowledged. `unheard`: so many came to the receiver since
 * it last spoke, this one included. */
static bool is_sent_again(const struct closing *closing, unsigned unheard)
{
	const struct end *from = closing->from;
	const struct segment *segment = closing->segment;

	return segment_length(segment) > 0 && !(segment->flags & (FLAG_SYN | FLAG_RST)) && unheard >= REPEATS &&
	       end_knows(from, END_SND_UNA | END_SND_NXT) && segment->seq == from->snd_una &&
	       seq_before(segment->seq, from->snd_nxt) && closing->time_ns - closing->receiver->unheard_ns >= REPEATED_NS &&
	       closing->to->state != STATE_CLOSED;
}

/* The second keepalive in a row; at least the third time that something goes to the end that has closed. */
static enum encounter_kind kind_of_silence(const struct closing *closing)
{
	const struct track_side *silent = closing->receiver;
	const struct end *from = closing->from;

	if (silent->probes == KEEPALIVES - 1 && closing->time_ns - silent->probe_ns >= KEEPALIVE_NS &&
	    closing_is_keepalive(from, closing->to, closing->segment))
		return ENCOUNTER_KEEPALIVE_SILENT;
	if (silent->unheard >= REPEATS - 1 && !silent->silence_told && segment_length(closing->segment) > 0 &&
	    closing->to->fin_acked &&
	    (from->state == STATE_CLOSE_WAIT || from->state == STATE_LAST_ACK) &&
	    closing->time_ns - silent->unheard_ns >= REPEATED_NS)
		return ENCOUNTER_HALF_CLOSED_SILENT;
	return !silent->silence_told && is_sent_again(closing, silent->unheard + 1U) ? ENCOUNTER_DATA_SILENT : ENCOUNTER_NONE;
}

bool closing_is_unacknowledged(const struct closing *closing)
{
	return closing->segment->payload_size > 0 && is_sent_again(closing, closing->receiver->unheard) &&
	       closing->to->state != STATE_TIME_WAIT;
}

/* A SYN-ACK again, after an acknowledgment of it has passed: the server did not take that, or did not get it. */
static bool is_syn_ack_again(const struct closing *closing)
{
	const struct end *from = closing->from;
	const struct segment *segment = closing->segment;

	return (segment->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == (FLAG_SYN | FLAG_ACK) && closing->sender->syn_ack &&
	       from->passive && from->state == STATE_ESTABLISHED && end_knows(from, END_ISS) && segment->seq == from->iss &&
	       from->snd_nxt == from->iss + 1 && !closing->sender->again;
}

enum encounter_kind closing_kind(enum encounter_kind kind, const struct closing *closing)
{
	if (kind == ENCOUNTER_RESET)
		return kind_of_reset(closing);
	if (kind != ENCOUNTER_NONE)
		return kind;
	return is_syn_ack_again(closing) ? ENCOUNTER_SYN_ACK_AGAIN : kind_of_silence(closing);
}

void closing_note_silence(struct encounter *encounter, const struct closing *closing)
{
	bool of_sender = encounter->kind == ENCOUNTER_RESET_KEEPALIVE || encounter->kind == ENCOUNTER_RESET_HALF_CLOSED;
	const struct track_side *side = of_sender ? closing->sender : closing->receiver;
	bool probes = encounter->kind == ENCOUNTER_RESET_KEEPALIVE || encounter->kind == ENCOUNTER_RESET_GIVEN_UP ||
		      encounter->kind == ENCOUNTER_KEEPALIVE_SILENT;

	encounter->unanswered = probes ? side->probes : side->unheard;
	if (!encounter->unanswered)
		return;
	encounter->unanswered_ns = closing->time_ns - (probes ? side->probe_ns : side->unheard_ns);
	encounter->quiet_ns = side->quiet_ns;
}
