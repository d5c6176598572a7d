/* command_scenario.c - twprobe scenario NAME|--all [OPTIONS] [HOST:PORT]: the scripts that show one thing each. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "crafter/clock.h"
#include "crafter/stream.h"
#include "harness/commands/commands.h"
#include "harness/commands/dry_run.h"
#include "harness/commands/guests.h"
#include "harness/commands/message.h"
#include "harness/commands/scenario_stages.h"
#include "harness/commands/scenario_troupe.h"
#include "harness/commands/scenario_workers.h"
#include "harness/engine/guest.h"
#include "harness/play/plays.h"
#include "harness/report/progress.h"
#include "harness/report/expected_failures.h"
#include "harness/report/report_scenario.h"
#include "harness/report/sequence.h"
#include "harness/report/text.h"
#include "harness/run/exit_code.h"

enum { SCENARIOS_MAX = SCENARIO_TROUPE_MAX, TOGETHER = 8 };

/* Everything that is open while scenarios are played. */
struct scenario_session {
	const struct options *options;
	struct scenario *list[SCENARIOS_MAX];
	size_t count;
	struct scenario_troupe troupe;              /* those that have processes of their own */
	struct loop *loop;                          /* waits for them. Not a stage's, which would wake up for what its capture
						     * has and nobody reads */
	struct scenario_stages stages;              /* of those that are played here */
	struct scenario_facts facts;
	struct expected_failures *failures;         /* of --expected-failures; NULL: none */
	struct progress *progress;
	bool serves;                                /* as a guest, for who reports */
	bool color;                                 /* of standard output, */
	size_t columns;                             /* also where a process of its own writes for it */
	char playing[CASE_FILE_NAME_SIZE + 64]; /* for the progress line */
};

static int load_one(struct scenario_session *scenarios, const char *name, struct error *error)
{
	char path[PATH_MAX];
	struct scenario *scenario;

	if (case_file_find(CASE_FILE_SCENARIO, name, path, sizeof(path), error) < 0)
		return -1;
	scenario = scenario_load(path, error);
	if (!scenario)
		return -1;
	scenarios->list[scenarios->count++] = scenario;
	return 0;
}

static int load_all(struct scenario_session *scenarios, struct error *error)
{
	static char names[SCENARIOS_MAX][CASE_FILE_NAME_SIZE];
	size_t count;

	if (!scenarios->options->all && !scenarios->options->scenario)
		return fail(error, "scenario: a name or --all is expected; `twprobe list` has the names");
	if (!scenarios->options->all)
		return load_one(scenarios, scenarios->options->scenario, error);
	count = case_file_list(CASE_FILE_SCENARIO, names, SCENARIOS_MAX);
	if (count == 0)
		return fail(error, "there are no scenarios: set TWPROBE_CASES to the folder with the case files");
	for (size_t i = 0; i < count; i++)
		if (load_one(scenarios, names[i], error) < 0)
			return -1;
	return 0;
}

static void show_progress(void *context, const char *what, uint64_t elapsed_ns, uint64_t expected_ns)
{
	struct scenario_session *scenarios = context;

	if (scenarios->serves)
		scenario_workers_alive();
	progress_line(scenarios->progress, "%s: %s, %.0f s of about %.0f s", scenarios->playing, what, (double)elapsed_ns / 1e9,
		      (double)expected_ns / 1e9);
}

static void make_facts(struct scenario_session *scenarios, const char *kernel, const char *engine, const char *target)
{
	const struct options *options = scenarios->options;

	scenarios->facts = (struct scenario_facts){
		.format = options->format,
		.color = scenarios->color,
		.quiet = options->quiet,
		.out = stdout,
		.tool_version = TWPROBE_VERSION,
		.kernel = kernel,
		.engine = engine,
		.target = target,
		.seed = options->seed,
		.scenarios = scenarios->count,
		.failures = scenarios->failures,
		.file = options->scenario && strchr(options->scenario, '.') ? options->scenario : NULL,
	};
}

static void make_facts_here(struct scenario_session *scenarios)
{
	const struct session *session = scenario_stages_session(&scenarios->stages);

	/* It may be closed. */
	const char *otherwise = scenarios->options->target ? scenarios->options->target : "lab";

	make_facts(scenarios, session->release, session->engine, session->name ? session->name : otherwise);
}

/* Some of it, where the report goes. */
static int report(struct scenario_session *scenarios, size_t number, const struct play *play, struct error *error)
{
	if (report_scenario(&scenarios->facts, number, scenarios->list[number - 1], play, error) < 0)
		return -1;
	return stream_finish(scenarios->facts.out, "the report", error);
}

