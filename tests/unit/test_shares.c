/* test_shares.c - which addresses lie in a prefix; how many connections each client holds. */
#include <string.h>

#include "crafter/random.h"
#include "harness/lab/prefix.h"
#include "harness/lab/shares.h"

#include "tests/unit/suite.h"

static struct address address_of(const char *text)
{
	struct address address;

	ck_assert_int_eq(address_parse(text, &address, NULL), 0);
	return address;
}

static const struct {
	const char *prefix, *address;
	bool holds;
} prefixes[] = {
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.6", false },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.6/31", "192.0.2.7", true },
	{ "192.0.2.6/31", "192.0.2.8", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "192.0.2.1", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "2001:db8::1", "2001:db8::2", false },
};

START_TEST(what_lies_in_a_prefix)
{
	struct address address = address_of(prefixes[_i].address);
	struct prefix prefix;

	ck_assert_int_eq(prefix_parse(prefixes[_i].prefix, &prefix, NULL), 0);
	ck_assert_int_eq(prefix_holds(&prefix, &address), prefixes[_i].holds);
}
END_TEST

static const struct {
	const char *text, *why;
} bad_prefixes[] = {
	{ "", "is not a numeric" },
	{ "/24", "is not a numeric" },
	{ "host/24", "is not a numeric" },
	{ "192.0.2.0/", "number of bits" },
	{ "192.0.2.0/-1", "number of bits" },
	{ "192.0.2.0/24x", "0 to 32 bits" },
	{ "192.0.2.0/33", "0 to 32 bits" },
	{ "192.0.2.0/99999999999999999999999", "0 to 32 bits" },
	{ "2001:db8::/129", "0 to 128 bits" },
	{ "192.0.2.17/24", "did you mean 192.0.2.0/24" },
	{ "2001:db8::1/64", "did you mean 2001:db8::/64" },
	{ "192.0.2.00000000000000000000000000000000000000000000000000000000000000000000000000001", "is not an address" },
};

START_TEST(what_is_no_prefix)
{
	struct prefix prefix;
	struct error error = { "" };

	ck_assert_int_eq(prefix_parse(bad_prefixes[_i].text, &prefix, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, bad_prefixes[_i].why));
}
END_TEST

START_TEST(an_address_of_ipv4_in_ipv6_is_that_of_ipv4)
{
	struct address mapped = address_of("::ffff:192.0.2.1"), four = address_of("192.0.2.1");
	struct address other = address_of("::fffe:192.0.2.1"), same = other;

	address_unmap(&mapped);
	address_unmap(&other);
	ck_assert(address_equal(&mapped, &four));
	ck_assert(address_equal(&other, &same));
}
END_TEST

START_TEST(a_client_of_ipv6_is_its_network)
{
	struct shares *shares = shares_open(4);
	struct address one = address_of("2001:db8::1"), two = address_of("2001:db8::ffff:0:0:2");
	struct address elsewhere = address_of("2001:db8:0:1::1");
	struct address four = address_of("192.0.2.1"), next = address_of("192.0.2.2");

	shares_add(shares, &one);
	shares_add(shares, &two);
	shares_add(shares, &four);
	ck_assert_uint_eq(shares_held(shares, &one), 2);
	ck_assert_uint_eq(shares_held(shares, &elsewhere), 0);
	ck_assert_uint_eq(shares_held(shares, &four), 1);
	ck_assert_uint_eq(shares_held(shares, &next), 0);
	shares_remove(shares, &two);
	shares_remove(shares, &one);
	shares_remove(shares, &one);
	ck_assert_uint_eq(shares_held(shares, &one), 0);
	shares_close(shares);
}
END_TEST

/* So few places that clients collide all the time: whoever leaves must not hide those behind him. */
START_TEST(nobody_is_forgotten)
{
	enum { CONNECTIONS = 8, CLIENTS = 24, STEPS = 200000 };
	struct shares *shares = shares_open(CONNECTIONS);
	size_t held[CLIENTS] = { 0 }, all = 0;
	uint64_t random = 1;

	for (int step = 0; step < STEPS; step++) {
		struct address client = { .family = 4, .bytes = { 192, 0, 2 } };
		size_t n = (random = random_mix(random)) % CLIENTS;

		client.bytes[3] = (uint8_t)n;
		ck_assert_uint_eq(shares_held(shares, &client), held[n]);
		if (held[n] && random >> 63) {
			shares_remove(shares, &client);
			held[n]--;
			all--;
		} else if (all < CONNECTIONS) {
			shares_add(shares, &client);
			held[n]++;
			all++;
		}
	}
	shares_close(shares);
}
END_TEST

int main(void)
{
	TCase *prefix = tcase_create("prefix"), *client = tcase_create("client");

	tcase_add_loop_test(prefix, what_lies_in_a_prefix, 0, ROWS(prefixes));
	tcase_add_loop_test(prefix, what_is_no_prefix, 0, ROWS(bad_prefixes));
	tcase_add_test(client, an_address_of_ipv4_in_ipv6_is_that_of_ipv4);
	tcase_add_test(client, a_client_of_ipv6_is_its_network);
	tcase_add_test(client, nobody_is_forgotten);
	return run_suite("shares", prefix, client, NULL);
}
