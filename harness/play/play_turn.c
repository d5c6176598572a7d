/* play_turn.c - time goes by: what is queued is sent, what is heard becomes a line of the ladder, the witness is asked. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/play/play_internal.h"

enum { LINES_MAX = 200000 };

/* Between two looks at the counters. */
#define BALANCE_PAUSE (4 * NSEC_PER_MSEC)

/* This cannot be distinguished from a person working on the same machine. */
#define LATE (5 * NSEC_PER_MSEC)

uint64_t play_now(const struct player *player)
{
	return player->setup->transport->now(player->setup->transport->self);
}

static int no_room(struct player *player)
{
	return fail(player->error, "out of memory for the ladder");
}

struct line *play_add_line(struct player *player, enum line_kind kind, const struct connection *connection)
{
	struct play *play = player->play;
	struct line *line;

	if (play->line_count == play->line_room) {
		size_t more = play->line_room ? 2 * play->line_room : 64;
		struct line *lines = more <= LINES_MAX ? realloc(play->lines, more * sizeof(*lines)) : NULL;

		if (!lines) {
			no_room(player);
			return NULL;
		}
		play->lines = lines;
		play->line_room = more;
	}
	line = &play->lines[play->line_count++];
	memset(line, 0, sizeof(*line));
	line->kind = kind;
	line->part = player->part;
	line->time_ns = play_now(player);
	line->connection = connection ? connection->number : 0;
	return line;
}

int play_remark(struct player *player, const char *format, ...)
{
	struct line *line = play_add_line(player, LINE_REMARK, NULL);
	va_list arguments;

	if (!line)
		return -1;
	va_start(arguments, format);
	vsnprintf(line->text, sizeof(line->text), format, arguments);
	va_end(arguments);
	return 0;
}

void play_trim_lines(struct player *player, size_t from, size_t head, size_t tail)
{
	struct play *play = player->play;
	size_t lines = play->line_count - from;

	if (lines <= head + tail + 1)
		return;
	memmove(&play->lines[from + head + 1], &play->lines[play->line_count - tail], tail * sizeof(play->lines[0]));
	play->lines[from + head].kind = LINE_REMARK;
	snprintf(play->lines[from + head].text, LINE_TEXT_SIZE, "... and %zu lines like these", lines - head - tail);
	play->line_count = from + head + 1 + tail;
}

static struct connection *find(struct player *player, const struct tuple *tuple, bool *ours)
{
	struct tuple reversed = tuple_reversed(tuple);

	for (size_t i = player->connection_count; i-- > 0;) {
		struct connection *connection = player->connections[i];

		*ours = tuple_equal(&connection->conversation.tuple, tuple);
		if (*ours || tuple_equal(&connection->conversation.tuple, &reversed))
			return connection;
	}
	return NULL;
}

/* The first SYN and SYN-ACK of a tuple: all the ladder's numbers count from there. */
static void note_isns(struct connection *connection, const struct segment *segment, bool ours)
{
	if (!(segment->flags & FLAG_SYN) || (connection->has_isns && !(ours && connection->calls)))
		return;
	if (ours) {
		connection->client_isn = segment->seq;
	} else {
		connection->server_isn = segment->seq;
		connection->has_isns = true;
	}
}

static const char *note_of(const struct connection *connection, const struct segment *segment, bool ours,
			   uint64_t time_ns)
{
	if (ours || !connection->ours || connection->reaching)
		return "";
	return peer_is_repeat(&connection->peer, segment, time_ns) ? "its own retransmission" : "";
}

static int add_segment(struct player *player, struct connection *connection, const struct segment *segment, bool ours,
		       uint64_t time_ns)
{
	struct end *server = &connection->conversation.target;
	struct line *line = play_add_line(player, LINE_SEGMENT, connection);

	if (!line)
		return -1;
	note_isns(connection, segment, ours);
	/* A crafted server listens again as soon as it is through. */
	if (connection->server_crafted && server->state == STATE_CLOSED)
		server->state = STATE_LISTEN;
	conversation_pass(&connection->conversation, segment, time_ns);
	line->time_ns = time_ns;
	line->ours = ours;
	line->calls = connection->calls;
	line->segment = *segment;
	line->segment.payload = NULL;
	line->tuple = connection->conversation.tuple;
	line->reached = connection->ours && !connection->reaching;
	line->base = connection->peer.baseline;
	line->client_isn = connection->client_isn;
	line->server_isn = connection->server_isn;
	snprintf(line->client, sizeof(line->client), "%s", state_name(connection->conversation.source.state));
	if (connection->server_crafted)
		snprintf(line->server, sizeof(line->server), "%s", state_name(server->state));
	snprintf(line->text, sizeof(line->text), "%s", note_of(connection, segment, ours, time_ns));
	connection->last_line = player->play->line_count;
	return 0;
}