/* One scenario, on the stages that are open. */
static int play_one(struct scenario_session *scenarios, size_t number, struct scenario_troupe_told *told, struct error *error)
{
	const struct scenario *scenario = scenarios->list[number - 1];
	struct play play;
	int result;

	snprintf(scenarios->playing, sizeof(scenarios->playing), "scenario %zu of %zu, %s", number, scenarios->count,
		 scenario->name);
	progress_line(scenarios->progress, "%s", scenarios->playing);
	result = plays_scenario(scenario, &scenarios->stages.list[0].setup, &play, error);
	if (result == 0)
		result = scenario_stages_check(&scenarios->stages, error);
	progress_hide(scenarios->progress);
	if (result == 0)
		report_capture_play(scenario_stages_session(&scenarios->stages)->capture, scenario, &play);
	if (result == 0 && !play.interrupted)
		result = report(scenarios, number, &play, error);
	progress_restore(scenarios->progress);
	*told = (struct scenario_troupe_told){ .verdict = play.verdict, .interrupted = play.interrupted };
	play_free(&play);
	return result;
}

static void begin_progress(struct scenario_session *scenarios)
{
	if (!scenarios->options->quiet)
		scenarios->progress = progress_open();
}

/* In a process of its own: the stages of one scenario, and the scenario. Its progress is shown where it is the only one. */
static int play_member(void *context, size_t number, struct scenario_troupe_told *told)
{
	struct scenario_session *scenarios = context;
	struct options options = *scenarios->options;
	struct error error = { "" };
	char columns[32];
	int code;

	snprintf(columns, sizeof(columns), "%zu", scenarios->columns);
	setenv("COLUMNS", columns, 1);
	scenarios->serves = false;
	options.pcap = options.write = NULL; /* these files are those of the process before */
	scenarios->options = &options;
	code = scenario_stages_open(&scenarios->stages, &options, &scenarios->list[number], 1, show_progress, scenarios);
	if (code == EXIT_AGREES) {
		make_facts_here(scenarios);
		if (scenarios->troupe.at_once == 1)
			begin_progress(scenarios);
		if (play_one(scenarios, number + 1, told, &error) < 0 || scenario_stages_finish(&scenarios->stages, &error) < 0)
			code = message_error(error.text, EXIT_CANNOT_RUN);
		progress_close(scenarios->progress);
	}
	scenario_stages_close(&scenarios->stages);
	return code;
}

static void count_known(const struct scenario_session *scenarios, const char *name, enum verdict verdict,
			struct scenario_tally *tally)
{
	if (expected_failures_count(scenarios->failures, name, verdict, tally->expected, &tally->unexpected))
		message_note("%s passes, but is known to fail: %s", name, expected_failures_reason(scenarios->failures, name));
}

static int take_turn(struct scenario_session *scenarios, size_t number, struct scenario_troupe_told *told, struct error *error)
{
	const char *name = scenarios->list[number]->name;

	fflush(stdout);
	if (scenarios->troupe.at_once > 1)
		progress_line(scenarios->progress, "scenario %zu of %zu, %s; %zu at a time", number + 1, scenarios->count, name,
			      scenarios->troupe.at_once);
	else
		progress_hide(scenarios->progress);
	return scenario_troupe_turn(&scenarios->troupe, number, name, scenarios->loop, told, scenarios->facts.out, error);
}

/* EXIT_AGREES, else the exit code after a message. */
static int play_number(struct scenario_session *scenarios, size_t number, struct scenario_troupe_told *told,
		       struct error *error)
{
	if (scenarios->troupe.members[number].process || scenarios->troupe.members[number].ended)
		return take_turn(scenarios, number, told, error);
	return play_one(scenarios, number + 1, told, error) < 0 ? message_error(error->text, EXIT_CANNOT_RUN) : EXIT_AGREES;
}

static void count_played(const struct scenario_session *scenarios, size_t number, enum verdict verdict,
			 struct scenario_tally *tally)
{
	tally->count++;
	tally->verdicts[verdict]++;
	count_known(scenarios, scenarios->list[number]->name, verdict, tally);
}

