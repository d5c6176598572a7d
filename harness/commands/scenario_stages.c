/* scenario_stages.c - opens a session for each path, gives up privileges once, and tells the player which is which. */
#include "harness/commands/scenario_stages.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/message.h"
#include "harness/engine/guest.h"
#include "harness/run/exit_code.h"

enum { PORTS_LEAST = 64 };

bool scenario_stages_are_own(const struct options *options)
{
	return options_ask_lab(options) && !options->path_count;
}

static uint64_t now(void *self)
{
	(void)self;
	return clock_now();
}

/* Nothing is played over it: it has the time. */
static const struct transport nowhere = { .now = now };

static void make_setup(struct scenario_stage *stage)
{
	const struct options *options = &stage->options;
	struct session *session = &stage->session;
	struct witness *witness = wire_witness(session->wire);
	struct counters *counters = wire_counters(session->wire);
	bool routed = session->transport.crossed != NULL; /* by the lab's router, or a path of the user's */
	struct play_setup *setup = &stage->setup;

	setup->transport = &session->transport;
	setup->wire = session->wire;
	setup->witness = witness;
	setup->counters = counters;
	setup->lab = session->lab;
	setup->has = (witness ? (unsigned)NEED_WITNESS : 0) | (counters ? (unsigned)NEED_COUNTERS : 0) |
		     (session->lab ? (unsigned)NEED_SYSCTLS | (unsigned)NEED_LAB : 0) |
		     (routed ? (unsigned)NEED_PATH : (unsigned)NEED_DIRECT);
	setup->target = session->lab ? lab_front(session->lab, options->ipv6 ? 6 : 4) : session->target;
	setup->kernel = session->kernel;
	session_rules(session, &setup->rules);
	setup->rules.witness = witness != NULL;
	/* Most segments of a scenario are checked one at a time, so that the lab's waits add up. */
	if (session->lab && !options->timeout_ns)
		setup->rules.answer_ns = 100 * NSEC_PER_MSEC + path_delay_ns(session->path);
}

/* Source ports for the largest of the parts, and for the cells of a table. */
static size_t ports_needed(struct scenario *const *scenarios, size_t count)
{
	size_t most = PORTS_LEAST;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < scenarios[i]->part_count; j++) {
			size_t ports = scenario_part_connections(&scenarios[i]->parts[j]);

			most = ports > most ? ports : most;
		}
	}
	return most;
}

/* A program that is not ours needs more system calls than we do. */
static bool starts_curl(struct scenario *const *scenarios, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < scenarios[i]->part_count; j++) {
			const struct part *part = &scenarios[i]->parts[j];

			for (size_t k = 0; k < part->step_count; k++)
				if (part->steps[k].kind == STEP_CLIENT && part->steps[k].client == CLIENT_CURL)
					return true;
		}
	}
	return false;
}

static bool has_stage(const struct scenario_stages *stages, const char *path)
{
	for (size_t i = 0; i < stages->count; i++)
		if (strcmp(stages->list[i].setup.path, path) == 0)
			return true;
	return false;
}

static void add_stage(struct scenario_stages *stages, const struct options *options, const char *path)
{
	struct scenario_stage *stage = &stages->list[stages->count++];

	stage->options = *options;
	stage->setup = (struct play_setup){ .seed = options->seed, .path = path, .fast = options->fast, .slow = options->slow,
					   .virtual_time = guest_time_is_virtual() };
	if (!path)
		return;
	stage->options.paths[0] = path;
	stage->options.path_count = 1;
	stage->options.pcap = stage->options.write = NULL;
}

/* Paths first: a part without one may have clients of the kernel's own, in the namespace that this process is in at the end. */
static int choose_stages(struct scenario_stages *stages, const struct options *options, struct scenario *const *scenarios,
			 size_t count, struct error *error)
{
	bool own = scenario_stages_are_own(options), direct = !own;
	size_t parts = 1;

	for (size_t i = 0; i < count; i++)
		parts += scenarios[i]->part_count;
	stages->list = calloc(parts, sizeof(*stages->list));
	if (!stages->list)
		return fail(error, "out of memory");
	for (size_t i = 0; own && i < count; i++) {
		for (size_t j = 0; j < scenarios[i]->part_count; j++) {
			const char *path = scenarios[i]->parts[j].path;

			direct |= !path;
			if (path && !has_stage(stages, path))
				add_stage(stages, options, path);
		}
	}
	if (direct)
		add_stage(stages, options, NULL);
	stages->list[0].setup.any_part = !own;
	return 0;
}

static int open_stage(struct scenario_stage *stage, struct session_needs *needs)
{
	int code;

	needs->refused = stage->setup.path ? &stage->refused : NULL;
	stage->opened = true;
	code = session_open(&stage->session, &stage->options, needs);
	if (code == EXIT_AGREES) {
		make_setup(stage);
		return code;
	}
	if (code != EXIT_CANNOT_RUN || !needs->refused)
		return code;
	stage->setup.transport = &nowhere;
	stage->setup.refused = stage->refused.text;
	return EXIT_AGREES;
}

static int open_all(struct scenario_stages *stages, struct session_needs *needs, struct error *error)
{
	const struct session *last = NULL;
	int code = EXIT_AGREES;

	for (size_t i = 0; i < stages->count && code == EXIT_AGREES; i++) {
		code = open_stage(&stages->list[i], needs);
		last = stages->list[i].setup.refused ? last : &stages->list[i].session;
		if (i)
			stages->list[i - 1].setup.next = &stages->list[i].setup;
	}
	if (code == EXIT_AGREES && last && session_settle(last, needs, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	return code;
}

int scenario_stages_open(struct scenario_stages *stages, const struct options *options, struct scenario *const *scenarios,
			 size_t count, play_progress *progress, void *context)
{
	struct session_needs needs = {
		.lab = { .never_accept = true },
		.whole = true,
		.any_port = true,
		.ipv6 = options->ipv6,
		.at_once = ports_needed(scenarios, count),
		.in_lab = starts_curl(scenarios, count) ? SANDBOX_SPAWNER : SANDBOX_PLAYER,
		.at_target = SANDBOX_PLAYER,
		.unsettled = true,
	};
	struct error error;

	if (choose_stages(stages, options, scenarios, count, &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	for (size_t i = 0; i < stages->count; i++) {
		stages->list[i].setup.progress = progress;
		stages->list[i].setup.progress_context = context;
	}
	return open_all(stages, &needs, &error);
}

const struct session *scenario_stages_session(const struct scenario_stages *stages)
{
	for (size_t i = stages->count; i-- > 0;)
		if (!stages->list[i].setup.refused)
			return &stages->list[i].session;
	return &stages->list[0].session;
}

int scenario_stages_check(const struct scenario_stages *stages, struct error *error)
{
	for (size_t i = 0; i < stages->count; i++)
		if (stages->list[i].setup.lab && lab_check(stages->list[i].setup.lab, error) < 0)
			return -1;
	return 0;
}

int scenario_stages_finish(const struct scenario_stages *stages, struct error *error)
{
	for (size_t i = 0; i < stages->count; i++)
		if (!stages->list[i].setup.refused && session_finish(&stages->list[i].session, error) < 0)
			return -1;
	return 0;
}

void scenario_stages_close(struct scenario_stages *stages)
{
	for (size_t i = 0; i < stages->count; i++)
		if (stages->list[i].opened)
			session_close(&stages->list[i].session);
	free(stages->list);
}