/* For a step that will ask what the server sends on its own account. */
static void keep_unasked(struct connection *connection, const struct segment *segment, uint64_t time_ns)
{
	struct unasked *unasked = &connection->unasked;

	if (unasked->count++ > 0)
		return;
	unasked->first = *segment;
	unasked->first.payload = NULL;
	unasked->first_ns = time_ns;
	unasked->before_ns = connection->last_ns;
}

/* Does the step that listens take it for an answer? Where nothing was sent, all that comes is what it listens for. */
static bool is_answer(const struct listening *listening, const struct connection *connection, const struct segment *segment,
		      uint64_t time_ns)
{
	if (listening->connection != connection)
		return false;
	return !listening->copies || (listening->seen && !peer_is_repeat(&connection->peer, segment, time_ns));
}

/* For the step that waits for an answer. */
static void listen_for_answer(struct player *player, struct connection *connection, const struct segment *segment,
			      bool ours, uint64_t time_ns)
{
	struct listening *listening = &player->listening;

	struct segment awaited = connection->sent;

	awaited.seq += listening->seen * listening->stride;
	if (ours && listening->connection == connection && listening->seen < listening->copies &&
	    segment_alike(segment, &awaited)) {
		listening->seen++;
		listening->seen_ns = time_ns;
	} else if (!ours && !is_answer(listening, connection, segment, time_ns)) {
		keep_unasked(connection, segment, time_ns);
	} else if (!ours && listening->answers++ == 0) {
		listening->first = *segment;
		listening->first.payload = NULL;
		listening->first_ns = time_ns;
		listening->before_ns = connection->last_ns;
	}
	connection->last_ns = time_ns;
}

/* What was heard about a connection but is not a valid segment of it. */
static void take_notice(struct player *player, struct connection *connection, const struct notice *notice,
			uint64_t time_ns)
{
	struct listening *listening = &player->listening;
	char text[NOTICE_TEXT_SIZE];

	player->stop |= play_remark(player, "%s", notice_text(notice, text, sizeof(text))) < 0;
	if (connection->reaching)
		play_noticed(player, connection, notice, time_ns);
	if (listening->connection != connection || (listening->copies && !listening->seen) || listening->noticed)
		return;
	listening->noticed = true;
	listening->notice = *notice;
}

/* What comes late to us was on time on the wire; but what we do about it is late, and may differ for that. */
static void note_late(struct player *player, uint64_t due_ns)
{
	uint64_t now_ns = play_now(player), late_ns = now_ns > due_ns ? now_ns - due_ns : 0;

	if (late_ns > LATE && late_ns > player->play->late_ns)
		player->play->late_ns = late_ns;
	if (late_ns > player->listening.late_ns)
		player->listening.late_ns = late_ns;
}

static void take(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct player *player = context;
	bool ours;
	struct connection *connection = find(player, &segment->tuple, &ours);

	if (!connection)
		return;
	note_late(player, time_ns);
	/* What a step made so is seen all the same. */
	if (notice && ours && connection->has_sent && segment_is_unsound(&connection->sent) &&
	    segment_alike(&notice->segment, &connection->sent)) {
		segment = &notice->segment;
		notice = NULL;
	}
	if (notice) {
		if (!ours) /* our own segment, unsound: nobody sends such */
			take_notice(player, connection, notice, time_ns);
		return;
	}
	if (add_segment(player, connection, segment, ours, time_ns) < 0)
		player->stop = true;
	listen_for_answer(player, connection, segment, ours, time_ns);
	if (connection->reaching)
		play_heard(player, connection, segment, ours, time_ns);
	if (!connection->ours)
		play_client_heard(player, connection, segment, ours, time_ns);
}

int play_ask_witness(struct player *player, const struct connection *connection, struct sighting *sighting)
{
	struct pair server = pair_of_target(&connection->conversation.tuple);

	server = wire_behind(player->setup->wire, &server);
	return witness_ask(player->setup->witness, &server, sighting, player->error);
}

