/* manner.h - how the subject's process sets its sockets up: options of the listener, which connections inherit, and of a socket
 * that connects. */
#ifndef TWPROBE_CRAFTER_MANNER_H
#define TWPROBE_CRAFTER_MANNER_H

#include <stdbool.h>
#include <stdint.h>

/* What the subject's receive window must be when the stimulus arrives. */
enum receive_window {
	RECEIVE_WINDOW_USUAL,
	RECEIVE_WINDOW_SMALL,  /* that of a receive buffer of a few KiB, open */
	RECEIVE_WINDOW_CLOSED, /* 0, because unread data fills it */
	RECEIVE_WINDOW_SHRUNK, /* some of what was offered is taken back */
};

/* By these values. */
#define RECEIVE_WINDOW_WORDS "usual", "small", "closed", "shrunk"

/* All zero: the kernel's own defaults. */
struct manner {
	bool defers;              /* TCP_DEFER_ACCEPT */
	bool lingers_zero;        /* SO_LINGER with a time of 0 */
	bool holds;               /* what does not say how it wants to be treated is held, instead of closed */
	uint32_t keepalive_s;     /* SO_KEEPALIVE, TCP_KEEPIDLE and TCP_KEEPINTVL; 0: off */
	uint32_t user_timeout_ms; /* TCP_USER_TIMEOUT; 0: off */
	int32_t linger2_s;        /* TCP_LINGER2; -1: no FIN_WAIT_2 without a process; 0: tcp_fin_timeout */
	uint8_t min_ttl;          /* IP_MINTTL, IPV6_MINHOPCOUNT; 0: off */
};

static inline bool manner_equal(const struct manner *a, const struct manner *b)
{
	return a->defers == b->defers && a->lingers_zero == b->lingers_zero && a->holds == b->holds &&
	       a->keepalive_s == b->keepalive_s && a->user_timeout_ms == b->user_timeout_ms &&
	       a->linger2_s == b->linger2_s && a->min_ttl == b->min_ttl;
}

static inline bool manner_is_usual(const struct manner *manner)
{
	return manner_equal(manner, &(struct manner){ .defers = false });
}

#endif
