/* oracle_freebsd_segment.c - the freebsd book on tcp_do_segment(), in the order of its checks. */
#include "cases/books/oracle_freebsd_internal.h"

/* Its receive window reaches from rcv_nxt to the end of the free buffer (sbspace()), which it may not have offered whole:
 * offers are rounded, and a silly one is held back. What lies behind the last offer, but not further than a buffer may reach
 * (kern.ipc.maxsockbuf), is predicted where that makes no difference. */
enum { BUFFER_MAX = 2 << 20 };

/* A segment on its way through the function. */
struct freebsd_walk {
	const struct arrival *arrival;
	const struct freebsd_kernel *kernel;
	uint32_t wnd;        /* tp->rcv_wnd, as assumed */
	uint32_t seq, tlen;  /* th_seq, tlen: what trimming has left */
	bool fin;            /* thflags & TH_FIN */
	bool ack_now;        /* TF_ACKNOW */
	enum state state;    /* tp->t_state */
};

static const struct rule syn_fin = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_do_segment(): TH_SYN and TH_FIN, V_drop_synfin",
	"net.inet.tcp.drop_synfin is on: a SYN with a FIN is ignored.",
};

static const struct rule sent_bad_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_SENT,
	"tcp_do_segment(): SYN_SENT, th_ack <= iss or > snd_max, dropwithreset",
	"The segment acknowledges something that was never sent and gets an RST.",
};

static const struct rule sent_bad_ack_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_do_segment(): SYN_SENT, th_ack <= iss or > snd_max; tcp_dropwithreset(): TH_RST",
	"The RST acknowledges something that was never sent and is dropped.",
};

static const struct rule sent_refused = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): SYN_SENT, TH_RST|TH_ACK, tcp_drop(ECONNREFUSED)",
	"The RST acknowledges the SYN: the connection is refused.",
};

static const struct rule sent_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_do_segment(): SYN_SENT, TH_RST",
	"An RST that acknowledges nothing is dropped.",
};

static const struct rule sent_no_syn = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_do_segment(): SYN_SENT, no TH_SYN",
	"A segment with neither SYN nor RST is dropped.",
};

static const struct rule sent_connected = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"tcp_do_segment(): SYN_SENT, TH_SYN|TH_ACK, TCPS_ESTABLISHED",
	"The SYN-ACK completes the connection, and gets an ACK.",
};

static const struct rule sent_connected_fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"tcp_do_segment(): SYN_SENT, TH_SYN|TH_ACK, goto process_ACK; dodata: TH_FIN",
	"The SYN-ACK completes the connection, and its FIN counts at once: both are acknowledged.",
};

static const struct rule sent_crossing = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_do_segment(): SYN_SENT, TH_SYN, TCPS_SYN_RECEIVED, TF_ACKNOW; tcp_reass() forgets a FIN",
	"Both ends open at once: the SYN is answered with the subject's own SYN again, and an ACK.",
};

static const struct rule *syn_sent(const struct arrival *arrival)
{
	if (arrival->ack && (!seq_after(arrival->ack_seq, arrival->iss) || seq_after(arrival->ack_seq, 0)))
		return arrival->rst ? &sent_bad_ack_rst : &sent_bad_ack;
	if (arrival->rst)
		return arrival->ack ? &sent_refused : &sent_rst;
	if (!arrival->syn)
		return &sent_no_syn;
	if (!arrival->ack)
		return &sent_crossing;
	return arrival->fin ? &sent_connected_fin : &sent_connected;
}

static const struct rule no_timestamp = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_do_segment(): TF_RCVD_TSTMP, no TOF_TS, no TH_RST, V_tcp_tolerate_missing_ts is 0",
	"The connection has timestamps and the segment has none: it is dropped, a SYN like any other.",
};

static const struct rule syn_recv_bad_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_RECV,
	"tcp_do_segment(): SYN_RECEIVED, th_ack <= snd_una or > snd_max, dropwithreset",
	"The segment acknowledges something else than the SYN: it gets an RST.",
};

static const struct rule syn_recv_before = {
	ANSWER_RST, ISN_NONE, STATE_SYN_RECV,
	"tcp_do_segment(): SYN_RECEIVED, SEQ_LT(th_seq, irs), dropwithreset",
	"The segment lies before the other end's SYN: it gets an RST.",
};

static const struct rule rst_exact = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): TH_RST, last_ack_sent == th_seq",
	"The RST has exactly the number that was acknowledged last: the connection ends.",
};

static const struct rule rst_insecure = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): TH_RST in the window, V_tcp_insecure_rst",
	"net.inet.tcp.insecure_rst is on: an RST anywhere in the window ends the connection.",
};

static const struct rule rst_inside = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): TH_RST in the window, not last_ack_sent: a challenge ACK",
	"The RST lies in the window, but is not the next number: it gets a challenge ACK.",
};

