/* play.c - the parts of a scenario and their steps, in order; what each must have led to. */
#include "harness/play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/play_internal.h"

/* A process, and the kernel's own softirq, may need a moment to bring a socket to where it must be. */
#define STATE_PATIENCE (200 * MS)
#define STATE_PAUSE (2 * MS)
#define WATCH_PAUSE (20 * MS)

int player_trouble(struct player *player, const char *format, ...)
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

struct connection *player_open(struct player *player, const char *name)
{
	struct connection *connection;

	if (player->connection_count == PART_CONNECTIONS_MAX) {
		player_trouble(player, "at most %d connections in one part", PART_CONNECTIONS_MAX);
		return NULL;
	}
	connection = &player->connections[player->connection_count++];
	memset(connection, 0, sizeof(*connection));
	snprintf(connection->name, sizeof(connection->name), "%s", name);
	connection->number = player->connection_count;
	return connection;
}

struct connection *player_connection(struct player *player, const struct step *step)
{
	for (size_t i = player->connection_count; *step->on && i-- > 0;)
		if (strcmp(player->connections[i].name, step->on) == 0)
			return &player->connections[i];
	return player->current;
}

static int reach(struct player *player, const struct step *step)
{
	struct connection *connection = player_open(player, step->on);
	/* Where the file expects the subject elsewhere, only the wire says when the peer is through. */
	bool witnessed = step->checks.state == STATE_UNKNOWN || step->checks.state == step->state;

	if (!connection)
		return -1;
	player->current = connection;
	return player_reach(player, connection, step, NULL, witnessed);
}

static int set_sysctl(struct player *player, const struct step *step)
{
	char text[SYSCTL_NAME_SIZE + SYSCTL_VALUE_SIZE + 2];

	if (lab_sysctl_set(player->stage->lab, step->sysctl.name, step->sysctl.value, player->error) < 0)
		return player_trouble(player, "%s", player->error->text);
	snprintf(text, sizeof(text), "%s=%s", step->sysctl.name, step->sysctl.value);
	conditions_add(&player->conditions, text, player->connection_count > 0, NULL);
	return player_remark(player, "sysctl %s", text);
}

/* A wait that a person notices is shown. */
static int wait_shown(struct player *player, uint64_t wait_ns, const char *what)
{
	const struct stage *stage = player->stage;
	uint64_t begun_ns = player_now(player), now_ns;

	while ((now_ns = player_now(player)) < begun_ns + wait_ns) {
		uint64_t next_ns = now_ns + SEC / 5;

		if (player_wait(player, next_ns < begun_ns + wait_ns ? next_ns : begun_ns + wait_ns) < 0)
			return -1;
		if (stage->progress)
			stage->progress(stage->progress_context, what, player_now(player) - begun_ns, wait_ns);
	}
	return 0;
}

static int wait_step(struct player *player, const struct step *step)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_format(UNIT_TIME, (double)step->wait_ns, text, sizeof(text));
	if (step->client_wait && player->stage->fast)
		return player_remark(player, "a real client would wait %s here; --fast does not", text);
	if (player_remark(player, "wait %s%s%s%s", text, step->note ? " (" : "", step->note ? step->note : "",
			  step->note ? ")" : "") < 0)
		return -1;
	return wait_shown(player, step->wait_ns, "waiting");
}

static int until(struct player *player, const struct step *step)
{
	const struct stage *stage = player->stage;
	struct connection *connection = player_connection(player, step);
	uint64_t begun_ns = connection->reached_ns ? connection->reached_ns : player_now(player);
	struct sighting sighting;
	uint64_t took_ns;

	do {
		if (player_wait(player, player_now(player) + WATCH_PAUSE) < 0 ||
		    player_ask(player, connection, &sighting) < 0)
			return -1;
		took_ns = player_now(player) - begun_ns;
		if (stage->progress)
			stage->progress(stage->progress_context, state_name(step->state), took_ns, step->wait_ns);
	} while (sighting.state != step->state && took_ns < step->wait_ns);
	check_field(&player->result->findings, "state", state_name(step->state),
		    state_name(sighting.state) ? state_name(sighting.state) : "unknown");
	if (step->checks.took.said)
		check_range(&player->result->findings, "time since the state was reached", &step->checks.took,
			    (double)took_ns);
	quantity_format(UNIT_TIME, (double)took_ns, player->result->observed, sizeof(player->result->observed));
	return player_remark(player, "%s after %s", state_name(sighting.state), player->result->observed);
}

