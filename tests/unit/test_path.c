/* test_path.c - path files: what they say, and what is wrong with them; libnftables' errors with the user's lines. */
#include <stdlib.h>
#include <string.h>

#include "cases/path/path.h"
#include "harness/lab/ruleset.h"

#include "tests/unit/suite.h"

static struct path *read_text(const char *text, struct error *error)
{
	return path_read("a/mine.yaml", text, strlen(text), error);
}

START_TEST(whole_file)
{
	struct error error;
	struct path *path = read_text("title: Ours\nfront: 198.51.100.1:80\noutside: wan0\ninside: lan0\nrules: |\n"
				      "  table ip t {\n  }\nsysctls:\n  net.ipv4.ip_forward: 1\n", &error);

	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert_str_eq(path->name, "mine");
	ck_assert_str_eq(path->title, "Ours");
	ck_assert_str_eq(path->rules, "table ip t {\n}\n");
	ck_assert_int_eq(path->rules_line, 6);
	ck_assert_uint_eq(path->front_v4.port, 80);
	ck_assert_str_eq(path->outside, "wan0");
	ck_assert_str_eq(path->inside, "lan0");
	ck_assert_uint_eq(path->sysctl_count, 1);
	ck_assert_str_eq(path->sysctls[0].name, "net.ipv4.ip_forward");
	ck_assert_str_eq(path->sysctls[0].value, "1");
	ck_assert_int_eq(path->sysctls[0].line, 9);
	ck_assert(!path_is_direct(path));
	path_free(path);
}
END_TEST

/* A file's name may be anything; that of the path is a part of cells' names. */
START_TEST(named_after_the_file)
{
	static const struct { const char *file, *name; } rows[] = {
		{ "a/mine.yaml", "mine" },
		{ "/x/My rules (old).yaml", "My-rules--old-" },
		{ "caf\xc3\xa9%s.yaml", "caf---s" },
		{ "a=1@probe.yml", "a-1-probe" },
		{ "direct.yaml", "xdirect" },
		{ ".hidden", "x.hidden" },
		{ "-q.yaml", "x-q" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789.yaml",
		  "89012345678901234567890123456789012345678901234567890123456789" },
	};
	struct error error;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path *path = path_read(rows[i].file, "title: t\n", 9, &error);

		ck_assert_msg(path != NULL, "%s", error.text);
		ck_assert_str_eq(path->name, rows[i].name);
		ck_assert(path_is_name(path->name));
		path_free(path);
	}
}
END_TEST

/* Of standard input, and of a file such as /etc/nftables.conf, only the text tells. */
static const struct {
	const char *text, *name, *rules; /* rules NULL: an error */
} unnamed[] = {
	{ "#!/usr/sbin/nft -f\n# rules: of ours\ntable ip t { }\n", "standard-input",
	  "#!/usr/sbin/nft -f\n# rules: of ours\ntable ip t { }\n" },
	{ "\n# a router\npath: mine\nrules: |\n  table ip t {\n  }\n", "mine", "table ip t {\n}\n" },
	{ "rules: table ip t { }\n", "standard input", "table ip t { }" },
	{ "add table ip t:", "standard-input", "add table ip t:" },
	{ "# only a remark", "standard-input", "# only a remark" },
	{ "", "standard-input", "" },
	{ "titel: x\n", NULL, NULL },
};

START_TEST(a_text_of_either_kind)
{
	struct error error = { "" };
	struct path *path = path_parse("standard input", unnamed[_i].text, strlen(unnamed[_i].text), &error);

	ck_assert_int_eq(path != NULL, unnamed[_i].rules != NULL);
	if (path)
		ck_assert_str_eq(path->rules, unnamed[_i].rules);
	else
		ck_assert_msg(strstr(error.text, "standard input:1:1: ") == error.text, "%s", error.text);
	if (path && !strchr(unnamed[_i].name, ' '))
		ck_assert_str_eq(path->name, unnamed[_i].name);
	path_free(path);
}
END_TEST

START_TEST(both_families)
{
	struct error error;
	struct path *path = read_text("front: [198.51.100.1:80, '[2001:db8:1::1]:81']\nipvs:\n"
				      "  - {service: '[2001:db8:1::1]:80', servers: ['[2001:db8::2]:8888']}\n", &error);

	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert_uint_eq(path->front_v4.port, 80);
	ck_assert_uint_eq(path->front_v6.port, 81);
	ck_assert_uint_eq(path->services[0].servers[0].address.family, 6);
	path_free(path);
}
END_TEST

