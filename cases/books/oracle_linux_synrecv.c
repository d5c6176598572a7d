/* oracle_linux_synrecv.c - the linux book on SYN_RECV: a request socket, its SYN-ACK sent, the last ACK missing.
 *
 * tcp_check_req() in net/ipv4/tcp_minisocks.c. What passes it makes a full socket, which is handed the segment again
 * by tcp_child_process(). */
#include "cases/books/oracle_internal.h"

/* rcv_isn is the sequence number of our SYN, one before rcv_nxt. */
#define RCV_ISN ((uint32_t)-1)

static const struct rule repeated_syn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): seq == rcv_isn, flags SYN alone (FIN is not looked at), !paws_reject -> "
	"rtx_syn_ack",
	"The SYN is taken for a repetition of the first one and gets the same SYN-ACK again.",
};

static const struct rule wrong_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): ack_seq != snt_isn + 1 -> the listener; tcp_rcv_state_process(), TCP_LISTEN: "
	"th->ack -> reset",
	"The segment acknowledges something that was never sent and gets an RST; the half-open connection "
	"stays.",
};

static const struct rule wrong_ack_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): ack_seq != snt_isn + 1 -> the listener; tcp_v4_send_reset(): never in response to "
	"a reset",
	"The RST acknowledges something that was never sent, so it is not attributed to this connection.",
};

static const struct rule wrong_ack_from_afar = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): ack_seq != snt_isn + 1 -> the listener; tcp_v4_rcv(), process: ttl < min_ttl -> TCPMinTTLDrop",
	"The segment acknowledges something that was never sent, so the listener gets it, and drops it because of its TTL.",
};

static const struct rule paws = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): paws_reject, not RST -> send_ack()",
	"The timestamp is older than that of the SYN: the segment is dropped and answered with an ACK.",
};

static const struct rule out_of_window = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): !tcp_in_window(), not RST -> send_ack()",
	"The segment is outside the receive window: it is dropped and answered with an ACK.",
};

static const struct rule paws_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): paws_reject, RST; tcp_paws_reject(): the SYN's timestamp is younger than "
	"TCP_PAWS_MSL",
	"The RST's timestamp is older than that of the SYN, so it is dropped.",
};

static const struct rule out_of_window_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): !tcp_in_window(), RST",
	"An RST outside the receive window is dropped.",
};

static const struct rule inexact_rst = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): RST, seq != rcv_nxt -> tcp_reqsk_send_challenge_ack() (7.2; 6.18.42, 6.12.105, "
	"6.1.191)",
	"An RST that is in the window but not exactly in sequence gets a challenge ACK.",
};

static const struct rule exact_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_check_req(): RST, seq == rcv_nxt -> embryonic_reset",
	"An RST exactly in sequence ends the half-open connection in silence.",
};

static const struct rule any_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_check_req(): tcp_in_window(), RST -> embryonic_reset (before 7.2, 6.18.42, 6.12.105, 6.1.191)",
	"An RST anywhere in the receive window ends the half-open connection in silence.",
};

static const struct rule syn_in_window = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_check_req(): tcp_in_window(), SYN -> embryonic_reset: send_reset(), inet_csk_reqsk_queue_drop()",
	"A SYN inside the receive window is answered with an RST, and the half-open connection is gone.",
};

static const struct rule tsecr = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): tsecr_reject: rcv_tsecr, !between(rcv_tsecr, snt_tsval_first, snt_tsval_last) -> send_ack() (6.15)",
	"The segment echoes a timestamp that no SYN-ACK had: it is dropped and answered with an ACK.",
};

static const struct rule tsecr_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): tsecr_reject, RST (6.15)",
	"The RST echoes a timestamp that no SYN-ACK had, so it is dropped.",
};

static const struct rule tsecr_unknown = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_check_req(): tsecr_reject: rcv_tsecr, !between(rcv_tsecr, snt_tsval_first, snt_tsval_last) (6.15)",
	"The segment echoes another timestamp than that of the first SYN-ACK: it is dropped unless a later SYN-ACK had that "
	"one or one after it.",
};

static const struct rule child_syn = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): seq == rcv_isn: flg &= ~TCP_FLAG_SYN; tcp_child_process(): tcp_validate_incoming(), syn_challenge",
	"The SYN flag is overlooked at first, because the segment reaches into the window; the new socket then challenges it, "
	"and waits on.",
};

static const struct rule no_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): !(flg & TCP_FLAG_ACK)",
	"A segment without the ACK flag is dropped in silence.",
};

static const struct rule third_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED,
	"tcp_check_req() -> tcp_child_process(): tcp_rcv_state_process(), TCP_SYN_RECV; nothing to "
	"acknowledge",
	"The ACK completes the handshake; its sequence number only has to be in the window.",
};

static const struct rule third_ack_data = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"tcp_check_req() -> tcp_child_process(): tcp_rcv_state_process(), TCP_SYN_RECV; then "
	"tcp_data_queue()",
	"The ACK completes the handshake, and what came with it is acknowledged or held until the gap is "
	"filled.",
};

static const struct rule third_ack_fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"tcp_check_req() -> tcp_child_process(): tcp_rcv_state_process(), TCP_SYN_RECV; then tcp_fin()",
	"The ACK completes the handshake, and the FIN that came with it is acknowledged at once.",
};

static const struct rule child_paws = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req() -> tcp_child_process(): tcp_validate_incoming(), PAWS -> tcp_send_dupack()",
	"With tcp_timestamps off now, the old timestamp is noticed only by the new socket, which then waits "
	"on.",
};

