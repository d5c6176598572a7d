/* play_client.c - steps with a client of the kernel's own: a real server or a crafted one, and what they say to each other. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crafter/acceptor.h"
#include "crafter/seq.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/play/play_internal.h"

enum {
	FIRST_PORT = 40000,    /* of the first part's clients; each part has its own */
	SERVER_PORT = 8890,    /* the server that reads, answers and closes */
	CRAFTED_PORT = 8891,   /* the crafted server of the first part's, */
	CRAFTED_SOURCE = 199,  /* at the last of the lab's addresses that belong to nobody */
};

#define CLIENT_PATIENCE (8 * NSEC_PER_SEC)
#define POLL_PAUSE (1 * NSEC_PER_MSEC)
#define QUIET (20 * NSEC_PER_MSEC)

static const char *word_of(const struct segment *segment, char buffer[static FLAGS_TEXT_SIZE])
{
	if (segment->flags & FLAG_RST)
		return "RST";
	if (segment->flags & FLAG_SYN)
		return segment->flags & FLAG_ACK ? "SYN-ACK" : "SYN";
	return segment_flags_format(segment->flags, buffer);
}

/* "SYN, ACK, RST, SYN after 8.1 ms, SYN-ACK": the opening, up to the SYN-ACK. */
static void tell(struct client_watch *watch, const struct segment *segment, uint64_t time_ns)
{
	char flags[FLAGS_TEXT_SIZE], after[QUANTITY_TEXT_SIZE] = "";
	const char *word = word_of(segment, flags);

	if (strcmp(word, "A") == 0)
		word = "ACK";
	if (strcmp(word, "SYN") == 0 && watch->syns > 1)
		quantity_format(UNIT_TIME, (double)(time_ns - watch->syn_ns), after, sizeof(after));
	textbuf_item(&watch->telling, ", ", "%s%s%s", word, *after ? " after " : "", after);
}

static bool opening_is_over(const struct client_watch *watch)
{
	return watch->answered && strstr(watch->story, "SYN-ACK");
}

static void answer_crafted(struct player *player, const struct segment *segment, uint64_t time_ns)
{
	const struct transport *transport = player->setup->transport;
	struct client_watch *watch = &player->client;
	const struct end *server = &watch->connection->conversation.target;
	struct segment answer;

	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		watch->server_iss += 100000;
	/* What cannot be sent is not seen, and the client's connect() fails. */
	if (acceptor_answer(server, segment, watch->server_iss, (uint32_t)(time_ns / NSEC_PER_MSEC), &answer))
		transport->send(transport->self, &answer, player->error);
}

void play_client_heard(struct player *player, const struct connection *connection, const struct segment *segment,
		       bool ours, uint64_t time_ns)
{
	struct client_watch *watch = &player->client;

	if (connection != watch->connection)
		return;
	if (ours && (segment->flags & FLAG_SYN) && watch->syns++ == 0) {
		watch->syn_ns = time_ns;
		watch->syn_seq = segment->seq;
	}
	if (!opening_is_over(watch))
		tell(watch, segment, time_ns);
	if (ours && segment_has_option(segment, OPTION_TIMESTAMPS))
		watch->tsval = segment->tsval;
	if (!ours && !watch->answered) {
		watch->answered = true;
		watch->answer = *segment;
		watch->answer.payload = NULL;
	}
	if (ours && watch->crafted_server)
		answer_crafted(player, segment, time_ns);
}

/* Where this step's client connects from and to. */
static void choose_ends(const struct player *player, const struct step *step, struct kernel_client_options *options)
{
	uint8_t family = player->setup->target.address.family;

	memset(options, 0, sizeof(*options));
	options->target = player->setup->target;
	options->source.address = options->target.address;
	options->source.port = step->any_port ? 0 : player->client.port;
	options->bound_to_lo = step->bound_to_lo;
	options->keeps_address = !step->reuses_address;
	if (step->client == CLIENT_REUSE) {
		options->target.address = lab_source(family, CRAFTED_SOURCE);
		options->target.port = (uint16_t)(player->client.port - FIRST_PORT + CRAFTED_PORT);
		options->closes_first = true;
	} else if (step->client == CLIENT_CURL) {
		options->target.port = SERVER_PORT;
	}
}

/* The part's connection on these ends, or a new one. */
static struct connection *connection_of(struct player *player, const struct tuple *tuple, bool crafted_server)
{
	struct connection *connection;

	for (size_t i = 0; i < player->connection_count; i++)
		if (tuple_equal(&player->connections[i]->conversation.tuple, tuple))
			return player->connections[i];
	connection = play_add_connection(player, "");
	if (!connection)
		return NULL;
	connection->server_crafted = crafted_server;
	conversation_init(&connection->conversation, tuple, STATE_CLOSED, STATE_LISTEN);
	return connection;
}