static const struct rule rst_outside = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_do_segment(): TH_RST, th_seq not in the window",
	"The RST lies outside of the window, and is ignored.",
};

/* From last_ack_sent on, as long as the window. */
static bool in_reset_window(const struct freebsd_walk *walk)
{
	uint32_t from_last_ack = walk->arrival->seq - walk->arrival->rcv_wup;

	return walk->wnd ? !seq_before(from_last_ack, 0) && seq_before(from_last_ack, walk->wnd) : from_last_ack == 0;
}

static const struct rule *reset(const struct freebsd_walk *walk)
{
	if (!in_reset_window(walk))
		return &rst_outside;
	if (walk->arrival->seq == walk->arrival->rcv_wup)
		return &rst_exact;
	return walk->kernel->set->insecure_rst ? &rst_insecure : &rst_inside;
}

static const struct rule syn_challenge = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): TH_SYN, not SYN_RECEIVED: a challenge ACK (RFC 5961 4.2)",
	"A SYN into an existing connection gets a challenge ACK, whatever its numbers.",
};

static const struct rule syn_insecure = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): TH_SYN in the window, V_tcp_insecure_syn, tcp_drop(ECONNRESET)",
	"net.inet.tcp.insecure_syn is on: a SYN in the window ends the connection, with an RST.",
};

static const struct rule paws = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_do_segment(): TSTMP_LT(to_tsval, ts_recent), no data: drop",
	"The timestamp is older than the last one seen; without data, the segment is dropped in silence.",
};

static const struct rule paws_data = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): TSTMP_LT(to_tsval, ts_recent), data: dropafterack",
	"The timestamp is older than the last one seen; data with it gets an ACK.",
};

static const struct rule after_close = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): TF_CLOSED (13: SS_NOFDREF) and data, tcp_close(), dropwithreset",
	"The process has closed, so nobody can read this data: the connection ends with an RST.",
};

static const struct rule beyond = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): the segment begins behind the window, dropafterack",
	"Nothing of the segment fits the window: it gets an ACK.",
};

static const struct rule no_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_do_segment(): no TH_ACK, drop",
	"A segment without the ACK bit is dropped in silence.",
};

static const struct rule no_ack_old = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): all of it is old, TF_ACKNOW; no TH_ACK, dropafterack",
	"All of the segment was received before: it gets an ACK, and for lack of the ACK bit no more.",
};

static const struct rule crossing_output = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_output() from SYN_RECEIVED: TF_NEEDSYN",
	"The segment has something sent from SYN_RECEIVED; whether that is the SYN-ACK or an ACK is not in this book.",
};

static const struct rule ack_old = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): th_ack < iss + 1, or < snd_una - max_sndwnd, V_tcp_insecure_ack is 0, tcp_send_challenge_ack()",
	"The acknowledgment is older than anything that this connection sent, or than a window: a challenge ACK.",
};

static const struct rule ack_long = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_do_segment(): TF2_NO_ISS_CHECK",
	"Whether an acknowledgment is too old depends on how much was sent, as it was when others were processed.",
};

static const struct rule ack_unsent = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_do_segment(): SEQ_GT(th_ack, snd_max), dropafterack",
	"The segment acknowledges what was never sent: it gets an ACK.",
};

static const struct rule last_acked = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_do_segment(): LAST_ACK, ourfinisacked, tcp_close()",
	"The subject's FIN is acknowledged, and the connection is over.",
};

#define CLOSING_ACKED(answer, why) { \
	answer, ISN_NONE, STATE_TIME_WAIT, \
	"tcp_do_segment(): CLOSING, ourfinisacked, tcp_twstart()", why }

static const struct rule closing_acked = CLOSING_ACKED(
	ANSWER_SILENCE, "The subject's FIN is acknowledged, and TIME_WAIT begins.");
static const struct rule closing_acked_old = CLOSING_ACKED(
	ANSWER_ACK, "The subject's FIN is acknowledged, and TIME_WAIT begins; the rest was received before and gets an ACK.");

/* What the text of a segment does, by what its acknowledgment has done. */
enum acked { ACKED_NOTHING, ACKED_SYN, ACKED_FIN, ACKED_COUNT };
#define BY_ACK(answer, citation, reason) { \
	[ACKED_NOTHING] = { answer, ISN_NONE, SAME, citation, reason }, \
	[ACKED_SYN] = { answer, ISN_NONE, STATE_ESTABLISHED, citation "; SYN_RECEIVED, TCPS_ESTABLISHED", \
			reason " The handshake is complete." }, \
	[ACKED_FIN] = { answer, ISN_NONE, STATE_FIN_WAIT_2, citation "; FIN_WAIT_1, ourfinisacked", \
			reason " The subject's FIN is acknowledged." } }

