/* test_acceptor.c - the crafted server's answers. */
#include <stdlib.h>

#include "crafter/acceptor.h"

#include "tests/unit/suite.h"

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
	TCase *tests = tcase_create("acceptor");

	tcase_add_test(tests, the_crafted_server);
	return run_suite("acceptor", tests, NULL);
}
