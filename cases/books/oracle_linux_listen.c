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
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"cookie_v4_check(): th->ack && !th->rst; __cookie_v4_check(): an index of msstab",
	"The ACK of a SYN cookie makes a connection, whatever happens to it afterwards.",
};

/* The cookie holds the index of an MSS, of four, in a sum with the sequence number: one that is too great by up to three is
 * taken for a lower index. */
const struct rule *oracle_linux_cookie(const struct arrival *arrival)
{
	enum { MSS_INDICES = 4 };

	if (arrival->ack && !arrival->syn && !arrival->rst && arrival->ack_seq == 0 && arrival->seq < MSS_INDICES)
		return &cookie_ack;
	return oracle_linux_listen(arrival);
}