START_TEST(services_and_links)
{
	struct error error;
	struct path *path = read_text("ipvs:\n  - service: 198.51.100.1:80\n    servers: [192.0.2.2:8888, 192.0.2.2:8891]\n"
				      "netem:\n  to-client: { delay: 20ms, jitter: 5ms, loss: 0.5%, seed: 7 }\n", &error);

	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert_uint_eq(path->service_count, 1);
	ck_assert_str_eq(path->services[0].scheduler, "rr");
	ck_assert_int_eq(path->services[0].line, 2);
	ck_assert_uint_eq(path->services[0].server_count, 2);
	ck_assert_uint_eq(path->services[0].servers[1].port, 8891);
	ck_assert_uint_eq(path->front_v4.port, 80); /* the first service, where none is given */
	ck_assert(path_loses(path) && !path_loses(NULL));
	ck_assert_uint_eq(path_delay_ns(path), 25000000);
	ck_assert_uint_eq(path->to_client.seed, 7);
	ck_assert_int_eq(path->to_subject.line, 0);
	path_free(path);
}
END_TEST

START_TEST(tunnel_and_subject)
{
	struct error error;
	struct path *path = read_text("title: t\ntunnel: wireguard\nsubject: mptcp\n", &error);

	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert_int_eq(path->tunnel_line, 2);
	ck_assert_int_eq(path->mptcp_line, 3);
	path_free(path);
	path = read_text("subject: tcp\n", &error);
	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert_int_eq(path->tunnel_line, 0);
	ck_assert_int_eq(path->mptcp_line, 0);
	path_free(path);
}
END_TEST

START_TEST(direct_is_no_file)
{
	struct error error;
	struct path *path = path_load(PATH_DIRECT, &error);

	ck_assert_msg(path != NULL, "%s", error.text);
	ck_assert(path_is_direct(path));
	ck_assert(path_is_direct(NULL));
	ck_assert_str_eq(path->name, PATH_DIRECT);
	path_free(path);
}
END_TEST

static const struct {
	const char *text, *error;
} wrong[] = {
	{ "", "a/mine.yaml:" },
	{ "rule: x\n", "a/mine.yaml:1:1: " },
	{ "title: a\nfront: 198.51.100.1\n", "a/mine.yaml:2:8: front: '198.51.100.1' is not ADDRESS:PORT" },
	{ "front: 2001:db8::1:80\n", "is not ADDRESS:PORT, such as 198.51.100.1:80 or [2001:db8:1::1]:80" },
	{ "front: [198.51.100.1:80, 198.51.100.1:81]\n", "a/mine.yaml:1:26: front: one of IPv4, one of IPv6" },
	{ "front: nobody:80\n", "a/mine.yaml:1:8: front: " },
	{ "front: 198.51.100.1:70000\n", "is not ADDRESS:PORT" },
	{ "inside: a/b\n", "a/mine.yaml:1:9: inside: 'a/b' is no name for an interface" },
	{ "inside: eth0\n", "outside and inside are the same interface, eth0" },
	{ "path: direct\n", "a/mine.yaml:1:7: path: 'direct' is not a name" },
	{ "path: A B\n", "a/mine.yaml:1:7: path: 'A B' is not a name" },
	{ "title: a\ntunnel: ipip\n", "a/mine.yaml:2:9: tunnel: 'ipip' is not one that twprobe makes: wireguard" },
	{ "tunnel: wireguard\ninside: wg0\n", "outside and inside: wg0 is the tunnel's" },
	{ "subject: sctp\n", "a/mine.yaml:1:10: subject: 'sctp' is not what a subject can listen for: tcp or mptcp" },
	{ "netem: {to-subject: {loss: 2}}\n", "a/mine.yaml:1:28: loss: '2' is not a share, such as 2%" },
	{ "netem: {to-subject: {loss: 101%}}\n", "loss: '101%' is not a share" },
	{ "netem: {to-client: {delay: 20}}\n", "a/mine.yaml:1:28: delay: '20' is not a duration" },
	{ "netem: {to-client: {delay: 11s}}\n", "delay: at most 10s" },
	{ "netem: {to-client: {delay: 1ms, jitter: 2ms}}\n", "to-client: jitter is more than the delay" },
	{ "netem: {to-client: {reorder: 5%}}\n", "to-client: reorder lets segments overtake" },
	{ "netem: {to-client: {seed: 0}}\n", "seed: " },
	{ "netem: {both: {}}\n", "a/mine.yaml:1:9: " },
	{ "ipvs: 1\n", "a/mine.yaml:1:7: " },
	{ "ipvs: [{servers: [192.0.2.2:8888]}]\n", "a/mine.yaml:1:8: a service: 'service' is missing" },
	{ "ipvs: [{service: 198.51.100.1:80}]\n", "a/mine.yaml:1:8: a service: 'servers' is missing" },
	{ "ipvs: [{service: 198.51.100.1:80, servers: [x]}]\n", "servers: 'x' is not ADDRESS:PORT" },
	{ "ipvs: [{service: 198.51.100.1:80, servers: ['[2001:db8::2]:80']}]\n", "of its own family, IPv4" },
	{ "ipvs: [{service: 198.51.100.1:80, scheduler: r/r, servers: [192.0.2.2:1]}]\n",
	  "scheduler: 'r/r' is not one of IPVS" },
	{ "sysctls: 1\n", "a/mine.yaml:1:10: sysctls: lines of NAME: VALUE" },
	{ "sysctls:\n  a: 1\n  a: 2\n", "a/mine.yaml:3:3: " },
};

