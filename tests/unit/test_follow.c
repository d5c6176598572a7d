/* test_follow.c - the state of one end from what it sends and gets; the crafted server's answers. */
#include <stdlib.h>

#include "crafter/acceptor.h"
#include "crafter/follow.h"

#include "tests/unit/suite.h"

/* One event of a client's life: who sends, flags, seq and ack relative to 1000 (ours) and 5000 (theirs), payload; then its
 * state. */
struct event {
	bool sent;
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t payload;
	enum end_state then;
};

static void play(const struct event *events, size_t count)
{
	struct follower follower = { .state = END_CLOSED };

	for (size_t i = 0; i < count; i++) {
		const struct event *event = &events[i];
		struct segment segment = { .flags = event->flags, .payload_size = event->payload };

		segment.seq = event->seq + (event->sent ? 1000 : 5000);
		segment.ack = event->ack + (event->sent ? 5000 : 1000);
		(event->sent ? follow_sent : follow_got)(&follower, &segment);
		ck_assert_msg(follower.state == event->then, "event %zu: %s, not %s", i, end_state_name(follower.state),
			      end_state_name(event->then));
	}
}

#define PLAY(events) play(events, ROWS(events))

START_TEST(the_server_closes_first)
{
	static const struct event events[] = {
		{ true, FLAG_SYN, 0, 0, 0, END_SYN_SENT },
		{ false, FLAG_SYN | FLAG_ACK, 0, 1, 0, END_ESTABLISHED },
		{ true, FLAG_ACK, 1, 1, 0, END_ESTABLISHED },
		{ false, FLAG_FIN | FLAG_ACK, 1, 1, 0, END_CLOSE_WAIT },
		{ true, FLAG_FIN | FLAG_ACK, 1, 2, 0, END_LAST_ACK },
		{ false, FLAG_ACK, 2, 2, 0, END_CLOSED },
		{ true, FLAG_SYN, 4000, 0, 0, END_SYN_SENT },
		{ false, FLAG_ACK, 2, 2, 0, END_SYN_SENT },    /* of the old connection: means nothing to this one */
		{ true, FLAG_RST, 2, 0, 0, END_SYN_SENT },     /* the answer to it does not end this one */
		{ false, FLAG_RST | FLAG_ACK, 0, 4001, 0, END_CLOSED },
	};

	PLAY(events);
}
END_TEST

START_TEST(the_client_closes_first)
{
	static const struct event events[] = {
		{ true, FLAG_SYN, 0, 0, 0, END_SYN_SENT },
		{ false, FLAG_SYN | FLAG_ACK, 0, 1, 0, END_ESTABLISHED },
		{ true, FLAG_PSH | FLAG_ACK, 1, 1, 10, END_ESTABLISHED },
		{ false, FLAG_ACK, 1, 11, 0, END_ESTABLISHED },
		{ true, FLAG_FIN | FLAG_ACK, 11, 1, 0, END_FIN_WAIT_1 },
		{ false, FLAG_ACK, 1, 12, 0, END_FIN_WAIT_2 },
		{ false, FLAG_FIN | FLAG_ACK, 1, 12, 0, END_TIME_WAIT },
	};

	PLAY(events);
}
END_TEST

START_TEST(both_close_at_once)
{
	static const struct event events[] = {
		{ true, FLAG_SYN, 0, 0, 0, END_SYN_SENT },
		{ false, FLAG_SYN | FLAG_ACK, 0, 1, 0, END_ESTABLISHED },
		{ true, FLAG_FIN | FLAG_ACK, 1, 1, 0, END_FIN_WAIT_1 },
		{ false, FLAG_FIN | FLAG_ACK, 1, 1, 0, END_CLOSING },
		{ false, FLAG_ACK, 2, 2, 0, END_TIME_WAIT },
	};

	PLAY(events);
}
END_TEST

START_TEST(a_reset_counts_at_the_exact_number)
{
	static const struct event events[] = {
		{ true, FLAG_SYN, 0, 0, 0, END_SYN_SENT },
		{ false, FLAG_SYN | FLAG_ACK, 0, 1, 0, END_ESTABLISHED },
		{ false, FLAG_RST, 2, 0, 0, END_ESTABLISHED },
		{ false, FLAG_RST, 1, 0, 0, END_CLOSED },
	};

	PLAY(events);
}
END_TEST

static struct segment client(uint8_t flags, uint32_t seq, uint16_t payload)
{
	struct segment segment = { .flags = flags, .seq = seq, .payload_size = payload, .tsval = 7 };

	segment.tuple.source.port = 40000;
	segment.tuple.target.port = 80;
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	return segment;
}

START_TEST(the_crafted_server)
{
	struct acceptor acceptor = { .isn = 100 };
	struct segment segment = client(FLAG_SYN, 1000, 0), reply;

	ck_assert(acceptor_hear(&acceptor, &segment, 55, &reply));
	ck_assert_uint_eq(reply.flags, FLAG_SYN | FLAG_ACK);
	ck_assert_uint_eq(reply.seq, 100);
	ck_assert_uint_eq(reply.ack, 1001);
	ck_assert_uint_eq(reply.tsval, 55);
	ck_assert_uint_eq(reply.tsecr, 7);
	ck_assert_uint_eq(reply.tuple.source.port, 80);
	segment = client(FLAG_ACK, 1001, 0);
	ck_assert(!acceptor_hear(&acceptor, &segment, 56, &reply));
	segment = client(FLAG_PSH | FLAG_ACK, 1001, 20);
	ck_assert(acceptor_hear(&acceptor, &segment, 57, &reply));
	ck_assert_uint_eq(reply.flags, FLAG_ACK);
	ck_assert_uint_eq(reply.ack, 1021);
	segment = client(FLAG_FIN | FLAG_ACK, 1021, 0);
	for (int again = 0; again < 2; again++) {
		ck_assert(acceptor_hear(&acceptor, &segment, 58, &reply));
		ck_assert_uint_eq(reply.flags, FLAG_FIN | FLAG_ACK);
		ck_assert_uint_eq(reply.seq, 101);
		ck_assert_uint_eq(reply.ack, 1022);
	}
	segment = client(FLAG_RST, 1022, 0);
	ck_assert(!acceptor_hear(&acceptor, &segment, 59, &reply));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ends");

	tcase_add_test(tests, the_server_closes_first);
	tcase_add_test(tests, the_client_closes_first);
	tcase_add_test(tests, both_close_at_once);
	tcase_add_test(tests, a_reset_counts_at_the_exact_number);
	tcase_add_test(tests, the_crafted_server);
	return run_suite("follow", tests, NULL);
}
