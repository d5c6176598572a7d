/* report_requirements.c - the table of requirements, printed. */
#include "harness/report/report_requirements.h"

#include <jansson.h>

#include "cases/books/requirements.h"
#include "harness/report/ndjson.h"
#include "harness/report/text.h"

enum { MEANING = 11 };

struct totals {
	size_t all, asked;
};

static struct totals count(void)
{
	const struct requirement *requirement;
	struct totals totals = { 0, 0 };

	for (; (requirement = requirements_at(totals.all)); totals.all++)
		totals.asked += !requirement->not_asked;
	return totals;
}

static void print_names(FILE *out, const char *const *names, const char *before)
{
	for (; *names; names++)
		fprintf(out, "%*s%s%s\n", MEANING + 2, "", before, *names);
}

static void print_one(FILE *out, const struct requirement *requirement)
{
	char term[32], meaning[256];

	snprintf(term, sizeof(term), "%s", requirement->number);
	snprintf(meaning, sizeof(meaning), "%s (%s)", requirement->text, requirement->section);
	text_entry(out, term, MEANING, meaning);
	if (requirement->not_asked) {
		snprintf(meaning, sizeof(meaning), "no cell: %s", requirement->not_asked);
		fprintf(out, "%*s", MEANING + 2, "");
		text_wrap(out, meaning, MEANING + 2, MEANING + 2);
	}
	print_names(out, requirement->cells, "");
	print_names(out, requirement->scenarios, "scenario ");
}

static void print_table(FILE *out)
{
	const struct requirement *requirement;
	struct totals totals = count();

	for (size_t i = 0; (requirement = requirements_at(i)); i++)
		print_one(out, requirement);
	fprintf(out, "\n%zu requirements of RFC 9293: %zu are asked for, %zu are not.\n", totals.all, totals.asked,
		totals.all - totals.asked);
}

static json_t *names_json(const char *const *names)
{
	json_t *list = json_array();

	for (; *names; names++)
		json_array_append_new(list, json_string(*names));
	return list;
}

static int print_json(FILE *out, struct error *error)
{
	const struct requirement *requirement;
	struct totals totals = count();

	if (ndjson_write(out, json_pack("{s:s, s:i, s:s, s:s, s:I, s:I}", "record", "requirements", "format_version",
					NDJSON_VERSION, "tool_version", TWPROBE_VERSION, "document", "RFC 9293", "requirements",
					(json_int_t)totals.all, "asked", (json_int_t)totals.asked), error) < 0)
		return -1;
	for (size_t i = 0; (requirement = requirements_at(i)); i++) {
		json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "record", "requirement",
					   "number", requirement->number, "section", requirement->section,
					   "text", requirement->text, "cells", names_json(requirement->cells),
					   "scenarios", names_json(requirement->scenarios),
					   "not_asked", ndjson_text(requirement->not_asked));

		if (ndjson_write(out, object, error) < 0)
			return -1;
	}
	return 0;
}

static void put_names(FILE *out, const char *const *names, const char *before, const char **between)
{
	for (; *names; names++) {
		fprintf(out, "%s%s`%s`", *between, before, *names);
		*between = "<br>";
	}
}

static void print_markdown(FILE *out)
{
	const struct requirement *requirement;

	fputs("| number | section | requirement | asked by |\n|---|---|---|---|\n", out);
	for (size_t i = 0; (requirement = requirements_at(i)); i++) {
		const char *between = "";

		fprintf(out, "| %s | %s | %s | ", requirement->number, requirement->section, requirement->text);
		put_names(out, requirement->cells, "", &between);
		put_names(out, requirement->scenarios, "scenario ", &between);
		fprintf(out, "%s%s |\n", requirement->not_asked ? "- " : "",
			requirement->not_asked ? requirement->not_asked : "");
	}
}

int report_requirements(FILE *out, enum format format, struct error *error)
{
	if (format == FORMAT_JSON)
		return print_json(out, error);
	if (format == FORMAT_MARKDOWN)
		print_markdown(out);
	else
		print_table(out);
	return 0;
}
