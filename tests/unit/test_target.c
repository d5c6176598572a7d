/* test_target.c - HOST:PORT as text; numeric only, no name service is asked. */
#include <string.h>

#include "harness/wire/target.h"

#include "tests/unit/suite.h"

static const struct {
	const char *text, *wanted;
} good[] = {
	{ "192.0.2.1:8888", "192.0.2.1:8888" },
	{ "192.0.2.1:1", "192.0.2.1:1" },
	{ "0.0.0.0:65535", "0.0.0.0:65535" },
	{ "[2001:db8::1]:8888", "[2001:db8::1]:8888" },
	{ "[::]:80", "[::]:80" },
	{ "[fe80::1%lo]:80", "[fe80::1%lo]:80" },
	{ "[fec0::1]:80", "[fec0::1]:80" },
	{ "192.0.2.1:00080", "192.0.2.1:80" },
};

static const struct {
	const char *text, *says;
} wrong[] = {
	{ "", "the port is missing" },
	{ "192.0.2.1", "the port is missing" },
	{ "192.0.2.1:", "the port is missing" },
	{ "[::1]", "the port is missing" },
	{ "[::1]:", "the port is missing" },
	{ ":80", "the host is missing" },
	{ "[]:80", "the host is missing" },
	{ "192.0.2.1:0", "ports go from 1 to 65535" },
	{ "192.0.2.1:65536", "ports go from 1 to 65535" },
	{ "192.0.2.1:99999999999999999999", "ports go from 1 to 65535" },
	{ "192.0.2.1:http", "not a number" },
	{ "192.0.2.1:80x", "not a number" },
	{ "192.0.2.1:-1", "not a number" },
	{ "192.0.2.1:+80", "not a number" },
	{ "192.0.2.1: 80", "not a number" },
	{ "2001:db8::1:80", "in brackets" },
	{ "::1", "in brackets" },
	{ "[::1:80", "not closed" },
	{ "[[::1]:80", "not closed" },
	{ "::1]:80", "in brackets" },
	{ "a]:80", "closed that was not opened" },
	{ "[::1]80", "after the bracket" },
	{ "[192.0.2.1]:80", "not an IPv6 address" },
	{ "[2001:db8::g]:80", "not an IPv6 address" },
	{ "[host]:80", "not an IPv6 address" },
	{ "192.0.2.256:80", "not an IPv4 address" },
	{ "192.0.2:80", "not an IPv4 address" },
	{ "1:80", "not an IPv4 address" },
	{ "...:80", "not an IPv4 address" },
	{ "[fe80::1]:80", "[fe80::1%INTERFACE]:PORT" },
	{ "[febf::1]:80", "a link-local address needs the interface" },
	{ "[::ffff:192.0.2.1]:80", "is an IPv4-mapped address" },
};

START_TEST(numeric)
{
	struct endpoint endpoint;
	struct error error = { "" };
	char text[ENDPOINT_TEXT_SIZE];

	ck_assert_msg(target_resolve(good[_i].text, 0, &endpoint, &error) == 0, "%s: %s", good[_i].text, error.text);
	ck_assert_str_eq(endpoint_format(&endpoint, text, sizeof(text)), good[_i].wanted);
}
END_TEST

START_TEST(refused)
{
	struct endpoint endpoint;
	struct error error = { "" };

	ck_assert_msg(target_resolve(wrong[_i].text, 0, &endpoint, &error) == -1, "'%s' was taken", wrong[_i].text);
	ck_assert_msg(strstr(error.text, wrong[_i].says), "'%s' gives: %s", wrong[_i].text, error.text);
	ck_assert_msg(!strchr(error.text, '\n'), "more than one line: %s", error.text);
}
END_TEST

START_TEST(too_long)
{
	char text[600];
	struct endpoint endpoint;
	struct error error = { "" };

	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 4, ":80", 4);
	ck_assert_int_eq(target_resolve(text, 0, &endpoint, &error), -1);
	ck_assert_msg(strstr(error.text, "too long"), "%s", error.text);
}
END_TEST

START_TEST(port_alone)
{
	struct error error = { "" };
	uint16_t port = 0;

	ck_assert_int_eq(target_port("8888", "8888", &port, &error), 0);
	ck_assert_uint_eq(port, 8888);
	ck_assert_int_eq(target_port("", "", &port, &error), -1);
	ck_assert_int_eq(target_port("0", "0", &port, &error), -1);
	ck_assert_int_eq(target_port("65536", "65536", &port, &error), -1);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("endpoint");

	tcase_add_loop_test(tests, numeric, 0, ROWS(good));
	tcase_add_loop_test(tests, refused, 0, ROWS(wrong));
	tcase_add_test(tests, too_long);
	tcase_add_test(tests, port_alone);
	return run_suite("endpoint", tests, NULL);
}
