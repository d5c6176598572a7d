/* command_diagnose.c - twprobe diagnose: what a capture shows, or an interface, and why. Sends nothing. */
#include <stdio.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/diagnose_live.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/report/progress.h"
#include "harness/run/exit_code.h"

struct reading {
	struct report_diagnosis *report;
	struct progress *progress;
	const char *path;
};

static void on_encounter(void *context, const struct diagnosed *diagnosed)
{
	struct reading *reading = context;

	report_diagnosis_take(reading->report, diagnosed);
}

static void on_connection(void *context, const struct tracked *connection)
{
	struct reading *reading = context;

	report_diagnosis_connection(reading->report, connection);
}

static void on_progress(void *context, uint64_t consumed, uint64_t size)
{
	struct reading *reading = context;

	if (size)
		progress_line(reading->progress, "reading %s: %llu of %llu MB", reading->path,
			      (unsigned long long)(consumed >> 20), (unsigned long long)(size >> 20));
	else
		progress_line(reading->progress, "reading %s: %llu MB", reading->path, (unsigned long long)(consumed >> 20));
}

/* `code`: of the exit, where -1 is returned. */
static int run(const struct options *options, struct diagnose_live *live, struct reading *reading,
	       struct diagnosis_counts *counts, int *code, struct error *error)
{
	struct diagnosis_listener listener = { on_encounter, on_connection, on_progress, reading };
	struct diagnosis_options what = {
		.filter = options->diagnose.filter[0] ? options->diagnose.filter : NULL,
		.connections = options->diagnose.connections,
		.decides = options->expect,
		.kernel = options->kernel,
	};

	*code = live ? EXIT_CANNOT_RUN : EXIT_USAGE;
	if (live)
		return diagnose_live_run(live, &what, &listener, counts, reading->report, error);
	return diagnosis_run(options->diagnose.path, &what, &listener, counts, error);
}

/* `live`: NULL for a file. */
static int read_capture(const struct options *options, const struct report_diagnosis_facts *facts, struct diagnose_live *live,
			struct error *error)
{
	struct reading reading = { .path = facts->path };
	struct diagnosis_counts counts;
	int result, code;

	reading.report = report_diagnosis_open(facts, error);
	if (!reading.report)
		return message_error(error->text, EXIT_CANNOT_RUN);
	reading.progress = options->quiet || live ? NULL : progress_open();
	result = run(options, live, &reading, &counts, &code, error);
	progress_close(reading.progress);
	if (result == 0 || counts.frames)
		report_diagnosis_end(reading.report, &counts, result < 0 ? error->text : NULL);
	report_diagnosis_close(reading.report);
	return result < 0 ? message_error(error->text, code) : report_diagnosis_exit(&counts);
}

static int listen_on(const struct options *options, const struct report_diagnosis_facts *facts)
{
	struct diagnose_live live = { .source = NULL };
	struct error error;
	int code = diagnose_live_open(&live, options, &error);

	code = code == EXIT_AGREES ? read_capture(options, facts, &live, &error) : message_error(error.text, code);
	diagnose_live_close(&live);
	return code;
}

static const char *name_of(const struct diagnose_options *options)
{
	if (options->interface)
		return options->interface;
	return strcmp(options->path, "-") ? options->path : "standard input";
}

int command_diagnose(struct options *options)
{
	const struct diagnose_options *diagnose = &options->diagnose;
	struct report_diagnosis_facts facts = {
		.out = stdout,
		.format = options->format,
		.color = options_color(options),
		.every_one = options->verbose,
		.live = diagnose->interface,
		.quiet = options->quiet,
		.path = name_of(diagnose),
		.tool_version = TWPROBE_VERSION,
		.decides = options->expect,
		.kernel = options->kernel,
	};
	struct error error;

	if (diagnose->interface)
		return listen_on(options, &facts);
	if (diagnose->duration_ns || diagnose->every_ns || diagnose->buffer)
		return message_error("--duration, --every and --buffer are for a live interface: -i NAME", EXIT_USAGE);
	return read_capture(options, &facts, NULL, &error);
}
