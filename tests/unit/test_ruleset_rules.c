/* test_ruleset_rules.c - rules by their handles: text and line, for rule sets written in several ways. */
#include <string.h>

#include "harness/lab/ruleset_rules.h"

#include "tests/unit/suite.h"

static const char listing[] =
	"table inet fw { # handle 3\n"
	"\tset bad { # handle 2\n\t\ttype ipv4_addr\n\t}\n\n"
	"\tchain forward { # handle 1\n"
	"\t\ttype filter hook forward priority filter; policy drop;\n"
	"\t\tip saddr @bad drop # handle 4\n"
	"\t\ttcp dport { 22, 80 } accept comment \"a # handle 9\" # handle 6\n"
	"\t\tct state invalid drop # handle 7\n"
	"\t}\n\n"
	"\tchain other { # handle 8\n\t\tcounter # handle 10\n\t}\n"
	"}\n"
	"table ip nat { # handle 4\n\tchain post { # handle 1\n\t\tmasquerade # handle 2\n\t}\n}\n";

static const char blocks[] =
	"flush ruleset\n"
	"# table inet fw { chain forward {\n"
	"table inet fw {\n"
	"\tset bad {\n\t\ttype ipv4_addr; }\n"
	"\tchain forward {\n"
	"\t\ttype filter hook forward priority 0; policy drop;\n"
	"\t\tip saddr @bad drop; tcp dport {\n\t\t\t22,\n\t\t\t80 } accept comment \"a # handle 9\"\n"
	"\n"
	"\t\tct state \\\n\t\t\tinvalid drop # }\n"
	"\t}\n"
	"\tchain other { counter; }\n"
	"}\n"
	"table nat {\n\tchain post {\n\t\tmasquerade }\n}\n";

static int line_of(const char *source, int first, const char *family, const char *table, const char *chain, uint64_t handle)
{
	struct ruleset_rules rules;
	const struct ruleset_rule *rule;
	int line;

	ck_assert_int_eq(ruleset_rules_read(&rules, listing, source, first), 0);
	rule = ruleset_rules_find(&rules, family, table, chain, handle);
	line = rule ? rule->line : -1;
	ruleset_rules_free(&rules);
	return line;
}

static const struct {
	const char *family, *table, *chain;
	uint64_t handle;
	int line;
} places[] = {
	{ "inet", "fw", "forward", 4, 8 }, { "inet", "fw", "forward", 6, 8 }, { "inet", "fw", "forward", 7, 12 },
	{ "inet", "fw", "other", 10, 15 }, { "ip", "nat", "post", 2, 19 }, { "inet", "fw", "forward", 9, -1 },
	{ "ip", "fw", "forward", 4, -1 }, { "inet", "fw", "forward", 0, 0 },
};

START_TEST(lines_of_blocks)
{
	ck_assert_int_eq(line_of(blocks, 1, places[_i].family, places[_i].table, places[_i].chain, places[_i].handle),
			 places[_i].line);
}
END_TEST

START_TEST(lines_count_from_the_first)
{
	ck_assert_int_eq(line_of(blocks, 11, "inet", "fw", "forward", 4), 18);
}
END_TEST

/* Rules may come from elsewhere, and in another order: none has a line that is certain. */
START_TEST(no_lines_otherwise)
{
	static const char *const sources[] = {
		"include \"other.nft\"\ntable inet fw {\n\tchain forward {\n\t\tip saddr @bad drop\n\t}\n}\n",
		"table inet fw {\n\tchain forward {\n\t\tip saddr @bad drop\n\t}\n}\ninsert rule inet fw forward drop\n",
		"table inet fw {\n\tchain forward {\n\t\tip saddr @bad drop\n\t}\n\tchain forward {\n\t\tdrop\n\t}\n}\n",
		"table inet fw {\n\tchain forward {\n\t\tip saddr @bad drop\n\t}\n}\n",
		"add rule inet fw forward ip saddr @bad drop\n", "", "table inet fw {", "}}}}", "\"",
	};

	for (size_t i = 0; i < ROWS(sources); i++) {
		int line = line_of(sources[i], 1, "inet", "fw", "forward", 4);

		ck_assert_msg(line == 0, "%s: %d", sources[i], line);
	}
}
END_TEST

START_TEST(texts)
{
	struct ruleset_rules rules;

	ck_assert_int_eq(ruleset_rules_read(&rules, listing, blocks, 1), 0);
	ck_assert_str_eq(ruleset_rules_find(&rules, "inet", "fw", "forward", 7)->text, "ct state invalid drop");
	ck_assert_str_eq(ruleset_rules_find(&rules, "inet", "fw", "forward", 0)->text,
			 "type filter hook forward priority filter; policy drop;");
	ruleset_rules_free(&rules);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, lines_of_blocks, 0, ROWS(places));
	tcase_add_test(tcase, lines_count_from_the_first);
	tcase_add_test(tcase, no_lines_otherwise);
	tcase_add_test(tcase, texts);
	return run_suite("ruleset_rules", tcase, NULL);
}
