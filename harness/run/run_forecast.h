/* run_forecast.h - how long a run against a target takes: from its rate, the tries of its cells, distance and loss. Pure.
 *
 * A cell that is answered is tried a fixed number of times, and once more where a try is lost; a silent one until loss does
 * not explain it. A try lasts as long as the exchanges of its way take, the quiet time that its state needs (a bare ACK that
 * was lost shows after the subject's timer), and the answer or the wait for it, and a follow-up. Tries of one cell follow one
 * another. */
#ifndef TWPROBE_HARNESS_RUN_RUN_FORECAST_H
#define TWPROBE_HARNESS_RUN_RUN_FORECAST_H

#include <stdint.h>

#include "cases/matrix/matrix.h"
#include "harness/run/run.h"

struct forecast {
	uint64_t connections; /* the tries of all cells that can be asked */
	uint64_t total_ns;    /* what takes longest of beginning them at that rate and having slots for them, and then the
			       * tries of one more cell, whose take longest */
};

/* `loss`: the share of exchanges that are lost. */
void run_forecast(const struct run_options *options, const struct matrix *matrix, uint64_t round_trip_ns, double loss,
		   struct forecast *forecast);

#endif
