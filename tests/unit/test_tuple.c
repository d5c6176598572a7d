/* test_tuple.c - addresses and tuples: text both ways, what equals what, how the hash spreads. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "crafter/tuple.h"

#include "tests/unit/suite.h"

static struct endpoint endpoint(const char *address, uint16_t port)
{
	struct endpoint made = { .port = port };
	struct error error;

	ck_assert_msg(address_parse(address, &made.address, &error) == 0, "%s", error.text);
	return made;
}

static const struct {
	const char *in, *out;
	uint8_t family, first, last;
} good[] = {
	{ "192.0.2.1", "192.0.2.1", 4, 192, 1 },
	{ "0.0.0.0", "0.0.0.0", 4, 0, 0 },
	{ "255.255.255.255", "255.255.255.255", 4, 255, 255 },
	{ "2001:db8::1", "2001:db8::1", 6, 0x20, 1 },
	{ "2001:0DB8:0:0:0:0:0:1", "2001:db8::1", 6, 0x20, 1 },
	{ "::", "::", 6, 0, 0 },
	{ "::1", "::1", 6, 0, 1 },
	{ "fe80::1%lo", "fe80::1%lo", 6, 0xfe, 1 },
	{ "fe80::1%1", "fe80::1%lo", 6, 0xfe, 1 },
	{ "fe80::1%01", "fe80::1%lo", 6, 0xfe, 1 },
	{ "febf::2%4000000", "febf::2%4000000", 6, 0xfe, 2 },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 6, 255, 255 },
};

enum { GOOD = ROWS(good) };

START_TEST(good_addresses)
{
	struct address address;
	struct error error;
	char text[ADDRESS_TEXT_SIZE];

	ck_assert_msg(address_parse(good[_i].in, &address, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(address.family, good[_i].family);
	ck_assert_uint_eq(address.bytes[0], good[_i].first);
	ck_assert_uint_eq(address.bytes[address.family == 4 ? 3 : 15], good[_i].last);
	ck_assert_str_eq(address_format(&address, text, sizeof(text)), good[_i].out);
}
END_TEST

static const char *const bad[] = {
	"", " ", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1.1", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1%lo", "0x7f.1",
	"2001:db8::1::2", "2001:db8", "[2001:db8::1]", "2001:db8::1%lo", "fe80::1%", "fe80::1%no-such-if", "fe80::1%0",
	"fe80::1%-1", "fe80::1%1x", "fe80::1%99999999999", "%lo", "12345::",
	"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd",
};

enum { BAD = ROWS(bad) };

START_TEST(bad_addresses)
{
	struct address address;
	struct error error = { .text = "" };

	ck_assert_int_eq(address_parse(bad[_i], &address, &error), -1);
	ck_assert_uint_eq(address.family, 0);
	ck_assert_msg(strstr(error.text, bad[_i]), "'%s' does not show the address", error.text);
}
END_TEST

START_TEST(endpoints_as_text)
{
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint v4 = endpoint("192.0.2.1", 1), v6 = endpoint("2001:db8::1", 65535);
	struct address none = { 0 };

	ck_assert_str_eq(endpoint_format(&v4, text, sizeof(text)), "192.0.2.1:1");
	ck_assert_str_eq(endpoint_format(&v6, text, sizeof(text)), "[2001:db8::1]:65535");
	ck_assert_str_eq(endpoint_format(&v6, text, 8), "[2001:d");
	ck_assert_str_eq(address_format(&none, text, sizeof(text)), "none");
}
END_TEST

START_TEST(equality)
{
	struct endpoint a = endpoint("192.0.2.1", 80), b = a, v6 = endpoint("2001:db8::1", 80);
	struct endpoint near = endpoint("fe80::1%1", 80), nearer = endpoint("fe80::1%2", 80), wire = near;
	struct tuple tuple = { a, v6 }, back = tuple_reversed(&tuple), again = tuple_reversed(&back);

	ck_assert(endpoint_equal(&a, &b));
	b.port = 81;
	ck_assert(!endpoint_equal(&a, &b));
	b = endpoint("192.0.2.2", 80);
	ck_assert(!endpoint_equal(&a, &b));
	ck_assert(!endpoint_equal(&a, &v6));
	ck_assert(!tuple_equal(&tuple, &back));
	ck_assert(tuple_equal(&tuple, &again));
	/* The wire carries no scope. */
	wire.address.scope = 0;
	ck_assert(endpoint_equal(&near, &wire));
	ck_assert(endpoint_equal(&wire, &nearer));
	ck_assert(!endpoint_equal(&near, &nearer));
	ck_assert_uint_eq(tuple_hash(&(struct tuple){ near, a }), tuple_hash(&(struct tuple){ wire, a }));
}
END_TEST

