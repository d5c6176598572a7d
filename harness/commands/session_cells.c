/* session_cells.c - runs matrices in a session and reports them. */
#include "harness/commands/session_cells_internal.h"

#include <stdio.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/inject.h"
#include "harness/commands/dry_run.h"
#include "harness/commands/forecast_note.h"
#include "harness/commands/message.h"
#include "harness/commands/other_kernel.h"
#include "harness/commands/shard.h"
#include "harness/engine/guest.h"
#include "harness/lab/recorded.h"
#include "harness/report/sequence.h"
#include "harness/report/text.h"
#include "harness/run/defaults.h"
#include "harness/run/run.h"
#include "listener/capture.h"

/* What a terminal gets comes in one piece, several times a second, so that the progress line does not flicker. */
enum { OUTPUT_SIZE = 65536, UNEXPECTED_TOLD = 10 };

/* A page has one of each cell. */
static bool has_ladders(const struct cells *cells)
{
	return cells->ladder || (format_has_ladders(cells->options->format) && !cells->extras->silent);
}

static void choose_targets(struct cells *cells)
{
	const struct session *session = &cells->session;
	struct run_options *run = &cells->run;

	run->one_subject = session->own || session->stack;
	if (session->lab) {
		run->nobody_port = LAB_PORT_NOBODY;
		run->calls_port = LAB_PORT_CALLS;
		run->target_v4 = lab_front(session->lab, 4);
		if (lab_has_ipv6(session->lab))
			run->target_v6 = lab_front(session->lab, 6);
		return;
	}
	*(session->target.address.family == 6 ? &run->target_v6 : &run->target_v4) = session->target;
	run->calls_port = cells->options->calls ? session->target.port : 0;
	run->no_sysctls = "needs the server's sysctls, which only the lab has";
	if (session->stack)
		run->nobody_port = STACK_PORT_NOBODY;
	if (session->stack)
		run->no_sysctls = "needs a Linux kernel's sysctls, and the subject is a process";
}

static void make_run(struct cells *cells)
{
	const struct options *options = cells->options;
	struct run_options *run = &cells->run;

	session_rules(&cells->session, &run->rules);
	choose_targets(cells);
	run->count = shard_of_matrix(options, cells->matrix, &run->first);
	run->in_flight = cells->session.in_flight;
	run->rate = defaults_rate(options->rate, !cells->session.lab && !cells->session.stack);
	run->adapts = options->adapts;
	if (cells->shared_by)
		run->rate /= (double)cells->shared_by;
	run->repeat = options->repeat;
	run->seed = options->seed;
	run->expect = options->expect;
	run->trace = has_ladders(cells);
	run->watch = cells->extras->watch;
	run->kernel = cells->session.kernel;
	if (cells->session.lab)
		recorded_tell_buffers(cells->session.lab, &run->kernel);
	run->learns = !options_ask_lab(options) && options->command == COMMAND_MATRIX && run->count > 1;
	run->obeys = cells->session.stack != NULL;
	run->tries_most = cells->extras->tries_most;
	if (cells->extras->settle_ns)
		run->rules.settle_ns = cells->extras->settle_ns;
}

static void make_facts(struct cells *cells, const char *name)
{
	struct run_facts *facts = &cells->facts;
	const struct options *options = cells->options;

	facts->tool_version = TWPROBE_VERSION;
	facts->local_kernel = cells->session.local_release;
	facts->kernel = cells->session.release;
	facts->engine = cells->session.engine;
	facts->matrix = name;
	facts->target = cells->session.name;
	facts->libpcap = capture_library_version();
	facts->libnet = inject_library_version();
	facts->expect = options->expect == BOOK_COUNT ? "none" : oracle_book_name(options->expect);
	facts->seed = options->seed;
	facts->started_ns = clock_wall();
	facts->matrix_cells = matrix_count(cells->matrix);
	facts->repeat = (unsigned)options->repeat;
	facts->every_name = options->verbose;
	facts->conformance = options->expect == BOOK_RFC && strcmp(name, "rfc") == 0;
	facts->shard = options->shard;
	facts->shards = options->shards;
	facts->cells = cells->run.count;
	facts->failures = cells->failures;
	if (options->matrix_count == 1 && strchr(options->matrices[0], '.'))
		facts->case_file = options->matrices[0]; /* a user's own: those that ship have names alone */
	if (cells->extras->cells)
		facts->cells = facts->matrix_cells = cells->extras->cells;
	facts->rules = cells->session.rules_text;
	facts->sysctls = cells->session.sysctls;
	facts->sysctl_count = cells->session.sysctl_count;
	facts->path = path_is_direct(cells->session.path) ? NULL : cells->session.path->name;
	facts->path_file = path_is_direct(cells->session.path) ? NULL : cells->session.path->file;
}

