/* cells_page.h - one page for a browser with every cell of a run or a comparison, written while the cells come: a map by state
 * and segment, grids, and of each cell its ladder and what is said of it. cells_page.js draws it.
 *
 * Strings are written once and then named by number; numbers that chance decides are taken out of them first, so that cells
 * of one sort share their strings. What is kept in memory is the table of strings, and it is emptied when it is large. */
#ifndef TWPROBE_HARNESS_REPORT_CELLS_PAGE_H
#define TWPROBE_HARNESS_REPORT_CELLS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "crafter/fail.h"

struct ends_rung;

/* What may be said of a cell in a word. */
struct cells_page_verdict {
	const char *word, *mark; /* "differs", "!"; mark: "" for what is as it should be */
	const char *hue;         /* "good", "bad", "unsure", "faint" */
};

/* Strings are borrowed until cells_page_begin returns. */
struct cells_page_facts {
	const char *title;
	const char *noun;                 /* of the verdicts: "Verdict" */
	const struct cells_page_verdict *verdicts;
	size_t verdict_count;
	const char *const *views;         /* who answered; each shows the grids as he did. NULL: one, without a name */
	size_t view_count;
	const char *views_noun;           /* "Kernel" */
	size_t view_first;                /* the number of the view that is shown at first */
	const char *command;              /* that asks again, with CELL in the place of the name; "": there is none */
	const char *time, *left, *right;  /* the columns of the ladders: "us", "peer", "subject" */
	const char *const *legend;        /* what the marks of answers mean, NULL at the end */
};

struct cells_page;

/* NULL with an error. `out` is borrowed, and who writes to it looks for its errors. */
struct cells_page *cells_page_open(FILE *out, struct error *error);
/* The head and the title; elements that follow are of the caller's, up to cells_page_rows. */
void cells_page_begin(struct cells_page *page, const struct cells_page_facts *facts);
void cells_page_rows(struct cells_page *page, const struct cells_page_facts *facts);

/* One cell: its name, the number of its verdict, then what else there is, then its end. */
void cells_page_cell(struct cells_page *page, const char *name, size_t verdict);
/* What the grid shows, by each view in order: "SYN-ACK c", and letters of books that say otherwise. "": this view does not
 * have the cell. */
void cells_page_shown(struct cells_page *page, const char *brief, const char *marks);
/* A line below the ladder: "answer", "ACK, after 31.0 us". A label of "" goes on with the one before. A text with a citation
 * ends with it in brackets. */
void cells_page_detail(struct cells_page *page, const char *label, const char *text);
void cells_page_rung(struct cells_page *page, const struct ends_rung *rung);
/* In the place of a segment. */
void cells_page_remark(struct cells_page *page, const char *time, const char *text);
/* -1: out of memory. */
int cells_page_cell_end(struct cells_page *page, struct error *error);

/* After the last: elements of the caller's follow, the totals, up to cells_page_end. A page without them says that it is not
 * whole. */
void cells_page_totals(struct cells_page *page);
void cells_page_end(struct cells_page *page);
void cells_page_close(struct cells_page *page); /* NULL is fine */

#endif