static const struct rule deferred = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): num_timeout < rskq_defer_accept, end_seq == rcv_isn + 1 -> acked = 1, TCPDeferAcceptDrop",
	"The listener waits for data (TCP_DEFER_ACCEPT): the bare ACK is dropped, and the half-open connection stays.",
};

static const struct rule overflow = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_check_req(): tcp_v4_syn_recv_sock(): sk_acceptq_is_full() -> listen_overflow: acked = 1",
	"The queue of connections that wait to be accepted is full: the segment is dropped, and the half-open connection "
	"stays.",
};

static const struct rule overflow_reset = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_check_req(): tcp_v4_syn_recv_sock(): sk_acceptq_is_full() -> listen_overflow: tcp_abort_on_overflow -> "
	"embryonic_reset",
	"The queue of connections that wait to be accepted is full: with tcp_abort_on_overflow the client is told by an RST.",
};

/* reqsk_timeout(): the kernel keeps no time for the SYN's timestamp, and takes the time to the next SYN-ACK for its age: 1 s,
 * doubled with each SYN-ACK sent again, after 1 s, 3 s, 7 s... TCP_RTO_MAX (120 s) at most. */
static uint64_t estimated_age(uint64_t age_s)
{
	uint64_t timeout = 1;

	while (timeout < 120 && age_s >= 2 * timeout - 1)
		timeout *= 2;
	return timeout < 120 ? timeout : 120;
}

/* tcp_paws_reject(&tmp_opt, th->rst) with the TSval of the SYN, which is 0 if the SYN had none: then never. */
static bool paws_reject(const struct arrival *arrival, const struct kernel *kernel)
{
	struct arrival estimated = *arrival;

	estimated.ts_age_s = estimated_age(arrival->ts_age_s);
	return arrival->has_timestamp && arrival->timestamps && arrival->connection_timestamps &&
	       oracle_linux_paws_reject(&estimated, kernel);
}

/* snt_tsval_first is that of the first SYN-ACK, snt_tsval_last that of the last one: at most the last TSval of all. NULL when
 * the echo is one of these, or is not looked at. */
static const struct rule *check_echo(const struct arrival *arrival, const struct kernel *kernel)
{
	uint32_t since = arrival->tsecr - arrival->syn_tsval;

	if (!arrival->has_timestamp || !arrival->timestamps || !arrival->connection_timestamps || arrival->tsecr == 0 ||
	    !arrival->offers_timestamps || since == 0 || !kernel_has(kernel, CHANGE_TSECR))
		return NULL;
	if (since <= arrival->last_tsval - arrival->syn_tsval)
		return &tsecr_unknown;
	return arrival->rst ? &tsecr_rst : oracle_linux_dupack(arrival, &tsecr);
}

/* The full socket checks again. Only PAWS can find what tcp_check_req() let through: it asks the connection, not the
 * sysctl, whether there are timestamps. */
static const struct rule *child(const struct arrival *arrival, const struct kernel *kernel)
{
	struct arrival fresh = *arrival;

	if (arrival->defers && arrival->end_seq == 0)
		return &deferred;
	if (arrival->accept_full)
		return arrival->aborts ? &overflow_reset : &overflow;
	if (arrival->syn)
		return oracle_linux_challenge(arrival, &child_syn);
	fresh.ts_age_s = 0; /* tcp_create_openreq_child(): ts_recent_stamp is now */
	if (arrival->has_timestamp && arrival->connection_timestamps &&
	    !oracle_linux_paws_check(&fresh, kernel, TCP_PAWS_WINDOW))
		return oracle_linux_dupack(arrival, &child_paws);
	if (arrival->seq == arrival->end_seq)
		return &third_ack;
	return arrival->fin && !seq_after(arrival->seq, 0) ? &third_ack_fin : &third_ack_data;
}

bool oracle_linux_made_child(const struct rule *rule)
{
	return rule == &child_syn || rule == &child_paws || rule == &third_ack || rule == &third_ack_data ||
	       rule == &third_ack_fin;
}

const struct rule *oracle_linux_syn_recv(const struct arrival *arrival, const struct kernel *kernel)
{
	/* The same change keeps a wrong ACK of an RST out of the way. */
	bool strict = kernel_has(kernel, CHANGE_RST_SYN_RECV);
	bool stale = paws_reject(arrival, kernel);
	const struct rule *rule;

	if (arrival->seq == RCV_ISN && arrival->syn && !arrival->ack && !arrival->rst && !stale)
		return oracle_linux_dupack(arrival, &repeated_syn);
	if (arrival->ack && arrival->ack_seq != 0 && !(arrival->rst && strict))
		return arrival->rst ? &wrong_ack_rst : arrival->low_ttl ? &wrong_ack_from_afar : &wrong_ack;
	if (stale)
		return arrival->rst ? &paws_rst : oracle_linux_dupack(arrival, &paws);
	rule = check_echo(arrival, kernel);
	if (rule)
		return rule;
	if (!oracle_arrival_in_window(arrival))
		return arrival->rst ? &out_of_window_rst : oracle_linux_dupack(arrival, &out_of_window);
	if (arrival->rst && strict)
		return arrival->seq == 0 ? &exact_rst : oracle_linux_challenge(arrival, &inexact_rst);
	if (arrival->rst)
		return &any_rst;
	if (arrival->syn && arrival->seq != RCV_ISN)
		return &syn_in_window;
	if (!arrival->ack)
		return &no_ack;
	return child(arrival, kernel);
}