/* One cell opens the raw socket of its own family. */
static unsigned families(const struct cells *cells)
{
	struct cell cell;

	if (cells->options->target || !cells->ladder || matrix_count(cells->matrix) > 1)
		return 0;
	matrix_cell(cells->matrix, 0, &cell);
	return 1U << cell.family; /* which the lab may not have: the cell is skipped */
}

void session_cells_met(struct cells *cells, const struct record *record)
{
	cells->leftovers.spares_time_wait |= conditions_value(&record->cell.conditions, "tcp_rfc1337", true) != NULL;
}

/* Those of --expected-failures. */
static void count_known(struct cells *cells, const struct record *record)
{
	char name[CELL_NAME_SIZE];

	if (!cells->failures)
		return;
	cell_name(&record->cell, name, sizeof(name));
	if (!expected_failures_count(cells->failures, name, record->verdict, cells->expected, &cells->unexpected))
		return;
	if (cells->unexpected <= UNEXPECTED_TOLD || cells->session.options->verbose)
		message_note("%s passes, but is known to fail: %s", name, expected_failures_reason(cells->failures, name));
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct cells *cells = context;

	session_cells_met(cells, record);
	report_capture_cell(cells->session.capture, record);
	count_known(cells, record);
	if (cells->extras->sink && cells->extras->sink(cells->extras->context, record, error) < 0)
		return -1;
	if (cells->extras->silent)
		return 0;
	if (cells->ladder && cells->options->format == FORMAT_TABLE) {
		progress_hide(cells->progress);
		if (cells->ladders++)
			putchar('\n');
		report_ladder(stdout, options_color(cells->options), &cells->facts, record);
		return 0;
	}
	return report_cell(cells->report, record, error);
}

static void show_progress(void *context, const struct tally *tally, size_t count)
{
	struct cells *cells = context;
	struct error ignored; /* a broken output comes back with the next record */

	if (tally->forecast_ns && !cells->foretold && !cells->options->quiet && !cells->extras->silent) {
		progress_hide(cells->progress);
		forecast_note_run(tally);
	}
	cells->foretold = tally->forecast_ns != 0;
	progress_show(cells->progress, tally, count);
	if (cells->report)
		report_flush(cells->report, &ignored);
}

static int exit_code(const struct tally *tally)
{
	if (tally->cells && tally->verdicts[VERDICT_SKIPPED] == tally->cells)
		return EXIT_CANNOT_RUN;
	return tally_exit(tally);
}

/* What the session has settled for all cells. */
static void set_all(struct cells *cells)
{
	const struct session *session = &cells->session;

	if (session->target.address.family == 6)
		matrix_set_family(cells->matrix, 6);
	if (!path_is_direct(session->path))
		matrix_set_path(cells->matrix, session->path->name);
}

static bool next_matrix(struct cells *cells, size_t in_flight, struct error *error)
{
	const struct session_extras *extras = cells->extras;
	struct run_options *run = &cells->run;

	cells->matrix = extras->next ? extras->next(extras->context, error) : NULL;
	if (!cells->matrix)
		return false;
	set_all(cells);
	run->first = 0;
	run->count = matrix_count(cells->matrix);
	run->in_flight = in_flight < run->count ? in_flight : run->count;
	return true;
}

