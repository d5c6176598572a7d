/* play_measure.c - what a scenario measures: the clock of initial sequence numbers, the life of TIME_WAIT. */
#include <math.h>
#include <stdio.h>

#include "crafter/clock.h"
#include "crafter/seq.h"
#include "crafter/units.h"
#include "harness/play/play_internal.h"

/* A SYN is "below" while its ISN lies in the half of the circle behind rcv_nxt: that begins half a circle after the old
 * connection's numbers, and ends a circle after. */

/* Least squares over (time, number); the numbers are 32 bit wide and go on counting around the circle. */
struct fit {
	double count, sum_x, sum_y, sum_xx, sum_xy;
	double last_y;
	uint32_t last_isn;
	uint64_t first_ns, last_ns;
};

static void fit_add(struct fit *fit, uint64_t time_ns, uint32_t isn)
{
	double x, y;

	/* Only what lies closer together than half a circle (137 s) is known to be so many ticks apart. */
	if (fit->count == 0 || fabs((double)(int64_t)(time_ns - fit->last_ns)) > (double)SEQ_HALF * 60)
		*fit = (struct fit){ .first_ns = time_ns, .last_isn = isn };
	y = fit->last_y + (double)seq_diff(isn, fit->last_isn);
	x = (double)(int64_t)(time_ns - fit->first_ns);
	fit->last_ns = time_ns;
	fit->last_y = y;
	fit->last_isn = isn;
	fit->count++;
	fit->sum_x += x;
	fit->sum_y += y;
	fit->sum_xx += x * x;
	fit->sum_xy += x * y;
}

/* Nanoseconds a tick. */
static double fit_tick(const struct fit *fit)
{
	double ticks_per_ns = (fit->count * fit->sum_xy - fit->sum_x * fit->sum_y) /
			      (fit->count * fit->sum_xx - fit->sum_x * fit->sum_x);

	return 1 / ticks_per_ns;
}

/* secure_tcp_seq counts on the kernel's wall clock (ktime_get_real_ns), which may be set while we measure: where that clock is
 * ours as well, times are told by it. How far it is ahead, or 0. */
static uint64_t wall_ahead(const struct player *player)
{
	return player->setup->has & NEED_COUNTERS ? clock_wall() - clock_now() : 0;
}

/* A sample during which the clock was set counts for nothing. */
static bool was_set(uint64_t before_ns, uint64_t after_ns)
{
	return before_ns + NSEC_PER_MSEC / 2 - after_ns > NSEC_PER_MSEC;
}

static int sample_isn(struct player *player, struct connection *connection, const struct tuple *tuple, struct fit *fit)
{
	const struct transport *transport = player->setup->transport;
	struct step syn_recv = { .kind = STEP_REACH, .state = STATE_SYN_RECV, .timestamps = true };
	struct peer_event cancel = { .kind = PEER_CANCEL };
	struct peer_actions actions;
	uint64_t ahead_ns = wall_ahead(player);

	if (play_reach(player, connection, &syn_recv, tuple, false) < 0)
		return -1;
	if (!was_set(ahead_ns, wall_ahead(player)))
		fit_add(fit, connection->peer.syn_ack_ns + ahead_ns, connection->peer.crafted.irs);
	cancel.now_ns = play_now(player);
	peer_step(&connection->peer, &cancel, &actions);
	for (uint8_t i = 0; i < actions.send_count; i++)
		if (transport->send(transport->self, &actions.send[i], player->error) < 0)
			return -1;
	return 0;
}

static int conclude_isn_clock(struct player *player, const struct step *step, const struct fit *fit, uint64_t begun_ns)
{
	double tick_ns = fit_tick(fit);
	double below_s = (double)SEQ_HALF * tick_ns / 1e9;

	if (step->checks.took.said)
		findings_check_range(&player->result->findings, "time a tick", &step->checks.took, tick_ns);
	snprintf(player->result->observed, sizeof(player->result->observed), "one each %.2f ns (%.3f million a second), "
		 "so 2^31 take %.1f s and 2^32 take %.1f s", tick_ns, 1e3 / tick_ns, below_s, 2 * below_s);
	return play_remark(player, "%.0f fresh connections on one tuple over %.2f s: the ISN grows by %s", fit->count,
			   (double)(play_now(player) - begun_ns) / 1e9, player->result->observed);
}

