/* play_send.c - a step's segment goes out, and what comes back. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/seq.h"
#include "crafter/units.h"
#include "harness/play/play_internal.h"

/* What the kernel may add to its answer at once. */
#define AFTERWARDS (2 * NSEC_PER_MSEC)
#define AFTERWARDS_FAR (20 * NSEC_PER_MSEC)

/* A wait is no longer than this where the time of an answer counts: whether this machine stood still is seen that often. */
#define HEARTBEAT (5 * NSEC_PER_MSEC)

static void begin_listening(struct player *player, struct connection *connection, unsigned copies)
{
	bool onward = copies > 1 && player->step && player->step->onward;

	player->listening = (struct listening){ .connection = connection, .copies = copies, .seen_ns = play_now(player),
						.stride = onward ? segment_length(&connection->sent) : 0 };
}

/* To the end, or to the first answer and what comes with it. */
static int await(struct player *player, uint64_t patience_ns, bool to_the_end)
{
	struct listening *listening = &player->listening;
	struct connection *connection = listening->connection;
	unsigned copies = listening->copies;
	uint64_t deadline_ns = listening->seen_ns + patience_ns;
	uint64_t after_ns = player->setup->has & NEED_WITNESS ? AFTERWARDS : AFTERWARDS_FAR;
	bool beats = player->step && player->step->checks.gap.said && !player->setup->virtual_time;
	char text[NOTICE_TEXT_SIZE];

	/* Over is what everything was heard of, however late we come to hear it. */
	player->upto_ns = 0;
	while (player->upto_ns < deadline_ns) {
		uint64_t beat_ns = play_now(player) + HEARTBEAT;

		if (play_turn(player, beats && beat_ns < deadline_ns ? beat_ns : deadline_ns) < 0)
			return -1;
		if (listening->seen == copies)
			deadline_ns = listening->seen_ns + patience_ns;
		if (listening->answers && !to_the_end && listening->first_ns + after_ns < deadline_ns)
			deadline_ns = listening->first_ns + after_ns;
	}
	listening->connection = NULL; /* what comes from now on is no answer to this */
	if (listening->seen == copies && listening->noticed && (!listening->answers || to_the_end))
		return play_trouble(player, "instead of an answer came: %s", notice_text(&listening->notice, text,
				    sizeof(text)));
	if (listening->seen < copies)
		return play_trouble(player, "the capture never saw the segment leave");
	connection->has_heard = listening->answers > 0;
	connection->heard = listening->first;
	return 0;
}

int play_exchange(struct player *player, struct connection *connection, const struct segment *segment,
		  unsigned copies, uint64_t patience_ns, bool to_the_end)
{
	const struct transport *transport = player->setup->transport;
	struct segment copy = *segment;

	connection->unasked.count = 0;
	connection->sent = *segment;
	connection->has_sent = true;
	connection->sent_ns = play_now(player);
	begin_listening(player, connection, copies);
	for (unsigned i = 0; i < copies; i++, copy.seq += player->listening.stride)
		if (transport->send(transport->self, &copy, player->error) < 0)
			return -1;
	return await(player, patience_ns, to_the_end);
}

/* SYN_SENT: our SYN, or SYN-ACK, was taken, and the numbers are those of a connection from now on. */
static void advance_from_syn_sent(struct connection *connection)
{
	struct baseline *baseline = &connection->peer.baseline;
	const struct segment *sent = &connection->sent, *heard = &connection->heard;

	if (!connection->has_heard || !(sent->flags & FLAG_SYN) || (heard->flags & FLAG_RST) || heard->ack != sent->seq + 1)
		return;
	baseline->syn_sent = false;
	baseline->rcv_nxt = heard->ack;
	baseline->timestamps &= segment_has_option(sent, OPTION_TIMESTAMPS);
	baseline->ts_recent = sent->tsval;
	baseline->ts_echo = heard->tsval;
}

/* Of several in a row the last acknowledgment counts. */
static void take_row(struct connection *connection, uint32_t stride)
{
	struct baseline *baseline = &connection->peer.baseline;
	const struct end *subject = &connection->conversation.target;

	if (end_knows(subject, END_RCV_NXT) && seq_diff(subject->rcv_nxt, baseline->rcv_nxt) >= (int32_t)stride)
		baseline->rcv_nxt = subject->rcv_nxt;
}