static void wait_for_far(void *context)
{
	const struct cells *cells = context;

	if (!cells->options->quiet)
		message_note("all cells are asked; waiting for the end of %s (Ctrl-C: no longer)",
			     strcmp(cells->options->far, "-") ? cells->options->far : "standard input");
}

/* The matrix, and those that the command makes of its answers. */
static int run_all(struct cells *cells, struct tally *all, struct error *error)
{
	struct run_listener listener = {
		.sink = take_record, .progress = show_progress, .waits = wait_for_far, .context = cells,
	};
	size_t in_flight = cells->run.in_flight;
	struct tally tally;

	if (cells->paths)
		return session_paths_run(cells, &listener, all, error);
	if (cells->workers)
		return session_workers_run(cells, cells->workers, cells->run.first, cells->run.count, &listener, all, error);
	memset(all, 0, sizeof(*all));
	error->text[0] = '\0';
	do {
		if (run(&cells->run, cells->matrix, &cells->session.transport, &listener, &tally, error) < 0)
			return -1;
		tally_join(all, &tally);
	} while (!tally.interrupted && next_matrix(cells, in_flight, error));
	return error->text[0] ? -1 : 0;
}

/* What belonged to connections must be gone with them. */
int session_cells_leftovers(struct cells *cells, struct tally *tally, struct error *error)
{
	char text[SOCKSTAT_TEXT_SIZE];

	if (tally->interrupted || leftovers_find(&cells->leftovers, &cells->session.transport, text, error) < 0)
		return tally->interrupted ? 0 : -1;
	tally->left = text[0] != '\0';
	if (tally->left)
		message_note("the subject's kernel holds more than before the run: %s", text);
	return 0;
}

/* In the lab; of another namespace others may have taken something, and what stands between may have kept our resets. */
static int count_sockets(struct cells *cells, struct error *error)
{
	const struct session *session = &cells->session;

	if (!session->lab || !path_is_direct(session->path))
		return 0;
	cells->leftovers.spares_time_wait = session->kernel.rfc1337;
	return leftovers_begin(&cells->leftovers, "/proc/net", strcmp(session->engine, "lab") != 0, error);
}

static void say_traits(const struct cells *cells, const struct tally *tally)
{
	if (tally->without_timestamps && !cells->options->quiet)
		message_note("the subject has no timestamps: %zu cells were asked without (conn-ts-off), and %zu are "
			     "skipped that are the same as one of them", tally->without_timestamps, tally->same);
}

static int run_and_report(struct cells *cells, struct error *error)
{
	static char buffer[OUTPUT_SIZE];
	bool report = !cells->extras->silent && !(cells->ladder && cells->options->format == FORMAT_TABLE);
	bool elsewhere = cells->workers || cells->paths;
	struct tally tally;
	int result;

	if (report) {
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
		cells->report = report_open(cells->options->format, options_color(cells->options), cells->options->quiet,
					    stdout, &cells->facts, error);
		if (!cells->report || report_begin(cells->report, error) < 0)
			return message_error(error->text, EXIT_CANNOT_RUN);
	}
	if (!cells->options->quiet)
		cells->progress = progress_open();
	if (report)
		report_progress(cells->report, cells->progress);
	if (cells->extras->begin)
		cells->extras->begin(cells->extras->context, &cells->facts, &cells->run.kernel);
	result = run_all(cells, &tally, error);
	if (result == 0 && !elsewhere) {
		result = session_cells_leftovers(cells, &tally, error);
		tally.segments_sent = wire_segments_sent(cells->session.wire);
	}
	if (report)
		report_progress(cells->report, NULL);
	progress_close(cells->progress);
	say_traits(cells, &tally);
	memcpy(tally.expected, cells->expected, sizeof(tally.expected));
	tally.unexpected = cells->unexpected;
	if (cells->unexpected > UNEXPECTED_TOLD && !cells->session.options->verbose)
		message_note("%zu cells pass, but are known to fail; -v names all of them", cells->unexpected);
	tally.musts_only = cells->facts.conformance && !cells->options->strict;
	if (cells->extras->add && result == 0)
		result = cells->extras->add(cells->extras->context, cells->report, error);
	if (report && result == 0)
		result = report_end(cells->report, &tally, error);
	if (cells->extras->done && result == 0)
		result = cells->extras->done(cells->extras->context, &cells->facts, &tally, error);
	report_close(cells->report);
	if (result < 0 || (!elsewhere && session_finish(&cells->session, error) < 0))
		return message_error(error->text, EXIT_CANNOT_RUN);
	return exit_code(&tally);
}

