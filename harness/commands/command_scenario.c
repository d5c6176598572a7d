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
#include "harness/commands/session_base.h"
#include "harness/play/plays.h"
#include "harness/report/progress.h"
#include "harness/report/report_scenario.h"

enum { SCENARIOS_MAX = 64, PORTS_LEAST = 64 };

/* Everything that is open while scenarios are played. */
struct theatre {
	const struct options *options;
	struct scenario *scenarios[SCENARIOS_MAX];
	size_t count;
	struct session_base base;
	struct stage stage;
	struct scenario_facts facts;
	struct progress *progress;
	char playing[CASE_FILE_NAME_SIZE + 64]; /* for the progress line */
};

static int load_one(struct theatre *theatre, const char *name, struct error *error)
{
	char path[PATH_MAX];
	struct scenario *scenario;

	if (case_file_find(CASE_FILE_SCENARIO, name, path, sizeof(path), error) < 0)
		return -1;
	scenario = scenario_load(path, error);
	if (!scenario)
		return -1;
	theatre->scenarios[theatre->count++] = scenario;
	return 0;
}

static int load_all(struct theatre *theatre, struct error *error)
{
	static char names[SCENARIOS_MAX][CASE_FILE_NAME_SIZE];
	size_t count;

	if (!theatre->options->all && !theatre->options->scenario)
		return fail(error, "scenario: a name or --all is expected; `twprobe list` has the names");
	if (!theatre->options->all)
		return load_one(theatre, theatre->options->scenario, error);
	count = case_file_list(CASE_FILE_SCENARIO, names, SCENARIOS_MAX);
	if (count == 0)
		return fail(error, "there are no scenarios: set TWPROBE_CASES to the folder with the case files");
	for (size_t i = 0; i < count; i++)
		if (load_one(theatre, names[i], error) < 0)
			return -1;
	return 0;
}

static void show_progress(void *context, const char *what, uint64_t elapsed_ns, uint64_t expected_ns)
{
	struct theatre *theatre = context;

	progress_line(theatre->progress, "%s: %s, %.0f s of about %.0f s", theatre->playing, what, (double)elapsed_ns / 1e9,
		      (double)expected_ns / 1e9);
}

static void make_stage(struct theatre *theatre)
{
	const struct options *options = theatre->options;
	struct session_base *base = &theatre->base;
	struct witness *witness = wire_witness(base->wire);
	struct counters *counters = wire_counters(base->wire);
	struct stage *stage = &theatre->stage;

	*stage = (struct stage){
		.transport = &base->transport,
		.wire = base->wire,
		.witness = witness,
		.counters = counters,
		.lab = base->lab,
		.has = (witness ? (unsigned)NEED_WITNESS : 0) | (counters ? (unsigned)NEED_COUNTERS : 0) |
		       (base->lab ? (unsigned)NEED_SYSCTLS | (unsigned)NEED_LAB : 0),
		.target = base->lab ? lab_endpoint(options->ipv6 ? 6 : 4) : base->target,
		.kernel = base->kernel,
		.seed = options->seed,
		.fast = options->fast,
		.slow = options->slow,
		.progress = show_progress,
		.progress_context = theatre,
	};
	session_base_rules(base, &stage->rules);
	stage->rules.witness = witness != NULL;
	/* Most segments of a scenario are checked one at a time, so that the lab's waits add up. */
	if (base->lab && !options->timeout_ns)
		stage->rules.answer_ns = 100 * NSEC_PER_MSEC;
}

static void make_facts(struct theatre *theatre)
{
	const struct options *options = theatre->options;

	theatre->facts = (struct scenario_facts){
		.format = options->format,
		.color = options_color(options),
		.quiet = options->quiet,
		.out = stdout,
		.tool_version = TWPROBE_VERSION,
		.kernel = theatre->base.release,
		.target = theatre->base.name,
		.seed = options->seed,
		.scenarios = theatre->count,
	};
}

