/* test_ports.c - what is remembered of hosts and ports, and that what is forgotten is not made up. */
#include "harness/diagnose/ports.h"

#include "crafter/segment.h"
#include "crafter/units.h"

#include "tests/unit/suite.h"

static struct ports *ports;

static void begin(void)
{
	ports = ports_open();
	ck_assert_ptr_nonnull(ports);
}

static void end(void)
{
	ports_close(ports);
}

static struct address host(uint32_t number)
{
	return (struct address){ .family = 4, .bytes = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
							 (uint8_t)(number >> 8), (uint8_t)number } };
}

START_TEST(a_few_hosts)
{
	struct address speaks = host(1), silent = host(2), other = host(3);

	ck_assert_int_eq(ports_host(ports, &speaks), PORTS_HOST_SILENT);
	ports_note_host(ports, &speaks, FLAG_SYN);
	ck_assert_int_eq(ports_host(ports, &speaks), PORTS_HOST_ASKS);
	ports_note_host(ports, &speaks, FLAG_SYN | FLAG_ACK);
	ck_assert_int_eq(ports_host(ports, &speaks), PORTS_HOST_ASKS);
	ports_note_host(ports, &other, FLAG_ACK);
	ck_assert_int_eq(ports_host(ports, &speaks), PORTS_HOST_SPEAKS);
	ports_note_host(ports, &speaks, FLAG_SYN);
	ck_assert_int_eq(ports_host(ports, &speaks), PORTS_HOST_SPEAKS);
	ck_assert_int_eq(ports_host(ports, &silent), PORTS_HOST_SILENT);
}
END_TEST

/* Of so many, who spoke may be forgotten; but nobody is said to speak who does not, nor the other way round. */
START_TEST(very_many_hosts)
{
	enum { HOSTS = 100000 };
	int unknown = 0, wrong = 0;

	for (uint32_t i = 0; i < HOSTS; i++) {
		struct address address = host(2 * i);

		ports_note_host(ports, &address, FLAG_ACK);
	}
	for (uint32_t i = 0; i < HOSTS; i++) {
		struct address speaks = host(2 * i), silent = host(2 * i + 1);

		wrong += ports_host(ports, &speaks) == PORTS_HOST_SILENT;
		wrong += ports_host(ports, &silent) == PORTS_HOST_SPEAKS;
		unknown += ports_host(ports, &silent) == PORTS_HOST_UNKNOWN;
	}
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_gt(unknown, 0);
}
END_TEST

/* The facts are of this port, or start at nothing. */
START_TEST(very_many_ports)
{
	int wrong = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		struct endpoint port = { host(i % 10000), (uint16_t)(i % 10000 + 1) };
		struct port_facts *facts = ports_of(ports, &port);

		wrong += facts->answers != 0 && facts->delay_ns != port.port;
		facts->answers++;
		facts->delay_ns = port.port;
		wrong += ports_of(ports, &port) != facts;
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(timestamps)
{
	struct tuple tuple = { { host(1), 40000 }, { host(2), 80 } }, other = { { host(3), 40000 }, { host(2), 80 } };
	uint64_t now_ns = 100 * NSEC_PER_SEC;

	ck_assert_uint_eq(ports_stamp(ports, &tuple, 5000, now_ns), 0);
	tuple.source.port++;
	ck_assert_uint_eq(ports_stamp(ports, &tuple, 4000, now_ns + 3), 3);
	ck_assert_uint_eq(ports_stamp(ports, &other, 4000, now_ns + 4), 0);
	ck_assert_uint_eq(ports_stamp(ports, &tuple, 5001, now_ns + 5), 0);
	ck_assert_uint_eq(ports_stamp(ports, &tuple, 4000, now_ns + 5 + 60 * NSEC_PER_SEC), 0); /* TCP_PAWS_MSL */
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ports");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_few_hosts);
	tcase_add_test(tests, very_many_hosts);
	tcase_add_test(tests, very_many_ports);
	tcase_add_test(tests, timestamps);
	return run_suite("ports", tests, NULL);
}
