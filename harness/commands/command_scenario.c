/* command_scenario.c - twprobe scenario NAME|--all [OPTIONS] [HOST:PORT]: the scripts that show one thing each. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session.h"
#include "harness/play/plays.h"
#include "harness/report/progress.h"
#include "harness/report/report_scenario.h"
#include "harness/run/exit_code.h"

enum { SCENARIOS_MAX = 64, PORTS_LEAST = 64 };

/* Everything that is open while scenarios are played. */
struct scenario_session {
	const struct options *options;
	struct scenario *list[SCENARIOS_MAX];
	size_t count;
	struct session session;
	struct play_setup setup;
	struct scenario_facts facts;
	struct progress *progress;
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

	progress_line(scenarios->progress, "%s: %s, %.0f s of about %.0f s", scenarios->playing, what, (double)elapsed_ns / 1e9,
		      (double)expected_ns / 1e9);
}

static void make_setup(struct scenario_session *scenarios)
{
	const struct options *options = scenarios->options;
	struct session *session = &scenarios->session;
	struct witness *witness = wire_witness(session->wire);
	struct counters *counters = wire_counters(session->wire);
	struct play_setup *setup = &scenarios->setup;

	*setup = (struct play_setup){
		.transport = &session->transport,
		.wire = session->wire,
		.witness = witness,
		.counters = counters,
		.lab = session->lab,
		.has = (witness ? (unsigned)NEED_WITNESS : 0) | (counters ? (unsigned)NEED_COUNTERS : 0) |
		       (session->lab ? (unsigned)NEED_SYSCTLS | (unsigned)NEED_LAB : 0) |
		       (session->lab && lab_router(session->lab) ? 0 : (unsigned)NEED_DIRECT),
		.target = session->lab ? lab_front(session->lab, options->ipv6 ? 6 : 4) : session->target,
		.kernel = session->kernel,
		.seed = options->seed,
		.fast = options->fast,
		.slow = options->slow,
		.progress = show_progress,
		.progress_context = scenarios,
	};
	session_rules(session, &setup->rules);
	setup->rules.witness = witness != NULL;
	/* Most segments of a scenario are checked one at a time, so that the lab's waits add up. */
	if (session->lab && !options->timeout_ns)
		setup->rules.answer_ns = 100 * NSEC_PER_MSEC;
}

static void make_facts(struct scenario_session *scenarios)
{
	const struct options *options = scenarios->options;

	scenarios->facts = (struct scenario_facts){
		.format = options->format,
		.color = options_color(options),
		.quiet = options->quiet,
		.out = stdout,
		.tool_version = TWPROBE_VERSION,
		.kernel = scenarios->session.release,
		.engine = scenarios->session.engine,
		.target = scenarios->session.name,
		.seed = options->seed,
		.scenarios = scenarios->count,
	};
}

/* Source ports for the largest of the parts, and for the cells of a table. */
static size_t ports_needed(const struct scenario_session *scenarios)
{
	size_t most = PORTS_LEAST;

	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->part_count; j++) {
			size_t count = scenario_part_connections(&scenarios->list[i]->parts[j]);

			most = count > most ? count : most;
		}
	}
	return most;
}

/* A program that is not ours needs more system calls than we do. */
static bool starts_curl(const struct scenario_session *scenarios)
{
	for (size_t i = 0; i < scenarios->count; i++) {
		for (size_t j = 0; j < scenarios->list[i]->part_count; j++) {
			const struct part *part = &scenarios->list[i]->parts[j];

			for (size_t k = 0; k < part->step_count; k++)
				if (part->steps[k].kind == STEP_CLIENT && part->steps[k].client == CLIENT_CURL)
					return true;
		}
	}
	return false;
}

static int play_all(struct scenario_session *scenarios, struct error *error)
{
	struct scenario_tally tally = { .begun_ns = clock_now() };
	struct play play;
	int result = 0;

	report_scenarios_begin(&scenarios->facts);
	if (!scenarios->options->quiet)
		scenarios->progress = progress_open();
	for (size_t i = 0; i < scenarios->count && result == 0 && !tally.interrupted; i++) {
		snprintf(scenarios->playing, sizeof(scenarios->playing), "scenario %zu of %zu, %s", i + 1, scenarios->count,
			 scenarios->list[i]->name);
		progress_line(scenarios->progress, "%s", scenarios->playing);
		result = plays_scenario(scenarios->list[i], &scenarios->setup, &play, error);
		if (result == 0 && scenarios->session.lab)
			result = lab_check(scenarios->session.lab, error);
		progress_hide(scenarios->progress);
		if (result == 0 && !play.interrupted) {
			errno = 0;
			report_scenario(&scenarios->facts, i + 1, scenarios->list[i], &play);
			if (ferror(stdout))
				result = fail(error, "cannot write the report: %s", errno ? strerror(errno) : "write error");
			tally.count++;
			tally.verdicts[play.verdict]++;
		}
		progress_restore(scenarios->progress);
		tally.interrupted = play.interrupted;
		play_free(&play);
	}
	progress_close(scenarios->progress);
	tally.ended_ns = clock_now();
	if (result < 0 || session_finish(&scenarios->session, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	report_scenarios_end(&scenarios->facts, &tally);
	return report_scenario_exit(&tally);
}

static int open_session(struct scenario_session *scenarios)
{
	struct session_needs needs = {
		.lab = { .never_accept = true },
		.whole = true,
		.any_port = true,
		.ipv6 = scenarios->options->ipv6,
		.at_once = ports_needed(scenarios),
		.in_lab = starts_curl(scenarios) ? SANDBOX_SPAWNER : SANDBOX_PLAYER,
		.at_target = SANDBOX_PLAYER,
	};

	return session_open(&scenarios->session, scenarios->options, &needs);
}

static void close_all(struct scenario_session *scenarios)
{
	session_close(&scenarios->session);
	for (size_t i = 0; i < scenarios->count; i++)
		scenario_free(scenarios->list[i]);
}

int command_scenario(struct options *options)
{
	struct scenario_session scenarios = { .options = options };
	struct error error = { "" };
	int code;

	if (load_all(&scenarios, &error) < 0) {
		code = message_failed(&error, EXIT_USAGE);
	} else {
		code = open_session(&scenarios);
		if (code == EXIT_AGREES) {
			make_setup(&scenarios);
			make_facts(&scenarios);
			code = play_all(&scenarios, &error);
		}
	}
	close_all(&scenarios);
	return code;
}
