/* test_refusals.c - the ports that refused most, in bounded memory. */
#include "harness/diagnose/refusals.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct tracked refused(uint16_t port, uint32_t times, uint64_t frame, bool by_source)
{
	struct endpoint client = { { .family = 4, .bytes = { 192, 0, 2, 1 } }, 40000 };
	struct endpoint server = { { .family = 4, .bytes = { 192, 0, 2, 2 } }, port };
	struct tracked connection = { .first_frame = frame, .refusals = times };

	connection.conversation.tuple = (struct tuple){ by_source ? server : client, by_source ? client : server };
	(by_source ? &connection.conversation.target : &connection.conversation.source)->own_syn.seen = true;
	return connection;
}

static void note(struct refusals *refusals, uint16_t port, uint32_t times, uint64_t frame, bool by_source)
{
	struct tracked connection = refused(port, times, frame, by_source);

	refusals_note(refusals, &connection);
}

START_TEST(the_most_first)
{
	struct refusals refusals = { 0 };
	struct refusals_port most[REFUSALS_TOLD];

	note(&refusals, 81, 1, 30, false);
	note(&refusals, 82, 2, 20, false);
	note(&refusals, 83, 1, 10, false);
	note(&refusals, 81, 1, 5, true); /* the capture began with a segment of the server's */
	note(&refusals, 84, 0, 1, false);
	ck_assert_uint_eq(refusals_most(&refusals, most), 3);
	ck_assert_uint_eq(most[0].port.port, 81);
	ck_assert_uint_eq(most[0].count, 2);
	ck_assert_uint_eq(most[0].first_frame, 5);
	ck_assert_uint_eq(most[1].port.port, 82);
	ck_assert_uint_eq(most[2].port.port, 83);
	ck_assert_uint_eq(refusals.left_out, 0);
}
END_TEST

/* A scan of all ports. */
START_TEST(of_so_many_ports)
{
	struct refusals refusals = { 0 };
	struct refusals_port most[REFUSALS_TOLD];
	uint64_t counted = 0;

	for (uint32_t port = 1; port <= UINT16_MAX; port++)
		note(&refusals, (uint16_t)port, 1, port, false);
	note(&refusals, 7, 4, UINT16_MAX + 1, false);
	ck_assert_uint_eq(refusals.used, REFUSALS_PORTS);
	for (size_t i = 0; i < refusals.used; i++)
		counted += refusals.ports[i].count;
	ck_assert_uint_eq(counted + refusals.left_out, UINT16_MAX + 4);
	ck_assert_uint_eq(refusals_most(&refusals, most), REFUSALS_TOLD);
	ck_assert_uint_eq(most[0].port.port, 7);
	ck_assert_uint_eq(most[0].count, 5);
	ck_assert_uint_eq(most[1].port.port, 1);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("refusals");

	tcase_add_test(tests, the_most_first);
	tcase_add_test(tests, of_so_many_ports);
	return run_suite("refusals", tests, NULL);
}
