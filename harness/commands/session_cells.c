/* session.c - what a command that probes does, in order: check, open, drop privileges, run, report. */
#include "harness/commands/session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/inject.h"
#include "harness/commands/in_flight.h"
#include "harness/commands/message.h"
#include "harness/commands/session_base.h"
#include "harness/report/progress.h"
#include "harness/report/text.h"
#include "harness/run/defaults.h"
#include "harness/run/run.h"
#include "listener/capture.h"

/* OUTPUT_SIZE: what a terminal gets comes in one piece, several times a second, so that the progress line stands still. */
enum { LAB_IN_FLIGHT = 256, TARGET_IN_FLIGHT = 32, OUTPUT_SIZE = 65536 };

/* The sysctls that decide answers; those the subject's namespace has are put on record. */
static const char *const recorded_sysctls[] = {
	"tcp_timestamps", "tcp_rfc1337", "tcp_tw_reuse", "tcp_invalid_ratelimit", "tcp_challenge_ack_limit",
	"tcp_syncookies", "tcp_fin_timeout", "tcp_max_tw_buckets", "tcp_ecn", "tcp_abort_on_overflow",
};
enum { RECORDED_SYSCTLS = sizeof(recorded_sysctls) / sizeof(recorded_sysctls[0]) };

struct session {
	const struct options *options;
	struct matrix *matrix;
	bool ladder;
	const struct session_extras *extras;
	struct session_base base;
	struct report *report;
	struct progress *progress;
	struct sysctl sysctls[RECORDED_SYSCTLS];
	struct run_facts facts;
	struct run_options run;
};

static void read_sysctls(struct session *session)
{
	size_t count = 0;

	for (size_t i = 0; i < RECORDED_SYSCTLS; i++) {
		struct sysctl *sysctl = &session->sysctls[count];
		struct error ignored; /* an older kernel lacks some */

		snprintf(sysctl->name, sizeof(sysctl->name), "%s", recorded_sysctls[i]);
		if (lab_sysctl_get(session->base.lab, sysctl->name, sysctl->value, &ignored) < 0)
			continue;
		count++;
	}
	session->facts.sysctl_count = count;
	session->facts.sysctls = session->sysctls;
}

static void choose_targets(struct session *session)
{
	const struct session_base *base = &session->base;
	struct run_options *run = &session->run;

	run->one_subject = base->own;
	if (base->lab) {
		run->target_v4 = lab_endpoint(4);
		if (lab_has_ipv6(base->lab))
			run->target_v6 = lab_endpoint(6);
		return;
	}
	*(base->target.address.family == 6 ? &run->target_v6 : &run->target_v4) = base->target;
	run->no_sysctls = "needs the server's sysctls, which only the lab has";
}

static void make_run(struct session *session)
{
	const struct options *options = session->options;
	struct run_options *run = &session->run;
	bool lab = session->base.lab;

	session_base_rules(&session->base, &run->rules);
	choose_targets(session);
	run->in_flight = options->in_flight ? options->in_flight : lab ? LAB_IN_FLIGHT : TARGET_IN_FLIGHT;
	run->rate = isinf(options->rate) ? 0 : options->rate > 0 ? options->rate : lab ? 0 : GENTLE_RATE;
	run->repeat = options->repeat;
	run->seed = options->seed;
	run->expect = options->expect;
	run->trace = session->ladder;
	run->watch = session->extras->watch;
	run->kernel = session->base.kernel;
	if (session->extras->settle_ns)
		run->rules.settle_ns = session->extras->settle_ns;
	if (run->in_flight > matrix_count(session->matrix) * run->repeat)
		run->in_flight = matrix_count(session->matrix) * run->repeat;
}

static void make_facts(struct session *session, const char *name)
{
	struct run_facts *facts = &session->facts;
	const struct options *options = session->options;

	facts->tool_version = TWPROBE_VERSION;
	facts->local_kernel = session->base.local_release;
	facts->kernel = session->base.release;
	facts->matrix = name;
	facts->target = session->base.name;
	facts->libpcap = capture_library_version();
	facts->libnet = inject_library_version();
	facts->expect = options->expect == BOOK_COUNT ? "none" : oracle_book_name(options->expect);
	facts->seed = options->seed;
	facts->started_ns = clock_wall();
	facts->matrix_cells = matrix_count(session->matrix);
	facts->repeat = (unsigned)options->repeat;
	facts->every_name = options->verbose;
	facts->shard = options->shard;
	facts->shards = options->shards;
	facts->cells = session->run.count;
	if (session->extras->cells)
		facts->cells = facts->matrix_cells = session->extras->cells;
	facts->rules = session->base.rules_text;
}

/* all * part / parts, whose product may not fit. */
static size_t portion(size_t all, size_t part, size_t parts)
{
	return all / parts * part + all % parts * part / parts;
}

/* The shard's share of all cells, contiguous so that cells of the same conditions stay together. */
static void share_out(struct session *session)
{
	size_t all = matrix_count(session->matrix) * session->run.repeat;
	size_t shard = session->options->shard, shards = session->options->shards;

	session->run.first = shards ? portion(all, shard - 1, shards) : 0;
	session->run.count = (shards ? portion(all, shard, shards) : all) - session->run.first;
}

