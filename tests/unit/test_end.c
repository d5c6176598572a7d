/* test_end.c - the states of both ends of a conversation: the figures of RFC 9293, its state diagram, and what is ignored. */
#include <stdio.h>
#include <string.h>

#include "crafter/conversation.h"
#include "tests/unit/written.h"

#include "tests/unit/suite.h"

/* A segment of A's or B's that arrives at once; or one that is only sent, or only arrives (a lost one, a late one). */
enum who { A, B, A_SENDS, B_SENDS, A_GETS, B_GETS };

/* The segment's seq counts from the sender's first number and its ack from the other's; then the states of A and B. */
struct event {
	enum who who;
	const char *text;
	enum state a, b;
};

#define CLOSED STATE_CLOSED
#define LISTEN STATE_LISTEN
#define SENT STATE_SYN_SENT
#define RECV STATE_SYN_RECV
#define ESTAB STATE_ESTABLISHED
#define FW1 STATE_FIN_WAIT_1
#define FW2 STATE_FIN_WAIT_2
#define CLOSING STATE_CLOSING
#define TW STATE_TIME_WAIT
#define CW STATE_CLOSE_WAIT
#define LA STATE_LAST_ACK

#define HANDSHAKE { A, "S 0", SENT, LISTEN }, { B, "SA 0 ack 1", ESTAB, RECV }, { A, "A 1 ack 1", ESTAB, ESTAB }

/* RFC 9293 figure 6, with the data of its fifth line. */
static const struct event basic[] = { HANDSHAKE, { A, "PA 1:11(10) ack 1", ESTAB, ESTAB } };

/* Figure 7. */
static const struct event simultaneous_open[] = {
	{ A_SENDS, "S 0", SENT, CLOSED },
	{ B_SENDS, "S 0", SENT, SENT },
	{ A_GETS, "S 0", RECV, SENT },
	{ B_GETS, "S 0", RECV, RECV },
	{ A_SENDS, "SA 0 ack 1", RECV, RECV },
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ B_GETS, "SA 0 ack 1", ESTAB, ESTAB },
	{ A, "PA 1:6(5) ack 1", ESTAB, ESTAB },
	{ B, "A 1 ack 6", ESTAB, ESTAB },
};

/* Figure 8: B answers an old SYN of A's, A resets that, B takes the new one. */
static const struct event old_duplicate_syn[] = {
	{ A_SENDS, "S 0", SENT, LISTEN },
	{ B_GETS, "S -90", SENT, LISTEN },
	{ B, "SA 0 ack -89", SENT, RECV },
	{ A, "R -89", SENT, LISTEN },
	{ B_GETS, "S 0", SENT, LISTEN },
	{ B, "SA 1000 ack 1", ESTAB, RECV },
	{ A, "A 1 ack 1001", ESTAB, ESTAB },
};

/* Figure 9: A crashed and opens again. */
static const struct event half_open_found[] = {
	HANDSHAKE,
	{ A, "S 100", SENT, ESTAB },
	{ B, "A 1 ack 1", SENT, ESTAB },
	{ A, "R 1", SENT, CLOSED },
	{ A, "S 100", SENT, CLOSED },
	{ B, "SA 5000 ack 101", ESTAB, RECV },
	{ A, "A 101 ack 5001", ESTAB, ESTAB },
};

/* Figure 10, seen from the crash: A knows of nothing, and B's data are reset. */
static const struct event half_open_reset[] = {
	HANDSHAKE,
	{ A_SENDS, "R 1", CLOSED, ESTAB },
	{ B, "PA 1:11(10) ack 1", CLOSED, ESTAB },
	{ A, "R 1", CLOSED, CLOSED },
};

/* Figure 11: an old SYN meets two that listen. */
static const struct event two_passive[] = {
	{ B_GETS, "S 0", LISTEN, LISTEN },
	{ B, "SA 0 ack 1", LISTEN, RECV },
	{ A, "R 1", LISTEN, LISTEN },
};

/* Figure 12. */
static const struct event normal_close[] = {
	HANDSHAKE,
	{ A, "FA 1 ack 1", FW1, CW },
	{ B, "A 1 ack 2", FW2, CW },
	{ B, "FA 1 ack 2", TW, LA },
	{ A, "A 2 ack 2", TW, CLOSED },
};

