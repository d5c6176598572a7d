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

/* tcp_try_fastopen(), tcp_fastopen_no_cookie(): TFO_SERVER_ENABLE, TFO_SERVER_COOKIE_NOT_REQD; data, or Fast Open's option. */
bool oracle_linux_opens_fast(const struct arrival *arrival)
{
	return arrival->opens_fast && (arrival->end_seq != arrival->seq + 1 || arrival->cookie_kind);
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

/* msstab of net/ipv4/syncookies.c and net/ipv6/syncookies.c. */
enum { COOKIE_MSSES = 4 };
static const uint16_t cookie_msses[][COOKIE_MSSES] = { { 536, 1300, 1440, 1460 }, { 1220, 1420, 1440, 8940 } };

/* check_tcp_syn_cookie(): what is left of the acknowledgment without the hashes and the sequence number is the index of an MSS.
 * Where these two numbers are wrong, but not far apart, it is another one than the cookie was made with. */
uint16_t oracle_linux_cookie_mss(const struct arrival *arrival)
{
	const uint16_t *table = cookie_msses[arrival->family == 6];
	uint32_t index = COOKIE_MSSES - 1;

	while (index && arrival->mss < table[index])
		index--;
	index -= arrival->seq - arrival->ack_seq;
	return index < COOKIE_MSSES ? table[index] : 0;
}

const struct rule *oracle_linux_cookie(const struct arrival *arrival)
{
	if (!arrival->ack || arrival->syn || arrival->rst || !oracle_linux_cookie_mss(arrival))
		return oracle_linux_listen(arrival);
	if (arrival->accept_full)
		return &cookie_no_room;
	if (arrival->fin)
		return &cookie_fin;
	return arrival->end_seq == arrival->seq ? &cookie_ack : &cookie_data;
}
