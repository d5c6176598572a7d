/* oracle_linux_icmp.c - the linux book on ICMP errors about a connection.
 *
 * tcp_v4_err() in net/ipv4/tcp_ipv4.c and tcp_v6_err() in net/ipv6/tcp_ipv6.c: the same from 5.10 to 7.3. Nothing is ever
 * answered; what matters is whether the socket survives. */
#include "cases/books/oracle_internal.h"

static const struct rule no_connection = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(), tcp_v6_err(): __inet_lookup_established() finds none -> ICMP_MIB_INERRORS",
	"No connection has the four-tuple that the error quotes; listeners are not even looked for.",
};

static const struct rule small_socket = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(), tcp_v6_err(): sk_state == TCP_TIME_WAIT -> inet_twsk_put()",
	"The small socket of TIME_WAIT, or of FIN_WAIT_2 without a process, ignores all errors.",
};

static const struct rule other_number = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(), tcp_v6_err(): !between(seq, snd_una, snd_nxt); tcp_req_err(): seq != snt_isn -> OutOfWindowIcmps",
	"The error quotes a number that the subject does not have on its way: it is ignored.",
};

static const struct rule request_dropped = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_req_err(): abort -> inet_csk_reqsk_queue_drop(). IPv4: network or host unreachable, time exceeded, parameter "
	"problem; IPv6: what icmpv6_err_convert() calls fatal: prohibited, port unreachable, unknown codes, parameter problem",
	"The SYN-ACK came back with an error of the sort for which the half-open connection is dropped.",
};

static const struct rule request_kept = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_req_err(): !abort. IPv4: all but network or host unreachable, time exceeded, parameter problem; IPv6: what "
	"icmpv6_err_convert() does not call fatal: no route, address unreachable, hop limit exceeded",
	"The SYN-ACK came back with an error of the sort that a half-open connection outlives.",
};

static const struct rule quench = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(): ICMP_SOURCE_QUENCH -> out",
	"A source quench is ignored (RFC 6633).",
};

static const struct rule unknown_code = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"icmp_unreach(): code > NR_ICMP_UNREACH -> out",
	"IPv4 knows no such code: the error does not even reach TCP.",
};

static const struct rule redirect = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(): ICMP_REDIRECT -> do_redirect(): __ip_do_redirect(): rt_gw4 != old_gw -> nothing",
	"A redirect may change a route, but not by a host that is no gateway of it; it never changes a connection.",
};

static const struct rule large_mtu = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(): ICMP_FRAG_NEEDED, tcp_v6_err(): ICMPV6_PKT_TOOBIG -> tcp_v4_mtu_reduced(), tcp_v6_mtu_reduced()",
	"The next link is said to take more than the connection ever sends at once.",
};

static const struct rule low_ttl = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(), tcp_v6_err(): ttl < min_ttl, hop_limit < min_hopcount -> TCPMinTTLDrop",
	"The error quotes a segment whose TTL is below what the process asks for (IP_MINTTL): it is ignored.",
};

static const struct rule connect_failed = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_v4_err(), tcp_v6_err(): TCP_SYN_SENT, TCP_SYN_RECV -> sk_err, tcp_done()",
	"An attempt to connect fails at the first error, of whatever sort: connect() returns it.",
};

static const struct rule soft = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_err(), tcp_v6_err(): a synchronized state -> sk_err_soft",
	"Once connected, Linux keeps trying: the error is only remembered, for the case that the connection times out.",
};

static bool aborts_request(const struct arrival *arrival)
{
	switch (arrival->icmp) {
	case ICMP_ERROR_NET_UNREACHABLE:
	case ICMP_ERROR_HOST_UNREACHABLE:
	case ICMP_ERROR_TIME_EXCEEDED:
		return arrival->family == 4;
	case ICMP_ERROR_PORT_UNREACHABLE:
	case ICMP_ERROR_PROHIBITED:
	case ICMP_ERROR_UNKNOWN_CODE:
	case ICMP_ERROR_PROTOCOL_UNREACHABLE: /* in IPv6 a parameter problem */
		return arrival->family == 6;
	default:
		return arrival->icmp == ICMP_ERROR_PARAMETER_PROBLEM;
	}
}

const struct rule *oracle_linux_icmp(const struct arrival *arrival)
{
	enum state state = arrival->state;
	bool connecting = state == STATE_SYN_SENT || state == STATE_SYN_RECV;

	if (arrival->icmp == ICMP_ERROR_UNKNOWN_CODE && arrival->family == 4)
		return &unknown_code;
	if (state == STATE_CLOSED || state == STATE_LISTEN)
		return &no_connection;
	if (state == STATE_TIME_WAIT || state == STATE_FIN_WAIT_2)
		return &small_socket;
	if (state == STATE_SYN_RECV && arrival->passive) {
		if (arrival->ack_seq != arrival->iss)
			return &other_number;
		return aborts_request(arrival) ? &request_dropped : &request_kept;
	}
	if (arrival->low_ttl)
		return &low_ttl;
	if (seq_before(arrival->ack_seq, arrival->una) || seq_after(arrival->ack_seq, 0))
		return &other_number;
	switch (arrival->icmp) {
	case ICMP_ERROR_SOURCE_QUENCH:
		return &quench;
	case ICMP_ERROR_REDIRECT:
		return &redirect;
	case ICMP_ERROR_FRAGMENTATION_NEEDED:
		return &large_mtu;
	default:
		return connecting ? &connect_failed : &soft;
	}
}
