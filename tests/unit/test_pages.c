/* test_pages.c - manual pages and completion have every row of the tables, and nothing that their readers stumble over. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/operands.h"
#include "harness/commands/option.h"
#include "harness/pages/article.h"
#include "harness/pages/completion.h"
#include "harness/pages/manual.h"
#include "harness/pages/markdown.h"
#include "tests/unit/suite.h"

#define PROSE "docs/manual"

static char *page_of(enum command_id command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct error error = { "" };

	ck_assert_msg(manual_write(out, command, PROSE, &error) == 0, "%s", error.text);
	fclose(out);
	return text;
}

static char *script_of(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	print(out);
	fclose(out);
	return text;
}

START_TEST(a_page_has_every_option)
{
	enum command_id command = (enum command_id)_i;
	const struct option_row *row;
	char *page = page_of(command), term[128], name[MANUAL_NAME_SIZE], head[MANUAL_NAME_SIZE + 8];

	snprintf(head, sizeof(head), "%s(1)\n", manual_name(command, name));
	ck_assert_msg(strncmp(page, head, strlen(head)) == 0, "%.40s", page);
	for (size_t i = 0; (row = option_at(i)); i++) {
		bool own = row->commands & COMMAND_BIT(command);
		char *found;

		snprintf(term, sizeof(term), "*--%s*", row->name);
		found = strstr(page, "# OPTIONS\n");
		ck_assert_ptr_nonnull(found);
		found = strstr(found, term);
		ck_assert_msg(!own || found, "%s lacks %s", name, term);
	}
	free(page);
}
END_TEST

/* What scdoc(5) reads as something else at the beginning of a line. */
START_TEST(lines_are_text)
{
	char *page = page_of((enum command_id)_i);
	bool literal = false;

	for (char *line = strtok(page, "\n"); line; line = strtok(NULL, "\n")) {
		if (strcmp(line, "```") == 0)
			literal = !literal;
		ck_assert_msg(literal || !strchr("[]|;.-", *line), "line '%.60s'", line);
		ck_assert_msg(strncmp(line, "    ", 4) != 0, "line '%.60s'", line);
	}
	ck_assert(!literal);
	free(page);
}
END_TEST

static const struct {
	enum command_id command;
	const char *part;
} parts[] = {
	{ COMMAND_CELL, "*twprobe* [_OPTIONS_] [_CELL..._] [_HOST:PORT_]++\n"
		"*twprobe matrix* [_OPTIONS_] [_CELL..._] [_HOST:PORT_]++\n" },
	{ COMMAND_CELL, "*--seq-below*[=_N_], *--seq-equal*, *--seq-above*[=_N_], *--seq*=_OFFSET_\n\t" },
	{ COMMAND_CELL, "*--sysctl* _NAME=VALUE_\n" },
	{ COMMAND_CELL, "*--rate*=_N_|_max_|_auto_\n" },
	{ COMMAND_CELL, "*--pcap*=_FILE_|_-_\n" },
	{ COMMAND_CELL, "*--format*=_table_|_json_|_tap_|_ktap_|_junit_|" },
	{ COMMAND_COMPARE, "*--format*=_table_|_json_|_tap_|_ktap_|_junit_|_github_|_markdown_|_html_\n" },
	{ COMMAND_COMPARE, "*twprobe compare* *--merge* _FILE..._\n" },
	{ COMMAND_MAP, "*-o* _FILE_, *--output*=_FILE_\n" },
	{ COMMAND_MAP, "*twprobe map* *-o* _FILE_ [_OPTIONS_]" },
	{ COMMAND_SCENARIO, "*twprobe scenario* _NAME_|*--all* [_OPTIONS_]" },
	{ COMMAND_DIAGNOSE, "\n\tNo progress line. With _-i_: no lines of summary.\n" },
	{ COMMAND_DIAGNOSE, "the kernels of a capture are unknown" },
	{ COMMAND_SERVE, "*--allow*=_ADDR_[/_LENGTH_]\n" },
	{ COMMAND_SERVE, "\n\\[_ADDR:_]_PORT_\n" },
	{ COMMAND_CELL, "One of _closed_, _listen_, _syn-sent_, " },
	{ COMMAND_CELL, "\n```\ntwprobe --seq-below --ts-above\n```\n" },
	{ COMMAND_CELL, "*twprobe-help*(1), *twprobe-case*(5), " },
};

START_TEST(words_are_marked)
{
	char *page = page_of(parts[_i].command);

	ck_assert_msg(strstr(page, parts[_i].part), "no '%s' in:\n%.3000s", parts[_i].part, page);
	free(page);
}
END_TEST

START_TEST(prose_that_is_missing)
{
	struct error error = { "" };
	FILE *out = fopen("/dev/null", "w");

	ck_assert_int_eq(manual_write(out, COMMAND_CELL, "/no/such/folder", &error), -1);
	ck_assert_str_eq(error.text, "/no/such/folder/description.scd: No such file or directory");
	fclose(out);
}
END_TEST

static bool all_but_last(const void *context, const char *heading)
{
	(void)context;
	return !heading || strcmp(heading, "Last") != 0;
}

static bool other_page(FILE *out, const char *document, size_t length)
{
	if (length == 4 && strncmp(document, "a.md", 4) == 0)
		return fputs("*a*(5)", out) >= 0;
	return false;
}