/* Source ports for the largest of the parts, and for the cells of a table. */
static size_t ports_needed(const struct theatre *theatre)
{
	size_t most = PORTS_LEAST;

	for (size_t i = 0; i < theatre->count; i++) {
		for (size_t j = 0; j < theatre->scenarios[i]->part_count; j++) {
			size_t count = scenario_part_connections(&theatre->scenarios[i]->parts[j]);

			most = count > most ? count : most;
		}
	}
	return most;
}

/* A program that is not ours needs more system calls than we do. */
static bool starts_curl(const struct theatre *theatre)
{
	for (size_t i = 0; i < theatre->count && theatre->base.lab; i++) {
		for (size_t j = 0; j < theatre->scenarios[i]->part_count; j++) {
			const struct part *part = &theatre->scenarios[i]->parts[j];

			for (size_t k = 0; k < part->step_count; k++)
				if (part->steps[k].kind == STEP_CLIENT && part->steps[k].client == CLIENT_CURL)
					return true;
		}
	}
	return false;
}

static int play_all(struct theatre *theatre, struct error *error)
{
	struct scenario_tally tally = { .begun_ns = clock_now() };
	struct play play;
	int result = 0;

	report_scenarios_begin(&theatre->facts);
	if (!theatre->options->quiet)
		theatre->progress = progress_open();
	for (size_t i = 0; i < theatre->count && result == 0 && !tally.interrupted; i++) {
		snprintf(theatre->playing, sizeof(theatre->playing), "scenario %zu of %zu, %s", i + 1, theatre->count,
			 theatre->scenarios[i]->name);
		progress_line(theatre->progress, "%s", theatre->playing);
		result = plays_scenario(theatre->scenarios[i], &theatre->stage, &play, error);
		if (result == 0 && theatre->base.lab)
			result = lab_check(theatre->base.lab, error);
		progress_hide(theatre->progress);
		if (result == 0 && !play.interrupted) {
			errno = 0;
			report_scenario(&theatre->facts, i + 1, theatre->scenarios[i], &play);
			if (ferror(stdout))
				result = fail(error, "cannot write the report: %s", errno ? strerror(errno) : "write error");
			tally.count++;
			tally.verdicts[play.verdict]++;
		}
		progress_restore(theatre->progress);
		tally.interrupted = play.interrupted;
		play_free(&play);
	}
	progress_close(theatre->progress);
	tally.ended_ns = clock_now();
	if (result < 0 || session_base_finish(&theatre->base, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	report_scenarios_end(&theatre->facts, &tally);
	return report_scenario_exit(&tally);
}

static int work(struct theatre *theatre, struct error *error)
{
	const struct options *options = theatre->options;
	struct session_base *base = &theatre->base;
	struct session_needs needs = { .whole = true, .any_port = true, .in_flight = ports_needed(theatre) };
	int code = session_base_reach(base, &(struct lab_options){ .never_accept = true }, error);

	needs.sandbox = starts_curl(theatre) ? SANDBOX_SPAWNER : SANDBOX_PLAYER;

	if (code != EXIT_AGREES)
		return code;
	if (base->lab && options->ipv6 && !lab_has_ipv6(base->lab))
		return session_cannot_run(options, "-6: this kernel has no IPv6");
	if (base->lab && lab_room(base->lab) < needs.in_flight) {
		fail(error, "a scenario may hold %zu connections, each with a descriptor; raise the limit (ulimit -n)",
		     needs.in_flight);
		return session_cannot_run(options, error->text);
	}
	if (session_base_open(base, &needs, error) < 0)
		return session_cannot_run(options, error->text);
	make_stage(theatre);
	make_facts(theatre);
	return play_all(theatre, error);
}

static void close_all(struct theatre *theatre)
{
	session_base_close(&theatre->base);
	for (size_t i = 0; i < theatre->count; i++)
		scenario_free(theatre->scenarios[i]);
}

int command_scenario(struct options *options)
{
	struct theatre theatre = { .options = options };
	struct error error = { "" };
	int code;

	if (load_all(&theatre, &error) < 0 || session_base_check(&theatre.base, options, &error) < 0)
		code = message_error(error.text, EXIT_USAGE);
	else
		code = work(&theatre, &error);
	close_all(&theatre);
	return code;
}
