/* command_diagnose.c - twprobe diagnose: what a capture shows, or an interface, and why. Sends nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/commands/commands.h"
#include "harness/commands/diagnose_live.h"
#include "harness/commands/diagnose_replay.h"
#include "harness/commands/diagnosis_output.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/report/progress.h"
#include "harness/report/report_replay.h"
#include "harness/run/exit_code.h"
#include "listener/frame_filter.h"

struct reading {
	struct report_diagnosis *report;
	struct replay *replay; /* NULL: not asked for */
	bool no_memory;        /* for all cells of the replay */
	struct progress *progress;
	struct diagnosis_output *output;
	const char *path;
};

static void on_encounter(void *context, const struct diagnosed *diagnosed)
{
	struct reading *reading = context;

	report_diagnosis_take(reading->report, diagnosed);
	if (reading->replay && replay_take(reading->replay, diagnosed) < 0)
		reading->no_memory = true;
	diagnosis_output_take(reading->output, diagnosed);
}

static void on_host(void *context, const struct host *host)
{
	struct reading *reading = context;

	report_diagnosis_host(reading->report, host);
}

static void on_frame(void *context, const struct capture_frame *frame, uint64_t settled)
{
	struct reading *reading = context;

	diagnosis_output_frame(reading->output, frame, settled);
}

static void on_name(void *context, const char *name, const struct address *address)
{
	struct reading *reading = context;

	report_diagnosis_name(reading->report, name, address);
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
	struct diagnosis_listener listener = {
		.encounter = on_encounter,
		.connection = on_connection,
		.host = on_host,
		.frame = reading->output->file ? on_frame : NULL,
		.progress = on_progress,
		.context = reading,
	};
	struct diagnosis_options what = {
		.filter = options->diagnose.filter[0] ? options->diagnose.filter : NULL,
		.connections = options->diagnose.connections,
		.decides = options->expect,
		.kernel = options->kernel,
	};

	*code = live ? EXIT_CANNOT_RUN : EXIT_USAGE;
	if (live)
		return diagnose_live_run(live, &what, &listener, counts, reading->report, reading->output, error);
	if (options->diagnose.text)
		return diagnosis_run_text(options->diagnose.path, &what, &listener, on_name, counts, error);
	return diagnosis_run(options->diagnose.path, &what, &listener, counts, error);
}

/* What was read goes out first: the lab is a copy of this process, and asking takes its time. */
static void ask_again(const struct options *options, const struct report_diagnosis_facts *facts, struct reading *reading)
{
	struct report_replay_facts shown = {
		.out = facts->out, .format = facts->format, .color = facts->color, .every_one = facts->every_one,
		.decides = facts->decides,
	};
	struct error error;

	fflush(facts->out);
	if (reading->no_memory)
		replay_fail(reading->replay, message_error("out of memory for the cells to ask again", EXIT_CANNOT_RUN));
	else
		diagnose_replay_ask(options, reading->replay);
	if (report_replay(&shown, reading->replay, &error) < 0)
		replay_fail(reading->replay, message_error(error.text, EXIT_CANNOT_RUN));
}

/* `damage`: NULL for none. */
static void report(const struct options *options, const struct report_diagnosis_facts *facts, struct reading *reading,
		   const struct diagnosis_counts *counts, const char *damage)
{
	/* For a person the summary comes first and the replay last; elsewhere the summary is the last record. */
	if (reading->replay && facts->format != FORMAT_TABLE)
		ask_again(options, facts, reading);
	report_diagnosis_end(reading->report, counts, damage);
	if (reading->replay && facts->format == FORMAT_TABLE)
		ask_again(options, facts, reading);
}

/* A pipe with a name opens when somebody writes to it. */
static void tell_wait(const struct options *options)
{
	struct stat status;

	if (!options->quiet && lstat(options->diagnose.path, &status) == 0 && S_ISFIFO(status.st_mode))
		message_note("%s is a pipe; waiting until somebody writes to it", options->diagnose.path);
}

/* `live` and `replay`: NULL for a file, and for none. */
static int read_capture(const struct options *options, const struct report_diagnosis_facts *facts, struct diagnose_live *live,
			struct replay *replay, struct diagnosis_output *output)
{
	struct reading reading = { .path = facts->path, .replay = replay, .output = output };
	struct diagnosis_counts counts = { .frames = 0 };
	struct error error;
	int result, code;