static int measure_isn_clock(struct player *player, const struct step *step)
{
	struct connection *connection = play_add_connection(player, step->on);
	uint64_t begun_ns = play_now(player);
	size_t lines = player->play->line_count;
	struct fit fit = { .count = 0 };
	struct tuple tuple;

	if (!connection)
		return -1;
	player->current = connection;
	for (unsigned i = 0; i < step->samples; i++) {
		if (play_wait(player, begun_ns + i * step->wait_ns) < 0 ||
		    sample_isn(player, connection, i ? &tuple : NULL, &fit) < 0)
			return -1;
		tuple = connection->conversation.tuple;
		if (player->setup->progress)
			player->setup->progress(player->setup->progress_context, "isn-clock",
						play_now(player) - begun_ns,
						step->samples * step->wait_ns);
	}
	play_trim_lines(player, lines, 6, 3);
	if (fit.count < 3)
		return play_trouble(player, "the clock was set so often that nothing could be measured");
	return conclude_isn_clock(player, step, &fit, begun_ns);
}

/* Below the window, with the timestamp that it knows already (a newer one would make it a new connection): TIME_WAIT
 * answers with an ACK and its timer runs on (tcp_timewait_state_process reschedules for ACKs and for what PAWS rejects);
 * a listener answers with a SYN-ACK. */
static const struct stimulus harmless = {
	.kind = KIND_SYN,
	.seq = { .form = OFFSET_BELOW, .value = -OFFSET_DEFAULT },
	.ts = { .form = OFFSET_NUMBER, .value = 0 },
};
static const struct stimulus rejected = {
	.kind = KIND_SYN,
	.seq = { .form = OFFSET_BELOW, .value = -OFFSET_DEFAULT },
	.ts = { .form = OFFSET_BELOW, .value = -OFFSET_DEFAULT },
};

static int ask_once(struct player *player, struct connection *connection, const struct stimulus *stimulus)
{
	struct segment segment;

	stimulus_segment(stimulus, &connection->peer.baseline, &connection->conversation.tuple, &segment);
	return play_exchange(player, connection, &segment, 1, player->setup->rules.answer_ns, false);
}

struct lifetime {
	uint64_t begun_ns, alive_ns, gone_ns; /* reached; last seen alive; first seen gone */
	bool disturbed;
};

static int watch_time_wait(struct player *player, const struct step *step, struct connection *connection,
			   struct lifetime *life)
{
	const uint64_t longest_ns = 200 * NSEC_PER_SEC;
	uint64_t next_ns = life->begun_ns;

	while (!life->gone_ns) {
		bool disturb = step->disturb_ns && !life->disturbed && play_now(player) - life->begun_ns >= step->disturb_ns;

		next_ns += step->wait_ns;
		if (play_wait(player, next_ns) < 0 || ask_once(player, connection, disturb ? &rejected : &harmless) < 0)
			return -1;
		life->disturbed |= disturb;
		if (connection->has_heard && verdict_answer(&connection->heard) == ANSWER_SYN_ACK)
			life->gone_ns = player->listening.first_ns;
		else if (connection->has_heard)
			life->alive_ns = player->listening.first_ns;
		if (play_now(player) - life->begun_ns > longest_ns)
			return play_trouble(player, "TIME_WAIT was still there after 200 s");
		if (player->setup->progress)
			player->setup->progress(player->setup->progress_context, "time-wait",
						play_now(player) - life->begun_ns, 61 * NSEC_PER_SEC + step->disturb_ns);
	}
	return 0;
}

static int measure_lifetime(struct player *player, const struct step *step)
{
	struct step time_wait = { .kind = STEP_REACH, .state = STATE_TIME_WAIT, .timestamps = true };
	struct connection *connection = play_add_connection(player, step->on);
	struct lifetime life = { 0 };
	size_t lines;
	double low_s, high_s;

	if (!connection)
		return -1;
	player->current = connection;
	if (play_reach(player, connection, &time_wait, NULL, true) < 0)
		return -1;
	life.begun_ns = connection->reached_ns;
	lines = player->play->line_count;
	if (watch_time_wait(player, step, connection, &life) < 0)
		return -1;
	play_trim_lines(player, lines, 4, 4);
	if (!life.alive_ns)
		return play_trouble(player, "TIME_WAIT never answered, so its duration is unknown");
	low_s = (double)(life.alive_ns - life.begun_ns) / 1e9;
	high_s = (double)(life.gone_ns - life.begun_ns) / 1e9;
	if (step->checks.took.said)
		findings_check_range(&player->result->findings, "life of TIME_WAIT", &step->checks.took,
				     (low_s + high_s) / 2 * 1e9);
	snprintf(player->result->observed, sizeof(player->result->observed), "between %.1f s and %.1f s", low_s, high_s);
	return play_remark(player, "probed every %.1f s: TIME_WAIT was there at %.1f s and gone at %.1f s%s",
			   (double)step->wait_ns / 1e9, low_s, high_s,
			   step->disturb_ns ? "; a SYN that PAWS rejects was sent in between" : "");
}

int play_measure(struct player *player, const struct step *step)
{
	return step->measure == MEASURE_ISN_CLOCK ? measure_isn_clock(player, step) : measure_lifetime(player, step);
}
