/* oracle_rfc_synchronized.c - the rfc book on SYN-RECEIVED and the synchronized states up to LAST-ACK, RFC 9293
 * 3.10.7.4, fifth to eighth. */
#include <stddef.h>

#include "cases/books/oracle_internal.h"

static const struct rule syn_returns = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.4, fourth: SYN-RECEIVED after a passive OPEN returns to LISTEN",
	"A SYN inside the window sends a half-open connection back to LISTEN without an answer.",
};

static const struct rule crossing_syn_ack = {
	ANSWER_ACK, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, fourth (RFC 5961 4.2), against 3.5, figure 7, line 6",
	"The peer's SYN again, with the acknowledgment of the subject's: by the text it gets a challenge ACK, in the figure "
	"it completes the connection.",
};

static const struct rule syn_trimmed = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first: one could trim what lies outside the window, including SYN; fourth or fifth",
	"The SYN lies before the window and its data inside: with the SYN it goes back to LISTEN, without, it lacks an ACK.",
};

static const struct rule syn_ack_trimmed = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first: one could trim what lies outside the window, including SYN; fourth or fifth",
	"The SYN lies before the window and its data inside: whether the SYN counts is left open.",
};

static const struct rule bad_ack = {
	ANSWER_RST, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: SYN-RECEIVED, the acknowledgment is not acceptable; not below SND.UNA - MAX.SND.WND",
	"The segment acknowledges nothing that was sent since, and gets an RST; RFC 5961 5.2 has no objection to its number.",
};

static const struct rule bad_ack_choice = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, fifth: SYN-RECEIVED sends a reset; MAY-12 (RFC 5961 5.2) sends an ACK",
	"Whether a wrong acknowledgment gets an RST or an ACK depends on a check that RFC 9293 leaves optional.",
};

static const struct rule established = {
	ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED,
	"RFC 9293 3.10.7.4, fifth: SYN-RECEIVED, SND.UNA < SEG.ACK =< SND.NXT",
	"The ACK completes the handshake.",
};

static const struct rule ack_unsent = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: SEG.ACK > SND.NXT",
	"The segment acknowledges something not yet sent: it is dropped and gets an ACK.",
};

static const struct rule ack_choice = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, fifth: MAY-12 (RFC 5961 5.2)",
	"Whether an acknowledgment that is so far off gets an ACK depends on a check that RFC 9293 leaves optional.",
};

static const struct rule ack_choice_acked = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: MAY-12 (RFC 5961 5.2) sends an ACK; seventh: segment text; eighth: FIN",
	"The acknowledgment is far off: the segment is dropped and gets an ACK, or is taken and gets one for what it brings.",
};

static const struct rule ack_choice_moved = {
	ANSWER_ACK, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, fifth: MAY-12 (RFC 5961 5.2) sends an ACK; seventh: segment text; eighth: FIN",
	"The acknowledgment is far off: the segment is dropped and gets an ACK, or is taken, which may change the state, and "
	"gets one as well.",
};

static const struct rule bare_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: the ACK field, no segment text",
	"A bare ACK in sequence needs no answer.",
};

static const struct rule bare_ack_ahead = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first: SHLD-31, held for later processing; no segment text",
	"A bare ACK ahead of the sequence needs no answer; whether it is held or processed at once is left open.",
};

static const struct rule text = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, seventh: segment text",
	"Data in sequence is accepted and acknowledged.",
};

static const struct rule text_fin_acked = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"RFC 9293 3.10.7.4, fifth: FIN-WAIT-1, the FIN is acknowledged; seventh: segment text",
	"The subject's FIN is acknowledged, and the data that came with it is taken and acknowledged.",
};

static const struct rule text_established = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"RFC 9293 3.10.7.4, fifth: SYN-RECEIVED; seventh: segment text",
	"The ACK completes the handshake, and the data that came with it is acknowledged.",
};

