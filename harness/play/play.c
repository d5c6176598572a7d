/* play.c - the parts of a scenario and their steps, in order; what each must have led to. */
#include "harness/play/play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/play/play_internal.h"

#define WATCH_PAUSE (20 * NSEC_PER_MSEC)
/* While it would be too early, a state is asked for that many times. */
#define EARLY_LOOKS 16

int play_trouble(struct player *player, const char *format, ...)
{
	struct play *play = player->play;
	char text[sizeof(play->reason) - 64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	play->verdict = VERDICT_INCONCLUSIVE;
	if (player->step)
		snprintf(play->reason, sizeof(play->reason), "step %zu (line %d): %s",
			 (size_t)(player->result - play->steps) + 1, player->step->line, text);
	else
		snprintf(play->reason, sizeof(play->reason), "%s", text);
	player->troubled = true;
	return -1;
}

struct connection *play_add_connection(struct player *player, const char *name)
{
	struct connection *connection;

	if (player->connection_count == player->connection_room) {
		size_t more = player->connection_room ? 2 * player->connection_room : 16;
		struct connection **connections = realloc(player->connections, more * sizeof(struct connection *));

		if (!connections) {
			fail(player->error, "out of memory for connections");
			return NULL;
		}
		player->connections = connections;
		player->connection_room = more;
	}
	connection = calloc(1, sizeof(*connection));
	if (!connection) {
		fail(player->error, "out of memory for connections");
		return NULL;
	}
	player->connections[player->connection_count++] = connection;
	snprintf(connection->name, sizeof(connection->name), "%s", name);
	connection->number = player->connection_count;
	return connection;
}

struct connection *play_connection(struct player *player, const struct step *step)
{
	for (size_t i = player->connection_count; *step->on && i-- > 0;)
		if (strcmp(player->connections[i]->name, step->on) == 0)
			return player->connections[i];
	return player->current;
}

/* The last one keeps the step's name. */
static int reach(struct player *player, const struct step *step)
{
	/* Where the file expects the subject elsewhere, only the wire shows when the peer has finished. */
	bool witnessed = step->checks.state == STATE_UNKNOWN || step->checks.state == step->state;
	size_t lines = player->play->line_count;

	for (unsigned i = 1; i <= step->times; i++) {
		struct connection *connection = play_add_connection(player, i == step->times ? step->on : "");

		if (!connection)
			return -1;
		player->current = connection;
		if (play_reach(player, connection, step, NULL, witnessed) < 0)
			return -1;
	}
	if (step->times > 1)
		play_trim_lines(player, lines, 6, 6);
	return 0;
}

static int set_sysctl(struct player *player, const struct step *step)
{
	char text[SYSCTL_NAME_SIZE + SYSCTL_VALUE_SIZE + 2];

	if (lab_sysctl_set(player->setup->lab, step->sysctl.name, step->sysctl.value, player->error) < 0)
		return play_trouble(player, "%s", player->error->text);
	snprintf(text, sizeof(text), "%s=%s", step->sysctl.name, step->sysctl.value);
	conditions_add(&player->conditions, text, player->connection_count > 0, NULL);
	return play_remark(player, "sysctl %s", text);
}

/* A wait that a person notices is shown. */
static int wait_shown(struct player *player, uint64_t wait_ns, const char *what)
{
	const struct play_setup *setup = player->setup;
	uint64_t begun_ns = play_now(player), now_ns;

	while ((now_ns = play_now(player)) < begun_ns + wait_ns) {
		uint64_t next_ns = now_ns + NSEC_PER_SEC;

		if (play_wait(player, next_ns < begun_ns + wait_ns ? next_ns : begun_ns + wait_ns) < 0)
			return -1;
		if (setup->progress)
			setup->progress(setup->progress_context, what, play_now(player) - begun_ns, wait_ns);
	}
	return 0;
}

static int wait_step(struct player *player, const struct step *step)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_format(UNIT_TIME, (double)step->wait_ns, text, sizeof(text));
	if (step->client_wait && player->setup->fast)
		return play_remark(player, "a real client would wait %s here; --fast does not", text);
	if (play_remark(player, "wait %s%s%s%s", text, step->note ? " (" : "", step->note ? step->note : "",
			step->note ? ")" : "") < 0)
		return -1;
	return wait_shown(player, step->wait_ns, "waiting");
}

