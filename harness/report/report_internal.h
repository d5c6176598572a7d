/* report_internal.h - what the formats of a report share; for harness/report*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_REPORT_INTERNAL_H

#include "harness/report/report.h"
#include "harness/report/text.h"
#include "harness/run/tally.h"

struct json_put;

/* A format writes to report->out and need not look at write errors: report.c does, after each call. */
struct report_style {
	int (*open)(struct report *report, struct error *error); /* may be NULL, as begin and close */
	int (*begin)(struct report *report, struct error *error);
	int (*cell)(struct report *report, const struct record *record, struct error *error);
	int (*end)(struct report *report, const struct tally *tally, struct error *error);
	void (*close)(struct report *report);
};

extern const struct report_style report_table_style, report_json_style, report_tap_style, report_ktap_style, report_junit_style,
	report_github_style, report_page_style, report_svg_style, report_png_style;

struct report {
	const struct report_style *style;
	bool color, quiet;
	FILE *out;
	struct run_facts facts;
	size_t count;        /* records so far */
	uint64_t flushed_ns; /* CLOCK_MONOTONIC */
	struct progress *progress; /* NULL: none */
	void *state;         /* the format's own; its close frees it */
};

/* "verdict:     " in front of a line that is wrapped in the column behind it. */
enum { REPORT_LABEL_WIDTH = 12 };
void report_label(FILE *out, bool color, const char *label);

/* Colours by meaning; nothing where there is no colour. */
enum hue { HUE_PLAIN, HUE_GOOD, HUE_OTHERWISE, HUE_BAD, HUE_UNSURE, HUE_FAINT, HUE_STRONG };
const char *report_hue_on(bool color, enum hue hue);
const char *report_hue_off(bool color, enum hue hue);

enum { ANSWER_TEXT_SIZE = 64, OTHERWISE_SIZE = 32 };

/* "SYN-ACK continued", "ACK", "silence"; short: "SYN-ACK c", "-". */
const char *report_answer_text(enum answer answer, enum isn isn, char buffer[static ANSWER_TEXT_SIZE]);
/* The same with what the follow-up showed: "silence, then ACK". */
const char *report_outcome_text(const struct record *record, char buffer[static ANSWER_TEXT_SIZE]);
const char *report_outcome_short(const struct record *record, char buffer[static ANSWER_TEXT_SIZE]);

/* What the book expects if it disagrees with what was seen, else "". */
const char *report_otherwise_text(const struct record *record, enum book book, char buffer[static OTHERWISE_SIZE]);

/* How many things a book expects of the record, where it is more than one; which of them fit what was seen; each with whom it
 * is expected of: "SYN-ACK fresh, then syn-recv, kernels 5.10 to 6.9 (fits)". */
enum { DOUBT_LINE_SIZE = ANSWER_TEXT_SIZE + ALTERNATIVE_TEXT_SIZE + 64 };
size_t report_doubt_count(const struct record *record, enum book book);
bool report_doubt_fits(const struct record *record, enum book book, size_t number);
/* The one that fits; where none does, the first. */
const struct expectation *report_doubt_chosen(const struct record *record, enum book book);
const char *report_doubt_line(const struct record *record, enum book book, size_t number,
			      char buffer[static DOUBT_LINE_SIZE]);
/* How many cells of a run that were, and which kernels would answer all of them as was seen. */
void report_doubt_print(FILE *out, const struct tally *tally, bool quiet);

/* report_after.c: "" and null where nothing is known of the socket afterwards. */
enum { REPORT_AFTER_SIZE = 160 };
const char *report_after_text(const struct record *record, char buffer[static REPORT_AFTER_SIZE]);
void report_after_put(struct json_put *json, const struct record *record);

int report_json_cell(struct report *report, const struct record *record, struct error *error);

/* The follow-up's stimulus as its cell name has it, "syn/seq-below/ts-absent", counted from the record's baseline. */
const char *report_follow_up_name(const struct record *record, char *buffer, size_t size);

/* What the table keeps of a record. */
struct row {
	char *name; /* owned */
	char seq[OFFSET_TEXT_SIZE], ts[OFFSET_TEXT_SIZE];
	char text[ANSWER_TEXT_SIZE], brief[ANSWER_TEXT_SIZE];
	enum state after;
	enum verdict verdict;
	/* What each book expects instead of what was seen: "ACK", "ISN fresh", "closed after"; "" where it does not. */
	char otherwise[BOOK_COUNT][OTHERWISE_SIZE];
};

/* Consecutive records that differ in nothing but seq and ts: what one grid shows. */
enum { BLOCK_MAX = 512 };
struct report_block {
	struct cell key;
	size_t count;
	struct row *rows; /* BLOCK_MAX of them */
};

int report_block_open(struct report_block *block, struct error *error);
/* Whether the record continues the block; a seq and ts that are there already do not. */
bool report_block_takes(const struct report_block *block, const struct record *record);
int report_block_add(struct report_block *block, const struct record *record, struct error *error);
void report_block_clear(struct report_block *block);
void report_block_close(struct report_block *block);

/* "twprobe 0.1.0, kernel 6.18.44, target lab, matrix time-wait, 472 cells, expecting linux, seed 1" */
enum { REPORT_HEAD_SIZE = 512 };
const char *report_head_text(const struct run_facts *facts, char line[static REPORT_HEAD_SIZE]);
/* What a table ends with: the cells that are not as they should be, by reason; then the sums. */
struct reasons;
void report_exceptions_print(const struct report *report, const struct reasons *reasons);
void report_totals_print(const struct report *report, const struct reasons *reasons, const struct tally *tally);

/* How a table marks a verdict: '!' differs, '?' inconclusive, '~' mixed, '-' skipped, '\0' agrees. */
char report_verdict_mark(enum verdict verdict);
enum hue report_verdict_hue(enum verdict verdict);
/* The mark of a row, without that of a skipped one, and the first letter of every book that does not decide and says
 * otherwise. */
enum { MARKS_SIZE = BOOK_COUNT + 2 };
const char *report_row_marks(const struct row *row, enum book decides, char buffer[static MARKS_SIZE]);
enum hue report_row_hue(const struct row *row);
bool report_is_grid(const struct report *report, const struct report_block *block);
/* Prints the block as a grid, seq down and ts across; false, and nothing printed, where it has no shape for one. */
bool report_print_grid(const struct report *report, const struct report_block *block);

#endif