static int ask_end(struct player *player, struct pair pair, char text[static LINE_STATE_SIZE], enum state *seen)
{
	struct sighting sighting;

	pair = wire_behind(player->setup->wire, &pair);
	if (witness_ask(player->setup->witness, &pair, &sighting, player->error) < 0)
		return -1;
	*seen = sighting.state;
	if (state_name(sighting.state))
		snprintf(text, LINE_STATE_SIZE, "%s", state_name(sighting.state));
	return 0;
}

/* What the witness sees of the subject overrules what its segments say, where that kernel's rules are not the RFC's: with
 * tcp_rfc1337 a reset does not end TIME_WAIT. */
static int ask_subject(struct player *player, struct connection *connection, char text[static LINE_STATE_SIZE])
{
	struct end *subject = &connection->conversation.target;
	enum state seen;

	if (ask_end(player, pair_of_target(&connection->conversation.tuple), text, &seen) < 0)
		return -1;
	if (connection->ours && seen != STATE_UNKNOWN && (seen != STATE_CLOSED || subject->state != STATE_LISTEN))
		subject->state = seen;
	return 0;
}

/* What the last segment of each connection left its sockets in. Asked before anything else is sent. */
static int ask_states(struct player *player)
{
	for (size_t i = 0; i < player->connection_count; i++) {
		struct connection *connection = player->connections[i];
		struct line *line;
		enum state client;

		if (!connection->last_line)
			continue;
		line = &player->play->lines[connection->last_line - 1];
		connection->last_line = 0;
		if (!player->setup->witness)
			continue;
		if (!connection->server_crafted && ask_subject(player, connection, line->server) < 0)
			return -1;
		if (!connection->ours && !connection->client_unseen &&
		    ask_end(player, pair_of_source(&connection->conversation.tuple), line->client, &client) < 0)
			return -1;
	}
	return 0;
}

/* The number of frames, or -1. */
static int receive(struct player *player)
{
	const struct transport *transport = player->setup->transport;
	int count = transport->receive(transport->self, take, player, &player->upto_ns, player->error);

	if (count < 0 || player->stop) /* no room for a line */
		return -1;
	return ask_states(player) < 0 ? -1 : count;
}

int play_turn(struct player *player, uint64_t deadline_ns)
{
	const struct transport *transport = player->setup->transport;
	int count = receive(player), waited;
	uint64_t due_ns;

	if (count < 0 || transport->flush(transport->self, NULL, NULL, player->error) < 0)
		return -1;
	if (player->client.end)
		kernel_end_poll(player->client.end);
	/* What was heard may be what the caller waits for. */
	if (count > 0)
		return 0;
	due_ns = deadline_ns > play_now(player) ? deadline_ns : UINT64_MAX;
	waited = transport->wait(transport->self, deadline_ns == UINT64_MAX ? 0 : deadline_ns, player->error);
	if (waited > 0) {
		player->play->interrupted = true;
		return play_trouble(player, "interrupted");
	}
	note_late(player, due_ns);
	return waited < 0 || receive(player) < 0 ? -1 : 0;
}

int play_wait(struct player *player, uint64_t deadline_ns)
{
	while (play_now(player) < deadline_ns)
		if (play_turn(player, deadline_ns) < 0)
			return -1;
	return 0;
}

int play_rebase(struct player *player)
{
	int count;

	do
		count = receive(player);
	while (count > 0);
	if (count < 0)
		return -1;
	return player->setup->wire ? wire_rebase(player->setup->wire, player->error) : 0;
}

int play_prove_silence(struct player *player)
{
	const struct transport *transport = player->setup->transport;
	uint64_t begun_ns = play_now(player);
	struct health health;

	for (;;) {
		if (transport->health(transport->self, &health, player->error) < 0)
			return -1;
		if (health.dropped != player->dropped || health.went_down != player->went_down)
			return play_trouble(player, "%s, so silence proves nothing", health.dropped != player->dropped ?
					    "the capture dropped frames" : "the interface went down");
		if (health.balance == BALANCE_EVEN)
			return 0;
		if (health.balance == BALANCE_UNKNOWN) {
			player->play->weak = true;
			return 0;
		}
		if (play_now(player) - begun_ns > BALANCE_PATIENCE_NS)
			return play_trouble(player,
					    "segments were lost between us and the subject's TCP, so silence proves "
					    "nothing");
		if (play_wait(player, play_now(player) + BALANCE_PAUSE) < 0)
			return -1;
	}
}