static const struct rule ahead = {
	ANSWER_ACK, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first: SHLD-31, held for later processing; RFC 5681 3.2: an immediate duplicate ACK",
	"The segment is ahead of the sequence: it is held until the gap is filled, and the receiver repeats its ACK.",
};

static const struct rule text_after_close = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.6.1: MAY-1, half-duplex close; SHLD-3, RST for data after CLOSE",
	"Whether data after CLOSE, or a FIN that tells of some, is acknowledged or reset depends on the kind of close, which "
	"RFC 9293 leaves open.",
};

static const struct rule text_after_fin = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, seventh: CLOSE-WAIT and later, ignore the segment text",
	"Nothing can follow our own FIN: the data is ignored.",
};

static const struct rule fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"RFC 9293 3.10.7.4, eighth: FIN in SYN-RECEIVED or ESTABLISHED",
	"The FIN is acknowledged, and the connection is in CLOSE-WAIT.",
};

static const struct rule fin_crossing = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSING,
	"RFC 9293 3.10.7.4, eighth: FIN in FIN-WAIT-1, our FIN not acknowledged",
	"Both sides close at once: our FIN is acknowledged while the subject's is not.",
};

static const struct rule fin_last = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, eighth: FIN in FIN-WAIT-1 (acknowledged) or FIN-WAIT-2",
	"The FIN that was missing arrives: it is acknowledged, and TIME-WAIT begins.",
};

static const struct rule fin_again = {
	ANSWER_ACK, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, eighth: FIN, remain in the state",
	"Another FIN is acknowledged, and the state stays.",
};

static const struct rule fin_again_ahead = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, first (SHLD-31) and eighth",
	"No RFC specifies what happens to a second FIN beyond the first.",
};

static const struct rule fin_acked = {
	ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2,
	"RFC 9293 3.10.7.4, fifth: FIN-WAIT-1, the FIN is acknowledged",
	"The subject's FIN is acknowledged; it waits for ours in FIN-WAIT-2.",
};

static const struct rule closing_acked = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, fifth: CLOSING, the FIN is acknowledged",
	"The subject's FIN is acknowledged, and TIME-WAIT begins.",
};

static const struct rule closing_acked_fin = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, fifth: CLOSING -> TIME-WAIT; eighth: FIN in TIME-WAIT",
	"The subject's FIN is acknowledged, TIME-WAIT begins, and the accompanying FIN gets an ACK.",
};

static const struct rule closing_ignored = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.10.7.4, fifth: CLOSING, otherwise ignore the segment",
	"The segment does not acknowledge the subject's FIN and is ignored.",
};

static const struct rule last_acked = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.4, fifth: LAST-ACK, the FIN is acknowledged",
	"The subject's FIN is acknowledged, and the connection is over.",
};

/* Text that is not old: the segment is trimmed to what is in the window (RFC 9293 3.10.7.4, first). */
static bool has_text(const struct arrival *arrival)
{
	uint32_t first = seq_after(arrival->seq, 0) ? arrival->seq : 0;

	return seq_after(arrival->end_seq - arrival->fin, first);
}

static bool lies_ahead(const struct arrival *arrival)
{
	return seq_after(arrival->seq, 0);
}

bool oracle_rfc_fin_lies_ahead(const struct arrival *arrival)
{
	return arrival->fin && seq_after(arrival->end_seq - 1, 0);
}

/* SYNs crossed, and the peer's SYN-ACK arrives: its SYN is known, its acknowledgment is new. */
static bool completes_crossing(const struct arrival *arrival)
{
	return !arrival->passive && arrival->syn && arrival->ack && !arrival->rst && arrival->seq == (uint32_t)-1 &&
	       arrival->ack_seq == 0;
}

/* With and without the check of RFC 5961 5.2 the next question is SND.UNA < SEG.ACK =< SND.NXT. */
static bool passes_rfc5961(const struct arrival *arrival)
{
	return !seq_before(arrival->ack_seq, arrival->una - arrival->max_window) && !seq_after(arrival->ack_seq, 0);
}

