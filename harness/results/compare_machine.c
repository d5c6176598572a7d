/* compare_machine.c - a comparison for programs: NDJSON, TAP 13 and KTAP, JUnit XML, annotations. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/cell.h"
#include "harness/report/expected_failures.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_github.h"
#include "harness/report/report_junit.h"
#include "harness/results/compare_internal.h"

static json_t *files_json(const struct compare_view *view)
{
	json_t *list = json_array();
	size_t file;

	for (file = 0; file < view->comparison->files; file++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "label", view->labels[file],
						      "path", view->files[file]->shown,
						      "kernel", view->files[file]->kernel,
						      "cells", (json_int_t)view->files[file]->count));
	return list;
}

static json_t *values_json(const struct compare_view *view, const struct group *group)
{
	json_t *object = json_object();
	size_t file;

	for (file = 0; file < view->comparison->files; file++)
		json_object_set_new(object, view->labels[file], json_string(compare_view_word(view,
											      group->values[file])));
	return object;
}

static json_t *members_json(const struct compare_view *view, const struct group *group)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < group->count; i++)
		json_array_append_new(list, json_string(intern_text(view->pool->cells, group->members[i])));
	return list;
}

static json_t *group_json(const struct compare_view *view, const struct group *group)
{
	static const char *const kinds[LIKENESS_COUNT] = {
		"same", "different", "only-in-some", "not-compared", "skipped", "not-asked",
	};
	char where[WHERE_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:s, s:o}",
			 "record", "group",
			 "kind", kinds[group->likeness],
			 "in", compare_view_word(view, group->bucket),
			 "what", compare_group_what(group),
			 "values", values_json(view, group),
			 "count", (int)group->count,
			 "example", compare_group_example(view, group),
			 "where", compare_group_where(view, group, where),
			 "cells", members_json(view, group));
}

int compare_json(FILE *out, const struct compare_view *view, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	const size_t *counts = comparison->counts;
	size_t i;

	if (ndjson_write(out, json_pack("{s:s, s:i, s:s, s:s, s:o, s:s?}",
					"record", "comparison",
					"format_version", NDJSON_VERSION,
					"tool_version", view->files[0]->tool_version,
					"matrix", view->files[0]->matrix,
					"files", files_json(view),
					"baseline", view->baseline), error))
		return -1;
	for (i = 0; i < comparison->group_count; i++)
		if (ndjson_write(out, group_json(view, &comparison->groups[i]), error))
			return -1;
	return ndjson_write(out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}",
					   "record", "summary",
					   "cells", (json_int_t)compare_cells(comparison),
					   "same", (json_int_t)counts[LIKENESS_SAME],
					   "different", (json_int_t)counts[LIKENESS_DIFFERENT],
					   "only_in_some", (json_int_t)counts[LIKENESS_PARTLY],
					   "not_compared", (json_int_t)counts[LIKENESS_UNCERTAIN],
					   "skipped", (json_int_t)counts[LIKENESS_SKIPPED],
					   "unwitnessed", (json_int_t)comparison->unwitnessed,
					   "exit", compare_exit_known(view)), error);
}

/* The groups of each cell as chains: from a cell to its first link, from a link to the next. */
struct chain_link {
	uint32_t group, next;
};

struct chains {
	uint32_t *first; /* by cell; INTERN_NONE: none */
	struct chain_link *links;
};

static int links_open(struct chains *links, const struct comparison *comparison)
{
	size_t total = 0, i, member;
	uint32_t at = 0;

	for (i = 0; i < comparison->group_count; i++)
		total += comparison->groups[i].count;
	links->first = malloc((comparison->cells + 1) * sizeof(*links->first));
	links->links = malloc((total + 1) * sizeof(*links->links));
	if (!links->first || !links->links)
		return -1;
	memset(links->first, 0xff, (comparison->cells + 1) * sizeof(*links->first));
	for (i = comparison->group_count; i-- > 0;) {
		for (member = 0; member < comparison->groups[i].count; member++) {
			uint32_t *first = &links->first[comparison->groups[i].members[member]];

			links->links[at] = (struct chain_link){ (uint32_t)i, *first };
			*first = at++;
		}
	}
	return 0;
}

/* "answer: 5.10: ack; 6.1: rst" */
static void write_values(FILE *out, const struct compare_view *view, const struct group *group)
{
	fprintf(out, "%s: ", compare_group_what(group));
	for (size_t file = 0; file < view->comparison->files; file++)
		fprintf(out, "%s%s: %s", file ? "; " : "", view->labels[file], compare_view_word(view, group->values[file]));
}

static void print_diagnostics(FILE *out, const struct compare_view *view, const struct chains *links, uint32_t cell)
{
	for (uint32_t at = links->first[cell]; at != INTERN_NONE; at = links->links[at].next) {
		fputs("# ", out);
		write_values(out, view, &view->comparison->groups[links->links[at].group]);
		fputc('\n', out);
	}
}

/* Skipped in a file and inconclusive in none: TAP has a word for that. */
static bool only_skipped(const struct compare_view *view, const struct chains *links, uint32_t cell)
{
	const struct group *group;
	size_t file;

	if (view->comparison->likeness[cell] == LIKENESS_SKIPPED)
		return true;
	if (view->comparison->likeness[cell] != LIKENESS_UNCERTAIN)
		return false;
	group = &view->comparison->groups[links->links[links->first[cell]].group];
	for (file = 0; file < view->comparison->files; file++)
		if (!strcmp(compare_view_word(view, group->values[file]), "inconclusive"))
			return false;
	return true;
}