/* Figure 13. */
static const struct event simultaneous_close[] = {
	HANDSHAKE,
	{ A_SENDS, "FA 1 ack 1", FW1, ESTAB },
	{ B_SENDS, "FA 1 ack 1", FW1, FW1 },
	{ A_GETS, "FA 1 ack 1", CLOSING, FW1 },
	{ B_GETS, "FA 1 ack 1", CLOSING, CLOSING },
	{ A, "A 2 ack 2", CLOSING, TW },
	{ B, "A 2 ack 2", TW, TW },
};

/* The same where both FINs are taken to arrive at once: the second one shows that the first was still on its way. */
static const struct event fins_crossed[] = {
	HANDSHAKE,
	{ A, "FA 1 ack 1", FW1, CW },
	{ B, "FA 1 ack 1", CLOSING, CLOSING },
	{ A, "A 2 ack 2", CLOSING, TW },
	{ B, "A 2 ack 2", TW, TW },
};

/* B answers with a SYN of its own, after an acknowledgment that A must ignore. */
static const struct event split_handshake[] = {
	{ A, "S 0", SENT, LISTEN },
	{ B, "A 7777 ack 1", SENT, LISTEN },
	{ B, "S 0", RECV, RECV },
	{ A, "SA 0 ack 1", RECV, ESTAB },
	{ B, "A 1 ack 1", ESTAB, ESTAB },
	{ B, "PA 1:11(10) ack 1", ESTAB, ESTAB },
};

/* ... and listens again when A resets that. */
static const struct event split_handshake_reset[] = {
	{ A, "S 0", SENT, LISTEN },
	{ B, "S 0", RECV, RECV },
	{ A_SENDS, "R 1", CLOSED, RECV },
	{ B_GETS, "R 1", CLOSED, LISTEN },
};

/* A's FIN and B's in one exchange: FIN_WAIT_1 -> TIME_WAIT in one segment. */
static const struct event fin_and_ack_at_once[] = {
	HANDSHAKE,
	{ A, "FA 1 ack 1", FW1, CW },
	{ B, "FA 1 ack 2", TW, LA },
	{ A, "A 2 ack 2", TW, CLOSED },
};

static const struct event half_close[] = {
	HANDSHAKE,
	{ A, "FA 1 ack 1", FW1, CW },
	{ B, "A 1 ack 2", FW2, CW },
	{ B, "PA 1:101(100) ack 2", FW2, CW },
	{ A, "A 2 ack 101", FW2, CW },
	{ B, "FA 101:131(30) ack 2", TW, LA },
	{ A, "A 2 ack 132", TW, CLOSED },
};

/* The first FIN is lost, then its acknowledgment, then B's FIN and the last ACK. */
static const struct event fins_again[] = {
	HANDSHAKE,
	{ A_SENDS, "FA 1 ack 1", FW1, ESTAB },
	{ A, "FA 1 ack 1", FW1, CW },
	{ B_SENDS, "A 1 ack 2", FW1, CW },
	{ A, "FA 1 ack 1", FW1, CW },
	{ B, "A 1 ack 2", FW2, CW },
	{ B_SENDS, "FA 1 ack 2", FW2, LA },
	{ B, "FA 1 ack 2", TW, LA },
	{ A_SENDS, "A 2 ack 2", TW, LA },
	{ B, "FA 1 ack 2", TW, LA },
	{ A, "A 2 ack 2", TW, CLOSED },
};

/* The close in SYN-RECEIVED; the ACK of the SYN-ACK was lost. */
static const struct event close_in_syn_recv[] = {
	{ A, "S 0", SENT, LISTEN },
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ B, "FA 1 ack 1", CW, FW1 },
	{ A, "A 1 ack 2", CW, FW2 },
};

/* What comes before what it follows counts when that has come; the FIN as well. */
static const struct event out_of_order[] = {
	HANDSHAKE,
	{ A_SENDS, "PA 1:11(10) ack 1", ESTAB, ESTAB },
	{ A, "PA 11:21(10) ack 1", ESTAB, ESTAB },
	{ B, "A 1 ack 1", ESTAB, ESTAB },
	{ A, "FA 21 ack 1", FW1, ESTAB },
	{ B_GETS, "PA 1:11(10) ack 1", FW1, ESTAB },
	{ B, "A 1 ack 22", FW2, CW },
};

/* The FIN alone was ahead. */
static const struct event fin_ahead[] = {
	HANDSHAKE,
	{ A_SENDS, "PA 1:11(10) ack 1", ESTAB, ESTAB },
	{ A, "FA 11 ack 1", FW1, ESTAB },
	{ B_GETS, "PA 1:11(10) ack 1", FW1, CW },
	{ B, "A 1 ack 12", FW2, CW },
};

