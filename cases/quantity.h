/* quantity.h - durations and ranges as people write them in files: "150ms", "59s..61s", "2". Pure. */
#ifndef TWPROBE_CASES_QUANTITY_H
#define TWPROBE_CASES_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

enum unit {
	UNIT_COUNT, /* no unit: 2 */
	UNIT_TIME,  /* ns, us, ms or s; kept in nanoseconds */
};

enum { QUANTITY_TEXT_SIZE = 64 };

/* What a value may be, both ends included. */
struct range {
	bool said;
	enum unit unit;
	double low, high; /* -INFINITY and INFINITY where an end is open */
};

/* "150ms"; negative durations and bare numbers are errors. */
int quantity_duration_parse(const char *text, uint64_t *ns, struct error *error);
/* "2", "59s..61s", "1s..", "..3". */
int quantity_range_parse(const char *text, enum unit unit, struct range *range, struct error *error);
bool quantity_range_holds(const struct range *range, double value);
/* "64.0 ns", "550 ms", "60.0 s"; counts without a unit. All return their buffer. */
const char *quantity_format(enum unit unit, double value, char *buffer, size_t size);
const char *quantity_range_format(const struct range *range, char *buffer, size_t size);

#endif