static int act(struct player *player, const struct step *step)
{
	switch (step->kind) {
	case STEP_REACH:
		return reach(player, step);
	case STEP_SEND:
		return player_send(player, step);
	case STEP_REPLY:
		return player_reply(player, step);
	case STEP_WAIT:
		return wait_step(player, step);
	case STEP_UNTIL:
		return until(player, step);
	case STEP_SYSCTL:
		return set_sysctl(player, step);
	case STEP_CELLS:
		return player_cells(player, step);
	case STEP_MEASURE:
		return player_measure(player, step);
	case STEP_CLIENT:
		return player_client(player, step);
	case STEP_KIND_COUNT:
		break;
	}
	return 0;
}

/* The witness's word, asked until it is what it must be or the patience is over. */
static int see_socket(struct player *player, const struct step *step, struct sighting *sighting)
{
	struct connection *connection = player_connection(player, step);
	uint64_t begun_ns = player_now(player);

	for (;;) {
		if (player_ask(player, connection, sighting) < 0)
			return -1;
		if (step->checks.state == STATE_UNKNOWN || sighting->state == step->checks.state ||
		    player_now(player) - begun_ns >= STATE_PATIENCE)
			return 0;
		if (player_wait(player, player_now(player) + STATE_PAUSE) < 0)
			return -1;
	}
}

static int check_socket(struct player *player, const struct step *step)
{
	const struct checks *checks = &step->checks;
	struct findings *findings = &player->result->findings;
	struct sighting sighting;

	if (see_socket(player, step, &sighting) < 0)
		return -1;
	if (checks->state != STATE_UNKNOWN)
		check_field(findings, "state", state_name(checks->state),
			    state_name(sighting.state) ? state_name(sighting.state) : "unknown");
	if (checks->expires.said)
		check_range(findings, "the socket's timer", &checks->expires, (double)sighting.expires_ms * 1e6);
	if (checks->recv_queue.said)
		check_range(findings, "the socket's Recv-Q", &checks->recv_queue, sighting.recv_queue);
	if (checks->send_queue.said)
		check_range(findings, "the socket's Send-Q", &checks->send_queue, sighting.send_queue);
	if (checks->expires.said)
		player_remark(player, "the socket's timer: %.1f s left", sighting.expires_ms / 1e3);
	return 0;
}

static int check_listener(struct player *player, const struct step *step)
{
	const struct connection *connection = player_connection(player, step);
	struct sighting sighting;

	if (witness_ask_listener(player->stage->witness, &connection->peer.tuple.target, &sighting, player->error) < 0)
		return -1;
	check_range(&player->result->findings, "the listener's Recv-Q", &step->checks.listener_queue,
		    sighting.recv_queue);
	return player_remark(player, "the listener's Recv-Q is %u, its limit %u", sighting.recv_queue,
			     sighting.send_queue);
}

static int check_after(struct player *player, const struct step *step)
{
	const struct checks *checks = &step->checks;
	unsigned needs = checks_need(checks);

	player->result->findings.left_out |= needs & ~player->stage->has;
	if (!(player->stage->has & NEED_WITNESS))
		return 0;
	if ((checks->state != STATE_UNKNOWN || checks->expires.said || checks->recv_queue.said ||
	     checks->send_queue.said) && check_socket(player, step) < 0)
		return -1;
	return checks->listener_queue.said ? check_listener(player, step) : 0;
}

/* Reads the step's counters into `values`; from the second time on, what they grew by. */
static int read_counters(struct player *player, const struct step *step, int64_t values[STEP_COUNTERS_MAX], bool after)
{
	struct counters *counters = player->stage->counters;

	if (!step->checks.counter_count || !counters)
		return 0;
	if (counters_read(counters, player->error) < 0)
		return -1;
	for (uint8_t i = 0; i < step->checks.counter_count; i++) {
		const struct counter_check *check = &step->checks.counters[i];
		int64_t value = counters_get(counters, check->name);

		values[i] = after ? value - values[i] : value;
		if (!after)
			continue;
		check_range(&player->result->findings, check->name, &check->by, (double)values[i]);
		if (player_remark(player, "%s %+lld", check->name, (long long)values[i]) < 0)
			return -1;
	}
	return 0;
}

static int play_step(struct player *player, const struct step *step)
{
	int64_t counters[STEP_COUNTERS_MAX] = { 0 };

	player->result->played = true;
	if (read_counters(player, step, counters, false) < 0 || act(player, step) < 0)
		return -1;
	return check_after(player, step) < 0 || read_counters(player, step, counters, true) < 0 ? -1 : 0;
}

