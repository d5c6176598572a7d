/* oracle_linux.c - the linux book: which part of the kernel gets the stimulus; PAWS, which all parts ask. */
#include "cases/books/oracle_internal.h"

static const struct rule crossed = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_rcv_state_process(), TCP_SYN_RECV of a full socket",
	"Both ends opened at once: the half-open connection is a full socket, which this book does not describe.",
};

/* The lookup of tcp_v4_rcv() and tcp_v6_rcv(): a listener, a request socket, a timewait socket, a full one, or none. */
const struct rule *oracle_linux_rule(const struct arrival *arrival, const struct kernel *kernel)
{
	switch (arrival->state) {
	case STATE_CLOSED:
		return oracle_linux_closed(arrival);
	case STATE_SYN_SENT:
		return oracle_linux_syn_sent(arrival);
	case STATE_LISTEN:
		return arrival->cookie ? oracle_linux_cookie(arrival) : oracle_linux_listen(arrival);
	case STATE_SYN_RECV:
		return arrival->passive ? oracle_linux_syn_recv(arrival, kernel) : &crossed;
	case STATE_TIME_WAIT:
		return oracle_linux_time_wait(arrival, kernel);
	case STATE_FIN_WAIT_2:
		return oracle_linux_fin_wait_2(arrival, kernel);
	/* No default: the compiler asks for the rule of a new state. */
	case STATE_ESTABLISHED:
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2_HALF:
	case STATE_CLOSING:
	case STATE_CLOSE_WAIT:
	case STATE_LAST_ACK:
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
