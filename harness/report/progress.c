/* progress.c - the progress line. */
#include "harness/report/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crafter/plain.h"
#include "crafter/units.h"
#include "harness/report/text.h"

#define SHOW_AFTER_NS UINT64_C(2000000000)

struct progress {
	uint64_t opened_ns;
	bool shares;   /* standard output goes to the same terminal */
	size_t width;  /* of what is on the terminal; 0: nothing */
	char line[256];
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

struct progress *progress_open(void)
{
	struct progress *progress;
	struct stat out, err;

	if (!isatty(STDERR_FILENO))
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->opened_ns = monotonic_ns();
	progress->shares = isatty(STDOUT_FILENO) && fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
			   out.st_rdev == err.st_rdev;
	return progress;
}

/* Blanks over what stood there, and no control but the carriage return: that works on the dumbest terminal. */
static void draw(struct progress *progress, const char *line)
{
	size_t width = text_width(line);

	fprintf(stderr, "\r%s", line);
	if (width < progress->width)
		fprintf(stderr, "%*s\r%s", (int)(progress->width - width), "", line);
	fflush(stderr);
	progress->width = width;
}

void progress_line(struct progress *progress, const char *format, ...)
{
	size_t columns = text_columns(stderr), length;
	char line[sizeof(progress->line)];
	va_list arguments;

	if (!progress || monotonic_ns() - progress->opened_ns < SHOW_AFTER_NS)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	plain_show(line, progress->line, sizeof(progress->line));
	/* The last column stays free: some terminals go on to the next line once it is written. */
	for (length = strlen(progress->line); length && text_width(progress->line) >= columns; )
		progress->line[--length] = '\0';
	draw(progress, progress->line);
}

void progress_show(struct progress *progress, const struct tally *tally, size_t cells)
{
	double seconds = (double)(tally->ended_ns - tally->begun_ns) / 1e9;
	double foretold = (double)tally->forecast_ns / 1e9;
	double rate = seconds > 0 ? (double)tally->decided / seconds : 0;
	char left[48] = "", mixed[48] = "";

	/* Where each cell is tried several times, hardly any is decided for a while. */
	if (foretold > seconds)
		snprintf(left, sizeof(left), "%.0f s left, ", foretold - seconds);
	else if (rate > 0)
		snprintf(left, sizeof(left), "%.0f s left, ", (double)(cells - tally->decided) / rate);
	if (tally->verdicts[VERDICT_MIXED])
		snprintf(mixed, sizeof(mixed), ", %zu mixed", tally->verdicts[VERDICT_MIXED]);
	progress_line(progress, "%zu of %zu cells, %.0f cells/s, %s%zu inconclusive%s", tally->decided, cells, rate, left,
		      tally->verdicts[VERDICT_INCONCLUSIVE], mixed);
}

void progress_hide(struct progress *progress)
{
	if (!progress || !progress->shares || !progress->width)
		return;
	draw(progress, "");
	fputc('\r', stderr);
}

void progress_restore(struct progress *progress)
{
	if (progress && progress->shares && *progress->line)
		draw(progress, progress->line);
}

void progress_close(struct progress *progress)
{
	if (progress && progress->width)
		draw(progress, "");
	free(progress);
}
