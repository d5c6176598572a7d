/* oracle_freebsd_internal.h - what the files of the freebsd book share. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_FREEBSD_INTERNAL_H
#define TWPROBE_CASES_BOOKS_ORACLE_FREEBSD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/books/freebsd.h"
#include "cases/books/oracle_internal.h"

/* One FreeBSD. */
struct freebsd_kernel {
	const struct freebsd *set; /* its sysctls */
	enum freebsd_step step;
};

/* tcp_do_segment(), in every state that has a tcpcb but TIME_WAIT; SYN_RECV of an entry that completes its handshake too. */
const struct rule *oracle_freebsd_segment(const struct arrival *arrival, const struct freebsd_kernel *kernel);

#endif
