/* oracle_linux.c - the linux book: which part of the kernel gets the stimulus. */
#include "cases/oracle.h"

#include "cases/oracle_internal.h"

/* The lookup of tcp_v4_rcv() and tcp_v6_rcv(): a listener, a request socket, a timewait socket or a full one. */
static const struct rule *ask(const struct arrival *arrival, const struct kernel *kernel)
{
	switch (arrival->state) {
	case STATE_LISTEN:
		return linux_listen(arrival);
	case STATE_SYN_RECV:
		return linux_syn_recv(arrival, kernel);
	case STATE_TIME_WAIT:
		return linux_time_wait(arrival, kernel);
	case STATE_FIN_WAIT_2:
		return linux_fin_wait_2(arrival);
	default:
		return linux_full(arrival, kernel);
	}
}

void oracle_linux(const struct cell *cell, const struct kernel *kernel, struct expectation *expectation)
{
	struct arrival arrival;

	arrival_of(cell, kernel, &arrival);
	expectation_from(ask(&arrival, kernel), cell->state, expectation);
}
