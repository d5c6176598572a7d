/* tally.h - the counts of a run; what the summary record and the exit code are made from. */
#ifndef TWPROBE_HARNESS_RUN_TALLY_H
#define TWPROBE_HARNESS_RUN_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/run/record.h"

struct tally {
	size_t cells, verdicts[VERDICT_COUNT];
	size_t otherwise[BOOK_COUNT]; /* conclusive cells where this rule book disagrees with the kernel */
	size_t open[BOOK_COUNT];      /* ... and where it makes no prediction */
	uint64_t begun_ns, ended_ns;
	uint64_t capture_dropped, segments_sent, segments_heard;
	uint64_t set_up_segments, resent; /* those of the way to a state, and how many had to be sent again */
	size_t expected[VERDICT_COUNT]; /* --expected-failures: those that are known to fail, and do */
	size_t unexpected;              /* ... and do not */
	uint64_t forecast_ns, forecast_connections; /* how long it will take in all; 0: nothing is known of that yet */
	uint64_t round_trip_ns;                     /* of which that was foretold */
	bool interrupted;
	size_t musts;            /* cells where the rfc book says otherwise because of a MUST */
	bool musts_only;         /* judged by that book: what differs from no MUST is told, and no failure */
	bool left;               /* the subject's kernel holds more sockets than before */
	size_t decided;          /* cells whose verdict stands, delivered or not; for a progress line */
	size_t without_timestamps, same; /* cells asked without: the subject has none; not asked: the same as one of them */
	size_t by_version, by_process; /* conclusive cells that depend on what is not known of the subject */
	uint64_t kernels, ruled_out;   /* which kernels it may be (steps), and which did not answer as was seen */
};

/* Those that answer every cell as was seen. */
uint64_t tally_kernels(const struct tally *tally);

void tally_add(struct tally *tally, const struct record *record);
/* Adds a run that came after those in `all` (zeroed: the first). */
void tally_join(struct tally *all, const struct tally *run);
/* Adds what a run that went on beside, over a wire of its own, counted there. Its cells are in `all` already. */
void tally_join_wire(struct tally *all, const struct tally *run);
/* Without those that are known to fail: 0 all agree (or break no MUST, where that alone counts), 1 some differ
 * or something is left, 3 none differs but some are inconclusive or mixed, 130 interrupted. */
int tally_exit(const struct tally *tally);

#endif
