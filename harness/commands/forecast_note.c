/* forecast_note.c - forecasts as sentences. */
#include "harness/commands/forecast_note.h"

#include <inttypes.h>
#include <stdio.h>

#include "crafter/units.h"
#include "harness/commands/in_flight.h"
#include "harness/commands/message.h"
#include "harness/commands/shard.h"
#include "harness/run/defaults.h"
#include "harness/run/run_forecast.h"

enum { TIME_SIZE = 32 };

#define WORTH_TELLING (10 * NSEC_PER_SEC)
#define NEAR_NS NSEC_PER_MSEC
#define FAR_NS (50 * NSEC_PER_MSEC)
#define FAR_LOSS 0.01

/* "40 s", "12 min", "3 h" */
static const char *time_text(uint64_t ns, char text[static TIME_SIZE])
{
	uint64_t seconds = (ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC;

	if (seconds < 120)
		snprintf(text, TIME_SIZE, "%" PRIu64 " s", seconds);
	else if (seconds < 7200)
		snprintf(text, TIME_SIZE, "%" PRIu64 " min", (seconds + 30) / 60);
	else
		snprintf(text, TIME_SIZE, "%" PRIu64 " h", (seconds + 1800) / 3600);
	return text;
}

void forecast_note_run(const struct tally *tally)
{
	char text[TIME_SIZE];

	if (tally->forecast_ns >= WORTH_TELLING)
		message_note("about %" PRIu64 " connections and %s, as answers take %.1f ms", tally->forecast_connections,
			     time_text(tally->forecast_ns, text), (double)tally->round_trip_ns / 1e6);
}

void forecast_note_dry(const struct options *options, const struct matrix *matrix)
{
	struct run_options run = {
		.rules = defaults_with_target(), .rate = defaults_rate(options->rate, true), .adapts = options->adapts,
		.in_flight = options->in_flight ? options->in_flight : in_flight_usual(options, false),
		.kernel = options->kernel, .no_sysctls = "only the lab has them", .calls_port = options->calls,
	};
	char near[TIME_SIZE], far[TIME_SIZE];
	struct forecast forecast, distant;

	if (!options->target || options->quiet)
		return;
	run.kernel.timestamps = true;
	run.count = shard_of_matrix(options, matrix, &run.first);
	if (options->timeout_ns)
		run.rules.answer_ns = options->timeout_ns;
	run_forecast(&run, matrix, NEAR_NS, 0, &forecast);
	run_forecast(&run, matrix, FAR_NS, FAR_LOSS, &distant);
	message_note("about %" PRIu64 " connections and %s where the target is near; %" PRIu64 " and %s where it is 50 ms "
		     "away and the network loses 1 %%", forecast.connections, time_text(forecast.total_ns, near),
		     distant.connections, time_text(distant.total_ns, far));
}
