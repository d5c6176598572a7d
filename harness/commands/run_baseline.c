/* run_baseline.c - collects what a run sees and compares it with a baseline. */
#include "harness/commands/run_baseline.h"

#include <stdlib.h>
#include <string.h>

#include "harness/commands/differences.h"
#include "harness/report/progress.h"

int run_baseline_open(struct run_baseline *baseline, const struct options *options, struct error *error)
{
	struct progress *progress;

	memset(baseline, 0, sizeof(*baseline));
	baseline->options = options;
	if (differences_baseline(options->compare.baseline, false, &baseline->shipped, error) < 0 ||
	    results_pool_open(&baseline->pool, error) < 0)
		return -1;
	progress = options->quiet ? NULL : progress_open();
	if (baseline->shipped.version[0])
		baseline->files[0] = shipped_read(&baseline->shipped, &baseline->pool, progress, error);
	else
		baseline->files[0] = results_read(baseline->shipped.path, &baseline->pool, false, progress, error);
	progress_close(progress);
	baseline->files[1] = baseline->files[0] ? results_open("this run", error) : NULL;
	if (baseline->files[1])
		return 0;
	run_baseline_close(baseline);
	return -1;
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct run_baseline *baseline = context;

	return results_add(baseline->files[1], &baseline->pool, record, error);
}

static int show(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	struct run_baseline *baseline = context;
	const struct options *options = baseline->options;
	struct results *run = baseline->files[1];
	bool machine = options->format != FORMAT_TABLE;
	FILE *out = machine ? stderr : stdout;
	struct differences differences = {
		.files = baseline->files, .count = 2, .pool = &baseline->pool, .wider = true,
		.baseline = baseline->shipped.version[0] ? baseline->shipped.version : baseline->files[0]->shown,
	};

	if (tally->interrupted)
		return 0;
	run->kernel = strdup(facts->kernel ? facts->kernel : "");
	run->over = strdup(facts->path ? facts->path : "");
	if (!run->kernel || !run->over)
		return fail(error, "out of memory for the comparison");
	fputc('\n', out);
	baseline->code = differences_show(out, machine ? FORMAT_TABLE : options->format, &differences, error);
	return baseline->code == EXIT_CANNOT_RUN ? -1 : 0;
}

struct session_extras run_baseline_extras(struct run_baseline *baseline)
{
	return (struct session_extras){ .sink = take_record, .done = show, .context = baseline };
}

int run_baseline_exit(const struct run_baseline *baseline, int run)
{
	if (run != EXIT_AGREES && run != EXIT_INCONCLUSIVE)
		return run;
	return baseline->code == EXIT_AGREES ? run : baseline->code;
}

void run_baseline_close(struct run_baseline *baseline)
{
	results_free(baseline->files[0]);
	results_free(baseline->files[1]);
	results_pool_close(&baseline->pool);
	baseline->files[0] = baseline->files[1] = NULL;
}