/* A document, and what scdoc is given of it. */
static const struct {
	const char *document, *page;
} documents[] = {
	{ "# Title\n\nOne\ntwo.\n\nThree\n", "One two.\n\nThree\n\n" },
	{ "## The `--x` part\n\n### A b\n", "# THE --X PART\n\n## A b\n\n" },
	{ "Of `rcv_nxt` and **a*b**, a_b [c|d].\n", "Of *rcv\\_nxt* and *a\\*b*, a\\_b \\[c\\|d\\].\n\n" },
	{ "See [it](a.md#x), [`two`](b.md).\n", "See *a*(5), *two*.\n\n" },
	{ "![picture](x.svg)\n\n.x\n", "\\.x\n\n" },
	{ "- one\n  more\n- two\n\nEnd\n", "- one more\n- two\n\nEnd\n\n" },
	{ "1. one\n   more\n\n    code\n", "- one more\n\n```\ncode\n```\n\n" },
	{ "```sh\na_b \\\n  *\n```\nAfter\n", "```\na_b \\\\\n  *\n```\n\nAfter\n\n" },
	{ "So:\n\n    a\n    b\n\nAfter\n", "So:\n\n```\na\nb\n```\n\nAfter\n\n" },
	{ "| k | v |\n|---|---|\n| `a` | of \\| b |\n\n| c | d |\n", "*a*\n\tof \\| b\n\nc\n\td\n\n" },
	{ "| k | v | more |\n|---|---|---|\n| a | b | `c` |\n| d | e | |\n", "a\n\tv: b\n\n\tmore: *c*\n\nd\n\tv: e\n\n" },
	{ "## Last\n\nnot this\n\n## Next\n\nthis\n", "# NEXT\n\nthis\n\n" },
	{ "an open ` and ** and [x] and [y](\n", "an open ` and \\*\\* and \\[x\\] and \\[y\\](\n\n" },
};

START_TEST(a_document_becomes_a_page)
{
	const struct markdown_taste taste = { .has_chapter = all_but_last, .reference = other_page };
	FILE *document = fmemopen((void *)documents[_i].document, strlen(documents[_i].document), "r");
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	markdown_write(out, document, &taste);
	fclose(out);
	fclose(document);
	ck_assert_str_eq(text, documents[_i].page);
	free(text);
}
END_TEST

START_TEST(an_article_has_its_chapters_in_its_own_order)
{
	const struct article *article;
	struct error error = { "" };

	for (size_t i = 0; (article = article_at(i)); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		ck_assert_msg(article_write(out, article, "docs", &error) == 0, "%s", error.text);
		fclose(out);
		for (size_t j = 0, at = 0; j < ARTICLE_CHAPTERS_MAX && article->chapters[j]; j++) {
			char heading[80] = "# ", *found;

			for (size_t k = 0; article->chapters[j][k]; k++)
				heading[k + 2] = (char)toupper((unsigned char)article->chapters[j][k]);
			found = strstr(text + at, heading);
			ck_assert_msg(found, "%s: no %s behind the one before it", article->name, heading);
			at = (size_t)(found - text) + 1;
		}
		free(text);
	}
	ck_assert_int_eq(article_write(stdout, article_at(0), "/no/such/folder", &error), -1);
	ck_assert_str_eq(error.text, "/no/such/folder/case-files.md: No such file or directory");
}
END_TEST

/* What each shell calls an option. */
static const struct {
	void (*print)(FILE *out);
	const char *option;
} shells[] = {
	{ completion_bash, "--%s" },
	{ completion_zsh, "'--%s" },
	{ completion_fish, " -l %s " },
};

START_TEST(a_script_has_every_option)
{
	char *script = script_of(shells[_i].print), name[64];
	const struct option_row *row;

	for (size_t i = 0; (row = option_at(i)); i++) {
		snprintf(name, sizeof(name), shells[_i].option, row->name);
		ck_assert_msg(strstr(script, name), "no %s", name);
	}
	for (enum command_id id = COMMAND_CELL + 1; id < COMMAND_COUNT; id++)
		ck_assert_ptr_nonnull(strstr(script, commands_at(id)->name));
	ck_assert_ptr_nonnull(strstr(script, "twprobe list scenarios"));
	ck_assert_ptr_nonnull(strstr(script, "twprobe list matrices"));
	ck_assert_ptr_nonnull(strstr(script, "table json tap"));
	free(script);
}
END_TEST

int main(void)
{
	TCase *manual = tcase_create("manual"), *completion = tcase_create("completion");

	tcase_add_loop_test(manual, a_page_has_every_option, 0, COMMAND_COUNT);
	tcase_add_loop_test(manual, lines_are_text, 0, COMMAND_COUNT);
	tcase_add_loop_test(manual, words_are_marked, 0, ROWS(parts));
	tcase_add_test(manual, prose_that_is_missing);
	tcase_add_loop_test(manual, a_document_becomes_a_page, 0, ROWS(documents));
	tcase_add_test(manual, an_article_has_its_chapters_in_its_own_order);
	tcase_add_loop_test(completion, a_script_has_every_option, 0, ROWS(shells));
	return run_suite("pages", manual, completion, NULL);
}