/* A segment that was sent again with more in it: what is new of it counts. */
static const struct event overlap[] = {
	HANDSHAKE,
	{ A, "PA 1:11(10) ack 1", ESTAB, ESTAB },
	{ A, "FA 6:26(20) ack 1", FW1, CW },
	{ B, "A 1 ack 27", FW2, CW },
};

/* RFC 9293 3.10.7.4 and RFC 5961: none of these changes a state. */
static const struct event ignored[] = {
	HANDSHAKE,
	{ B_GETS, "R 2", ESTAB, ESTAB },                 /* in the window, but not at its edge */
	{ B_GETS, "R 0", ESTAB, ESTAB },
	{ B_GETS, "R 100000", ESTAB, ESTAB },
	{ B_GETS, "S 1", ESTAB, ESTAB },
	{ B_GETS, "SA 0 ack 1", ESTAB, ESTAB },
	{ B_GETS, "FA 100000 ack 1", ESTAB, ESTAB },           /* beyond the window */
	{ B_GETS, "FA -100 ack 1", ESTAB, ESTAB },
	{ B_GETS, "F 1", ESTAB, ESTAB },          /* without ACK */
	{ B_GETS, "FA 1 ack 2", ESTAB, ESTAB },                /* acknowledges what was not sent */
	{ B_GETS, "FA 1 ack -70000", ESTAB, ESTAB },           /* ... and what no window had */
	{ B_GETS, "none 1", ESTAB, ESTAB },
	{ A, "FA 1 ack 1", FW1, CW },
};

static const struct event ignored_before[] = {
	{ B_GETS, "R 1", CLOSED, LISTEN },
	{ B_GETS, "A 1 ack 1", CLOSED, LISTEN },
	{ B_GETS, "SA 1 ack 1", CLOSED, LISTEN },
	{ A, "S 0", SENT, LISTEN },
	{ A_GETS, "A 5 ack 1", SENT, LISTEN },
	{ A_GETS, "R 0", SENT, LISTEN },                 /* a reset must acknowledge the SYN */
	{ A_GETS, "RA 0 ack 2", SENT, LISTEN },
	{ A_GETS, "SA 0 ack 2", SENT, LISTEN },
	{ A_GETS, "SA 0 ack 0", SENT, LISTEN },
	{ B, "RA 0 ack 1", CLOSED, LISTEN },
};

static const struct event resets_in_syn_recv[] = {
	{ A, "S 0", SENT, LISTEN },
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ B_GETS, "A 1 ack 77", ESTAB, RECV },
	{ B_SENDS, "R 77", ESTAB, RECV },                /* the answer to that */
	{ B_GETS, "R 2", ESTAB, RECV },
	{ A, "R 1", CLOSED, LISTEN },
	{ A, "S 50", SENT, LISTEN },
	{ B, "SA 900 ack 51", ESTAB, RECV },
	{ B, "RA 901 ack 51", CLOSED, CLOSED },                /* an abort */
};

/* With an active open it does not listen again. */
static const struct event reset_after_crossing[] = {
	{ A_SENDS, "S 0", SENT, CLOSED },
	{ B, "S 0", RECV, SENT },
	{ A_GETS, "R 1", CLOSED, SENT },
};

static const struct event a_syn_in_syn_recv[] = {
	{ A, "S 0", SENT, LISTEN },
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ B_GETS, "S 0", ESTAB, RECV },                  /* its retransmission */
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ B_GETS, "S 100", ESTAB, LISTEN },              /* another one in the window: 3.10.7.4, fourth */
};

/* The acknowledgment that passed did not arrive: B says so. Later copies of the SYN-ACK say nothing. */
static const struct event syn_ack_again[] = {
	HANDSHAKE,
	{ B, "SA 0 ack 1", ESTAB, RECV },
	{ A, "A 1 ack 1", ESTAB, ESTAB },
	{ B, "PA 1:11(10) ack 1", ESTAB, ESTAB },
	{ B, "SA 0 ack 1", ESTAB, ESTAB },
	{ B, "FA 11 ack 1", CW, FW1 },
	{ B, "SA 0 ack 1", CW, FW1 },
	{ A, "FA 1 ack 12", LA, TW },
	{ B_SENDS, "SA 0 ack 1", LA, TW },
	{ B, "A 12 ack 2", CLOSED, TW },
	{ A, "R 2", CLOSED, CLOSED },
	{ B_SENDS, "SA 0 ack 1", CLOSED, CLOSED },
	{ A, "S 300", SENT, CLOSED },
	{ B, "SA 0 ack 301", ESTAB, RECV },                    /* a new connection, for all that its number is the old one */
};