	reading.report = report_diagnosis_open(facts, &error);
	if (!reading.report)
		return message_error(error.text, EXIT_CANNOT_RUN);
	if (!live)
		tell_wait(options);
	reading.progress = options->quiet || live ? NULL : progress_open();
	result = run(options, live, &reading, &counts, &code, &error);
	progress_close(reading.progress);
	diagnosis_output_finish(output, result == 0);
	if (result == 0 || live || counts.frames)
		report(options, facts, &reading, &counts, result < 0 ? error.text : NULL);
	report_diagnosis_close(reading.report);
	code = result < 0 ? message_failed(&error, code) : report_diagnosis_exit(facts, &counts);
	if (!output->written.failed || (result < 0 && strcmp(error.text, output->written.failed) == 0))
		return code;
	return message_error(output->written.failed, EXIT_CANNOT_RUN);
}

static int listen_on(const struct options *options, const struct report_diagnosis_facts *facts, struct diagnosis_output *output)
{
	struct diagnose_live live = { .source = NULL };
	struct error error;
	int code = diagnose_live_open(&live, options, &error);

	code = code == EXIT_AGREES ? read_capture(options, facts, &live, NULL, output) : message_failed(&error, code);
	diagnose_live_close(&live);
	return code;
}

static int read_file(const struct options *options, struct report_diagnosis_facts *facts, struct diagnosis_output *output)
{
	struct replay *replay = options->diagnose.replay ? replay_open(!options_ask_lab(options)) : NULL;
	int code;

	if (options->diagnose.replay && !replay)
		return message_error("out of memory", EXIT_CANNOT_RUN);
	facts->replay = replay;
	code = read_capture(options, facts, NULL, replay, output);
	replay_close(replay);
	return code;
}

static const char *name_of(const struct diagnose_options *options)
{
	if (options->interface)
		return options->interface;
	return strcmp(options->path, "-") ? options->path : "standard input";
}

/* `facts` must live as long as the output. */
static int diagnose(const struct options *options, struct report_diagnosis_facts *facts, struct diagnosis_output *output)
{
	*facts = (struct report_diagnosis_facts){
		.out = stdout,
		.format = options->format,
		.color = options_color(options),
		.every_one = options->verbose,
		.live = options->diagnose.interface,
		.quiet = options->quiet,
		.path = name_of(&options->diagnose),
		.tool_version = TWPROBE_VERSION,
		.decides = options->expect,
		.kernel = options->kernel,
		.written = output->file ? &output->written : NULL,
	};

	output->facts = facts;
	return options->diagnose.interface ? listen_on(options, facts, output) : read_file(options, facts, output);
}

/* A second capture looks like a filter, which it is not. */
static bool is_second_capture(const char *filter)
{
	size_t length = strcspn(filter, " ");
	struct frame_filter *compiled;
	char name[OPTIONS_FILTER_SIZE];
	struct error error;
	struct stat status;

	if (!length || length >= sizeof(name))
		return false;
	memcpy(name, filter, length);
	name[length] = '\0';
	if (stat(name, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	compiled = frame_filter_open(filter, &error);
	frame_filter_close(compiled);
	return !compiled;
}

int command_diagnose(struct options *options)
{
	const struct diagnose_options *given = &options->diagnose;
	struct report_diagnosis_facts facts;
	struct diagnosis_output output;
	struct error error;
	int code;

	if (given->interface && options->format == FORMAT_HTML)
		return message_error("--format=html is one page about a whole capture; -i is told as it comes", EXIT_USAGE);
	if (given->interface && given->text)
		return message_error("--text reads a file; -i listens", EXIT_USAGE);
	if (given->text && options->write)
		return message_error("-w writes the frames of a capture; --text reads one that has none", EXIT_USAGE);
	if (!given->interface && (given->duration_ns || given->every_ns || given->buffer))
		return message_error("--duration, --every and --buffer are for a live interface: -i NAME", EXIT_USAGE);
	if (!given->interface && is_second_capture(given->filter))
		return message_error("diagnose reads one capture at a time, and what follows it is a filter; mergecap "
				     "-w all.pcapng FILE... joins captures", EXIT_USAGE);
	/* First: it may be what standard output was. */
	if (diagnosis_output_open(&output, options->write, given->interface ? NULL : given->path, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	code = diagnose(options, &facts, &output);
	diagnosis_output_close(&output);
	return code;
}
