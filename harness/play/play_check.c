/* play_check.c - what a step must have led to: the server's socket, its listener, its kernel's counters. */
#include "harness/play/play_internal.h"

#include "crafter/units.h"

/* A process, and the kernel's own softirq, may need a moment to bring a socket to where it must be. */
#define STATE_PATIENCE (200 * NSEC_PER_MSEC)
#define STATE_PAUSE (2 * NSEC_PER_MSEC)

/* The witness's word, asked until it is what it must be or the patience is over. */
static int see_socket(struct player *player, const struct step *step, struct sighting *sighting)
{
	struct connection *connection = play_connection(player, step);
	uint64_t begun_ns = play_now(player);

	for (;;) {
		if (play_ask_witness(player, connection, sighting) < 0)
			return -1;
		if (step->checks.state == STATE_UNKNOWN || sighting->state == step->checks.state ||
		    play_now(player) - begun_ns >= STATE_PATIENCE)
			return 0;
		if (play_wait(player, play_now(player) + STATE_PAUSE) < 0)
			return -1;
	}
}

/* A value of the socket; `missing` (NULL: nothing) names what does not exist. */
static void check_value(struct findings *findings, const char *name, const struct range *expected, double observed,
			const char *missing)
{
	char text[QUANTITY_TEXT_SIZE];

	if (!expected->said)
		return;
	if (missing)
		findings_fail(findings, name, quantity_range_format(expected, text, sizeof(text)), missing);
	else
		findings_check_range(findings, name, expected, observed);
}

static int check_socket(struct player *player, const struct step *step)
{
	const struct checks *checks = &step->checks;
	struct findings *findings = &player->result->findings;
	struct sighting sighting;
	const char *missing, *timer;

	if (see_socket(player, step, &sighting) < 0)
		return -1;
	missing = sighting.state == STATE_CLOSED ? "no socket" : NULL;
	timer = missing ? missing : sighting.timer ? NULL : "no timer";
	if (checks->state != STATE_UNKNOWN)
		findings_check_field(findings, "state", state_name(checks->state),
				     state_name(sighting.state) ? state_name(sighting.state) : "unknown");
	check_value(findings, "the socket's timer", &checks->expires, (double)sighting.expires_ms * 1e6, timer);
	check_value(findings, "the socket's Recv-Q", &checks->recv_queue, sighting.recv_queue, missing);
	check_value(findings, "the socket's Send-Q", &checks->send_queue, sighting.send_queue, missing);
	if (checks->expires.said && !timer)
		play_remark(player, "the socket's timer: %.1f s left", sighting.expires_ms / 1e3);
	return 0;
}

static int check_listener(struct player *player, const struct step *step)
{
	const struct connection *connection = play_connection(player, step);
	struct sighting sighting;
	struct error error;

	if (witness_ask_listener(player->setup->witness, &connection->conversation.tuple.target, &sighting, &error) < 0) {
		check_value(&player->result->findings, "the listener's Recv-Q", &step->checks.listener_queue, 0, error.text);
		return 0;
	}
	findings_check_range(&player->result->findings, "the listener's Recv-Q", &step->checks.listener_queue,
			     sighting.recv_queue);
	return play_remark(player, "the listener's Recv-Q is %u, its limit %u", sighting.recv_queue,
			   sighting.send_queue);
}

int play_check_after(struct player *player, const struct step *step)
{
	const struct checks *checks = &step->checks;
	unsigned needs = scenario_checks_need(checks);

	player->result->findings.left_out |= needs & ~player->setup->has;
	if (!(player->setup->has & NEED_WITNESS))
		return 0;
	if ((checks->state != STATE_UNKNOWN || checks->expires.said || checks->recv_queue.said ||
	     checks->send_queue.said) && check_socket(player, step) < 0)
		return -1;
	return checks->listener_queue.said ? check_listener(player, step) : 0;
}

int play_read_counters(struct player *player, const struct step *step, int64_t values[STEP_COUNTERS_MAX], bool after)
{
	struct counters *counters = player->setup->counters;

	if (!step->checks.counter_count || !counters)
		return 0;
	if (counters_read(counters, player->error) < 0)
		return -1;
	for (uint8_t i = 0; i < step->checks.counter_count; i++) {
		const struct counter_check *check = &step->checks.counters[i];
		int64_t value = counters_get(counters, check->name);

		/* Counters come and go with versions: one that does not exist has no value, not even 0. */
		if (!counters_has(counters, check->name)) {
			player->result->findings.left_out |= NEED_COUNTER;
			if (after && play_remark(player, "this kernel has no counter %s", check->name) < 0)
				return -1;
			continue;
		}
		values[i] = after ? value - values[i] : value;
		if (!after)
			continue;
		findings_check_range(&player->result->findings, check->name, &check->by, (double)values[i]);
		if (play_remark(player, "%s %+lld", check->name, (long long)values[i]) < 0)
			return -1;
	}
	return 0;
}