/* What was taken in order moves the numbers that the next offsets count from. */
static void advance(struct connection *connection, uint32_t stride)
{
	struct baseline *baseline = &connection->peer.baseline;
	const struct segment *sent = &connection->sent, *heard = &connection->heard;

	if (baseline->syn_sent) {
		advance_from_syn_sent(connection);
		return;
	}
	if (!connection->has_heard || (heard->flags & (FLAG_SYN | FLAG_RST)) || !(heard->flags & FLAG_ACK) ||
	    (sent->flags & FLAG_SYN))
		return;
	if (stride) {
		take_row(connection, stride);
	} else if (sent->seq == baseline->rcv_nxt && heard->ack == sent->seq + segment_length(sent)) {
		baseline->rcv_nxt = heard->ack;
		if (segment_has_option(sent, OPTION_TIMESTAMPS) && seq_after(sent->tsval, baseline->ts_recent))
			baseline->ts_recent = sent->tsval;
	}
	if (heard->seq == baseline->snd_nxt)
		baseline->snd_nxt += segment_length(heard);
	if (segment_has_option(heard, OPTION_TIMESTAMPS))
		baseline->ts_echo = heard->tsval;
}

static struct address cast_address(enum cast cast, uint8_t family)
{
	struct address address = { 0 };
	struct error error;

	address_parse(family == 6 ? "ff02::1" : cast == CAST_BROADCAST ? "255.255.255.255" : "224.0.0.1", &address, &error);
	return address;
}

/* With another tuple, and numbers that count from those of the first: another client behind the same address, whose port is
 * new; or addresses that are no host's. */
static struct connection *elsewhere(struct player *player, const struct step *step, const struct connection *first)
{
	const struct transport *transport = player->setup->transport;
	struct connection *connection = play_add_connection(player, "");
	struct tuple tuple = first->conversation.tuple;

	if (!connection)
		return NULL;
	connection->ours = true;
	connection->peer = first->peer;
	connection->peer.state = STATE_LISTEN;
	if (step->from)
		tuple.source.address = cast_address(step->from, tuple.source.address.family);
	if (step->to)
		tuple.target.address = cast_address(step->to, tuple.target.address.family);
	if (step->new_port &&
	    transport->take(transport->self, tuple.target.address.family, &tuple.source, player->error) < 0)
		return NULL;
	connection->peer.pair = pair_of_target(&tuple);
	conversation_init(&connection->conversation, &tuple, STATE_CLOSED, STATE_LISTEN);
	return connection;
}

/* A Linux client's retransmission is the same segment with the TSval of the moment. */
static void once_more(const struct player *player, const struct connection *connection, struct segment *segment)
{
	*segment = connection->sent;
	if (segment_has_option(segment, OPTION_TIMESTAMPS))
		segment->tsval += (uint32_t)((play_now(player) - connection->sent_ns) / NSEC_PER_MSEC);
}

static void build(const struct player *player, const struct step *step, const struct connection *connection,
		  struct segment *segment)
{
	if (step->again) {
		once_more(player, connection, segment);
		return;
	}
	stimulus_segment(&step->stimulus, &connection->peer.baseline, &connection->conversation.tuple, segment);
	sack_list_add(&step->sack, connection->peer.baseline.snd_nxt, segment);
	if (step->behaviour != BEHAVIOUR_COUNT)
		segment->window = (uint16_t)(BEHAVIOUR_WINDOW + (int)step->behaviour);
}

bool play_ask_book(const struct player *player, const struct cell_question *question, struct expectation *expectation)
{
	struct alternatives alternatives;

	oracle_ask_all(BOOK_LINUX, &question->subject, &question->segment, &question->surroundings,
		       &player->setup->kernel, &alternatives);
	*expectation = alternatives.list[0].expectation;
	for (uint8_t i = 1; i < alternatives.count; i++)
		if (alternatives.list[i].expectation.answer != expectation->answer ||
		    alternatives.list[i].expectation.isn != expectation->isn)
			return false;
	return true;
}

/* The segment, and the subject as all segments before it show it. */
static bool ask_about(const struct player *player, const struct connection *connection, const struct segment *segment,
		      struct expectation *expectation)
{
	struct cell_question question = { .subject = connection->conversation.target, .segment = *segment };

	cell_surroundings(question.subject.state, &player->conditions, &player->setup->kernel, &question.surroundings);
	question.surroundings.now_ns = play_now(player);
	return play_ask_book(player, &question, expectation);
}

/* What the linux book predicts for the first segment into a state. Later ones may run into limits that no segment shows. */
static void ask_book(struct player *player, const struct step *step, const struct connection *connection,
		     const struct segment *segment, struct checks *checks)
{
	struct findings *findings = &player->result->findings;
	bool asked = checks->answer_by_book || checks->isn_by_book, certain;
	struct expectation expectation;

	if (!connection->fresh || step->again || step->new_port) {
		if (asked)
			findings_fail(findings, "answer", "what the linux rule book predicts", "no prediction: something "
				      "was sent on the connection before");
		return;
	}
	certain = ask_about(player, connection, segment, &expectation);
	player->result->citation = expectation.citation;
	if (!asked)
		return;
	if (!certain)
		findings->left_out |= NEED_KERNEL;
	else if (expectation.answer == ANSWER_OPEN)
		findings_fail(findings, "answer", "what the linux rule book predicts", "it leaves this open");
	if (!certain)
		return;
	if (checks->answer_by_book)
		checks->answer = expectation.answer;
	checks->isn = expectation.answer == checks->answer ? expectation.isn : ISN_NONE;
}