/* Opening a raw socket of a family is dear (libnet looks for the largest send buffer), so one cell opens one. */
static unsigned families(const struct session *session)
{
	struct cell cell;

	if (session->options->target || !session->ladder)
		return 0;
	matrix_cell(session->matrix, 0, &cell);
	return 1U << cell.family; /* which the lab may not have: the cell is skipped */
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct session *session = context;

	if (session->extras->sink && session->extras->sink(session->extras->context, record, error) < 0)
		return -1;
	if (session->extras->silent)
		return 0;
	if (session->ladder && session->options->format == FORMAT_TABLE) {
		progress_hide(session->progress);
		report_ladder(stdout, options_color(session->options), &session->facts, record);
		return 0;
	}
	return report_cell(session->report, record, error);
}

static void show_progress(void *context, const struct tally *tally, size_t cells)
{
	struct session *session = context;
	struct error ignored; /* a broken output comes back with the next record */

	progress_show(session->progress, tally, cells);
	if (session->report)
		report_flush(session->report, &ignored);
}

static int exit_code(const struct tally *tally)
{
	if (tally->cells && tally->verdicts[VERDICT_SKIPPED] == tally->cells)
		return EXIT_CANNOT_RUN;
	return tally_exit(tally);
}

static bool next_matrix(struct session *session, size_t in_flight, struct error *error)
{
	const struct session_extras *extras = session->extras;
	struct run_options *run = &session->run;

	session->matrix = extras->next ? extras->next(extras->context, error) : NULL;
	if (!session->matrix)
		return false;
	if (session->options->target && session->base.target.address.family == 6)
		matrix_set_family(session->matrix, 6);
	run->first = 0;
	run->count = matrix_count(session->matrix);
	run->in_flight = in_flight < run->count ? in_flight : run->count;
	return true;
}

/* The matrix, and those that the command makes of its answers. */
static int run_all(struct session *session, struct tally *all, struct error *error)
{
	struct run_listener listener = { .sink = take_record, .progress = show_progress, .context = session };
	size_t in_flight = session->run.in_flight;
	struct tally tally;

	memset(all, 0, sizeof(*all));
	error->text[0] = '\0';
	do {
		if (run(&session->run, session->matrix, &session->base.transport, &listener, &tally, error) < 0)
			return -1;
		tally_join(all, &tally);
	} while (!tally.interrupted && next_matrix(session, in_flight, error));
	return error->text[0] ? -1 : 0;
}

static int run_and_report(struct session *session, struct error *error)
{
	static char buffer[OUTPUT_SIZE];
	bool report = !session->extras->silent && !(session->ladder && session->options->format == FORMAT_TABLE);
	struct tally tally;
	int result;

	if (report) {
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
		session->report = report_open(session->options->format, options_color(session->options),
					      session->options->quiet, stdout, &session->facts, error);
		if (!session->report || report_begin(session->report, error) < 0)
			return message_error(error->text, EXIT_CANNOT_RUN);
	}
	if (!session->options->quiet)
		session->progress = progress_open();
	if (report)
		report_progress(session->report, session->progress);
	if (session->extras->begin)
		session->extras->begin(session->extras->context, &session->facts, &session->run.kernel);
	result = run_all(session, &tally, error);
	if (report)
		report_progress(session->report, NULL);
	progress_close(session->progress);
	tally.segments_sent = wire_segments_sent(session->base.wire);
	if (report && result == 0)
		result = report_end(session->report, &tally, error);
	if (session->extras->done && result == 0)
		result = session->extras->done(session->extras->context, &session->facts, &tally, error);
	report_close(session->report);
	if (result < 0 || session_base_finish(&session->base, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	return exit_code(&tally);
}

/* A default that the user did not choose and may wonder at. */
static void say_pace(const struct session *session)
{
	const struct options *options = session->options;

	if (options->target && options->rate <= 0 && session->run.count > 1 && !options->quiet && !session->extras->silent)
		message_note("a target gets at most %d connections a second; --rate=N or --rate=max changes that", GENTLE_RATE);
}

static int session_work(struct session *session, const char *name, struct error *error)
{
	struct session_base *base = &session->base;
	struct session_needs needs = { .open = session->extras->open, .context = session->extras->context };
	int code = session_base_reach(base, &(struct lab_options){ 0 }, error);

	if (code != EXIT_AGREES)
		return code;
	make_run(session);
	share_out(session);
	if (in_flight_fit(base->lab, session->options, &session->run.in_flight, error) < 0)
		return session_cannot_run(session->options, error->text);
	make_facts(session, name);
	if (base->lab)
		read_sysctls(session);
	needs.whole = session->run.trace;
	needs.sandbox = base->lab ? SANDBOX_PROBER : SANDBOX_TARGET;
	needs.families = families(session);
	needs.in_flight = session->run.in_flight;
	if (session_base_open(base, &needs, error) < 0)
		return session_cannot_run(session->options, error->text);
	say_pace(session);
	return run_and_report(session, error);
}

int session_run(const struct options *options, struct matrix *matrix, const char *name, bool ladder)
{
	static const struct session_extras none;

	return session_run_with(options, matrix, name, ladder, &none);
}

int session_run_with(const struct options *options, struct matrix *matrix, const char *name, bool ladder,
		     const struct session_extras *extras)
{
	struct session session = { .options = options, .matrix = matrix, .ladder = ladder, .extras = extras };
	struct error error = { "" };
	int code;

	if (session_base_check(&session.base, options, &error) < 0) {
		code = message_error(error.text, EXIT_USAGE);
	} else {
		if (session.base.target.address.family == 6)
			matrix_set_family(matrix, 6);
		code = session_work(&session, name, &error);
	}
	session_base_close(&session.base);
	return code;
}
