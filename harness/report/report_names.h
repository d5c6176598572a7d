/* report_names.h - the hosts that a text names, with the addresses that took the place of their names. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_NAMES_H
#define TWPROBE_HARNESS_REPORT_REPORT_NAMES_H

#include <stdint.h>
#include <stdio.h>

#include "crafter/address.h"

/* All zero: none yet. */
struct report_names {
	FILE *lines; /* writes to `text` */
	char *text;
	size_t size;
	uint64_t count;
};

void report_names_add(struct report_names *names, const char *name, const struct address *address);
void report_names_print(const struct report_names *names, FILE *out);
void report_names_free(struct report_names *names);

#endif