static const struct rule nothing[ACKED_COUNT] = BY_ACK(
	ANSWER_SILENCE, "tcp_do_segment(): step6, no text", "A bare ACK gets no answer.");
static const struct rule old[ACKED_COUNT] = BY_ACK(
	ANSWER_ACK, "tcp_do_segment(): todrop >= tlen, TF_ACKNOW", "All of it lies before rcv_nxt: it gets an ACK.");
static const struct rule probe[ACKED_COUNT] = BY_ACK(
	ANSWER_ACK, "tcp_do_segment(): rcv_wnd is 0, th_seq == rcv_nxt, TF_ACKNOW", "The window is closed: it gets an ACK.");
static const struct rule text[ACKED_COUNT] = BY_ACK(
	ANSWER_ACK, "tcp_do_segment(): dodata, th_seq == rcv_nxt",
	"The data is taken and acknowledged, perhaps a little later.");
static const struct rule ahead[ACKED_COUNT] = BY_ACK(
	ANSWER_ACK, "tcp_do_segment(): dodata, tcp_reass(), TF_ACKNOW", "Something is missing before it: it gets an ACK.");
static const struct rule finished[ACKED_COUNT] = BY_ACK(
	ANSWER_SILENCE, "tcp_do_segment(): dodata, TCPS_HAVERCVDFIN", "Nothing can follow the other end's FIN: it is ignored.");

static const struct rule fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"tcp_do_segment(): TH_FIN in order, TCPS_CLOSE_WAIT",
	"The FIN is taken and acknowledged.",
};

static const struct rule fin_crossing = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSING,
	"tcp_do_segment(): TH_FIN in order, FIN_WAIT_1 -> TCPS_CLOSING",
	"Both FINs are on their way: this one is acknowledged.",
};

static const struct rule fin_last = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_do_segment(): TH_FIN in order, FIN_WAIT_2 -> tcp_twstart()",
	"The other end's FIN is taken and acknowledged: TIME_WAIT begins.",
};

static bool has_received_fin(enum state state)
{
	return state == STATE_CLOSE_WAIT || state == STATE_CLOSING || state == STATE_LAST_ACK;
}

/* Its process has closed the descriptor. */
static bool process_closed(const struct arrival *arrival)
{
	switch (arrival->state) {
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2:
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		return !arrival->held;
	default:
		return false;
	}
}

/* What was received before is cut off; SYN is a number, too. */
static void trim_front(struct freebsd_walk *walk)
{
	uint32_t drop = -walk->seq;

	if (!seq_before(walk->seq, 0))
		return;
	if (walk->arrival->syn) {
		walk->seq++;
		drop--;
	}
	if (seq_after(drop, walk->tlen) || (drop == walk->tlen && !walk->fin)) {
		walk->fin = false;
		walk->ack_now = true;
		drop = walk->tlen;
	}
	walk->seq += drop;
	walk->tlen -= drop;
}

/* Returns a rule where nothing of it lies in the window. */
static const struct rule *trim_back(struct freebsd_walk *walk)
{
	uint32_t drop = walk->seq + walk->tlen - walk->wnd;

	if (!seq_after(drop, 0))
		return NULL;
	if (!seq_before(drop, walk->tlen)) {
		if (walk->wnd != 0 || walk->seq != 0)
			return walk->state == STATE_SYN_RECV && !walk->arrival->passive ? &crossing_output : &beyond;
		walk->ack_now = true;
	}
	walk->tlen -= drop;
	walk->fin = false;
	return NULL;
}

/* RST, SYN, timestamps. */
static const struct rule *check_kind(const struct freebsd_walk *walk)
{
	const struct arrival *arrival = walk->arrival;
	uint32_t days_24 = TCP_PAWS_24DAYS;

	if (arrival->rst)
		return reset(walk);
	if (arrival->syn && walk->state != STATE_SYN_RECV)
		return walk->kernel->set->insecure_syn && in_reset_window(walk) ? &syn_insecure : &syn_challenge;
	if (arrival->connection_timestamps && arrival->has_timestamp && arrival->ts_recent &&
	    seq_diff(arrival->tsval, arrival->ts_recent) < 0 && arrival->ts_age_s <= days_24)
		return walk->tlen ? &paws_data : &paws;
	if (walk->state == STATE_SYN_RECV && seq_before(walk->seq, (uint32_t)-1))
		return &syn_recv_before;
	return NULL;
}

/* RFC 5961 5.2 and "ghost ACKs". */
static const struct rule *check_old_ack(const struct freebsd_walk *walk)
{
	const struct arrival *arrival = walk->arrival;
	uint32_t by_window = arrival->una - arrival->max_window, by_iss = arrival->iss + 1;
	uint32_t lowest = seq_after(by_iss, by_window) ? by_iss : by_window;

	if (walk->kernel->step < FREEBSD_14_2 || walk->kernel->set->insecure_ack)
		return NULL;
	if (!seq_before(arrival->ack_seq, lowest))
		return NULL;
	if (seq_before(arrival->ack_seq, by_window) || seq_before(arrival->una, arrival->iss + UINT16_MAX))
		return &ack_old;
	return &ack_long;
}

