/* oracle_linux_timewait.c - the linux book on the small sockets that outlive a closed descriptor: TIME_WAIT and
 * FIN_WAIT_2.
 *
 * Both are handled by tcp_timewait_state_process() in net/ipv4/tcp_minisocks.c, for IPv4 and IPv6 alike. Its
 * decisions are the same from 5.10 to 7.3; the ISN it chooses gets lost before 6.10. The functions below keep its
 * order of checks. */
#include "cases/books/oracle_internal.h"

/* tmp_opt.saw_tstamp: options are parsed only if the old connection had timestamps (tw_ts_recent_stamp), and
 * tcp_parse_options(..., estab = 0) takes the timestamp only while tcp_timestamps is on. */
static bool saw_tstamp(const struct arrival *arrival)
{
	return arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;
}

static bool paws_reject(const struct arrival *arrival, const struct kernel *kernel)
{
	return saw_tstamp(arrival) && oracle_linux_paws_reject(arrival, kernel);
}

static const struct rule killed = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): !paws_reject, seq == rcv_nxt, th->rst, tcp_rfc1337 == 0",
	"An RST with exactly the expected sequence number ends TIME_WAIT at once and in silence.",
};

static const struct rule spared = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): !paws_reject, seq == rcv_nxt, th->rst, tcp_rfc1337 != 0",
	"With tcp_rfc1337 set, an RST does not end TIME_WAIT; it is dropped.",
};

static const struct rule restarted = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): !paws_reject, seq == rcv_nxt, seq == end_seq, !th->rst",
	"An empty segment exactly in sequence is taken for the last ACK: it restarts the 60 s and gets no "
	"answer.",
};

/* By kernel_has(CHANGE_TW_ISN). Until then tcp_v4_rcv() and tcp_v6_rcv() go back to `process:` after TCP_TW_SYN, and the
 * second tcp_v4_fill_cb() there clears tcp_tw_isn. */
static const struct rule reopened_by_seq[] = {
	[false] = {
		ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV,
		"tcp_timewait_state_process(): th->syn, !paws_reject, after(seq, rcv_nxt) -> TCP_TW_SYN; then "
		"tcp_v4_fill_cb(): tcp_tw_isn = 0",
		"The SYN's sequence number is above the last one seen and its timestamp is not older, "
		"so TIME_WAIT gives way to a new connection; this kernel forgets the ISN meant for it.",
	},
	[true] = {
		ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV,
		"tcp_timewait_state_process(): th->syn, !paws_reject, after(seq, rcv_nxt) -> TCP_TW_SYN",
		"The SYN's sequence number is above the last one seen and its timestamp is not older, "
		"so TIME_WAIT gives way to a new connection.",
	},
};

static const struct rule reopened_by_ts[] = {
	[false] = {
		ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV,
		"tcp_timewait_state_process(): th->syn, !paws_reject, saw_tstamp, tw_ts_recent before rcv_tsval -> "
		"TCP_TW_SYN; then tcp_v4_fill_cb(): tcp_tw_isn = 0",
		"A newer timestamp alone is enough: the sequence number is not above, but TIME_WAIT gives way all "
		"the same; this kernel forgets the ISN meant for the new connection.",
	},
	[true] = {
		ANSWER_SYN_ACK, ISN_CONTINUED, STATE_SYN_RECV,
		"tcp_timewait_state_process(): th->syn, !paws_reject, saw_tstamp, tw_ts_recent before rcv_tsval -> "
		"TCP_TW_SYN",
		"A newer timestamp alone is enough: the sequence number is not above, but TIME_WAIT gives way all "
		"the same.",
	},
};

/* tcp_conn_request(): a SYN that comes with an ISN from TIME_WAIT gets no cookie; where that was lost it does. */
static const struct rule reopened_with_cookie = {
	ANSWER_SYN_ACK, ISN_FRESH, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn, !paws_reject, newer -> TCP_TW_SYN; then tcp_v4_fill_cb(): tcp_tw_isn = 0; "
	"tcp_conn_request(): tcp_syncookies == 2 or inet_csk_reqsk_queue_is_full() -> want_cookie: reqsk_free()",
	"The SYN is good enough to remove TIME_WAIT; this kernel forgets that it came from there and answers with a SYN "
	"cookie, for which it keeps no socket.",
};

