/* report_cell_names.h - the names of cells that have something in common: the first few, or all; for harness/report*.c. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_CELL_NAMES_H
#define TWPROBE_HARNESS_REPORT_REPORT_CELL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_CELL_NAMES_FEW = 3 };

/* All zero: none yet. */
struct report_cell_names {
	size_t count, room;
	char **list; /* copies */
};

/* Keeps a copy of the name, where there are not enough yet or `every` one is kept. -1: out of memory. */
int report_cell_names_add(struct report_cell_names *names, bool every, const char *name);
void report_cell_names_free(struct report_cell_names *names);

#endif
