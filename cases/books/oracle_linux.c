/* oracle_linux.c - the linux book: which part of the kernel gets the stimulus; PAWS, which all parts ask. */
#include "cases/books/oracle_internal.h"

static const struct rule bad_checksum = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_rcv(), tcp_v4_do_rcv(), tcp_rcv_established(): tcp_checksum_complete() -> csum_error",
	"The checksum is wrong: the segment is dropped before anything else is looked at.",
};

static const struct rule signed_by_ao = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_inbound_ao_hash()",
	"The segment has a signature of TCP-AO, which this book does not describe.",
};

static const struct rule refused_options = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_inbound_hash(): tcp_parse_auth_options() fails, or an MD5 signature without a key (TCPMD5Unexpected) -> discard",
	"The segment has an MD5 signature that nobody expects or, for a kernel from 6.7 on, an option of impossible length: "
	"it is dropped.",
};

static const struct rule refused_without_socket = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_send_reset(): tcp_parse_auth_options() fails, or no key for the MD5 signature -> no RST",
	"No socket has the four-tuple, but a segment with an MD5 signature gets no RST, nor, from a kernel from 6.7 on, one "
	"with an option of impossible length.",
};

static const struct rule low_ttl = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_v4_rcv(), tcp_v6_rcv(), process: ttl < min_ttl, hop_limit < min_hopcount -> TCPMinTTLDrop",
	"The segment's TTL is below what the process asks for (IP_MINTTL): it is dropped before anything else is looked at.",
};

/* Small sockets ask for none, and the listener of a half-open connection only gets what tcp_check_req() sends there. */
static bool asks_for_ttl(const struct arrival *arrival)
{
	switch (arrival->state) {
	case STATE_CLOSED:
	case STATE_TIME_WAIT:
	case STATE_FIN_WAIT_2:
		return false;
	case STATE_SYN_RECV:
		return !arrival->passive;
	default:
		return true;
	}
}

bool oracle_linux_refuses_options(const struct arrival *arrival, const struct kernel *kernel)
{
	if (!arrival->bad_auth && !arrival->md5 && !arrival->old_md5)
		return false;
	if (!kernel_has(kernel, CHANGE_AUTH_OPTIONS))
		return arrival->old_md5 && arrival->checks_md5;
	if (arrival->bad_auth)
		return arrival->checks_md5 || arrival->checks_ao;
	return arrival->md5 && arrival->checks_md5;
}

/* What has its own place in each function of the kernel, and the same outcome in all of them. NULL: there is nothing of it. */
static const struct rule *before_the_state(const struct arrival *arrival, const struct kernel *kernel)
{
	bool small = arrival->state == STATE_TIME_WAIT || arrival->state == STATE_FIN_WAIT_2;

	if (arrival->bad_checksum)
		return &bad_checksum;
	if (arrival->low_ttl && asks_for_ttl(arrival))
		return &low_ttl;
	if (arrival->ao)
		return &signed_by_ao;
	/* Small sockets have no key, and ask for none: do_time_wait of tcp_v4_rcv(). */
	if (small || !oracle_linux_refuses_options(arrival, kernel))
		return NULL;
	if (arrival->state == STATE_CLOSED)
		return arrival->rst ? NULL : &refused_without_socket;
	return &refused_options;
}

static const struct rule over_limit = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_send_challenge_ack(): tcp_challenge_ack_limit is reached",
	"The segment would get a challenge ACK, but the host has sent as many as it may within this second.",
};

static const struct rule too_often = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"__tcp_oow_rate_limited(): last_oow_ack_time is younger than tcp_invalid_ratelimit",
	"The segment would be answered, but this socket has answered such a one less than tcp_invalid_ratelimit ago (500 ms).",
};

const struct rule *oracle_linux_dupack(const struct arrival *arrival, const struct rule *rule)
{
	bool is_data = arrival->seq != arrival->end_seq && !arrival->syn;

	return arrival->answered && !is_data ? &too_often : rule;
}

/* tcp_send_challenge_ack() and tcp_reqsk_send_challenge_ack(): first the socket's own limit, of which data is not exempt. */
const struct rule *oracle_linux_challenge(const struct arrival *arrival, const struct rule *rule)
{
	if (arrival->answered)
		return &too_often;
	return arrival->limited ? &over_limit : rule;
}

bool oracle_linux_drops_unread(const struct arrival *arrival, const struct kernel *kernel)
{
	return before_the_state(arrival, kernel) != NULL;
}

/* The lookup of tcp_v4_rcv() and tcp_v6_rcv(): a listener, a request socket, a timewait socket, a full one, or none. */
const struct rule *oracle_linux_rule(const struct arrival *arrival, const struct kernel *kernel)
{
	const struct rule *rule = arrival->icmp ? oracle_linux_icmp(arrival) : before_the_state(arrival, kernel);

	if (rule)
		return rule;
	switch (arrival->state) {
	case STATE_CLOSED:
		return oracle_linux_closed(arrival);
	case STATE_SYN_SENT:
		return oracle_linux_syn_sent(arrival);
	case STATE_LISTEN:
		return arrival->cookie ? oracle_linux_cookie(arrival) : oracle_linux_listen(arrival);
	case STATE_SYN_RECV:
		return arrival->passive ? oracle_linux_syn_recv(arrival, kernel) : oracle_linux_full(arrival, kernel);
	case STATE_TIME_WAIT:
		return oracle_linux_time_wait(arrival, kernel);
	case STATE_FIN_WAIT_2:
		return oracle_linux_fin_wait_2(arrival, kernel);
	/* No default: the compiler asks for the rule of a new state. */
	case STATE_ESTABLISHED:
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_1_HALF:
	case STATE_FIN_WAIT_2_HALF:
	case STATE_CLOSING:
	case STATE_CLOSING_HALF:
	case STATE_CLOSE_WAIT:
	case STATE_LAST_ACK:
	case STATE_LAST_ACK_HALF:
	case STATE_COUNT:
	case STATE_UNKNOWN:
		break;
	}
	return oracle_linux_full(arrival, kernel);
}

/* A ts_recent of 0 switches PAWS off: "some OSes send SYN and SYNACK messages with tsval=0". */
bool oracle_linux_paws_check(const struct arrival *arrival, const struct kernel *kernel, int32_t window)
{
	uint64_t lasts = kernel_has(kernel, CHANGE_PAWS_WRAP) ? TCP_PAWS_WRAP : TCP_PAWS_24DAYS;

	return oracle_arrival_age(arrival) <= window || arrival->ts_age_s >= lasts || arrival->ts_recent == 0;
}

/* Without tolerance, and for an RST only while ts_recent is young. */
bool oracle_linux_paws_reject(const struct arrival *arrival, const struct kernel *kernel)
{
	if (oracle_linux_paws_check(arrival, kernel, 0))
		return false;
	return !arrival->rst || arrival->ts_age_s < TCP_PAWS_MSL;
}