/* B's TIME_WAIT is asked for its tuple again: an old SYN in vain, then a new one. */
static const struct event after_time_wait[] = {
	HANDSHAKE,
	{ B, "FA 1 ack 1", CW, FW1 },
	{ A, "FA 1 ack 2", LA, TW },
	{ B, "A 2 ack 2", CLOSED, TW },
	{ A, "S -1000", SENT, TW },
	{ B, "A 2 ack 2", SENT, TW },
	{ A_SENDS, "R 2", SENT, TW },
	{ A, "S 4000", SENT, TW },
	{ B, "SA 70000 ack 4001", ESTAB, RECV },
	{ A, "A 4001 ack 70001", ESTAB, ESTAB },
	{ A, "PA 4001:4011(10) ack 70001", ESTAB, ESTAB },
	{ B, "RA 70001 ack 4011", CLOSED, CLOSED },
};

static const struct {
	const char *name;
	const struct event *events;
	int count;
	enum state a, b;      /* at first */
	uint32_t incarnations;
} stories[] = {
#define STORY(events, a, b, incarnations) { #events, events, ROWS(events), a, b, incarnations }
	STORY(basic, CLOSED, LISTEN, 1),
	STORY(simultaneous_open, CLOSED, CLOSED, 0),
	STORY(old_duplicate_syn, CLOSED, LISTEN, 0),
	STORY(half_open_found, CLOSED, LISTEN, 2),
	STORY(half_open_reset, CLOSED, LISTEN, 1),
	STORY(two_passive, LISTEN, LISTEN, 0),
	STORY(normal_close, CLOSED, LISTEN, 1),
	STORY(simultaneous_close, CLOSED, LISTEN, 1),
	STORY(fins_crossed, CLOSED, LISTEN, 1),
	STORY(split_handshake, CLOSED, LISTEN, 1),
	STORY(split_handshake_reset, CLOSED, LISTEN, 1),
	STORY(fin_and_ack_at_once, CLOSED, LISTEN, 1),
	STORY(half_close, CLOSED, LISTEN, 1),
	STORY(fins_again, CLOSED, LISTEN, 1),
	STORY(close_in_syn_recv, CLOSED, LISTEN, 1),
	STORY(out_of_order, CLOSED, LISTEN, 1),
	STORY(fin_ahead, CLOSED, LISTEN, 1),
	STORY(overlap, CLOSED, LISTEN, 1),
	STORY(ignored, CLOSED, LISTEN, 1),
	STORY(ignored_before, CLOSED, LISTEN, 1),
	STORY(resets_in_syn_recv, CLOSED, LISTEN, 2),
	STORY(reset_after_crossing, CLOSED, CLOSED, 0),
	STORY(a_syn_in_syn_recv, CLOSED, LISTEN, 1),
	STORY(syn_ack_again, CLOSED, LISTEN, 2),
	STORY(after_time_wait, CLOSED, LISTEN, 3),
};

/* The first numbers of A and B: far from the ends of the circle, and so that SYN, data or FIN cross them. */
static const uint32_t isns[][2] = { { 1000, 500000 }, { UINT32_MAX, UINT32_MAX - 1 }, { UINT32_MAX - 9, INT32_MAX } };

static void happen(struct conversation *conversation, const struct event *event, const uint32_t *isn)
{
	bool of_a = event->who == A || event->who == A_SENDS || event->who == B_GETS;
	struct segment segment = written_from(event->text, isn[!of_a], isn[of_a]);

	segment.window = 60000;
	segment.tuple = of_a ? conversation->tuple : tuple_reversed(&conversation->tuple);
	if (event->who == A || event->who == B)
		ck_assert(conversation_pass(conversation, &segment, 0));
	else if (event->who == A_SENDS || event->who == B_SENDS)
		end_sent(of_a ? &conversation->source : &conversation->target, &segment, 0);
	else
		end_got(of_a ? &conversation->target : &conversation->source, &segment, 0);
}

static const struct tuple tuple = {
	.source = { .address = { .family = 4, .bytes = { 10, 0, 0, 1 } }, .port = 40000 },
	.target = { .address = { .family = 4, .bytes = { 10, 0, 0, 2 } }, .port = 80 },
};

