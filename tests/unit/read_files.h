/* read_files.h - result files made by hand and read into one pool, for the tests of what is made from several. */
#ifndef TWPROBE_TESTS_UNIT_READ_FILES_H
#define TWPROBE_TESTS_UNIT_READ_FILES_H

#include "harness/results/compare_print.h"

#include "tests/unit/sample_results.h"

/* Names of cells. */
#define A "time-wait/syn/seq-1/ts-1"
#define B "time-wait/syn/seq-1/ts+1"
#define C "time-wait/syn/seq+1/ts-1"
#define D "time-wait/syn/seq+1/ts+1"
#define E "listen/syn/seq+1/ts+1/ipv6"

extern struct pool pool;
extern struct error error;
extern struct results *files[SAMPLE_FILES];
extern size_t count;

/* The fixture: no files. */
void set_up(void);
void tear_down(void);

/* One more; `partial` is as results_read() has it. */
void add(const char *name, const char *text, bool partial);

/* What is printed of a comparison of them all, and of what else is in the view. The caller frees. */
char *print_view(enum format format, struct compare_view view);

#endif