/* How long it took, where that can be said. */
static int check_gap(struct player *player, const struct range *gap)
{
	const struct listening *listening = &player->listening;
	double took_ns = (double)(int64_t)(listening->first_ns - listening->before_ns);
	char text[2][QUANTITY_TEXT_SIZE];

	if (!listening->answers) {
		findings_fail(&player->result->findings, "time of the answer",
			      quantity_range_format(gap, text[0], sizeof(text[0])), "no answer");
		return 0;
	}
	if (!quantity_range_holds(gap, took_ns) && listening->late_ns > HEARTBEAT)
		return play_trouble(player, "the answer took %s, but this machine stood still for %s meanwhile",
				    quantity_format(UNIT_TIME, took_ns, text[0], sizeof(text[0])),
				    quantity_format(UNIT_TIME, (double)listening->late_ns, text[1], sizeof(text[1])));
	findings_check_range(&player->result->findings, "time of the answer", gap, took_ns);
	return 0;
}

static int check_heard(struct player *player, const struct checks *checks, const struct baseline *base)
{
	const struct listening *listening = &player->listening;

	findings_check_answer(&player->result->findings, checks, listening->answers ? &listening->first : NULL,
			      listening->answers, base);
	snprintf(player->result->observed, sizeof(player->result->observed), "%s",
		 oracle_answer_name(listening->answers ? verdict_answer(&listening->first) : ANSWER_SILENCE));
	return checks->gap.said ? check_gap(player, &checks->gap) : 0;
}

static int listen_and_check(struct player *player, const struct step *step, struct connection *connection,
			    struct segment *segment, const struct checks *checks)
{
	struct baseline base = connection->peer.baseline;
	bool to_the_end = checks->answers.said;
	/* Data may be acknowledged as late as TCP_DELACK_MAX (200 ms). */
	uint64_t patience_ns = player->setup->rules.answer_ns * (segment_length(segment) && !(segment->flags & FLAG_SYN) ?
							       3 : 1);
	bool counts = checks->answer != ANSWER_OPEN || checks->answers.said || step->kind == STEP_SEND;
	const struct listening *listening = &player->listening;

	/* Several at once must be over before the first of them may be answered again. */
	if (!counts)
		patience_ns = player->setup->has & NEED_WITNESS ? 5 * NSEC_PER_MSEC : 100 * NSEC_PER_MSEC;
	play_mark(player, segment);
	if (play_exchange(player, connection, segment, step->times, patience_ns, to_the_end) < 0)
		return -1;
	connection->fresh = false;
	if (counts && (!listening->answers || to_the_end) && play_prove_silence(player) < 0)
		return -1;
	advance(connection, listening->stride);
	if (check_heard(player, checks, &base) < 0)
		return -1;
	return play_look_behind(player, step, connection, segment, &base);
}

/* Counts from the server's last numbers: what it sends on its own account moves them. */
static void take_unasked(struct connection *connection)
{
	struct baseline *baseline = &connection->peer.baseline;
	const struct segment *heard = &connection->heard;

	if (!connection->has_heard || (heard->flags & (FLAG_SYN | FLAG_RST)) || heard->seq != baseline->snd_nxt)
		return;
	baseline->snd_nxt += segment_length(heard);
	if (segment_has_option(heard, OPTION_TIMESTAMPS))
		baseline->ts_echo = heard->tsval;
}

/* What the server sends without being asked by a segment, within the patience. What came since the last step that listened
 * is part of it. */
static int hear(struct player *player, const struct step *step, struct connection *connection, uint64_t patience_ns)
{
	struct listening *listening = &player->listening;
	const struct unasked *unasked = &connection->unasked;
	struct baseline base = connection->peer.baseline;

	begin_listening(player, connection, 0);
	if (unasked->count) {
		listening->answers = unasked->count;
		listening->first = unasked->first;
		listening->first_ns = unasked->first_ns;
		listening->before_ns = unasked->before_ns;
	}
	if (await(player, patience_ns, step->checks.answers.said) < 0)
		return -1;
	connection->unasked.count = 0;
	connection->fresh = false;
	connection->has_heard |= listening->answers > 0;
	if (listening->answers)
		connection->heard = listening->first;
	else if (play_prove_silence(player) < 0)
		return -1;
	take_unasked(connection);
	if (check_heard(player, &step->checks, &base) < 0)
		return -1;
	return play_look_behind(player, step, connection, NULL, &base);
}

int play_hear(struct player *player, const struct step *step)
{
	struct connection *connection = play_connection(player, step);

	player->current = connection;
	return hear(player, step, connection, step->wait_ns);
}