static int open_end(struct player *player)
{
	enum { PORTS = 4096 };
	static unsigned opened; /* in this process */
	struct client_watch *watch = &player->client;

	if (watch->end)
		return 0;
	watch->end = kernel_end_open(player->error);
	/* The lab is gone with us, but another play in it, of this scenario or the next, must not meet this one's TIME_WAIT, at
	 * neither end: where the kernel chooses the client's port, it may be the same again. */
	watch->port = (uint16_t)(FIRST_PORT + opened++ % PORTS);
	player->sequence++;
	watch->server_iss = 1000000;
	return watch->end ? 0 : -1;
}

/* curl where there is one; else our own client, which sends the same. */
static int start(struct player *player, const struct step *step, struct kernel_client_options *options,
		 struct tuple *tuple)
{
	struct kernel_end *end = player->client.end;

	tuple->source = options->source;
	tuple->target = options->target;
	if (step->client == CLIENT_CURL) {
		struct endpoint server = options->target;

		if (kernel_end_listen(end, &server, player->error) < 0)
			return -1;
		if (kernel_end_curl(end, options, player->error))
			return play_remark(player, "curl --local-port %u, to a server that reads a request, answers and "
					   "closes first", options->source.port);
		options->says_get = true;
		if (play_remark(player, "%s, so our own client connects from port %u", player->error->text,
				options->source.port) < 0)
			return -1;
	}
	return kernel_end_connect(end, options, tuple, player->error);
}

/* Nothing more comes: the client has no connection left, or there never was one. */
static bool all_was_said(const struct client_watch *watch)
{
	enum state client = watch->connection->conversation.source.state;

	if (!watch->syns)
		return kernel_end_errno(watch->end) == EADDRNOTAVAIL || kernel_end_errno(watch->end) == EADDRINUSE;
	return client == STATE_TIME_WAIT || client == STATE_CLOSED;
}

static int pump(struct player *player)
{
	struct client_watch *watch = &player->client;
	uint64_t deadline_ns = play_now(player) + CLIENT_PATIENCE, quiet_ns;
	size_t lines;

	while (kernel_end_poll(watch->end) != KERNEL_OVER) {
		if (play_now(player) > deadline_ns)
			return play_trouble(player, "the client had not finished after 8 s");
		if (play_turn(player, play_now(player) + POLL_PAUSE) < 0)
			return -1;
	}
	/* The last segments, and the sockets' last states. A step that follows is not kept waiting for what cannot come. */
	quiet_ns = play_now(player) + QUIET;
	do {
		lines = player->play->line_count;
		if (play_turn(player, all_was_said(watch) ? play_now(player) : quiet_ns) < 0)
			return -1;
		if (player->play->line_count > lines)
			quiet_ns = play_now(player) + QUIET;
	} while (!all_was_said(watch) && play_now(player) < quiet_ns);
	return 0;
}

static const char *result_word(int number)
{
	return number == 0 ? "connected" : number == EADDRNOTAVAIL ? "EADDRNOTAVAIL" : number == EADDRINUSE ? "EADDRINUSE" :
	       number == ECONNREFUSED ? "ECONNREFUSED" : number == ETIMEDOUT ? "ETIMEDOUT" : strerror(number);
}

static const char *observed_isn(const struct client_watch *watch)
{
	struct segment syn = { .seq = watch->syn_seq };

	if (!watch->syns)
		return "no SYN";
	if (watch->crafted_server)
		return oracle_isn_name(verdict_isn(&syn, watch->client_nxt));
	if (!watch->answered)
		return "no answer";
	if (verdict_answer(&watch->answer) != ANSWER_SYN_ACK)
		return "no SYN-ACK";
	return oracle_isn_name(verdict_isn(&watch->answer, watch->server_nxt));
}

/* The successor's ISN: the SYN's where the client held TIME_WAIT, the SYN-ACK's where the server did. The rule book's is
 * that of a SYN which TIME_WAIT takes. */
static void check_isn(struct player *player, const struct checks *checks)
{
	struct findings *findings = &player->result->findings;
	struct expectation expectation = { .isn = checks->isn };
	struct cell_question question;
	struct cell reopens;

	cell_default(&reopens);
	cell_to_question(&reopens, &player->setup->kernel, NULL, &question);
	if (checks->isn_by_book && !play_ask_book(player, &question, &expectation))
		findings->left_out |= NEED_KERNEL;
	else
		findings_check_field(findings, "ISN", oracle_isn_name(expectation.isn), observed_isn(&player->client));
}