START_TEST(wrong_file)
{
	struct error error = { "" };
	struct path *path = read_text(wrong[_i].text, &error);

	ck_assert_msg(path == NULL, "%s", wrong[_i].text);
	ck_assert_msg(strstr(error.text, wrong[_i].error) != NULL, "%s: %s", wrong[_i].text, error.text);
}
END_TEST

#define WITHOUT(option) "; this kernel is built without " option ", which distributions' kernels have (--engine=qemu)"

static const struct {
	const char *said;
	int line;
	const char *error;
} errors[] = {
	{ "/proc/self/fd/5:3:4-8: Error: syntax error, unexpected string\n  ct stte\n   ^^^^\n", 1,
	  "mine.nft:3: Error: syntax error, unexpected string" },
	{ "/proc/self/fd/5:3:4-8: Error: Could not process rule: No such file or directory\n", 6,
	  "mine.nft:8: Error: Could not process rule: No such file or directory" },
	{ "/proc/self/fd/5:1:1-9: Error: Could not process rule: Operation not supported\ntable inet t {\n^^^^\n", 5,
	  "mine.nft:5: Error: Could not process rule: Operation not supported" WITHOUT("NF_TABLES_INET") },
	{ "/proc/self/fd/5:1:1-9: Error: Could not process rule: Operation not supported\ntable ip6 t {\n^^^^\n", 1,
	  "mine.nft:1: Error: Could not process rule: Operation not supported" WITHOUT("NF_TABLES_IPV6") },
	{ "/proc/self/fd/5:4:3-9: Error: Could not process rule: No such file or directory\n\t\ttcp dport 1 queue num 5\n", 1,
	  "mine.nft:4: Error: Could not process rule: No such file or directory" WITHOUT("NFT_QUEUE") },
	/* A chain that is not there. */
	{ "/proc/self/fd/5:4:3-9: Error: Could not process rule: No such file or directory\n\t\tct state new jump queue\n", 1,
	  "mine.nft:4: Error: Could not process rule: No such file or directory" },
	{ "netlink: Error: cache initialization failed: Operation not permitted\n", 1,
	  "mine.nft: netlink: Error: cache initialization failed: Operation not permitted" },
	{ "", 1, "mine.nft: the rules are refused" },
};

START_TEST(rule_errors)
{
	struct path path = { .file = (char[]){ "mine.nft" }, .rules_line = errors[_i].line };
	struct error error;

	ruleset_error(errors[_i].said, &path, &error);
	ck_assert_str_eq(error.text, errors[_i].error);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, whole_file);
	tcase_add_loop_test(tcase, a_text_of_either_kind, 0, ROWS(unnamed));
	tcase_add_test(tcase, both_families);
	tcase_add_test(tcase, services_and_links);
	tcase_add_test(tcase, tunnel_and_subject);
	tcase_add_test(tcase, direct_is_no_file);
	tcase_add_test(tcase, named_after_the_file);
	tcase_add_loop_test(tcase, wrong_file, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_loop_test(tcase, rule_errors, 0, sizeof(errors) / sizeof(errors[0]));
	return run_suite("path", tcase, NULL);
}
