/* clocks.h - the clocks behind timestamps (TSval): what one clock can do, and how many tick behind one address. Pure.
 *
 * A TSval is a clock of 1 ms (Linux since 4.13, FreeBSD, Windows; 1 us with tcp_usec_ts) and an offset. Linux 4.10 and newer
 * draws the offset for each pair of addresses (secure_tcp_ts_off()), so that all connections from one host to another lie on
 * one line; the kernels of 2026, macOS and others draw one for each connection, and show no line at all. (tcp_timestamps=2:
 * none is added.) Two lines at a time from one address to another are two hosts. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_CLOCKS_H
#define TWPROBE_HARNESS_DIAGNOSE_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"

/* Pairs of addresses, and lines of each, that are remembered. CLOCKS_PAIRS: a power of two. */
enum { CLOCKS_PAIRS = 1024, CLOCKS_LINES = 4 };

struct clocks_line {
	uint64_t first_ns, last_ns; /* of its points; last_ns: 0: there is none */
	uint32_t tsval;             /* of the last one */
	uint16_t port, points;      /* from so many ports, one after the other; of the last one */
};

struct clocks_pair {
	struct address from, to;
	struct clocks_line lines[CLOCKS_LINES];
	bool told;
};

struct clocks {
	struct clocks_pair pairs[CLOCKS_PAIRS];
};

enum clocks_view {
	CLOCKS_ONE,     /* or too few points to tell */
	CLOCKS_SEVERAL, /* two lines at a time */
	CLOCKS_NEW,     /* the same, and nobody has been told: clocks_tell() */
};

/* A client's SYN with a timestamp. */
enum clocks_view clocks_note(struct clocks *clocks, const struct segment *syn, uint64_t time_ns);
void clocks_tell(struct clocks *clocks, const struct segment *syn);

/* Can one clock have shown both, so much time apart? It may tick as seldom or as often as the fastest that there is. */
bool clocks_allow(uint32_t before, uint32_t after, uint64_t elapsed_ns);

#endif