static int play_all(struct scenario_session *scenarios, struct error *error)
{
	struct scenario_tally tally = { .begun_ns = clock_now() };
	int code = EXIT_AGREES;

	report_scenarios_begin(&scenarios->facts);
	begin_progress(scenarios);
	for (size_t i = 0; i < scenarios->count && code == EXIT_AGREES && !tally.interrupted; i++) {
		struct scenario_troupe_told told = { .verdict = VERDICT_COUNT };

		code = play_number(scenarios, i, &told, error);
		tally.interrupted = told.interrupted;
		if (code == EXIT_AGREES && !told.interrupted)
			count_played(scenarios, i, told.verdict, &tally);
	}
	progress_close(scenarios->progress);
	tally.ended_ns = clock_now();
	if (code != EXIT_AGREES)
		return code;
	if (scenario_stages_finish(&scenarios->stages, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	report_scenarios_end(&scenarios->facts, &tally);
	return report_scenario_exit(&tally);
}

/* How many at a time. Nearly all of a scenario is waiting, so it is not the processors that count. Before 6.1 there was one
 * count of challenge ACKs for all namespaces (tcp_send_challenge_ack), and the clock of a guest may be one that only goes on
 * when nobody has anything to do. */
static size_t at_once(const struct scenario_session *scenarios)
{
	const struct options *options = scenarios->options;
	struct utsname uts;
	struct kernel kernel = { 0 };

	if (!scenario_stages_are_own(options) || options->pcap || options->write || scenarios->count == 1 ||
	    guest_worker() >= 0)
		return 1;
	if (options->workers)
		return options->workers;
	if (uname(&uts) == 0)
		kernel_parse(uts.release, &kernel);
	return !guest_engine() && kernel_at_least(&kernel, 6, 1) ? TOGETHER : 1;
}

/* As a guest: of those that it is told to. */
static int play_told(void *context, size_t number, struct scenario_troupe_told *told, FILE *out, struct error *error)
{
	struct scenario_session *scenarios = context;
	int code;

	if (number >= scenarios->count)
		return message_error("there is no scenario of that number", EXIT_CANNOT_RUN);
	scenarios->facts.out = out;
	code = play_number(scenarios, number, told, error);
	snprintf(told->name, sizeof(told->name), "%s", scenarios->list[number]->name);
	return code;
}

static int serve_all(struct scenario_session *scenarios, struct error *error)
{
	struct scenario_workers_head head = { "" };
	int code;

	snprintf(head.kernel, sizeof(head.kernel), "%s", scenario_stages_session(&scenarios->stages)->release);
	code = scenario_workers_serve(&head, play_told, scenarios);
	if (code == EXIT_AGREES &&
	    (scenario_stages_finish(&scenarios->stages, error) < 0 || scenario_workers_end(error) < 0))
		code = message_error(error->text, EXIT_CANNOT_RUN);
	return code;
}

/* What guests have played. */
struct gathering {
	struct scenario_session *scenarios;
	struct scenario_tally tally;
	size_t at_once;
};

static int take_played(void *context, size_t number, const struct scenario_troupe_told *told, const char *text, size_t size,
		       struct error *error)
{
	struct gathering *gathering = context;

	if (strncmp(told->name, gathering->scenarios->list[number]->name, sizeof(told->name)) != 0)
		return fail(error, GUESTS_OTHER_FILES);
	progress_hide(gathering->scenarios->progress);
	fwrite(text, 1, size, stdout);
	if (stream_finish(stdout, "the report", error) < 0)
		return -1;
	progress_restore(gathering->scenarios->progress);
	count_played(gathering->scenarios, number, told->verdict, &gathering->tally);
	return 0;
}

static void show_played(void *context, const struct tally *tally, size_t count)
{
	const struct gathering *gathering = context;
	size_t next = gathering->tally.count < count ? gathering->tally.count : count - 1;

	(void)tally;
	progress_line(gathering->scenarios->progress, "scenario %zu of %zu, %s; %zu at a time", next + 1, count,
		      gathering->scenarios->list[next]->name, gathering->at_once);
}

/* In kernels that are started for it. */
static int gather_all(struct scenario_session *scenarios, struct error *error)
{
	const struct options *options = scenarios->options;
	struct gathering gathering = { .scenarios = scenarios, .at_once = scenario_workers_worth(options, scenarios->count) };
	const struct scenario_workers_sink sink = { take_played, show_played, &gathering };
	struct scenario_workers_head head;
	struct workers *workers;
	char columns[32];
	int code = EXIT_CANNOT_RUN, result;

	snprintf(columns, sizeof(columns), "%zu", scenarios->columns);
	setenv("COLUMNS", columns, 1);
	gathering.tally.begun_ns = clock_now();
	workers = scenario_workers_open(options, gathering.at_once, &head, &code, error);
	if (!workers)
		return error->text[0] ? message_error(error->text, EXIT_CANNOT_RUN) : code;
	make_facts(scenarios, head.kernel, "uml", "lab");
	report_scenarios_begin(&scenarios->facts);
	begin_progress(scenarios);
	result = scenario_workers_run(workers, scenarios->count, &sink, &gathering.tally.interrupted, error);
	progress_close(scenarios->progress);
	gathering.tally.ended_ns = clock_now();
	if (result == 0)
		report_scenarios_end(&scenarios->facts, &gathering.tally);
	workers_close(workers);
	return result < 0 ? message_error(error->text, EXIT_CANNOT_RUN) : report_scenario_exit(&gathering.tally);
}

/* Several that have processes of their own: each where they play at the same time, else those that name their paths. Of the
 * others the lab is open here; its kernel is that of the report's head. */
static int divide(struct scenario_session *scenarios, struct scenario *here[static SCENARIOS_MAX], size_t *count,
		  struct error *error)
{
	bool own = scenario_stages_are_own(scenarios->options) && scenarios->count > 1, divided = false;
	bool together = scenarios->troupe.at_once > 1;

	*count = 0;
	for (size_t i = 0; i < scenarios->count; i++) {
		bool paths = own && scenario_has_paths(scenarios->list[i]);

		if (!paths)
			here[(*count)++] = scenarios->list[i];
		divided |= paths;
		if ((paths || together) && scenario_troupe_start(&scenarios->troupe, i, play_member, scenarios, error) < 0)
			return -1;
	}
	if (together && scenario_troupe_start_spare(&scenarios->troupe, play_member, scenarios, error) < 0)
		return -1;
	if ((scenarios->options->pcap || scenarios->options->write) && !scenarios->options->quiet &&
	    (divided || (scenario_stages_are_own(scenarios->options) && scenario_has_paths(scenarios->list[0]))))
		message_note("%s has no segments of parts that name a path; --path=NAME plays all of a scenario "
			     "through one", scenarios->options->pcap ? "--pcap" : "-w");
	return 0;
}

static int open_and_play(struct scenario_session *scenarios, struct error *error)
{
	struct scenario *here[SCENARIOS_MAX];
	size_t count;
	int code;

	scenarios->troupe.at_once = at_once(scenarios);
	scenarios->color = options_color(scenarios->options);
	scenarios->columns = text_columns(stdout);
	if (scenarios->options->format == FORMAT_PNG && sequence_prepare(error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	if (scenarios->options->guests)
		return gather_all(scenarios, error);
	if (divide(scenarios, here, &count, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	scenarios->loop = loop_open(error);
	if (!scenarios->loop)
		return message_error(error->text, EXIT_CANNOT_RUN);
	code = scenario_stages_open(&scenarios->stages, scenarios->options, here, count, show_progress, scenarios);
	if (code != EXIT_AGREES)
		return code;
	make_facts_here(scenarios);
	scenarios->serves = guest_worker() >= 0;
	return scenarios->serves ? serve_all(scenarios, error) : play_all(scenarios, error);
}

static void close_all(struct scenario_session *scenarios)
{
	scenario_troupe_end(&scenarios->troupe);
	loop_close(scenarios->loop);
	scenario_stages_close(&scenarios->stages);
	for (size_t i = 0; i < scenarios->count; i++)
		scenario_free(scenarios->list[i]);
}

static int dry_run_all(const struct scenario_session *scenarios)
{
	for (size_t i = 0; i < scenarios->count; i++)
		dry_run_scenario(scenarios->list[i]);
	return EXIT_AGREES;
}

int command_scenario(struct options *options)
{
	struct scenario_session scenarios = { .options = options };
	struct error error = { "" };
	int code;

	if (load_all(&scenarios, &error) < 0)
		code = message_failed(&error, EXIT_USAGE);
	else if (scenarios.count > 1 && format_is_picture(options->format))
		code = message_error("a picture is of one scenario: leave out --all; --format=html has them all", EXIT_USAGE);
	else if (options->dry_run)
		code = dry_run_all(&scenarios);
	else if (options->expected_failures &&
		 !(scenarios.failures = expected_failures_load(options->expected_failures, &error)))
		code = message_failed(&error, EXIT_USAGE);
	else
		code = open_and_play(&scenarios, &error);
	close_all(&scenarios);
	expected_failures_close(scenarios.failures);
	return code;
}