/* How long to wait before the state is asked for again. While it would be too early, seldom: that it was is as certain
 * later, if it is seen before the time has come. */
static uint64_t pause_until(const struct step *step, uint64_t took_ns)
{
	uint64_t pause_ns = step->wait_ns / 1000 > WATCH_PAUSE ? step->wait_ns / 1000 : WATCH_PAUSE;
	double least_ns = step->checks.took.said ? step->checks.took.low : 0;
	double left_ns = least_ns - (double)(took_ns + pause_ns), early_ns = least_ns / EARLY_LOOKS;

	if (left_ns <= (double)pause_ns || early_ns <= (double)pause_ns)
		return pause_ns;
	return (uint64_t)(left_ns < early_ns ? left_ns : early_ns);
}

static int until(struct player *player, const struct step *step)
{
	const struct play_setup *setup = player->setup;
	struct connection *connection = play_connection(player, step);
	uint64_t begun_ns = connection->reached_ns ? connection->reached_ns : play_now(player);
	uint64_t took_ns = play_now(player) - begun_ns;
	struct sighting sighting;

	do {
		if (play_wait(player, play_now(player) + pause_until(step, took_ns)) < 0 ||
		    play_ask_witness(player, connection, &sighting) < 0)
			return -1;
		took_ns = play_now(player) - begun_ns;
		if (setup->progress)
			setup->progress(setup->progress_context, state_name(step->state), took_ns, step->wait_ns);
	} while (sighting.state != step->state && took_ns < step->wait_ns);
	findings_check_field(&player->result->findings, "state", state_name(step->state),
			     state_name(sighting.state) ? state_name(sighting.state) : "unknown");
	if (step->checks.took.said)
		findings_check_range(&player->result->findings, "time since the state was reached", &step->checks.took,
				     (double)took_ns);
	quantity_format(UNIT_TIME, (double)took_ns, player->result->observed, sizeof(player->result->observed));
	return play_remark(player, "%s after %s", state_name(sighting.state), player->result->observed);
}

static int act(struct player *player, const struct step *step)
{
	switch (step->kind) {
	case STEP_REACH:
		return reach(player, step);
	case STEP_SEND:
		return play_send(player, step);
	case STEP_REPLY:
		return play_reply(player, step);
	case STEP_HEAR:
		return play_hear(player, step);
	case STEP_PROCESS:
		return play_process(player, step);
	case STEP_WAIT:
		return wait_step(player, step);
	case STEP_UNTIL:
		return until(player, step);
	case STEP_SYSCTL:
		return set_sysctl(player, step);
	case STEP_CELLS:
		return play_cells(player, step);
	case STEP_MEASURE:
		return play_measure(player, step);
	case STEP_CLIENT:
		return play_client(player, step);
	case STEP_KIND_COUNT:
		break;
	}
	return 0;
}

static int play_step(struct player *player, const struct step *step)
{
	int64_t counters[STEP_COUNTERS_MAX] = { 0 };

	player->result->played = true;
	if (play_read_counters(player, step, counters, false) < 0 || act(player, step) < 0)
		return -1;
	return play_check_after(player, step) < 0 || play_read_counters(player, step, counters, true) < 0 ? -1 : 0;
}

static int begin_part(struct player *player, const struct part *part)
{
	const struct transport *transport = player->setup->transport;
	const char *path = player->setup->path;
	struct health health;
	struct line *line;

	memset(&player->conditions, 0, sizeof(player->conditions));
	if (player->setup->lab && lab_sysctls_reset(player->setup->lab, player->error) < 0)
		return -1;
	if (play_rebase(player) < 0 || transport->health(transport->self, &health, player->error) < 0)
		return -1;
	player->dropped = health.dropped;
	player->went_down = health.went_down;
	line = play_add_line(player, LINE_PART, NULL);
	if (!line)
		return -1;
	snprintf(line->text, sizeof(line->text), "%s%s%.60s%s", part->title ? part->title : "", part->title && path ? ", " : "",
		 path ? path : "", path ? " between" : "");
	return 0;
}

