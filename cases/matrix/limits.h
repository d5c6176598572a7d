/* limits.h - what a cell's own sysctls do to the queues of its subject. Pure.
 *
 * A counter that grows because the cell asked for it is not overload; a queue that the cell made short must not be filled
 * by the other cells; and a socket that the cell forbids cannot be reached. */
#ifndef TWPROBE_CASES_MATRIX_LIMITS_H
#define TWPROBE_CASES_MATRIX_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/books/kernel.h"
#include "cases/matrix/cell.h"
#include "crafter/manner.h"

/* The kernel's counters of full queues. */
enum overload {
	OVERLOAD_LISTEN_OVERFLOWS,
	OVERLOAD_LISTEN_DROPS,
	OVERLOAD_COOKIES,    /* a cookie, where the cell did not ask for cookies always */
	OVERLOAD_TIME_WAITS, /* no room for a TIME_WAIT socket, where the cell did not forbid them all */
	OVERLOAD_COUNT,
};

struct limits {
	bool counts[OVERLOAD_COUNT]; /* a move of this counter is an overload */
	size_t at_a_time;            /* at most that many of these cells can be in flight; SIZE_MAX: any number */
};

/* "TcpExt.ListenOverflows"... */
const char *limits_counter(enum overload overload);
/* `kernel` may be NULL: nothing is known of its settings. */
void limits_of(const struct conditions *conditions, const struct kernel *kernel, struct limits *limits);

/* Every SYN that meets a listener gets a SYN cookie: no request socket is kept. */
bool limits_cookies_always(const struct conditions *conditions, const struct kernel *kernel, bool at_probe);
/* No closed descriptor leaves a TIME_WAIT or FIN_WAIT_2 socket behind. */
bool limits_no_time_waits(const struct conditions *conditions, const struct kernel *kernel, bool at_probe);
/* The way to the state is unchanged, but at its end the subject has no socket left. */
bool limits_leave_nothing(enum state state, const struct conditions *conditions, const struct kernel *kernel);
/* All that is left of a half-open connection is the SYN cookie that the peer has. */
bool limits_only_cookie(const struct cell *cell, const struct kernel *kernel);
/* tcp_rmem[2] of a cell whose window is small. */
#define LIMITS_SMALL_RMEM_MOST 6291456
/* The sysctls that the cell needs: those that it names, and those that make its other conditions. */
void limits_conditions(const struct cell *cell, struct conditions *conditions);
/* How the sockets of the cell's subject are set up. A connection made by a cookie cannot say how it wants to be treated. */
void limits_manner(const struct cell *cell, struct manner *manner);
/* Why the cell's conditions keep its state from being reached; NULL when they do not. */
const char *limits_bar(const struct cell *cell, const struct kernel *kernel);

#endif
