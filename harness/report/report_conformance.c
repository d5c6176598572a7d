/* report_conformance.c - cells by the rule of the rfc book that decides them. */
#include "harness/report/report_conformance.h"

#include <stdlib.h>
#include <string.h>

#include "cases/books/requirements.h"
#include "crafter/textbuf.h"
#include "harness/report/report_cell_names.h"

enum { LINE_SIZE = 512 };

struct kept_rule {
	const char *citation; /* of the book, which is not freed */
	enum obligation obligation;
	size_t cells, otherwise, open;
	struct report_cell_names names; /* of the cells that are counted as otherwise or open */
};

struct conformance {
	bool every_name;
	struct kept_rule *rules; /* in the order of their first cells */
	size_t count, room;
};

struct conformance *report_conformance_open(bool every_name, struct error *error)
{
	struct conformance *made = calloc(1, sizeof(*made));

	if (!made)
		fail(error, "out of memory for the conformance report");
	else
		made->every_name = every_name;
	return made;
}

static struct kept_rule *rule_of(struct conformance *conformance, const char *citation)
{
	struct kept_rule *rules;

	for (size_t i = 0; i < conformance->count; i++)
		if (strcmp(conformance->rules[i].citation, citation) == 0)
			return &conformance->rules[i];
	if (conformance->count == conformance->room) {
		conformance->room = conformance->room ? 2 * conformance->room : 32;
		rules = realloc(conformance->rules, conformance->room * sizeof(*rules));
		if (!rules)
			return NULL;
		conformance->rules = rules;
	}
	rules = &conformance->rules[conformance->count++];
	*rules = (struct kept_rule){ .citation = citation, .obligation = requirements_obligation(citation) };
	return rules;
}

int report_conformance_add(struct conformance *conformance, const struct record *record, struct error *error)
{
	enum opinion opinion = record_opinion(record, BOOK_RFC);
	char name[CELL_NAME_SIZE];
	struct kept_rule *rule;

	if (opinion == OPINION_UNTESTED)
		return 0;
	rule = rule_of(conformance, record->expected[BOOK_RFC].citation);
	if (!rule)
		return fail(error, "out of memory for the conformance report");
	rule->cells++;
	rule->otherwise += opinion == OPINION_OTHERWISE;
	rule->open += opinion == OPINION_OPEN;
	if (opinion != OPINION_SAME && report_cell_names_add(&rule->names, conformance->every_name,
							     cell_name(&record->cell, name, sizeof(name))) < 0)
		return fail(error, "out of memory for the conformance report");
	return 0;
}

static void print_rule(const struct kept_rule *rule, FILE *out)
{
	size_t count = rule->otherwise + rule->open, named = rule->names.count;
	char cells[32], line[LINE_SIZE];
	struct textbuf text;

	textbuf_init(&text, line, sizeof(line));
	if (count == rule->cells)
		textbuf_add(&text, "%s: %s", rule->citation, text_plural(count, "cell", cells, sizeof(cells)));
	else
		textbuf_add(&text, "%s: %zu of %s", rule->citation, count,
			    text_plural(rule->cells, "cell", cells, sizeof(cells)));
	fputs("  ", out);
	text_wrap(out, line, 2, 4);
	for (size_t i = 0; i < named; i++) {
		bool last = i + 1 == named;

		snprintf(line, sizeof(line), "%s%s", rule->names.list[i], last ? "" : ",");
		if (last && count > named)
			snprintf(line, sizeof(line), "%s and %zu more (-v names all)", rule->names.list[i], count - named);
		fputs("      ", out);
		text_wrap(out, line, 6, 8);
	}
}

/* Those of the rules that this part of the report is about. */
static const struct chapter {
	const char *title;
	enum obligation obligation;
	bool open;
	enum hue hue;
} chapters[] = {
	{ "MUST, and broken:", OBLIGATION_MUST, false, HUE_BAD },
	{ "SHOULD, and not followed:", OBLIGATION_SHOULD, false, HUE_OTHERWISE },
	{ "MAY, and chosen otherwise:", OBLIGATION_MAY, false, HUE_PLAIN },
	{ "Other steps than those of the RFC, which have no number there:", OBLIGATION_NONE, false, HUE_OTHERWISE },
	{ "Left open by the RFCs:", OBLIGATION_COUNT, true, HUE_PLAIN },
};

static bool is_in(const struct kept_rule *rule, const struct chapter *chapter)
{
	return chapter->open ? rule->open > 0 : rule->otherwise > 0 && rule->obligation == chapter->obligation;
}

static void print_chapter(const struct conformance *conformance, FILE *out, bool color, const struct chapter *chapter)
{
	bool titled = false;

	for (size_t i = 0; i < conformance->count; i++) {
		if (!is_in(&conformance->rules[i], chapter))
			continue;
		if (!titled)
			fprintf(out, "%s%s%s\n", report_hue_on(color, chapter->hue), chapter->title,
				report_hue_off(color, chapter->hue));
		titled = true;
		print_rule(&conformance->rules[i], out);
	}
}

void report_conformance_print(const struct conformance *conformance, FILE *out, bool color)
{
	size_t kept = 0, cells = 0;
	char rules[32], of[32], line[LINE_SIZE];

	for (size_t i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++)
		print_chapter(conformance, out, color, &chapters[i]);
	for (size_t i = 0; i < conformance->count; i++)
		if (!conformance->rules[i].otherwise && !conformance->rules[i].open) {
			kept++;
			cells += conformance->rules[i].cells;
		}
	snprintf(line, sizeof(line), "Kept: %s, %s.", text_plural(kept, "rule", rules, sizeof(rules)),
		 text_plural(cells, "cell", of, sizeof(of)));
	text_wrap(out, line, 0, 2);
	fputc('\n', out);
}

void report_conformance_close(struct conformance *conformance)
{
	if (!conformance)
		return;
	for (size_t i = 0; i < conformance->count; i++)
		report_cell_names_free(&conformance->rules[i].names);
	free(conformance->rules);
	free(conformance);
}
