/* play_reach.c - a connection's peer at work: into the state, and away at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/limits.h"
#include "crafter/random.h"
#include "crafter/units.h"
#include "harness/play/play_internal.h"

static void step_peer(struct player *player, struct connection *connection, const struct peer_event *event)
{
	const struct transport *transport = player->setup->transport;
	struct peer_actions actions;

	peer_step(&connection->peer, event, &actions);
	/* A segment that cannot be queued is not seen either: the set-up then fails in words. */
	for (uint8_t i = 0; i < actions.send_count; i++)
		transport->send(transport->self, &actions.send[i], player->error);
	/* What it does not do is not seen either. */
	if (actions.call && transport->call)
		transport->call(transport->self, &connection->peer.pair, connection->peer.plan->behaviour, player->error);
	connection->asking |= actions.ask_witness;
	connection->ready |= actions.ready;
	connection->done |= actions.done;
}

void play_heard(struct player *player, struct connection *connection, const struct segment *segment, bool ours,
		uint64_t time_ns)
{
	struct peer_event event = {
		.kind = ours ? PEER_SEEN : PEER_HEARD, .now_ns = time_ns, .segment = segment,
	};

	if (!connection->ready && !connection->done)
		step_peer(player, connection, &event);
}

void play_noticed(struct player *player, struct connection *connection, const struct notice *notice, uint64_t time_ns)
{
	struct peer_event event = { .kind = PEER_NOTICED, .now_ns = time_ns, .notice = notice };

	if (!connection->ready && !connection->done)
		step_peer(player, connection, &event);
}

static int testify(struct player *player, struct connection *connection)
{
	struct peer_event event = { .kind = PEER_TESTIMONY, .now_ns = play_now(player) };
	struct sighting sighting;

	connection->asking = false;
	if (play_ask_witness(player, connection, &sighting) < 0)
		return -1;
	event.state = sighting.state;
	step_peer(player, connection, &event);
	return 0;
}

static int drive(struct player *player, struct connection *connection)
{
	const struct transport *transport = player->setup->transport;
	struct peer_event event = { .kind = PEER_DEADLINE };

	while (!connection->ready && !connection->done) {
		if (transport->flush(transport->self, NULL, NULL, player->error) < 0)
			return -1;
		if (connection->asking) {
			if (testify(player, connection) < 0)
				return -1;
			continue;
		}
		if (play_turn(player, peer_expiry(&connection->peer)) < 0)
			return -1;
		event.now_ns = player->upto_ns;
		if (event.now_ns >= peer_expiry(&connection->peer) && !connection->asking && !connection->ready &&
		    !connection->done)
			step_peer(player, connection, &event);
	}
	return transport->flush(transport->self, NULL, NULL, player->error);
}

static int fill_task(struct player *player, const struct step *step, const struct tuple *tuple,
		     struct peer_task *task)
{
	const struct play_setup *setup = player->setup;
	const struct transport *transport = setup->transport;
	uint64_t number = random_mix(setup->seed ^ random_mix(++player->sequence));

	memset(task, 0, sizeof(*task));
	task->state = step->state;
	task->offers_timestamps = step->timestamps;
	task->iss = (uint32_t)number;
	/* As in a run of cells: far from both ends, so that "zero" lies below and no small offset wraps. */
	task->ts_clock = (UINT32_C(1) << 24) + (uint32_t)(number >> 32) % ((UINT32_C(1) << 31) - (UINT32_C(1) << 25));
	if (tuple) {
		task->pair = pair_of_target(tuple);
		return 0;
	}
	task->plan = state_plan_by(step->state, step->opening);
	task->pair.subject = setup->target;
	if (scenario_connects(step))
		task->pair.subject.port = LAB_PORT_CALLS;
	else if (step->never_accept)
		task->pair.subject.port = LAB_PORT_NEVER;
	return transport->take(transport->self, setup->target.address.family, &task->pair.crafted, player->error);
}

int play_reach(struct player *player, struct connection *connection, const struct step *step,
	       const struct tuple *tuple, bool witnessed)
{
	struct peer_event event = { .kind = PEER_START, .now_ns = play_now(player) };
	struct peer_task task;
	struct tuple ends;
	char text[256];

	if (fill_task(player, step, tuple, &task) < 0)
		return -1;
	connection->rules = player->setup->rules;
	if (!witnessed)
		connection->rules.witness = false;
	connection->ours = true;
	connection->ready = connection->done = connection->asking = false;
	peer_init(&connection->peer, &connection->rules, &task);
	ends = pair_to_subject(&task.pair);
	connection->calls = scenario_connects(step);
	conversation_init(&connection->conversation, &ends, connection->calls ? STATE_LISTEN : STATE_CLOSED,
			  connection->calls ? STATE_CLOSED : STATE_LISTEN);
	connection->reaching = true;
	step_peer(player, connection, &event);
	if (drive(player, connection) < 0)
		return -1;
	player->play->resent += connection->peer.resent;
	connection->reaching = false;
	connection->fresh = true;
	connection->reached_ns = connection->peer.reached_ns;
	if (connection->done)
		return play_trouble(player, "%s", peer_trouble_text(&connection->peer, text, sizeof(text)));
	/* Segments do not show whether the process holds the descriptor, nor that its kernel keeps no TIME_WAIT sockets. */
	connection->conversation.target.state =
		limits_leave_nothing(task.state, &player->conditions, &player->setup->kernel) ? STATE_CLOSED : task.state;
	/* Its answers to our last segment are heard too. */
	if (play_wait(player, play_now(player) + (player->setup->has & NEED_WITNESS ? NSEC_PER_MSEC : 20 * NSEC_PER_MSEC)) < 0)
		return -1;
	connection->unasked.count = 0;
	return 0;
}

/* What only connects is ended by nothing but the acknowledgment of its SYN. */
static int reset(struct player *player, const struct connection *connection, uint32_t seq)
{
	const struct transport *transport = player->setup->transport;
	const struct baseline *base = &connection->peer.baseline;
	struct segment segment = { .tuple = connection->conversation.tuple, .ttl = 64, .flags = FLAG_RST, .seq = seq };

	if (base->syn_sent) {
		segment.flags |= FLAG_ACK;
		segment.ack = base->snd_nxt;
	}
	return transport->send(transport->self, &segment, player->error);
}

void play_forget_connections(struct player *player)
{
	for (size_t i = 0; i < player->connection_count; i++)
		free(player->connections[i]);
	player->connection_count = 0;
	player->current = NULL;
	player->listening.connection = NULL;
}

int play_tear_down(struct player *player)
{
	const struct transport *transport = player->setup->transport;

	for (size_t i = 0; i < player->connection_count; i++) {
		const struct connection *connection = player->connections[i];
		uint32_t expected = connection->peer.baseline.rcv_nxt;

		if (!connection->ours)
			continue;
		if (reset(player, connection, expected) < 0)
			return -1;
		if (connection->has_heard && (connection->heard.flags & FLAG_ACK) && connection->heard.ack != expected &&
		    reset(player, connection, connection->heard.ack) < 0)
			return -1;
		transport->give_back(transport->self, &connection->conversation.tuple.source);
	}
	play_forget_connections(player);
	return transport->flush(transport->self, NULL, NULL, player->error);
}
