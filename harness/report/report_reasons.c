/* report_reasons.c - equal reasons folded: each once, with the number of its cells and a few of their names. Reasons are equal
 * when they are but for their numbers: how late an answer was, how often something was sent again. */
#include "harness/report/report_reasons.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/intern.h"
#include "harness/report/report_cell_names.h"

struct reason {
	enum verdict verdict;
	char *text;   /* of the first cell */
	bool varies;  /* another cell had other numbers in it */
	size_t count;
	struct report_cell_names names;
};

struct reasons {
	bool every_name;
	struct intern *keys;    /* the verdict as a digit, then the text without its numbers; its number is that of `list` */
	struct reason *list;
	size_t room;
};

struct reasons *report_reasons_open(bool every_name, struct error *error)
{
	struct reasons *reasons = calloc(1, sizeof(*reasons));

	if (reasons)
		reasons->keys = intern_open();
	if (!reasons || !reasons->keys) {
		free(reasons);
		fail(error, "out of memory for the table");
		return NULL;
	}
	reasons->every_name = every_name;
	return reasons;
}

/* Only separate numbers: those in "fin-wait-2" and "IPv4" stay. */
static void make_key(enum verdict verdict, const char *text, char *key, size_t size)
{
	size_t used = (size_t)snprintf(key, size, "%d", (int)verdict), words = 2;

	for (const char *before = " "; *text && used + 1 < size; before = text++) {
		bool number = strchr(" (", *before) && isdigit((unsigned char)*text);

		words = number ? 0 : words + (*text == ' ');
		/* "1 time", "2 times" */
		if (words == 1 && *text == 's' && !isalpha((unsigned char)text[1]))
			continue;
		key[used++] = number ? '#' : *text;
		if (number)
			text += strspn(text, "0123456789.") - 1;
	}
	key[used] = '\0';
}

/* NULL when out of memory. */
static struct reason *find(struct reasons *reasons, enum verdict verdict, const char *text)
{
	char key[RECORD_REASON_SIZE + 16];
	uint32_t number;

	make_key(verdict, text, key, sizeof(key));
	number = intern_add(reasons->keys, key);
	if (number == INTERN_NONE)
		return NULL;
	if (number >= reasons->room) {
		size_t room = reasons->room ? 2 * reasons->room : 16;
		struct reason *list = realloc(reasons->list, room * sizeof(*list));

		if (!list)
			return NULL;
		memset(list + reasons->room, 0, (room - reasons->room) * sizeof(*list));
		reasons->list = list;
		reasons->room = room;
	}
	reasons->list[number].verdict = verdict;
	if (!reasons->list[number].text)
		reasons->list[number].text = strdup(text);
	return reasons->list[number].text ? &reasons->list[number] : NULL;
}

int report_reasons_add(struct reasons *reasons, enum verdict verdict, const char *text, const char *cell,
		       struct error *error)
{
	struct reason *reason = find(reasons, verdict, text);

	if (!reason)
		return fail(error, "out of memory for the table");
	reason->count++;
	reason->varies |= strcmp(reason->text, text) != 0;
	return report_cell_names_add(&reason->names, reasons->every_name, cell) < 0 ?
	       fail(error, "out of memory for the table") : 0;
}

/* "      NAME, NAME, NAME and 701 more (-v names all)"; with -v a line each. */
static void print_names(const struct reasons *reasons, const struct reason *reason, FILE *out)
{
	char line[REPORT_CELL_NAMES_FEW * (CELL_NAME_SIZE + 2) + 64];
	struct textbuf text;
	size_t i;

	for (i = 0; i < reason->names.count && reasons->every_name; i++)
		fprintf(out, "      %s\n", reason->names.list[i]);
	if (reasons->every_name)
		return;
	textbuf_init(&text, line, sizeof(line));
	for (i = 0; i < reason->names.count; i++)
		textbuf_item(&text, ", ", "%s", reason->names.list[i]);
	if (reason->count > reason->names.count)
		textbuf_add(&text, " and %zu more (-v names all)", reason->count - reason->names.count);
	fputs("      ", out);
	text_wrap(out, line, 6, 6);
}

void report_reasons_print(const struct reasons *reasons, FILE *out, bool color, enum verdict verdict)
{
	char mark[2] = { report_verdict_mark(verdict), '\0' }, cells[32], line[RECORD_REASON_SIZE + CELL_NAME_SIZE +
									       64];
	enum hue hue = report_verdict_hue(verdict);

	for (size_t i = 0; i < intern_count(reasons->keys); i++) {
		const struct reason *reason = &reasons->list[i];

		if (reason->verdict != verdict || reason->count == 0)
			continue;
		snprintf(line, sizeof(line), "%s%s%s %s: %s%s", report_hue_on(color, hue), mark,
			 report_hue_off(color, hue),
			 reason->count == 1 ? reason->names.list[0] :
			 text_plural(reason->count, "cell", cells, sizeof(cells)), reason->text,
			 reason->varies ? " (the numbers vary)" : "");
		fputs("  ", out);
		text_wrap(out, line, 2, 4);
		if (reason->count > 1)
			print_names(reasons, reason, out);
	}
}

void report_reasons_close(struct reasons *reasons)
{
	if (!reasons)
		return;
	for (size_t i = 0; i < intern_count(reasons->keys); i++) {
		free(reasons->list[i].text);
		report_cell_names_free(&reasons->list[i].names);
	}
	intern_close(reasons->keys);
	free(reasons->list);
	free(reasons);
}