/* Is anything of an answer, or that there is none, checked? */
static bool asks_answer(const struct checks *checks)
{
	bool traits = false;

	for (enum trait_id id = 0; id < TRAIT_COUNT; id++)
		traits |= checks->traits[id].said;
	return traits || checks->answer != ANSWER_OPEN || checks->answers.said || checks->acks_said || checks->gap.said;
}

int play_process(struct player *player, const struct step *step)
{
	struct connection *connection = play_connection(player, step);
	struct pair pair = pair_of_target(&connection->conversation.tuple);
	uint64_t patience_ns = player->setup->rules.answer_ns;
	char text[160];

	player->current = connection;
	connection->unasked.count = 0;
	if (play_remark(player, "%s", scenario_step_format(step, text, sizeof(text))) < 0)
		return -1;
	/* Several deeds may follow each other at once. */
	if (!asks_answer(&step->checks))
		patience_ns = AFTERWARDS;
	pair = wire_behind(player->setup->wire, &pair);
	if (lab_deed(player->setup->lab, &pair, &step->deed, player->error) < 0)
		return play_trouble(player, "%s", player->error->text);
	return hear(player, step, connection, patience_ns);
}

/* What is crafted goes to a connection of ours, and what goes again must have gone before. */
static int may_send(struct player *player, const struct step *step, const struct connection *connection)
{
	if (!connection->ours)
		return play_trouble(player, "the connection is the kernel's own, not ours to send into");
	if (step->again && !connection->has_sent)
		return play_trouble(player, "nothing was sent on this connection yet");
	return 0;
}

int play_send(struct player *player, const struct step *step)
{
	struct connection *connection = play_connection(player, step);
	struct checks checks = step->checks;
	struct segment segment;

	if (may_send(player, step, connection) < 0)
		return -1;
	if (step->new_port || step->from || step->to) {
		connection = elsewhere(player, step, connection);
		if (!connection)
			return -1;
	}
	player->current = connection;
	build(player, step, connection, &segment);
	ask_book(player, step, connection, &segment, &checks);
	return listen_and_check(player, step, connection, &segment, &checks);
}

/* What RFC 9293 has a client say to the answer of its SYN: ACK to a SYN-ACK that acknowledges the SYN (3.10.7.3, fourth),
 * to any other ACK a reset with the number that this acknowledged (first). */
static int build_reply(struct player *player, const struct step *step, struct connection *connection,
		       struct segment *segment)
{
	const struct segment *heard = &connection->heard, *syn = &connection->sent;

	if (!connection->has_heard || !(heard->flags & FLAG_ACK))
		return play_trouble(player, "there is no answer with an acknowledgment to reply to");
	memset(segment, 0, sizeof(*segment));
	segment->tuple = connection->conversation.tuple;
	segment->ttl = SEGMENT_TTL;
	segment->seq = heard->ack;
	segment->flags = FLAG_RST;
	if (step->reset)
		return 0;
	/* Data in the SYN is taken by TCP Fast Open only (RFC 7413 4.2). */
	if (!(heard->flags & FLAG_SYN) || (heard->ack != syn->seq + 1 && heard->ack != syn->seq + segment_length(syn)))
		return play_trouble(player,
				    "the answer is not a SYN-ACK to our SYN, so there is no handshake to complete");
	peer_adopt(&connection->peer, STATE_ESTABLISHED, syn, heard, player->listening.first_ns);
	connection->peer.baseline.rcv_nxt = heard->ack;
	segment->flags = FLAG_ACK;
	segment->ack = heard->seq + 1;
	segment->window = 502;
	if (!connection->peer.baseline.timestamps)
		return 0;
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsval = connection->peer.baseline.ts_recent;
	segment->tsecr = heard->tsval;
	return 0;
}

/* Who answered has a socket. Where its segments do not show which (a reset did not end it), no rule can be chosen. */
static bool may_be_cited(const struct connection *connection)
{
	enum state state = connection->conversation.target.state;

	return state != STATE_CLOSED && state != STATE_LISTEN && state != STATE_UNKNOWN;
}

int play_reply(struct player *player, const struct step *step)
{
	struct connection *connection = play_connection(player, step);
	struct segment segment, syn = connection->sent;
	struct expectation expectation;
	int result;

	if (may_send(player, step, connection) < 0)
		return -1;
	player->current = connection;
	if (build_reply(player, step, connection, &segment) < 0)
		return -1;
	if (may_be_cited(connection)) {
		ask_about(player, connection, &segment, &expectation);
		player->result->citation = expectation.citation;
	}
	result = listen_and_check(player, step, connection, &segment, &step->checks);
	/* "again" means the SYN, not the reset that came in between. */
	if (step->reset)
		connection->sent = syn;
	return result;
}