START_TEST(a_story)
{
	for (int numbers = 0; numbers < ROWS(isns); numbers++) {
		struct conversation conversation;

		conversation_init(&conversation, &tuple, stories[_i].a, stories[_i].b);
		for (int row = 0; row < stories[_i].count; row++) {
			const struct event *event = &stories[_i].events[row];

			happen(&conversation, event, isns[numbers]);
			ck_assert_msg(conversation.source.state == event->a && conversation.target.state == event->b,
				      "%s, numbers %d, event %d: %s and %s, not %s and %s", stories[_i].name, numbers, row,
				      state_name(conversation.source.state), state_name(conversation.target.state),
				      state_name(event->a), state_name(event->b));
		}
		if (stories[_i].incarnations)
			ck_assert_uint_eq(conversation.incarnation, stories[_i].incarnations);
	}
}
END_TEST

/* The same at the other end of the tuple: A is the target. */
START_TEST(a_story_from_the_other_side)
{
	static const enum who other[] = { [A] = B, [B] = A, [A_SENDS] = B_SENDS, [B_SENDS] = A_SENDS,
					  [A_GETS] = B_GETS, [B_GETS] = A_GETS };
	struct conversation conversation;

	conversation_init(&conversation, &tuple, stories[_i].b, stories[_i].a);
	for (int row = 0; row < stories[_i].count; row++) {
		struct event event = stories[_i].events[row];

		event.who = other[event.who];
		happen(&conversation, &event, isns[0]);
		ck_assert_int_eq(conversation.target.state, event.a);
		ck_assert_int_eq(conversation.source.state, event.b);
	}
}
END_TEST

START_TEST(another_tuple_is_no_part_of_it)
{
	struct conversation conversation, before;
	struct segment segment = written("S 0");

	conversation_init(&conversation, &tuple, CLOSED, LISTEN);
	segment.tuple = tuple;
	before = conversation;
	segment.tuple.source.port++;
	ck_assert(!conversation_pass(&conversation, &segment, 0));
	ck_assert_mem_eq(&conversation, &before, sizeof(before));
}
END_TEST

/* The first rows of a story bring B into the state; its rcv_nxt is then `seq`. */
static const struct {
	const struct event *events;
	int rows;
	int32_t seq;
	enum state state;
} ways[] = {
	{ basic, 3, 1, ESTAB },
	{ basic, 4, 11, ESTAB },
	{ normal_close, 4, 2, CW },
	{ normal_close, 6, 2, LA },
	{ simultaneous_close, 5, 1, FW1 },
	{ simultaneous_close, 7, 2, CLOSING },
	{ simultaneous_close, 8, 2, TW },
	{ close_in_syn_recv, 4, 1, FW2 },
};

START_TEST(a_reset_closes_every_state)
{
	char text[32];
	const struct event reset = { B_GETS, text, CLOSED, CLOSED };
	struct conversation conversation;

	conversation_init(&conversation, &tuple, CLOSED, LISTEN);
	for (int row = 0; row < ways[_i].rows; row++)
		happen(&conversation, &ways[_i].events[row], isns[1]);
	ck_assert_int_eq(conversation.target.state, ways[_i].state);
	snprintf(text, sizeof(text), "R %d", (int)ways[_i].seq + 1);
	happen(&conversation, &reset, isns[1]);
	ck_assert_int_eq(conversation.target.state, ways[_i].state);
	snprintf(text, sizeof(text), "R %d", (int)ways[_i].seq);
	happen(&conversation, &reset, isns[1]);
	ck_assert_int_eq(conversation.target.state, CLOSED);
}
END_TEST

/* The process holds the descriptor: nothing on the wire is different. */
START_TEST(a_half_state_counts_as_the_state)
{
	struct conversation conversation;

	conversation_init(&conversation, &tuple, CLOSED, LISTEN);
	for (int row = 0; row < 5; row++)
		happen(&conversation, &normal_close[row], isns[0]);
	ck_assert_int_eq(conversation.source.state, FW2);
	conversation.source.state = STATE_FIN_WAIT_2_HALF;
	happen(&conversation, &half_close[5], isns[0]);
	ck_assert_int_eq(conversation.source.state, STATE_FIN_WAIT_2_HALF);
	happen(&conversation, &half_close[7], isns[0]);
	ck_assert_int_eq(conversation.source.state, TW);
}
END_TEST

/* One end alone, a step of a client's life: who sends, the segment, its numbers relative to 1000 (ours) and 5000 (theirs);
 * then its state. */
