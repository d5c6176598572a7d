/* compare_machine.c - a comparison for programs: NDJSON and TAP 13. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/ndjson.h"
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
					   "exit", compare_exit(comparison)), error);
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

static void print_diagnostics(FILE *out, const struct compare_view *view, const struct chains *links, uint32_t cell)
{
	uint32_t at;
	size_t file;

	for (at = links->first[cell]; at != INTERN_NONE; at = links->links[at].next) {
		const struct group *group = &view->comparison->groups[links->links[at].group];

		fprintf(out, "# %s: ", compare_group_what(group));
		for (file = 0; file < view->comparison->files; file++)
			fprintf(out, "%s%s: %s", file ? "; " : "", view->labels[file],
				compare_view_word(view, group->values[file]));
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

int compare_tap(FILE *out, const struct compare_view *view, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	struct chains links = { NULL, NULL };
	size_t number = 0;
	uint32_t cell;
	int result = links_open(&links, comparison);

	if (result) {
		fail(error, "out of memory for the comparison");
		goto out;
	}
	fprintf(out, "TAP version 13\n1..%zu\n", compare_cells(comparison));
	for (cell = 0; cell < comparison->cells; cell++) {
		bool skip = only_skipped(view, &links, cell);
		bool ok = skip || comparison->likeness[cell] == LIKENESS_SAME;

		if (comparison->likeness[cell] == LIKENESS_UNASKED)
			continue;
		fprintf(out, "%s %zu - %s%s\n", ok ? "ok" : "not ok", ++number, intern_text(view->pool->cells, cell),
			skip ? " # SKIP skipped in some file" : "");
		print_diagnostics(out, view, &links, cell);
	}
out:
	free(links.first);
	free(links.links);
	return result;
}