/* What follows the acknowledgment. */
static const struct rule *take_text(const struct freebsd_walk *walk, enum acked acked)
{
	bool in_order = walk->seq == 0;
	/* The flag is read again from the header, so that a FIN behind the window counts if data before it fits. */
	bool takes_fin = in_order && (walk->fin || (walk->tlen && walk->arrival->fin));

	if (!walk->tlen && !walk->fin)
		return !walk->ack_now ? &nothing[acked] : walk->arrival->rcv_wnd == 0 && in_order ? &probe[acked] : &old[acked];
	if (has_received_fin(walk->state))
		return walk->ack_now ? &old[acked] : &finished[acked];
	if (!in_order)
		return &ahead[acked];
	if (!takes_fin)
		return &text[acked];
	if (walk->state == STATE_FIN_WAIT_1)
		return acked == ACKED_FIN ? &fin_last : &fin_crossing;
	return walk->state == STATE_FIN_WAIT_2 || walk->state == STATE_FIN_WAIT_2_HALF ? &fin_last : &fin;
}

static const struct rule *take_ack(const struct freebsd_walk *walk)
{
	const struct arrival *arrival = walk->arrival;
	const struct rule *rule = check_old_ack(walk);
	bool all = arrival->ack_seq == 0 && seq_after(arrival->ack_seq, arrival->una);

	if (rule)
		return rule;
	if (seq_after(arrival->ack_seq, 0))
		return &ack_unsent;
	if (all && walk->state == STATE_CLOSING)
		return walk->ack_now ? &closing_acked_old : &closing_acked;
	if (all && walk->state == STATE_LAST_ACK)
		return &last_acked;
	return take_text(walk, walk->state == STATE_SYN_RECV ? ACKED_SYN :
			 all && walk->state == STATE_FIN_WAIT_1 ? ACKED_FIN : ACKED_NOTHING);
}

static const struct rule *without_ack(const struct freebsd_walk *walk)
{
	if (walk->state == STATE_SYN_RECV)
		return walk->ack_now || walk->tlen || walk->fin ? &crossing_output : &no_ack;
	return walk->ack_now ? &no_ack_old : &no_ack;
}

/* With a receive window of this size. */
static const struct rule *walk_through(const struct arrival *arrival, const struct freebsd_kernel *kernel, uint32_t wnd)
{
	struct freebsd_walk walk = {
		.arrival = arrival, .kernel = kernel, .wnd = wnd, .seq = arrival->seq,
		.tlen = arrival->end_seq - arrival->seq - arrival->syn - arrival->fin, .fin = arrival->fin,
		.state = arrival->state,
	};
	const struct rule *rule = check_kind(&walk);

	if (rule)
		return rule;
	trim_front(&walk);
	if (process_closed(arrival) && walk.tlen && (kernel->step < FREEBSD_14_2 || !has_received_fin(walk.state)))
		return &after_close;
	rule = trim_back(&walk);
	if (rule)
		return rule;
	return arrival->ack ? take_ack(&walk) : without_ack(&walk);
}

static const struct rule behind_the_offer = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_do_segment(): rcv_wnd = imax(sbspace(so_rcv), rcv_adv - rcv_nxt)",
	"The segment lies behind what was offered, and perhaps still in the buffer, whose size FreeBSD does not show.",
};

const struct rule *oracle_freebsd_segment(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	uint32_t offered = arrival->rcv_wnd;
	const struct rule *rule, *other;

	if (arrival->syn && arrival->fin && kernel->set->drop_synfin)
		return &syn_fin;
	if (arrival->state == STATE_SYN_SENT)
		return syn_sent(arrival);
	if (arrival->connection_timestamps && !arrival->has_timestamp && !arrival->rst)
		return &no_timestamp;
	if (arrival->state == STATE_SYN_RECV && !arrival->rst && arrival->ack && arrival->ack_seq != 0)
		return &syn_recv_bad_ack;
	rule = walk_through(arrival, kernel, offered);
	if (seq_before(arrival->end_seq, offered) || seq_after(arrival->seq, offered + BUFFER_MAX))
		return rule;
	/* The buffer may end behind the segment, or in it. */
	for (unsigned i = 0; i < 2; i++) {
		other = walk_through(arrival, kernel, i ? arrival->seq + 1 : offered + BUFFER_MAX);
		if (i && !seq_after(arrival->seq + 1, offered))
			break;
		if (other->answer != rule->answer || other->after != rule->after)
			return &behind_the_offer;
	}
	return rule;
}