static void judge_client(struct player *player, const struct step *step)
{
	const struct client_watch *watch = &player->client;
	const struct checks *checks = &step->checks;
	struct findings *findings = &player->result->findings;
	const char *result = result_word(kernel_end_errno(watch->end));
	enum answer answer = watch->answered ? verdict_answer(&watch->answer) : ANSWER_SILENCE;

	if (*checks->client)
		findings_check_field(findings, "result of connect()", checks->client, result);
	if (checks->answer != ANSWER_OPEN)
		findings_check_field(findings, "first answer", oracle_answer_name(checks->answer),
				     watch->syns ? oracle_answer_name(answer) : "no SYN was sent");
	if (checks->isn != ISN_NONE || checks->isn_by_book)
		check_isn(player, checks);
	snprintf(player->result->observed, sizeof(player->result->observed), "%s", watch->syns ? watch->story : result);
	if (!watch->syns)
		play_remark(player, "%s failed with %s, and nothing is sent",
			    kernel_end_errno(watch->end) == EADDRINUSE ? "bind()" : "connect()", result);
}

static int connect_once(struct player *player, const struct step *step)
{
	struct client_watch *watch = &player->client;
	struct kernel_client_options options;
	struct tuple tuple;

	if (open_end(player) < 0)
		return -1;
	choose_ends(player, step, &options);
	watch->crafted_server = step->client == CLIENT_REUSE;
	watch->syns = 0;
	watch->answered = false;
	textbuf_init(&watch->telling, watch->story, sizeof(watch->story));
	if (start(player, step, &options, &tuple) < 0)
		return player->troubled ? -1 : play_trouble(player, "%s", player->error->text);
	watch->connection = connection_of(player, &tuple, watch->crafted_server);
	if (!watch->connection)
		return -1;
	watch->connection->client_unseen = options.bound_to_lo;
	watch->client_nxt = watch->connection->conversation.source.snd_nxt;
	watch->server_nxt = watch->connection->conversation.target.snd_nxt;
	player->current = watch->connection;
	return pump(player);
}

static int set_timestamps(struct player *player, const char *value)
{
	if (lab_sysctl_set(player->setup->lab, "tcp_timestamps", value, player->error) < 0)
		return play_trouble(player, "%s", player->error->text);
	return play_remark(player, "sysctl tcp_timestamps=%s (TSval is the kernel's milliseconds%s)", value,
			   *value == '2' ? "" : " plus a random offset for the two addresses");
}

/* A real client's clock cannot be set back, but its offset can be taken away: with tcp_timestamps=2 TSval is the kernel's
 * millisecond clock itself (tcp_clock_ms), with 1 a random offset is added (secure_tcp_ts_off). One of the two changes goes
 * back; where it is the second, one more connection is needed first. */
static int set_clock_back(struct player *player, const struct step *step)
{
	struct timespec now;
	uint32_t plain;

	if (!player->client.connection)
		return play_trouble(player, "clock-back needs a connection before it");
	clock_gettime(CLOCK_MONOTONIC, &now);
	plain = (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NSEC_PER_MSEC);
	if (set_timestamps(player, "2") < 0)
		return -1;
	if (seq_before(plain, player->client.tsval))
		return 0;
	return connect_once(player, step) < 0 ? -1 : set_timestamps(player, "1");
}

/* A server that is restarted finds its port in TIME_WAIT where it has closed first. */
static int serve_again(struct player *player, const struct step *step)
{
	struct findings *findings = &player->result->findings;
	struct endpoint server = player->setup->target;
	const char *result;
	int number;

	if (open_end(player) < 0)
		return -1;
	server.port = SERVER_PORT;
	if (kernel_end_listen_again(player->client.end, &server, step->reuses_address, &number, player->error) < 0)
		return play_trouble(player, "%s", player->error->text);
	result = number ? result_word(number) : "listening";
	if (*step->checks.client)
		findings_check_field(findings, "result of bind() and listen()", step->checks.client, result);
	snprintf(player->result->observed, sizeof(player->result->observed), "%s", result);
	return 0;
}

int play_client(struct player *player, const struct step *step)
{
	if (step->client == CLIENT_SERVER)
		return serve_again(player, step);
	if (step->clock_back && set_clock_back(player, step) < 0)
		return -1;
	if (connect_once(player, step) < 0)
		return -1;
	judge_client(player, step);
	return play_rebase(player);
}

void play_client_close(struct player *player)
{
	kernel_end_close(player->client.end);
	memset(&player->client, 0, sizeof(player->client));
}
