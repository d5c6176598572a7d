/* command_scenario.c - twprobe scenario NAME|--all [OPTIONS] [HOST:PORT]: the scripts that show one thing each. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "crafter/clock.h"
#include "harness/boot.h"
#include "harness/commands.h"
#include "harness/output.h"
#include "harness/patience.h"
#include "harness/plays.h"
#include "harness/privileges.h"
#include "harness/progress.h"
#include "harness/report_scenario.h"
#include "harness/session.h"
#include "harness/wire.h"

#define MS UINT64_C(1000000)

enum { SCENARIOS_MAX = 64, PORTS_LEAST = 64 };

/* Everything that is open while scenarios are played. */
struct theatre {
	const struct options *options;
	struct scenario *scenarios[SCENARIOS_MAX];
	size_t count;
	struct lab *lab;
	struct loop *loop;
	struct wire *wire;
	struct output *savefile;
	struct transport transport;
	struct route route;
	struct address source;
	struct endpoint target;
	struct utsname uname;
	char target_text[ENDPOINT_TEXT_SIZE];
	struct stage stage;
	struct scenario_facts facts;
	struct progress *progress;
	char playing[SCENARIO_NAME_SIZE + 64]; /* for the progress line */
};

static int load_one(struct theatre *theatre, const char *name, struct error *error)
{
	char path[PATH_MAX];
	struct scenario *scenario;

	if (scenario_find(name, path, sizeof(path), error) < 0)
		return -1;
	scenario = scenario_load(path, error);
	if (!scenario)
		return -1;
	theatre->scenarios[theatre->count++] = scenario;
	return 0;
}

static int load_all(struct theatre *theatre, struct error *error)
{
	static char names[SCENARIOS_MAX][SCENARIO_NAME_SIZE];
	size_t count;

	if (!theatre->options->all && !theatre->options->scenario)
		return fail(error, "scenario: a name or --all is expected; `twprobe list` has the names");
	if (!theatre->options->all)
		return load_one(theatre, theatre->options->scenario, error);
	count = scenario_list(names, SCENARIOS_MAX);
	if (count == 0)
		return fail(error, "there are no scenarios: set TWPROBE_CASES to the folder with the case files");
	for (size_t i = 0; i < count; i++)
		if (load_one(theatre, names[i], error) < 0)
			return -1;
	return 0;
}

/* Most segments of a scenario are checked one at a time, so that the lab's waits add up. */
static void make_rules(struct theatre *theatre)
{
	struct peer_rules *rules = &theatre->stage.rules;
	bool lab = theatre->lab != NULL;

	*rules = lab ? patience_in_lab() : patience_with_target();
	if (lab)
		rules->answer_ns = 100 * MS;
	if (theatre->options->timeout_ns)
		rules->answer_ns = theatre->options->timeout_ns;
	rules->witness = theatre->stage.witness != NULL;
	rules->trigger = theatre->options->trigger_size ? theatre->options->trigger : NULL;
	rules->trigger_size = theatre->options->trigger_size;
}

static void show_progress(void *context, const char *what, uint64_t elapsed_ns, uint64_t expected_ns)
{
	struct theatre *theatre = context;

	progress_line(theatre->progress, "%s: %s, %.0f s of about %.0f s", theatre->playing, what, (double)elapsed_ns / 1e9,
		      (double)expected_ns / 1e9);
}

static void make_stage(struct theatre *theatre)
{
	struct stage *stage = &theatre->stage;

	stage->transport = &theatre->transport;
	stage->wire = theatre->wire;
	stage->witness = wire_witness(theatre->wire);
	stage->counters = wire_counters(theatre->wire);
	stage->lab = theatre->lab;
	stage->target = theatre->lab ? lab_endpoint(theatre->options->ipv6 ? 6 : 4) : theatre->target;
	stage->seed = theatre->options->seed;
	stage->fast = theatre->options->fast;
	stage->slow = theatre->options->slow;
	stage->progress = show_progress;
	stage->progress_context = theatre;
	stage->has = (stage->witness ? (unsigned)NEED_WITNESS : 0) | (stage->counters ? (unsigned)NEED_COUNTERS : 0) |
		     (theatre->lab ? (unsigned)NEED_SYSCTLS | (unsigned)NEED_LAB : 0);
	session_kernel(theatre->options, theatre->lab || theatre->route.loopback, &stage->kernel);
	make_rules(theatre);
}