START_TEST(what_a_target_must_not_be)
{
	static const struct {
		const char *text;
		bool multicast, unspecified, broadcast;
	} table[] = {
		{ "192.0.2.1", false, false, false },     { "223.255.255.255", false, false, false },
		{ "224.0.0.1", true, false, false },      { "239.255.255.255", true, false, false },
		{ "240.0.0.1", false, false, false },     { "255.255.255.255", false, false, true },
		{ "0.0.0.0", false, true, false },        { "::", false, true, false },
		{ "::1", false, false, false },           { "ff02::1", true, false, false },
		{ "fe80::1", false, false, false },       { "ffff::ffff", true, false, false },
	};

	for (size_t i = 0; i < ROWS(table); i++) {
		struct endpoint made = endpoint(table[i].text, 0);

		ck_assert_msg(address_is_multicast(&made.address) == table[i].multicast, "%s", table[i].text);
		ck_assert_msg(address_is_unspecified(&made.address) == table[i].unspecified, "%s", table[i].text);
		ck_assert_msg(address_is_broadcast(&made.address) == table[i].broadcast, "%s", table[i].text);
	}
}
END_TEST

START_TEST(the_socket_api_both_ways)
{
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1", "fe80::1%1" };
	struct sockaddr unix_socket = { .sa_family = AF_UNIX };
	struct sockaddr_storage storage;
	struct endpoint back;

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct endpoint made = endpoint(texts[i], 0x1234);
		size_t size = endpoint_to_sockaddr(&made, &storage);

		ck_assert_uint_eq(size, made.address.family == 4 ? sizeof(struct sockaddr_in) :
								   sizeof(struct sockaddr_in6));
		ck_assert_int_eq(endpoint_from_sockaddr((struct sockaddr *)&storage, &back), 0);
		ck_assert(endpoint_equal(&made, &back));
		ck_assert_uint_eq(made.address.scope, back.address.scope);
	}
	ck_assert_int_eq(endpoint_from_sockaddr(&unix_socket, &back), -1);
}
END_TEST

/* A chi-square of the low ten bits for the tuples of a run: sequential ports from some sources. 1024 places, 1023 degrees
 * of freedom: a fair hash exceeds 1300 about once in 10^9. */
START_TEST(the_hash_spreads_sequential_ports) /* _i: 1 for the answers' direction */
{
	enum { PLACES = 1024, PORTS = 4096, SOURCES = 8, SHARE = PORTS * SOURCES / PLACES };
	unsigned counts[PLACES] = { 0 };
	struct tuple tuple = { endpoint("192.0.2.1", 0), endpoint("192.0.2.2", 8888) }, back;
	double chi = 0;

	for (int source = 0; source < SOURCES; source++)
		for (int port = 0; port < PORTS; port++) {
			tuple.source.address.bytes[3] = (uint8_t)(100 + source);
			tuple.source.port = (uint16_t)(20000 + port);
			back = tuple_reversed(&tuple);
			counts[tuple_hash(_i ? &back : &tuple) % PLACES]++;
		}
	for (int i = 0; i < PLACES; i++)
		chi += ((double)counts[i] - SHARE) * ((double)counts[i] - SHARE) / SHARE;
	ck_assert_msg(chi < 1300, "chi-square %.0f", chi);
}
END_TEST

static const struct {
	const char *source, *target;
	bool martian;
} ways[] = {
	{ "192.0.2.10", "192.0.2.2", false }, { "224.0.0.1", "192.0.2.2", true }, { "255.255.255.255", "192.0.2.2", true },
	{ "192.0.2.10", "224.0.0.1", false }, { "192.0.2.10", "255.255.255.255", false },
	{ "2001:db8::a", "2001:db8::2", false }, { "ff02::1", "2001:db8::2", true }, { "2001:db8::a", "ff02::1", true },
};

START_TEST(martians)
{
	struct tuple tuple = { endpoint(ways[_i].source, 1), endpoint(ways[_i].target, 2) };

	ck_assert(tuple_is_martian(&tuple) == ways[_i].martian);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, good_addresses, 0, GOOD);
	tcase_add_loop_test(tcase, bad_addresses, 0, BAD);
	tcase_add_test(tcase, endpoints_as_text);
	tcase_add_test(tcase, equality);
	tcase_add_test(tcase, what_a_target_must_not_be);
	tcase_add_test(tcase, the_socket_api_both_ways);
	tcase_add_loop_test(tcase, the_hash_spreads_sequential_ports, 0, 2);
	tcase_add_loop_test(tcase, martians, 0, (int)(sizeof(ways) / sizeof(ways[0])));
	return run_suite("tuple", tcase, NULL);
}
