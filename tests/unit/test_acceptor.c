/* test_acceptor.c - the crafted server's answers. */
#include <stdlib.h>

#include "crafter/acceptor.h"

#include "tests/unit/suite.h"

static struct end server;

static struct segment client(uint8_t flags, uint32_t seq, uint16_t payload)
{
	struct segment segment = { .flags = flags, .seq = seq, .ack = 101, .payload_size = payload, .tsval = 7 };

	segment.tuple.source.port = 40000;
	segment.tuple.target.port = 80;
	segment.window = 1000;
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	return segment;
}

/* What it answers it has sent. */
static bool answers(struct segment segment, uint32_t tsval, struct segment *answer)
{
	bool any;

	end_got(&server, &segment, 0);
	any = acceptor_answer(&server, &segment, 100, tsval, answer);
	if (any)
		end_sent(&server, answer, 0);
	return any;
}

START_TEST(the_crafted_server)
{
	struct segment reply;

	end_init(&server, STATE_LISTEN);
	ck_assert(answers(client(FLAG_SYN, 1000, 0), 55, &reply));
	ck_assert_uint_eq(reply.flags, FLAG_SYN | FLAG_ACK);
	ck_assert_uint_eq(reply.seq, 100);
	ck_assert_uint_eq(reply.ack, 1001);
	ck_assert_uint_eq(reply.tsval, 55);
	ck_assert_uint_eq(reply.tsecr, 7);
	ck_assert_uint_eq(reply.tuple.source.port, 80);
	ck_assert(!answers(client(FLAG_ACK, 1001, 0), 56, &reply));
	ck_assert(answers(client(FLAG_PSH | FLAG_ACK, 1001, 20), 57, &reply));
	ck_assert_uint_eq(reply.flags, FLAG_ACK);
	ck_assert_uint_eq(reply.ack, 1021);
	ck_assert_uint_eq(reply.tsecr, 7);
	for (int again = 0; again < 2; again++) {
		ck_assert(answers(client(FLAG_FIN | FLAG_ACK, 1021, 0), 58, &reply));
		ck_assert_uint_eq(reply.flags, FLAG_FIN | FLAG_ACK);
		ck_assert_uint_eq(reply.seq, 101);
		ck_assert_uint_eq(reply.ack, 1022);
	}
	ck_assert(!answers(client(FLAG_RST, 1022, 0), 59, &reply));
	/* With nobody connected there is nothing to acknowledge. */
	ck_assert_int_eq(server.state, STATE_CLOSED);
	ck_assert(!answers(client(FLAG_PSH | FLAG_ACK, 1022, 20), 60, &reply));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("acceptor");

	tcase_add_test(tests, the_crafted_server);
	return run_suite("acceptor", tests, NULL);
}
