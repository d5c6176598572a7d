/* cells_page.c - rows of numbers, and the strings that they name. */
#include "harness/report/cells_page.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "harness/report/html.h"
#include "harness/report/intern.h"
#include "harness/report/report_ends.h"

__asm__(".section .rodata\n"
	"cells_page_style: .incbin \"harness/report/cells_page.css\"\n"
	".byte 0\n"
	"cells_page_script: .incbin \"harness/report/cells_page.js\"\n"
	".byte 0\n"
	".previous");
extern const char cells_page_style[] __attribute__((visibility("hidden")));
extern const char cells_page_script[] __attribute__((visibility("hidden")));

/* TEXTS_MOST: that are remembered; then all are forgotten, and written again where they come again. NUMBER_LEAST: digits of a
 * number that is taken out of its string. */
enum { TEXTS_MOST = 20000, NUMBER_LEAST = 5, NAME_PARTS = 5, PLAIN_SIZE = 512 };

/* A text that grows. */
struct pile {
	char *text;
	size_t length, room;
};

struct cells_page {
	FILE *out;
	struct intern *texts;
	size_t base;        /* number of the first that is remembered, in the page */
	size_t verdict;
	size_t parts[NAME_PARTS];
	struct pile shown, details, rungs; /* of the cell: numbers of strings */
	struct pile numbers;                /* that were taken out of them, in order */
	struct pile text;                   /* the string that is being made, as a line */
	bool failed;        /* out of memory */
};

static void add(struct cells_page *page, struct pile *pile, const char *text, size_t length)
{
	if (pile->length + length + 1 > pile->room) {
		size_t room = 2 * (pile->length + length) + 64;
		char *grown = realloc(pile->text, room);

		if (!grown) {
			page->failed = true;
			return;
		}
		pile->text = grown;
		pile->room = room;
	}
	memcpy(pile->text + pile->length, text, length);
	pile->length += length;
	pile->text[pile->length] = '\0';
}

static void add_number(struct cells_page *page, struct pile *pile, size_t number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%s%zu", pile->length ? "," : "", number);

	add(page, pile, text, (size_t)length);
}

static void empty(struct pile *pile)
{
	pile->length = 0;
	if (pile->text)
		pile->text[0] = '\0';
}

struct cells_page *cells_page_open(FILE *out, struct error *error)
{
	struct cells_page *page = calloc(1, sizeof(*page));

	if (page) {
		page->out = out;
		page->texts = intern_open();
		if (page->texts)
			return page;
	}
	free(page);
	fail(error, "out of memory for the page");
	return NULL;
}

void cells_page_begin(struct cells_page *page, const struct cells_page_facts *facts)
{
	html_begin(page->out, facts->title, cells_page_style);
	/* Before the rows: what there is of them is drawn, also where they break off. */
	fprintf(page->out, "<script>\n%s</script>\n", cells_page_script);
}

/* A text from outside need not be UTF-8. */
static json_t *plain_json(const char *text)
{
	char shown[PLAIN_SIZE];

	return json_string(plain_show(text, shown, sizeof(shown)));
}

static json_t *texts_json(const char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, plain_json(texts[i]));
	return list;
}

static json_t *verdicts_json(const struct cells_page_facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->verdict_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "word", facts->verdicts[i].word,
						      "mark", facts->verdicts[i].mark, "hue", facts->verdicts[i].hue));
	return list;
}

/* In a script's text only '<' can mean something to HTML. */
static int put_json(const char *text, size_t size, void *context)
{
	FILE *out = context;

	for (size_t i = 0; i < size; i++)
		fputs(text[i] == '<' ? "\\u003c" : (char[]){ text[i], '\0' }, out);
	return 0;
}

void cells_page_rows(struct cells_page *page, const struct cells_page_facts *facts)
{
	size_t legend = 0;
	json_t *config;

	while (facts->legend && facts->legend[legend])
		legend++;
	config = json_pack("{s:s, s:o, s:o, s:s, s:i, s:o, s:s, s:s, s:s, s:o}", "noun", facts->noun,
			   "verdicts", verdicts_json(facts), "views", texts_json(facts->views, facts->view_count),
			   "views_noun", facts->views_noun, "view", (int)facts->view_first,
			   "command", plain_json(facts->command),
			   "time", facts->time, "left", facts->left, "right", facts->right,
			   "legend", texts_json(facts->legend, legend));
	fputs("<div id=\"app\"><noscript><p>The cells are drawn by this page's own script, which the browser does not run.</p>"
	      "</noscript></div>\n<script type=\"text/plain\" id=\"cells\">\n", page->out);
	page->failed |= !config || json_dump_callback(config, put_json, page->out, JSON_COMPACT) < 0;
	json_decref(config);
	fputc('\n', page->out);
}

/* A string begins; `kind` is the first character of its line. */
static void text_begin(struct cells_page *page, char kind)
{
	empty(&page->text);
	add(page, &page->text, &kind, 1);
}

/* The page's number of it. Where it is new it is written first. */
static size_t text_number(struct cells_page *page)
{
	size_t known = intern_count(page->texts);
	uint32_t number;

	if (page->failed)
		return 0;
	if (known >= TEXTS_MOST && intern_find(page->texts, page->text.text) == INTERN_NONE) {
		intern_close(page->texts);
		page->texts = intern_open();
		page->base += known;
		known = 0;
	}
	number = page->texts ? intern_add(page->texts, page->text.text) : (uint32_t)INTERN_NONE;
	if (number == INTERN_NONE) {
		page->failed = true;
		return 0;
	}
	if (number == known)
		fprintf(page->out, "%s\n", page->text.text);
	return page->base + number;
}