static const struct rule reopened_without_room = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn, !paws_reject, newer -> TCP_TW_SYN; then tcp_conn_request(): "
	"sk_acceptq_is_full() -> drop (ListenOverflows)",
	"The SYN is good enough to remove TIME_WAIT, but the queue of connections that wait to be accepted is full, and the "
	"listener drops it.",
};

static const struct rule reopened_without_syn_room = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn, !paws_reject, newer -> TCP_TW_SYN; then tcp_v4_fill_cb(): tcp_tw_isn = 0; "
	"tcp_conn_request(): inet_csk_reqsk_queue_is_full(), tcp_syncookies == 0 -> drop",
	"The SYN is good enough to remove TIME_WAIT; this kernel forgets that it came from there, and drops it because the "
	"queue of half-open connections is full.",
};

static const struct rule reopened_for_nothing = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn -> TCP_TW_SYN; then tcp_rcv_state_process(), TCP_LISTEN: "
	"th->fin -> discard",
	"The SYN is good enough to remove TIME_WAIT, but the listener then drops it because of its FIN flag.",
};

static const struct rule reopened_but_refused = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn -> TCP_TW_SYN; tcp_v4_rcv(), process: tcp_inbound_hash() -> discard",
	"The SYN is good enough to remove TIME_WAIT, but the listener then drops it because of its options.",
};

static const struct rule reopened_from_afar = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): th->syn -> TCP_TW_SYN; tcp_v4_rcv(), process: ttl < min_ttl of the listener -> "
	"TCPMinTTLDrop",
	"The SYN is good enough to remove TIME_WAIT, but the listener then drops it because of its TTL.",
};

static const struct rule reopened_by_nobody = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): th->syn -> TCP_TW_SYN; tcp_v4_rcv(): no listener -> tcp_v4_timewait_ack()",
	"The SYN is good enough to reopen the connection, but nobody listens any longer: it gets the last ACK again.",
};

/* tcp_timewait_check_oow_rate_limit() */
#define OOW_ACK "TCP_TW_ACK (from 6.15 on TCP_TW_ACK_OOW)"

static const struct rule paws_ack = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): paws_reject, !th->rst -> " OOW_ACK,
	"The timestamp is older than the last one seen, so the segment is an old duplicate: it gets the last "
	"ACK again.",
};

static const struct rule old_syn_ack = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): th->syn, !after(seq, rcv_nxt), no newer timestamp -> " OOW_ACK,
	"Neither the sequence number nor the timestamp is newer, so the SYN may be an old duplicate: it gets "
	"the last ACK.",
};

static const struct rule repeated_ack = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): out of window segment, !th->rst -> " OOW_ACK,
	"Whatever is not an RST, a new SYN or an empty segment in sequence gets the last ACK of the old "
	"connection again.",
};

static const struct rule old_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): seq != rcv_nxt, th->rst",
	"An RST that is not exactly in sequence is dropped, and TIME_WAIT continues.",
};

static const struct rule old_rst_by_paws = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): paws_reject, th->rst; tcp_paws_reject(): ts_recent is younger than "
	"TCP_PAWS_MSL",
	"The RST carries a timestamp older than the last one seen, so it is dropped, and TIME_WAIT continues.",
};

static const struct rule *reopened(const struct arrival *arrival, bool kept)
{
	switch (oracle_linux_request(arrival, kept)) {
	case REQUEST_NO_SYN_ROOM:
		return &reopened_without_syn_room;
	case REQUEST_NO_ACCEPT_ROOM:
		return &reopened_without_room;
	case REQUEST_COOKIE:
		return &reopened_with_cookie;
	case REQUEST_MADE:
		break;
	}
	return seq_after(arrival->seq, 0) ? &reopened_by_seq[kept] : &reopened_by_ts[kept];
}