static enum verdict cell_verdict(const struct compare_view *view, const struct chains *links, uint32_t cell)
{
	if (only_skipped(view, links, cell))
		return VERDICT_SKIPPED;
	switch (view->comparison->likeness[cell]) {
	case LIKENESS_SAME:
		return VERDICT_AGREES;
	case LIKENESS_UNCERTAIN:
		return VERDICT_INCONCLUSIVE;
	default:
		return VERDICT_DIFFERS;
	}
}

int compare_tap(FILE *out, enum format format, const struct compare_view *view, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	struct chains links = { NULL, NULL };
	size_t number = 0;
	int result = links_open(&links, comparison);

	if (result) {
		fail(error, "out of memory for the comparison");
		goto out;
	}
	fprintf(out, "%s\n1..%zu\n", format_tap_version(format), compare_cells(comparison));
	for (uint32_t cell = 0; cell < comparison->cells; cell++) {
		const char *name = intern_text(view->pool->cells, cell), *known;
		enum verdict verdict = cell_verdict(view, &links, cell);
		bool ok = verdict == VERDICT_AGREES || verdict == VERDICT_SKIPPED;

		if (comparison->likeness[cell] == LIKENESS_UNASKED)
			continue;
		known = ok ? NULL : expected_failures_reason(view->failures, name);
		fprintf(out, "%s %zu - %s%s%s%s\n", ok ? "ok" : "not ok", ++number, name,
			verdict == VERDICT_SKIPPED ? " # SKIP skipped in some file" : "", known ? " # TODO " : "",
			known ? known : "");
		print_diagnostics(out, view, &links, cell);
	}
out:
	free(links.first);
	free(links.links);
	return result;
}

static int junit_case(struct junit_suite *suite, const struct compare_view *view, const struct chains *links, uint32_t cell,
		      struct error *error)
{
	char class_name[CELL_NAME_SIZE], *reason = NULL;
	const char *name = intern_text(view->pool->cells, cell);
	struct junit_case test = {
		.class_name = class_name, .name = name, .verdict = cell_verdict(view, links, cell), .answer = "",
	};
	size_t size;
	FILE *text = open_memstream(&reason, &size);

	if (!text)
		return fail(error, "out of memory for the comparison");
	for (uint32_t at = links->first[cell]; at != INTERN_NONE; at = links->links[at].next) {
		write_values(text, view, &view->comparison->groups[links->links[at].group]);
		fputs(links->links[at].next != INTERN_NONE ? "; " : "", text);
	}
	fclose(text);
	report_junit_class(name, class_name);
	test.known = expected_failures_reason(view->failures, name);
	test.reason = reason;
	report_junit_case(suite, &test);
	free(reason);
	return 0;
}

static int junit_cells(FILE *out, const struct compare_view *view, const struct chains *links, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	const char *const properties[] = { "twprobe", view->files[0]->tool_version, "matrix", view->files[0]->matrix, NULL };
	struct junit_suite suite = { .cases = 0 };
	uint32_t cell = 0;
	int result = 0;

	while (cell < comparison->cells && result == 0) {
		result = report_junit_suite_begin(&suite, error);
		while (cell < comparison->cells && result == 0 && suite.cases < JUNIT_SUITE_MAX) {
			if (comparison->likeness[cell] != LIKENESS_UNASKED)
				result = junit_case(&suite, view, links, cell, error);
			cell++;
		}
		if (result == 0 && suite.cases)
			report_junit_suite_end(&suite, out, "comparison", properties);
		report_junit_suite_drop(&suite);
	}
	return result;
}

int compare_junit(FILE *out, const struct compare_view *view, struct error *error)
{
	struct chains links = { NULL, NULL };
	int result = links_open(&links, view->comparison);

	if (result) {
		fail(error, "out of memory for the comparison");
	} else {
		report_junit_begin(out, "comparison");
		result = junit_cells(out, view, &links, error);
		report_junit_end(out);
	}
	free(links.first);
	free(links.links);
	return result;
}

/* Why all of the group's cells are known to fail; NULL: one is not. */
static const char *known_group(const struct compare_view *view, const struct group *group)
{
	const char *reason = NULL;

	for (size_t i = 0; i < group->count; i++) {
		reason = expected_failures_reason(view->failures, intern_text(view->pool->cells, group->members[i]));
		if (!reason)
			return NULL;
	}
	return reason;
}

/* GitHub shows ten annotations of a step: one for each group, not for each cell. */
int compare_github(FILE *out, const struct compare_view *view, struct error *error)
{
	for (size_t i = 0; i < view->comparison->group_count; i++) {
		const struct group *group = &view->comparison->groups[i];
		char name[2 * CELL_NAME_SIZE], *values = NULL;
		size_t size;
		FILE *text = open_memstream(&values, &size);

		if (!text)
			return fail(error, "out of memory for the comparison");
		write_values(text, view, group);
		fclose(text);
		snprintf(name, sizeof(name), "%s", compare_group_example(view, group));
		if (group->count > 1)
			snprintf(name + strlen(name), sizeof(name) - strlen(name), " and %zu more", group->count - 1);
		report_github_annotate(out, group->likeness == LIKENESS_UNCERTAIN ? VERDICT_INCONCLUSIVE : VERDICT_DIFFERS,
				       NULL, name, values, known_group(view, group));
		free(values);
	}
	compare_summary_line(out, view);
	return 0;
}