static int begin_part(struct player *player, const struct part *part)
{
	const struct transport *transport = player->stage->transport;
	struct health health;
	struct line *line;

	memset(&player->conditions, 0, sizeof(player->conditions));
	if (player->stage->lab && lab_sysctls_reset(player->stage->lab, player->error) < 0)
		return -1;
	if (player_rebase(player) < 0 || transport->health(transport->self, &health, player->error) < 0)
		return -1;
	player->dropped = health.dropped;
	player->went_down = health.went_down;
	line = player_line(player, LINE_PART, NULL);
	if (!line)
		return -1;
	snprintf(line->text, sizeof(line->text), "%s", part->title ? part->title : "");
	return 0;
}

static int end_part(struct player *player)
{
	player->step = NULL;
	player_client_close(player);
	if (player->stage->lab && lab_sysctls_reset(player->stage->lab, player->error) < 0)
		return -1;
	return player_tear_down(player);
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

/* "" when the part can be played here. */
static void why_left_out(const struct part *part, const struct stage *stage, char *why, size_t size)
{
	unsigned lacks = part_needs(part) & ~stage->has;
	char needs[160], value[SYSCTL_VALUE_SIZE];
	struct error ignored;

	why[0] = '\0';
	if (lacks)
		snprintf(why, size, "needs %s", needs_format(lacks, needs, sizeof(needs)));
	else if (part->slow && !stage->slow)
		snprintf(why, size, "waits for timers of the kernel; --slow plays it");
	else if (*part->needs_sysctl && lab_sysctl_get(stage->lab, part->needs_sysctl, value, &ignored) < 0)
		snprintf(why, size, "this kernel has no %s", part->needs_sysctl);
}

static void leave_out(struct player *player, const struct part *part, const char *why)
{
	for (size_t i = 0; i < part->step_count; i++)
		(player->result++)->left_out = why;
}

static int play_parts(struct player *player)
{
	const struct scenario *scenario = player->scenario;
	struct play *play = player->play;

	player->result = play->steps;
	for (player->part = 0; player->part < scenario->part_count; player->part++) {
		const struct part *part = &scenario->parts[player->part];
		char *why = play->parts_left_out[player->part];

		why_left_out(part, player->stage, why, sizeof(play->parts_left_out[0]));
		if (*why)
			leave_out(player, part, why);
		else if (play_part(player, part) < 0)
			return -1;
	}
	return 0;
}

static void differ(struct play *play, const struct step *step, size_t number, const struct finding *finding)
{
	char text[160];

	play->verdict = VERDICT_DIFFERS;
	play->differing = number;
	snprintf(play->reason, sizeof(play->reason), "step %zu (%s; line %d): %s: expected %s, observed %s", number,
		 step_format(step, text, sizeof(text)), step->line, finding->name, finding->expected, finding->observed);
}

/* The first finding that does not hold is what the verdict says. */
static void judge(const struct scenario *scenario, struct play *play)
{
	const struct step_result *result = play->steps;
	bool played = false;

	for (size_t i = 0; i < scenario->part_count; i++) {
		for (size_t j = 0; j < scenario->parts[i].step_count; j++, result++) {
			size_t k = 0;

			played |= result->played;
			while (k < result->findings.count && result->findings.list[k].holds)
				k++;
			if (k == result->findings.count)
				continue;
			differ(play, &scenario->parts[i].steps[j], (size_t)(result - play->steps) + 1,
			       &result->findings.list[k]);
			return;
		}
	}
	play->verdict = played ? VERDICT_AGREES : VERDICT_SKIPPED;
	snprintf(play->reason, sizeof(play->reason), "%s", played ? "" : play->parts_left_out[0]);
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

int play_scenario(const struct scenario *scenario, const struct stage *stage, struct play *play, struct error *error)
{
	struct player player = { .scenario = scenario, .stage = stage, .play = play, .error = error };
	int result = 0;

	play->steps = NULL;
	for (unsigned tries = 1; tries <= scenario->tries; tries++) {
		if (tries > 1)
			play_free(play);
		if (prepare(scenario, play, error) < 0)
			return -1;
		/* A capture keeps one scenario's tuples apart, so the numbers go on from try to try. */
		player.sequence = tries * 1000;
		play->tries = tries;
		play->begun_ns = stage->transport->now(stage->transport->self);
		player.troubled = false;
		result = play_parts(&player);
		play->ended_ns = stage->transport->now(stage->transport->self);
		if (result < 0)
			break;
		judge(scenario, play);
		if (play->verdict != VERDICT_DIFFERS)
			break;
	}
	return result < 0 && player.troubled ? 0 : result;
}

void play_free(struct play *play)
{
	free(play->steps);
	free(play->parts_left_out);
	free(play->lines);
	free(play->cells);
	memset(play, 0, sizeof(*play));
}