static int end_part(struct player *player)
{
	player->step = NULL;
	play_client_close(player);
	if (player->setup->lab && lab_sysctls_reset(player->setup->lab, player->error) < 0)
		return -1;
	return play_tear_down(player);
}

static int play_part(struct player *player, const struct part *part)
{
	int result = begin_part(player, part), ended;

	for (size_t i = 0; i < part->step_count && result == 0; i++) {
		player->step = &part->steps[i];
		result = play_step(player, player->step);
		player->result++;
	}
	ended = end_part(player);
	return result < 0 ? result : ended;
}

/* `need`: a name, or NAME=VALUE, which is tried; each part begins with the defaults again. */
static bool has_sysctl(char *need, struct lab *lab, char *why, size_t size)
{
	char *wanted = strchr(need, '='), value[SYSCTL_VALUE_SIZE];
	struct error ignored;

	if (wanted)
		*wanted++ = '\0';
	if (lab_sysctl_get(lab, need, value, &ignored) < 0)
		snprintf(why, size, "this kernel has no %s", need);
	else if (wanted && lab_sysctl_set(lab, need, wanted, &ignored) < 0)
		snprintf(why, size, "this kernel refuses %s=%s", need, wanted);
	return !*why;
}

static void why_no_sysctl(const struct part *part, struct lab *lab, char *why, size_t size)
{
	char needs[sizeof(part->needs_sysctl)], *rest = needs;

	snprintf(needs, sizeof(needs), "%s", part->needs_sysctl);
	for (char *need; (need = strsep(&rest, " ")) && has_sysctl(need, lab, why, size);)
		;
}

/* "" when the part can be played here. */
static void why_left_out(const struct part *part, const struct play_setup *setup, char *why, size_t size)
{
	unsigned lacks = scenario_part_needs(part) & ~setup->has;
	char needs[160];

	why[0] = '\0';
	if (setup->refused)
		snprintf(why, size, "%s", setup->refused);
	else if (lacks)
		snprintf(why, size, "needs %s", scenario_needs_format(lacks, needs, sizeof(needs)));
	else if (part->slow && !setup->slow)
		snprintf(why, size, "waits for timers of the kernel; --slow plays it");
	else if (part->hours && !setup->virtual_time)
		snprintf(why, size, "takes hours of the kernel's timers; it is played where time is virtual (--engine=uml)");
	else if (*part->needs_sysctl)
		why_no_sysctl(part, setup->lab, why, size);
}

static void leave_out(struct player *player, const struct part *part, const char *why)
{
	for (size_t i = 0; i < part->step_count; i++)
		(player->result++)->left_out = why;
}

static int play_parts(struct player *player)
{
	const struct scenario *scenario = player->scenario;
	const struct play_setup *first = player->setup;
	struct play *play = player->play;

	player->result = play->steps;
	for (player->part = 0; player->part < scenario->part_count; player->part++) {
		const struct part *part = &scenario->parts[player->part];
		const struct play_setup *setup = play_setup_for(first, part);
		char *why = play->parts_left_out[player->part];

		player->setup = setup ? setup : first;
		if (setup)
			why_left_out(part, setup, why, sizeof(play->parts_left_out[0]));
		else
			snprintf(why, sizeof(play->parts_left_out[0]), "needs the path %.60s, in a lab", part->path);
		if (*why)
			leave_out(player, part, why);
		else if (play_part(player, part) < 0)
			return -1;
	}
	return 0;
}

static void differ(struct play *play, const struct step *step, size_t number, const struct finding *finding)
{
	const char *path = play->steps[number - 1].path;
	struct textbuf out;
	char text[160];

	play->verdict = VERDICT_DIFFERS;
	play->differing = number;
	textbuf_init(&out, play->reason, sizeof(play->reason));
	textbuf_add(&out, "step %zu (%s; line %d): %.100s: expected %.60s, observed %.60s%s%s", number,
		    scenario_step_format(step, text, sizeof(text)), step->line, finding->name, finding->expected,
		    finding->observed, *path ? ": " : "", path);
}

