/* text.h - lines for a person that fit the terminal: how wide it is, how wide a text is on it, line breaks at words. */
#ifndef TWPROBE_HARNESS_REPORT_TEXT_H
#define TWPROBE_HARNESS_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* TEXT_PROSE: sentences do not get longer lines than that, however wide the terminal is. */
enum { TEXT_NARROWEST = 40, TEXT_USUAL = 80, TEXT_PROSE = 110 };

/* The columns of a line written to `out`: $COLUMNS, else those of the terminal that it is, else 80; 40 at least. */
size_t text_columns(FILE *out);
/* What is written to this stream is for a page that breaks lines where it is shown: a text stays one line. NULL: none is. */
void text_unbroken(FILE *out);
/* The columns that a text takes: UTF-8, and sequences that set colours take none. */
size_t text_width(const char *text);

/* Prints `text` with line breaks at words, lines after the first indented by `indent`; the cursor is at `column`. */
void text_wrap(FILE *out, const char *text, size_t column, size_t indent);
/* A line to `out`, control characters as '?', whatever a file or an argument that it quotes holds. Wrapped on a terminal;
 * elsewhere one message stays one line, for grep and logs. */
void text_message(FILE *out, const char *who, const char *text);
/* One entry of a list: the term, and what it means from `column` on, below the term where that is too long. */
void text_entry(FILE *out, const char *term, size_t column, const char *meaning);
/* A text laid out for 80 columns or so, in as many as there are. Indented lines are entries, "  TERM  MEANING", and go on in
 * lines of more than fourteen blanks; others are paragraphs. */
void text_page(FILE *out, const char *page);

/* "1 cell", "2 cells". */
const char *text_plural(size_t count, const char *noun, char *buffer, size_t size);

#endif