/* A default that the user did not choose and may wonder at. */
static void say_pace(const struct cells *cells)
{
	const struct options *options = cells->options;

	if (options->target && options->rate <= 0 && cells->run.count > 1 && !options->quiet && !cells->extras->silent)
		message_note("a target gets at most %d connections a second; --rate=N or --rate=max changes that", GENTLE_RATE);
}

static int open_session(struct cells *cells)
{
	char path[PATH_NAME_SIZE];
	struct error error;
	const struct session_extras *extras = cells->extras;
	struct session_needs needs = {
		.whole = has_ladders(cells),
		.families = families(cells),
		.useful = matrix_count(cells->matrix) * cells->options->repeat,
		.in_lab = SANDBOX_PROBER,
		.at_target = SANDBOX_TARGET,
		.open = extras->open,
		.context = extras->context,
		.path = path,
	};

	if (matrix_path(cells->matrix, path, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	return session_open(&cells->session, cells->options, &needs);
}

int session_cells_open(struct cells *cells, struct error *error)
{
	int code = open_session(cells);

	if (code != EXIT_AGREES)
		return code;
	set_all(cells);
	make_run(cells);
	return count_sockets(cells, error) < 0 ? message_error(error->text, EXIT_CANNOT_RUN) : EXIT_AGREES;
}

void session_cells_close(struct cells *cells)
{
	leftovers_end(&cells->leftovers);
	session_close(&cells->session);
}

int session_cells(const struct options *options, struct matrix *matrix, const char *name, bool ladder,
		  const struct session_extras *extras)
{
	static const struct session_extras none;
	struct cells cells = { .options = options, .matrix = matrix, .ladder = ladder, .extras = extras ? extras : &none };
	struct error error = { "" };
	int code, workers;

	if (guest_worker() >= 0)
		return session_workers_guest(&cells);
	workers = session_workers_count(&cells, &error);
	if (workers < 0)
		return message_error(error.text, EXIT_USAGE);
	if (format_is_picture(options->format) && matrix_count(matrix) * options->repeat > 1)
		return message_error("a picture is of one cell, asked once; --format=html has several", EXIT_USAGE);
	if (options->dry_run) {
		forecast_note_dry(options, matrix);
		return dry_run_cells(options, matrix);
	}
	if (options->expected_failures && !(cells.failures = expected_failures_load(options->expected_failures, &error)))
		return message_failed(&error, EXIT_USAGE);
	if (options->format == FORMAT_PNG && sequence_prepare(&error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	if (session_paths_sort(&cells, &error) < 0)
		return message_error(error.text, EXIT_USAGE);
	if (cells.paths && options->guests) {
		session_paths_close(&cells);
		expected_failures_close(cells.failures);
		return other_kernel_alone(options, options->guests);
	}
	code = cells.paths                    ? session_paths_open(&cells, &error) :
	       workers > 1 || options->guests ? session_workers_open(&cells, (size_t)workers, &error) :
						session_cells_open(&cells, &error);
	if (code == EXIT_AGREES) {
		make_facts(&cells, name);
		say_pace(&cells);
		code = run_and_report(&cells, &error);
	}
	workers_close(cells.workers);
	session_paths_close(&cells);
	session_cells_close(&cells);
	expected_failures_close(cells.failures);
	return code;
}