/* The first finding that does not hold. */
static bool find_difference(const struct scenario *scenario, struct play *play)
{
	const struct step_result *result = play->steps;

	for (size_t i = 0; i < scenario->part_count; i++) {
		for (size_t j = 0; j < scenario->parts[i].step_count; j++, result++) {
			size_t k = 0;

			while (k < result->findings.count && result->findings.list[k].holds)
				k++;
			if (k == result->findings.count)
				continue;
			differ(play, &scenario->parts[i].steps[j], (size_t)(result - play->steps) + 1,
			       &result->findings.list[k]);
			return true;
		}
	}
	return false;
}

/* Nothing failed and nothing went wrong: was anything looked at? */
static void judge_rest(struct play *play)
{
	bool played = false, lost = false;
	size_t checks = play->cell_count;
	unsigned left_out = 0;
	char needs[200];

	for (size_t i = 0; i < play->step_count; i++) {
		played |= play->steps[i].played;
		lost |= play->steps[i].findings.lost;
		checks += play->steps[i].findings.count;
		left_out |= play->steps[i].findings.left_out;
	}
	play->verdict = !played ? VERDICT_SKIPPED : lost || (!checks && left_out) ? VERDICT_INCONCLUSIVE : VERDICT_AGREES;
	if (!played)
		snprintf(play->reason, sizeof(play->reason), "%s", play->parts_left_out[0]);
	else if (lost)
		snprintf(play->reason, sizeof(play->reason), "out of memory: findings are missing");
	else if (play->verdict == VERDICT_INCONCLUSIVE)
		snprintf(play->reason, sizeof(play->reason), "none of its checks could be made: they need %s",
			 scenario_needs_format(left_out, needs, sizeof(needs)));
}

/* What was seen to differ does so whatever could not be played afterwards. */
static void judge(const struct scenario *scenario, struct play *play, bool troubled)
{
	if (play->interrupted || find_difference(scenario, play))
		return;
	if (!troubled)
		judge_rest(play);
}

static int prepare(const struct scenario *scenario, struct play *play, struct error *error)
{
	memset(play, 0, sizeof(*play));
	for (size_t i = 0; i < scenario->part_count; i++)
		play->step_count += scenario->parts[i].step_count;
	play->part_count = scenario->part_count;
	play->steps = calloc(play->step_count, sizeof(*play->steps));
	play->parts_left_out = calloc(play->part_count, sizeof(*play->parts_left_out));
	return play->steps && play->parts_left_out ? 0 : fail(error, "out of memory");
}

static int play_once(struct player *player)
{
	struct play *play = player->play;
	int result;

	player->troubled = false;
	play->kernel = player->setup->kernel;
	play->begun_ns = play_now(player);
	result = play_parts(player);
	play->ended_ns = play_now(player);
	play_forget_connections(player);
	if (result < 0 && !player->troubled)
		return -1;
	judge(player->scenario, play, result < 0);
	return 0;
}

int play_scenario(const struct scenario *scenario, const struct play_setup *setup, struct play *play, struct error *error)
{
	struct player player = { .scenario = scenario, .setup = setup, .play = play, .error = error };
	int result = 0;

	memset(play, 0, sizeof(*play));
	for (unsigned tries = 1; tries <= scenario->tries && result == 0; tries++) {
		if (tries > 1)
			play_free(play);
		if (prepare(scenario, play, error) < 0)
			return -1;
		/* A capture keeps one scenario's tuples apart, so the numbers go on from try to try. */
		player.sequence = tries * 100000;
		play->tries = tries;
		result = play_once(&player);
		if (play->verdict != VERDICT_DIFFERS || play->interrupted)
			break;
	}
	free(player.connections);
	return result;
}

void play_free(struct play *play)
{
	for (size_t i = 0; play->steps && i < play->step_count; i++)
		findings_free(&play->steps[i].findings);
	free(play->steps);
	free(play->parts_left_out);
	free(play->lines);
	free(play->cells);
	memset(play, 0, sizeof(*play));
}