struct step {
	bool sent;
	const char *text;
	enum state then;
};

static void play(const struct step *events, size_t count)
{
	struct end end;

	end_init(&end, STATE_CLOSED);
	for (size_t i = 0; i < count; i++) {
		const struct step *event = &events[i];
		struct segment segment = written_from(event->text, event->sent ? 1000 : 5000, event->sent ? 5000 : 1000);

		(event->sent ? end_sent : end_got)(&end, &segment, 0);
		ck_assert_msg(end.state == event->then, "event %zu: %s, not %s", i, state_name(end.state),
			      state_name(event->then));
	}
}

#define PLAY(events) play(events, ROWS(events))

START_TEST(the_server_closes_first)
{
	static const struct step events[] = {
		{ true, "S 0", STATE_SYN_SENT },
		{ false, "SA 0 ack 1", STATE_ESTABLISHED },
		{ true, "A 1 ack 1", STATE_ESTABLISHED },
		{ false, "FA 1 ack 1", STATE_CLOSE_WAIT },
		{ true, "FA 1 ack 2", STATE_LAST_ACK },
		{ false, "A 2 ack 2", STATE_CLOSED },
		{ true, "S 4000", STATE_SYN_SENT },
		{ false, "A 2 ack 2", STATE_SYN_SENT },    /* of the old connection: means nothing to this one */
		{ true, "R 2", STATE_SYN_SENT },     /* the answer to it does not end this one */
		{ false, "RA 0 ack 4001", STATE_CLOSED },
	};

	PLAY(events);
}
END_TEST

START_TEST(the_client_closes_first)
{
	static const struct step events[] = {
		{ true, "S 0", STATE_SYN_SENT },
		{ false, "SA 0 ack 1", STATE_ESTABLISHED },
		{ true, "PA 1:11(10) ack 1", STATE_ESTABLISHED },
		{ false, "A 1 ack 11", STATE_ESTABLISHED },
		{ true, "FA 11 ack 1", STATE_FIN_WAIT_1 },
		{ false, "A 1 ack 12", STATE_FIN_WAIT_2 },
		{ false, "FA 1 ack 12", STATE_TIME_WAIT },
	};

	PLAY(events);
}
END_TEST

START_TEST(both_close_at_once)
{
	static const struct step events[] = {
		{ true, "S 0", STATE_SYN_SENT },
		{ false, "SA 0 ack 1", STATE_ESTABLISHED },
		{ true, "FA 1 ack 1", STATE_FIN_WAIT_1 },
		{ false, "FA 1 ack 1", STATE_CLOSING },
		{ false, "A 2 ack 2", STATE_TIME_WAIT },
	};

	PLAY(events);
}
END_TEST

START_TEST(a_reset_counts_at_the_exact_number)
{
	static const struct step events[] = {
		{ true, "S 0", STATE_SYN_SENT },
		{ false, "SA 0 ack 1", STATE_ESTABLISHED },
		{ false, "R 2", STATE_ESTABLISHED },
		{ false, "R 1", STATE_CLOSED },
	};

	PLAY(events);
}
END_TEST

/* tcp_check_req(): a SYN-ACK that comes to a request socket has the number of the SYN before, which lies below the window. */
START_TEST(a_syn_ack_to_the_passive_end_completes_nothing)
{
	static const struct step events[] = {
		{ false, "S 0", STATE_CLOSED },
		{ true, "SA 0 ack 1", STATE_SYN_RECV },
		{ false, "SA 0 ack 1", STATE_SYN_RECV },
		{ false, "A 1 ack 1", STATE_ESTABLISHED },
	};

	PLAY(events);
}
END_TEST

int main(void)
{
	TCase *states = tcase_create("states"), *alone = tcase_create("alone");

	tcase_add_loop_test(states, a_story, 0, ROWS(stories));
	tcase_add_loop_test(states, a_story_from_the_other_side, 0, ROWS(stories));
	tcase_add_test(states, another_tuple_is_no_part_of_it);
	tcase_add_loop_test(states, a_reset_closes_every_state, 0, ROWS(ways));
	tcase_add_test(states, a_half_state_counts_as_the_state);
	tcase_add_test(alone, the_server_closes_first);
	tcase_add_test(alone, the_client_closes_first);
	tcase_add_test(alone, both_close_at_once);
	tcase_add_test(alone, a_reset_counts_at_the_exact_number);
	tcase_add_test(alone, a_syn_ack_to_the_passive_end_completes_nothing);
	return run_suite("end", states, alone, NULL);
}
