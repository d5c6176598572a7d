/* diagnose_live.c - listens on an interface, and tells what happens while it happens. */
#include "harness/commands/diagnose_live.h"

#include <stdio.h>
#include <string.h>

#include "crafter/stream.h"
#include "crafter/units.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sandbox.h"
#include "harness/run/exit_code.h"

enum { BUFFER = 1 << 18 }; /* more than is told in a turn */

struct telling {
	struct report_diagnosis *report;
	struct diagnosis_output *output;
	const struct diagnosis_counts *counts;
};

static void on_interval(void *context, uint64_t now_ns)
{
	const struct telling *telling = context;

	report_diagnosis_interval(telling->report, telling->counts, now_ns);
}

/* Whoever reads it gets it at once, and whole lines. */
static int on_turn(void *context, uint64_t settled, struct error *error)
{
	const struct telling *telling = context;

	return stream_finish(stdout, "the report", error) < 0 ? -1 : diagnosis_output_settle(telling->output, settled, error);
}

int diagnose_live_open(struct diagnose_live *live, const struct options *options, struct error *error)
{
	static char buffer[BUFFER];
	const struct diagnose_options *diagnose = &options->diagnose;

	live->options = (struct diagnosis_live_options){
		.interface = diagnose->interface,
		.ring_bytes = diagnose->buffer << 10,
		.duration_ns = diagnose->duration_ns,
		.interval_ns = diagnose->every_ns ? diagnose->every_ns : 60 * NSEC_PER_SEC,
	};
	live->source = diagnosis_live_open(&live->options, error);
	if (!live->source || privileges_drop(error) < 0)
		return EXIT_CANNOT_RUN;
	/* It may ask a name server: without privileges, and before that is not possible any more. */
	if (diagnosis_live_filter(live->source, *diagnose->filter ? diagnose->filter : NULL, error) < 0)
		return EXIT_USAGE;
	if (sandbox_enter(SANDBOX_LISTENER, error) < 0)
		return EXIT_CANNOT_RUN;
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	return EXIT_AGREES;
}

int diagnose_live_run(struct diagnose_live *live, const struct diagnosis_options *what,
		      const struct diagnosis_listener *listener, struct diagnosis_counts *counts,
		      struct report_diagnosis *report, struct diagnosis_output *output, struct error *error)
{
	struct telling telling = { report, output, counts };
	struct diagnosis_live_listener live_listener = { on_interval, on_turn, &telling };
	struct diagnosis_options unfiltered = *what;
	struct diagnosis *diagnosis;
	int result = -1;

	unfiltered.filter = NULL; /* the kernel has done it */
	diagnosis = diagnosis_open(&unfiltered, listener, counts, error);
	if (diagnosis)
		result = diagnosis_live_run(live->source, diagnosis, counts, &live_listener, error);
	diagnosis_close(diagnosis);
	return result;
}

void diagnose_live_close(struct diagnose_live *live)
{
	diagnosis_live_close(live->source);
}
