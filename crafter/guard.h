/* guard.h - keeps the local kernel from answering for us on a source port that we use.
 *
 * A guard is a listening TCP socket bound to our source address and port, with a classic BPF filter that
 * drops every segment (SO_ATTACH_FILTER): the kernel finds the listener, the filter eats the segment,
 * no RST is sent (tcp_v4_rcv -> tcp_filter). It reserves the port, and vanishes with the process.
 *
 * Where the filter needs a privilege that is gone, the socket takes only segments with a TTL of 255 (IP_MINTTL), and of
 * those only signed ones (TCP_MD5SIG), which there are none of: the kernel drops all others as silently. */
#ifndef TWPROBE_CRAFTER_GUARD_H
#define TWPROBE_CRAFTER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/tuple.h"

struct guard; /* owns up to `capacity` sockets, one for each source port it hands out */

/* Guards ports of `source`. With `needed` false (the address belongs to no interface of ours: no kernel
 * here would answer) it only hands out ports. Raises RLIMIT_NOFILE as far as it may. */
struct guard *guard_open(const struct address *source, size_t capacity, bool needed, uint64_t seed,
			 struct error *error);

/* Takes a free port, closed to the kernel from now on. Ports go round from 20000 to 60999 (from a start
 * drawn from `seed`), skipping those in use by others; the same port is not handed out again before the
 * others were. -1: none is left, the reason in error. */
int guard_take(struct guard *guard, uint16_t *port, struct error *error);

/* Gives the port back. The socket stays for a while, so that late segments of the subject are still
 * eaten; it is closed when its place is needed. */
void guard_release(struct guard *guard, uint16_t port);

/* Whether this kernel has neither of that: a subject that sends with a TTL of 255 got through then, and was sent RSTs. Known
 * once a port was taken. */
bool guard_leaks(const struct guard *guard);

void guard_close(struct guard *guard); /* NULL is fine */

#endif
