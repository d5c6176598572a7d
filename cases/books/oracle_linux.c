/* oracle_linux.c - the linux book: which part of the kernel gets the stimulus; PAWS, which all parts ask. */
#include "cases/books/oracle_internal.h"

/* The lookup of tcp_v4_rcv() and tcp_v6_rcv(): a listener, a request socket, a timewait socket or a full one. */
const struct rule *oracle_linux_rule(const struct arrival *arrival, const struct kernel *kernel)
{
	switch (arrival->state) {
	case STATE_LISTEN:
		return arrival->cookie ? oracle_linux_cookie(arrival) : oracle_linux_listen(arrival);
	case STATE_SYN_RECV:
		return oracle_linux_syn_recv(arrival, kernel);
	case STATE_TIME_WAIT:
		return oracle_linux_time_wait(arrival, kernel);
	case STATE_FIN_WAIT_2:
		return oracle_linux_fin_wait_2(arrival, kernel);
	default:
		return oracle_linux_full(arrival, kernel);
	}
}

/* A ts_recent of 0 switches PAWS off: "some OSes send SYN and SYNACK messages with tsval=0". */
bool oracle_linux_paws_check(const struct arrival *arrival, const struct kernel *kernel, int32_t window)
{
	uint64_t lasts = kernel_has(kernel, CHANGE_PAWS_WRAP) ? TCP_PAWS_WRAP : TCP_PAWS_24DAYS;

	return arrival_age(arrival) <= window || arrival->ts_age_s >= lasts || arrival->ts_recent == 0;
}

/* Without tolerance, and for an RST only while ts_recent is young. */
bool oracle_linux_paws_reject(const struct arrival *arrival, const struct kernel *kernel)
{
	if (oracle_linux_paws_check(arrival, kernel, 0))
		return false;
	return !arrival->rst || arrival->ts_age_s < TCP_PAWS_MSL;
}