/* How long the number is that `text` begins with, if it is one that chance decides: five digits and more, or a time, which is
 * no other cell's either. Else 0. */
static size_t chance_number(const char *text)
{
	size_t digits = strspn(text, "0123456789"), length = digits;

	if (!digits)
		return 0;
	if (text[digits] == '.' && text[digits + 1] >= '0' && text[digits + 1] <= '9')
		length += 1 + strspn(text + digits + 1, "0123456789");
	if (!strncmp(text + length, " us", 3) || !strncmp(text + length, " ms", 3))
		return length;
	return digits >= NUMBER_LEAST ? digits : 0;
}

/* One character in the page's notation: '<' is never there, and what is not plain is '?'. Returns its bytes. */
static size_t text_character(struct cells_page *page, const char *text)
{
	size_t length = plain_length(text);

	if (*text == '\\')
		add(page, &page->text, "\\\\", 2);
	else if (*text == '<')
		add(page, &page->text, "\\l", 2);
	else
		add(page, &page->text, length ? text : "?", length ? length : 1);
	return length ? length : 1;
}

static void text_plain(struct cells_page *page, const char *text)
{
	while (*text)
		text += text_character(page, text);
}

/* This one is in the row. */
static void text_number_taken(struct cells_page *page, const char *number, size_t length)
{
	add(page, &page->numbers, ",", 1);
	add(page, &page->numbers, number, length);
	add(page, &page->text, "\\#", 2);
}

/* How much of it means nothing in the notation and is no number: nearly all. */
static size_t ordinary(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~' && text[length] != '\\' && text[length] != '<' &&
	       (text[length] < '0' || text[length] > '9'))
		length++;
	return length;
}

/* A text without the numbers of chance. */
static void text_shared(struct cells_page *page, const char *text)
{
	while (*text) {
		size_t run = ordinary(text), digits = run ? 0 : strspn(text, "0123456789");
		size_t taken = digits ? chance_number(text) : 0;

		if (taken)
			text_number_taken(page, text, taken);
		else if (run || digits)
			add(page, &page->text, text, run + digits);
		text += taken ? taken : run || digits ? run + digits : text_character(page, text);
	}
}

static void text_tab(struct cells_page *page)
{
	add(page, &page->text, "\t", 1);
}

void cells_page_cell(struct cells_page *page, const char *name, size_t verdict)
{
	page->verdict = verdict;
	empty(&page->shown);
	empty(&page->details);
	empty(&page->rungs);
	empty(&page->numbers);
	for (size_t i = 0; i < NAME_PARTS; i++) {
		const char *end = i + 1 < NAME_PARTS ? name + strcspn(name, "/") : name + strlen(name);

		text_begin(page, '"');
		while (name < end)
			name += text_character(page, name);
		page->parts[i] = text_number(page);
		name += *name == '/';
	}
}

void cells_page_shown(struct cells_page *page, const char *brief, const char *marks)
{
	text_begin(page, '"');
	text_plain(page, brief);
	if (*marks)
		text_tab(page);
	text_plain(page, marks);
	add_number(page, &page->shown, text_number(page));
}

void cells_page_detail(struct cells_page *page, const char *label, const char *text)
{
	text_begin(page, '"');
	text_plain(page, label);
	text_tab(page);
	text_shared(page, text);
	add_number(page, &page->details, text_number(page));
}

static void add_rung(struct cells_page *page, const char *kind, const char *time, const char *const *texts, size_t count)
{
	text_begin(page, '"');
	text_plain(page, kind);
	text_tab(page);
	if (*time && strspn(time, "0123456789.") == strlen(time))
		text_number_taken(page, time, strlen(time));
	else
		text_plain(page, time);
	for (size_t i = 0; i < count; i++) {
		text_tab(page);
		text_shared(page, texts[i]);
	}
	add_number(page, &page->rungs, text_number(page));
}

void cells_page_rung(struct cells_page *page, const struct ends_rung *rung)
{
	const char *const texts[] = { rung->left, rung->right, rung->numbers, rung->note };
	const char kind[] = { rung->from_left ? '>' : '+', rung->hue == HUE_STRONG ? '*' : '\0', '\0' };

	add_rung(page, kind, rung->time, texts, sizeof(texts) / sizeof(*texts));
}

void cells_page_remark(struct cells_page *page, const char *time, const char *text)
{
	const char *const texts[] = { "", "", text, "" };

	add_rung(page, "-", time, texts, sizeof(texts) / sizeof(*texts));
}

static size_t list_number(struct cells_page *page, const struct pile *list)
{
	text_begin(page, '[');
	if (list->length)
		add(page, &page->text, list->text, list->length);
	return text_number(page);
}

int cells_page_cell_end(struct cells_page *page, struct error *error)
{
	size_t shown = list_number(page, &page->shown), details = list_number(page, &page->details);
	size_t rungs = list_number(page, &page->rungs);

	if (page->failed)
		return fail(error, "out of memory for the page");
	fprintf(page->out, "%zu", page->verdict);
	for (size_t i = 0; i < NAME_PARTS; i++)
		fprintf(page->out, ",%zu", page->parts[i]);
	fprintf(page->out, ",%zu,%zu,%zu%s\n", shown, details, rungs, page->numbers.length ? page->numbers.text : "");
	return 0;
}

void cells_page_totals(struct cells_page *page)
{
	fputs("</script>\n<section id=\"totals\">\n", page->out);
}

void cells_page_end(struct cells_page *page)
{
	fputs("</section>\n", page->out);
}

void cells_page_close(struct cells_page *page)
{
	if (!page)
		return;
	intern_close(page->texts);
	free(page->shown.text);
	free(page->details.text);
	free(page->rungs.text);
	free(page->numbers.text);
	free(page->text.text);
	free(page);
}