const struct rule *oracle_rfc_syn_received(const struct arrival *arrival)
{
	const struct rule *rule = completes_crossing(arrival) ? &crossing_syn_ack : oracle_rfc_entry(arrival);

	if (rule)
		return rule;
	if (arrival->syn && seq_before(arrival->seq, 0))
		return arrival->ack ? &syn_ack_trimmed : &syn_trimmed;
	if (arrival->syn)
		return &syn_returns;
	if (arrival->ack_seq != 0)
		return passes_rfc5961(arrival) ? &bad_ack : &bad_ack_choice;
	if (lies_ahead(arrival))
		return arrival->seq == arrival->end_seq ? &bare_ack_ahead : &ahead;
	if (arrival->fin)
		return &fin;
	return has_text(arrival) ? &text_established : &established;
}

/* MAY-12: far below what is outstanding. */
static bool lies_far_below(const struct arrival *arrival)
{
	return seq_before(arrival->ack_seq, arrival->una - arrival->max_window);
}

/* With the check of MAY-12 the segment is dropped and gets an ACK; without it goes on, as one with an old acknowledgment. */
static const struct rule *checked_or_not(const struct rule *unchecked)
{
	if (unchecked->answer != ANSWER_ACK)
		return &ack_choice;
	return unchecked->after == SAME ? &ack_choice_acked : &ack_choice_moved;
}

/* ESTABLISHED and FIN-WAIT: text is taken, a FIN counts. */
static const struct rule *receiving(const struct arrival *arrival)
{
	bool closed = (arrival->state == STATE_FIN_WAIT_1 && !arrival->half) || arrival->state == STATE_FIN_WAIT_2;
	bool fin_wait_1 = arrival->state == STATE_FIN_WAIT_1;
	bool acked = arrival->ack_seq == 0;

	if (closed && (has_text(arrival) || oracle_rfc_fin_lies_ahead(arrival)))
		return &text_after_close;
	if (lies_ahead(arrival))
		return arrival->seq == arrival->end_seq ? &bare_ack_ahead : &ahead;
	if (!arrival->fin && has_text(arrival))
		return fin_wait_1 && acked ? &text_fin_acked : &text;
	if (!arrival->fin)
		return fin_wait_1 && acked ? &fin_acked : &bare_ack;
	if (arrival->state == STATE_ESTABLISHED)
		return &fin;
	return fin_wait_1 && !acked ? &fin_crossing : &fin_last;
}

/* CLOSE-WAIT, and LAST-ACK while the subject's FIN is not acknowledged: our FIN came, nothing can follow. */
static const struct rule *finished(const struct arrival *arrival)
{
	if (arrival->fin)
		return oracle_rfc_fin_lies_ahead(arrival) ? &fin_again_ahead : &fin_again;
	return has_text(arrival) ? &text_after_fin : &bare_ack;
}

static const struct rule *closing(const struct arrival *arrival)
{
	if (arrival->ack_seq != 0)
		return &closing_ignored;
	if (!arrival->fin)
		return &closing_acked;
	return oracle_rfc_fin_lies_ahead(arrival) ? &fin_again_ahead : &closing_acked_fin;
}

/* Its acknowledgment is new, or a duplicate that can be ignored. */
static const struct rule *go_on(const struct arrival *arrival)
{
	switch (arrival->state) {
	case STATE_CLOSE_WAIT:
		return finished(arrival);
	case STATE_CLOSING:
		return closing(arrival);
	case STATE_LAST_ACK:
		return arrival->ack_seq == 0 ? &last_acked : finished(arrival);
	default:
		return receiving(arrival);
	}
}

const struct rule *oracle_rfc_synchronized(const struct arrival *arrival)
{
	const struct rule *rule = oracle_rfc_entry(arrival);

	if (rule)
		return rule;
	if (seq_after(arrival->ack_seq, 0))
		return arrival->state == STATE_LAST_ACK ? &ack_choice : &ack_unsent;
	rule = go_on(arrival);
	return lies_far_below(arrival) ? checked_or_not(rule) : rule;
}
