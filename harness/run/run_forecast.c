/* run_forecast.c - what the peers would do, added up. */
#include "harness/run/run_forecast.h"

#include "cases/matrix/cell_ask.h"
#include "crafter/units.h"
#include "harness/run/run_internal.h"
#include "harness/run/run_reach.h"

enum {
	SAMPLES = 4096,  /* of more cells than these, every so many-th stands for the others */
	SEEN_LEAST = 50, /* exchanges of which the loss is known */
	EXCHANGES_ENOUGH = 400, /* of fewer nothing is foretold */
};
/* A run looks at the outcomes every 4 ms, and turns round between. */
#define OVERHEAD_NS (4 * NSEC_PER_MSEC)

/* Each time the subject has its turn, a round trip is over. */
static unsigned round_trips(const struct state_plan *plan)
{
	unsigned count = 0;

	for (const struct state_step *step = plan->steps; step->what != DOES_NOTHING; step++)
		count += step->who == WHO_SUBJECT && (step == plan->steps || step[-1].who == WHO_CRAFTED);
	return count;
}

static uint64_t longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct try {
	bool silent;
	uint64_t lasts_ns;
};

static struct try one_try(const struct run_options *options, const struct cell *cell, uint64_t round_trip_ns, double loss)
{
	const struct peer_rules *rules = &options->rules;
	struct state_plan way;
	const struct state_plan *plan = cell_way(cell, &way);
	unsigned trips = round_trips(plan);
	uint64_t wait_ns = peer_wait_time(rules, round_trip_ns);
	uint64_t ns = OVERHEAD_NS + trips * round_trip_ns + peer_quiet_time(rules, cell->state, plan, round_trip_ns);
	struct expectation expected;
	struct try try;
	bool reset, follows;

	cell_ask(BOOK_LINUX, cell, &options->kernel, &expected);
	try.silent = expected.answer == ANSWER_SILENCE;
	reset = expected.answer == ANSWER_RST || (stimulus_kind_flags(cell->stimulus.kind) & FLAG_RST);
	follows = (try.silent || reset) && cell->state != STATE_CLOSED;
	ns += cell->delay_ms.number * NSEC_PER_MSEC;
	ns += try.silent ? wait_ns : round_trip_ns + rules->after_ns;
	if (follows && expected.answer == ANSWER_ACK)
		ns += rules->rate_limit_ns;
	if (follows)
		ns += round_trip_ns;
	/* What is lost of the way is sent again after a while; of the rest, the wait for it was in vain. */
	ns += (uint64_t)(loss * (trips * (double)rules->resend_ns + (1 + follows) * (double)wait_ns));
	try.lasts_ns = ns;
	return try;
}

static unsigned silent_tries(const struct run_options *options, double cells, double loss)
{
	uint64_t seen = (uint64_t)cells > SEEN_LEAST ? (uint64_t)cells : SEEN_LEAST;
	struct loss known = { .exchanges = seen, .lost = (uint64_t)(loss * (double)seen + 0.5) };
	unsigned tries = RUN_SILENT_TRIES_MIN;

	if (options->one_subject)
		return 1; /* its counters prove it */
	while (loss_explains(&known, tries) * cells >= RUN_SILENCE_DOUBT)
		tries++;
	return tries;
}

static unsigned answered_tries(const struct run_options *options)
{
	if (options->one_subject)
		return 1;
	return options->count > RUN_CELLS_FEW ? RUN_TRIES_FEW : RUN_TRIES_MANY;
}

void run_forecast(const struct run_options *options, const struct matrix *matrix, uint64_t round_trip_ns, double loss,
		   struct forecast *forecast)
{
	size_t step = options->count / SAMPLES + 1, stride = options->stride ? options->stride : 1;
	unsigned silent = silent_tries(options, (double)options->count, loss), answered = answered_tries(options);
	const struct run_reach reach = run_reach_of(options);
	double connections = 0, busy_ns = 0; /* all of them, one after the other */
	uint64_t chain_ns = 0, slots_ns, begin_ns;

	for (size_t i = 0; i < options->count; i += step) {
		struct cell cell;
		struct try try;
		double tries;

		matrix_cell(matrix, (options->first + i * stride) % matrix_count(matrix), &cell);
		if (run_reach_bar(&reach, options, &cell))
			continue;
		try = one_try(options, &cell, round_trip_ns, loss);
		tries = try.silent ? silent : answered * (1 + 2 * loss);
		connections += tries * (double)step;
		busy_ns += tries * (double)step * (double)try.lasts_ns;
		chain_ns = longer(chain_ns, (uint64_t)(tries * (double)try.lasts_ns));
	}
	forecast->connections = (uint64_t)connections;
	slots_ns = (uint64_t)busy_ns / (options->in_flight ? options->in_flight : 1);
	begin_ns = pace_predict(options->rate, options->adapts, forecast->connections, round_trip_ns);
	forecast->total_ns = longer(begin_ns, slots_ns) + chain_ns;
}

void run_foretell(struct run *run)
{
	uint64_t exchanges = run->loss.exchanges, round_trip_ns = run->pace.usual_ns;
	struct forecast forecast;

	if (run->options->one_subject || exchanges < EXCHANGES_ENOUGH || exchanges < run->foretold_at || !round_trip_ns)
		return;
	run->foretold_at = 2 * exchanges;
	run->tally->round_trip_ns = round_trip_ns;
	run_forecast(run->options, run->matrix, round_trip_ns, (double)run->loss.lost / (double)exchanges, &forecast);
	run->tally->forecast_ns = forecast.total_ns;
	run->tally->forecast_connections = forecast.connections;
}