static void make_facts(struct theatre *theatre)
{
	const struct options *options = theatre->options;

	endpoint_format(&theatre->target, theatre->target_text, sizeof(theatre->target_text));
	theatre->facts = (struct scenario_facts){
		.format = options->format,
		.color = options_color(options),
		.quiet = options->quiet,
		.out = stdout,
		.tool_version = TWPROBE_VERSION,
		.kernel = theatre->lab || theatre->route.loopback ? theatre->uname.release : NULL,
		.target = theatre->lab ? "lab" : theatre->target_text,
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
			size_t count = part_connections(&theatre->scenarios[i]->parts[j]);

			most = count > most ? count : most;
		}
	}
	return most;
}

/* Everything that needs privileges, and then their end. */
static int open_all(struct theatre *theatre, struct error *error)
{
	const struct options *options = theatre->options;
	struct wire_options wire = {
		.whole = true,
		.route = &theatre->route,
		.source = options->source ? &theatre->source : NULL,
		.savefile = output_descriptor(theatre->savefile),
		.seed = options->seed,
		.witness = !options->no_witness && (!options->target || theatre->route.loopback),
		.in_flight = ports_needed(theatre),
		.any_port = true,
	};

	theatre->loop = loop_open(error);
	if (!theatre->loop)
		return -1;
	wire.lab = theatre->lab;
	wire.target = theatre->target;
	wire.families = theatre->lab ? lab_families(theatre->lab) : 1U << theatre->target.address.family;
	theatre->wire = wire_open(&wire, theatre->loop, error);
	if (!theatre->wire)
		return -1;
	wire_transport(theatre->wire, &theatre->transport);
	return privileges_drop(error);
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
		if (result == 0 && theatre->lab)
			result = lab_check(theatre->lab, error);
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
	if (result < 0 || wire_finish(theatre->wire, error) < 0)
		return session_complain(error->text, EXIT_CANNOT_RUN);
	report_scenarios_end(&theatre->facts, &tally);
	if (wire_note(theatre->wire) && !theatre->options->quiet)
		session_note("%s", wire_note(theatre->wire));
	return scenario_tally_exit(&tally);
}

static int cannot_run(const struct theatre *theatre, const char *text)
{
	report_skip_all(theatre->options->format, stdout, text);
	return session_complain(text, EXIT_CANNOT_RUN);
}

static int work(struct theatre *theatre, struct error *error)
{
	const struct options *options = theatre->options;
	const char *missing = options->target ? privileges_missing() : NULL;

	if (missing)
		return cannot_run(theatre, missing);
	if (options->target) {
		if (session_route(options, &theatre->target, &theatre->source, &theatre->route, error) < 0)
			return cannot_run(theatre, error->text);
	} else {
		theatre->lab = lab_open(&(struct lab_options){ .never_accept = true }, error);
		if (!theatre->lab)
			return cannot_run(theatre, error->text);
	}
	if (theatre->lab && options->ipv6 && !lab_has_ipv6(theatre->lab))
		return cannot_run(theatre, "-6: this kernel has no IPv6");
	if (theatre->lab && lab_room(theatre->lab) < ports_needed(theatre)) {
		fail(error, "a scenario may hold %zu connections, each with a descriptor; raise the limit (ulimit -n)",
		     ports_needed(theatre));
		return cannot_run(theatre, error->text);
	}
	if (open_all(theatre, error) < 0)
		return cannot_run(theatre, error->text);
	output_keep(theatre->savefile);
	if (theatre->lab || theatre->route.loopback)
		boot_wait(options->quiet);
	make_stage(theatre);
	make_facts(theatre);
	return play_all(theatre, error);
}

static void close_all(struct theatre *theatre)
{
	wire_close(theatre->wire);
	loop_close(theatre->loop);
	output_close(theatre->savefile);
	lab_close(theatre->lab);
	for (size_t i = 0; i < theatre->count; i++)
		scenario_free(theatre->scenarios[i]);
}

int command_scenario(int argc, char **argv)
{
	struct options options;
	struct theatre theatre = { .options = &options };
	struct error error = { "" };
	int code;

	if (options_parse(&options, OPTIONS_SCENARIO | OPTIONS_PROBE, argc, argv, &error) < 0)
		return session_complain(error.text, EXIT_USAGE);
	if (about_print(&options, "scenario"))
		return EXIT_AGREES;
	if (options.verbose)
		return session_complain("-v, --verbose does not belong to this command; see --help", EXIT_USAGE);
	uname(&theatre.uname);
	if (load_all(&theatre, &error) < 0 ||
	    (options.pcap && !(theatre.savefile = output_open("--pcap=", options.pcap, &error))) ||
	    (options.target && session_resolve(&options, &theatre.target, &theatre.source, &error) < 0))
		code = session_complain(error.text, EXIT_USAGE);
	else
		code = work(&theatre, &error);
	close_all(&theatre);
	return code;
}
