/* oracle_linux_listen.c - the linux book on a listener that has no socket for the four-tuple.
 *
 * tcp_rcv_state_process(), case TCP_LISTEN, in net/ipv4/tcp_input.c: the same from 5.10 to 7.3. Sequence number and
 * timestamp do not matter. A SYN cookie is looked for in every ACK after a recent overflow (cookie_v4_check()), but none of
 * ours acknowledges one here. */
#include "cases/books/oracle_internal.h"

static const struct rule rst_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_rcv_state_process(), TCP_LISTEN: th->ack -> reset; tcp_v4_send_reset(): never in response to a "
	"reset",
	"The ACK would get an RST, but an RST never gets one.",
};

static const struct rule ack = {
	ANSWER_RST, ISN_NONE, STATE_LISTEN,
	"tcp_rcv_state_process(), TCP_LISTEN: th->ack -> reset",
	"A listener has sent nothing that could be acknowledged: whatever carries an ACK gets an RST.",
};

static const struct rule rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_rcv_state_process(), TCP_LISTEN: th->rst -> discard",
	"An RST for a connection that does not exist is dropped.",
};

static const struct rule syn_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_rcv_state_process(), TCP_LISTEN: th->syn and th->fin -> discard",
	"A connection request that carries a FIN is dropped.",
};

static const struct rule syn = {
	ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV,
	"tcp_rcv_state_process(), TCP_LISTEN: th->syn -> tcp_conn_request()",
	"A connection request gets a SYN-ACK with a new initial sequence number.",
};

static const struct rule syn_cookie = {
	ANSWER_SYN_ACK, ISN_FRESH, STATE_LISTEN,
	"tcp_conn_request(): tcp_syncookies == 2 -> want_cookie: reqsk_free()",
	"The initial sequence number of the SYN-ACK is a SYN cookie; the kernel keeps no record of the request.",
};

static const struct rule syn_cookie_for_room = {
	ANSWER_SYN_ACK, ISN_FRESH, STATE_LISTEN,
	"tcp_conn_request(): inet_csk_reqsk_queue_is_full(), tcp_syn_flood_action(): tcp_syncookies -> want_cookie",
	"The queue of half-open connections is full: the SYN-ACK's number is a SYN cookie, and no record is kept.",
};

static const struct rule no_syn_room = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_conn_request(): inet_csk_reqsk_queue_is_full(), tcp_syncookies == 0 -> drop",
	"The queue of half-open connections is full, and there are no SYN cookies: the SYN is dropped.",
};

static const struct rule no_accept_room = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_conn_request(): sk_acceptq_is_full() -> drop (ListenOverflows)",
	"The queue of connections that wait to be accepted is full: the SYN is dropped.",
};

static const struct rule nothing = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_rcv_state_process(), TCP_LISTEN: neither ACK, RST nor SYN -> discard",
	"A segment that is not a connection request is dropped.",
};

enum request oracle_linux_request(const struct arrival *arrival, bool with_isn)
{
	bool cookie = !with_isn && (arrival->cookies || arrival->syn_full);

	if (cookie && arrival->no_cookies)
		return REQUEST_NO_SYN_ROOM;
	if (arrival->accept_full)
		return REQUEST_NO_ACCEPT_ROOM;
	return cookie ? REQUEST_COOKIE : REQUEST_MADE;
}

static const struct rule *request(const struct arrival *arrival)
{
	switch (oracle_linux_request(arrival, false)) {
	case REQUEST_NO_SYN_ROOM:
		return &no_syn_room;
	case REQUEST_NO_ACCEPT_ROOM:
		return &no_accept_room;
	case REQUEST_COOKIE:
		return arrival->cookies ? &syn_cookie : &syn_cookie_for_room;
	case REQUEST_MADE:
		break;
	}
	return &syn;
}

const struct rule *oracle_linux_listen(const struct arrival *arrival)
{
	if (arrival->ack)
		return arrival->rst ? &rst_ack : &ack;
	if (arrival->rst)
		return &rst;
	if (arrival->syn)
		return arrival->fin ? &syn_fin : request(arrival);
	return &nothing;
}

static const struct rule cookie_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED,
	"cookie_v4_check(): th->ack && !th->rst, __cookie_v4_check() -> tcp_get_cookie_sock(); "
	"tcp_child_process(): TCP_SYN_RECV",
	"The ACK of a SYN cookie makes a connection, of which this segment is the first: its numbers and timestamp are right.",
};

static const struct rule cookie_data = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"cookie_v4_check() -> tcp_get_cookie_sock(); tcp_child_process(): TCP_SYN_RECV; then tcp_data_queue()",
	"The ACK of a SYN cookie makes a connection, and what came with it is the next in sequence.",
};

static const struct rule cookie_fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"cookie_v4_check() -> tcp_get_cookie_sock(); tcp_child_process(): TCP_SYN_RECV; then tcp_fin()",
	"The ACK of a SYN cookie makes a connection, and the FIN that came with it is acknowledged at once.",
};

static const struct rule cookie_no_room = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"cookie_v4_check() -> tcp_get_cookie_sock(): tcp_v4_syn_recv_sock(): sk_acceptq_is_full() -> NULL",
	"The queue of connections that wait to be accepted is full: the ACK of a SYN cookie is dropped.",
};

static const struct rule cookie_mss = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"cookie_v4_check(): __cookie_v4_check(): an index of msstab",
	"Whether the number is taken for a SYN cookie's depends on the MSS that is hidden in it.",
};

/* check_tcp_syn_cookie(): what is left of the acknowledgment without the hashes and the sequence number is the index of an MSS,
 * of four. Where these two numbers are wrong, but not far apart, it is another one. For ours, 1460, it is the last in IPv4's
 * msstab, and the last but one in IPv6's. */
const struct rule *oracle_linux_cookie(const struct arrival *arrival)
{
	enum { LAST_INDEX = 3 };
	uint32_t less = arrival->seq - arrival->ack_seq; /* than the index that it was made with */

	if (!arrival->ack || arrival->syn || arrival->rst || (less > LAST_INDEX && less != (uint32_t)-1))
		return oracle_linux_listen(arrival);
	if (less == LAST_INDEX || less == (uint32_t)-1)
		return &cookie_mss;
	if (arrival->accept_full)
		return &cookie_no_room;
	if (arrival->fin)
		return &cookie_fin;
	return arrival->end_seq == arrival->seq ? &cookie_ack : &cookie_data;
}
