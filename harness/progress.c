/* progress.c - the progress line. */
#include "harness/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHOW_AFTER_NS UINT64_C(2000000000)

struct progress {
	bool shown;
};

struct progress *progress_open(void)
{
	if (!isatty(STDERR_FILENO))
		return NULL;
	return calloc(1, sizeof(struct progress));
}

void progress_show(struct progress *progress, const struct tally *tally, size_t cells)
{
	uint64_t elapsed_ns = tally->ended_ns - tally->begun_ns;
	double rate;

	if (!progress || elapsed_ns < SHOW_AFTER_NS)
		return;
	rate = (double)tally->cells * 1e9 / (double)elapsed_ns;
	fprintf(stderr, "\r\033[K%zu of %zu cells, %.0f cells/s, ", tally->cells, cells, rate);
	if (rate > 0)
		fprintf(stderr, "%.0f s left, ", (double)(cells - tally->cells) / rate);
	fprintf(stderr, "%zu inconclusive", tally->verdicts[VERDICT_INCONCLUSIVE]);
	fflush(stderr);
	progress->shown = true;
}

void progress_clear(struct progress *progress)
{
	if (!progress || !progress->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->shown = false;
}

void progress_close(struct progress *progress)
{
	progress_clear(progress);
	free(progress);
}