const struct rule *oracle_linux_time_wait(const struct arrival *arrival, const struct kernel *kernel)
{
	bool kept = kernel_has(kernel, CHANGE_TW_ISN);
	bool paws = paws_reject(arrival, kernel);
	bool above = seq_after(arrival->seq, 0);

	if (!paws && arrival->seq == 0 && arrival->rst)
		return arrival->rfc1337 ? &spared : &killed;
	if (!paws && arrival->seq == 0 && arrival->end_seq == arrival->seq)
		return &restarted;
	if (arrival->syn && !arrival->rst && !arrival->ack && !paws &&
	    (above || (saw_tstamp(arrival) && oracle_arrival_age(arrival) < 0))) {
		if (!arrival->listener)
			return &reopened_by_nobody;
		if (arrival->low_ttl)
			return &reopened_from_afar;
		if (oracle_linux_refuses_options(arrival, kernel))
			return &reopened_but_refused;
		if (arrival->fin)
			return &reopened_for_nothing;
		return reopened(arrival, kept);
	}
	if (arrival->rst)
		return paws ? &old_rst_by_paws : &old_rst;
	if (paws)
		return oracle_linux_dupack(arrival, &paws_ack);
	return oracle_linux_dupack(arrival, arrival->syn && !arrival->ack ? &old_syn_ack : &repeated_ack);
}

static const struct rule half_paws_ack = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, paws_reject -> " OOW_ACK,
	"The timestamp is older than the last one seen: the segment is dropped and answered with an ACK.",
};

static const struct rule half_out_of_window = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, !tcp_in_window() -> " OOW_ACK,
	"The segment is outside the receive window: it is dropped and answered with an ACK.",
};

static const struct rule half_rst_paws_ack = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, paws_reject -> " OOW_ACK
	", before th->rst is looked at",
	"Even an RST gets an ACK here: its timestamp is too old, and that is checked before the flag.",
};

static const struct rule half_rst_out_of_window = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, !tcp_in_window() -> " OOW_ACK
	", before th->rst is looked at",
	"Even an RST gets an ACK here: it is outside the receive window, and the flag is not checked "
	"before that.",
};

static const struct rule half_killed = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, th->rst -> kill",
	"An RST anywhere in the receive window ends the socket in silence; tcp_rfc1337 is not asked.",
};

static const struct rule half_syn = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, th->syn, !before(seq, rcv_nxt) -> "
	"TCP_TW_RST",
	"A SYN inside the receive window is answered with an RST, and the socket is gone.",
};

static const struct rule half_ignored = {
	ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, \"Dup ACK?\": !th->ack or nothing new "
	"after rcv_nxt",
	"A segment without the ACK flag, or one that carries nothing new, is dropped in silence.",
};

static const struct rule half_data = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, !th->fin or end_seq != rcv_nxt + 1 -> "
	"TCP_TW_RST",
	"Nobody is left to read: new data, or a FIN that is not next in sequence, is answered with an RST.",
};

static const struct rule half_unanswered = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2 -> TCP_TW_RST; tcp_v4_send_reset(): "
	"tcp_parse_auth_options() fails, or no key for the MD5 signature -> no RST",
	"The segment would be answered with an RST, but never is one with these options; the socket is gone all the same.",
};

static const struct rule half_fin = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_timewait_state_process(): tw_substate == TCP_FIN_WAIT2, th->fin, end_seq == rcv_nxt + 1 -> "
	"TCP_TW_ACK",
	"The FIN that was missing arrives: it is acknowledged, and TIME_WAIT begins.",
};

const struct rule *oracle_linux_fin_wait_2(const struct arrival *arrival, const struct kernel *kernel)
{
	if (paws_reject(arrival, kernel))
		return oracle_linux_dupack(arrival, arrival->rst ? &half_rst_paws_ack : &half_paws_ack);
	if (!oracle_arrival_in_window(arrival))
		return oracle_linux_dupack(arrival, arrival->rst ? &half_rst_out_of_window : &half_out_of_window);
	if (arrival->rst)
		return &half_killed;
	if (arrival->syn && !seq_before(arrival->seq, 0))
		return oracle_linux_refuses_options(arrival, kernel) ? &half_unanswered : &half_syn;
	if (!arrival->ack || !seq_after(arrival->end_seq, 0) || arrival->end_seq == arrival->seq)
		return &half_ignored;
	if (!arrival->fin || arrival->end_seq != 1)
		return oracle_linux_refuses_options(arrival, kernel) ? &half_unanswered : &half_data;
	return &half_fin;
}
