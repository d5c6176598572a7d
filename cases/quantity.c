/* quantity.c - durations and ranges. */
#include "cases/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	double ns;
} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };

enum { UNITS = sizeof(units) / sizeof(units[0]) };

/* Reads one number with its unit from the start of the text; NULL when there is none. */
static const char *read_number(const char *text, enum unit unit, double *value)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (!isdigit((unsigned char)*digits) || digits[1] == 'x')
		return NULL;
	/* strtod would take the first dot of "1..2" for a decimal point. */
	*value = strtod(text, &end);
	if (end[-1] == '.')
		end--;
	if (unit == UNIT_COUNT)
		return end;
	for (size_t i = 0; i < UNITS; i++) {
		size_t length = strlen(units[i].name);

		if (strncmp(end, units[i].name, length) == 0 && !isalpha((unsigned char)end[length])) {
			*value *= units[i].ns;
			return end + length;
		}
	}
	return NULL;
}

int quantity_duration_parse(const char *text, uint64_t *ns, struct error *error)
{
	double value;
	const char *end = read_number(text, UNIT_TIME, &value);

	if (!end || *end || value < 0 || value > 1e13)
		return fail(error, "'%s' is not a duration; expected a number with ns, us, ms or s, such as 150ms", text);
	*ns = (uint64_t)value;
	return 0;
}

int quantity_range_parse(const char *text, enum unit unit, struct range *range, struct error *error)
{
	const char *example = unit == UNIT_TIME ? "59s..61s, 1s.. or 550ms" : "2, 1..3 or 1..";
	const char *end = text;
	bool good = true;

	*range = (struct range){ .said = true, .unit = unit, .low = -INFINITY, .high = INFINITY };
	if (strncmp(text, "..", 2) != 0) {
		end = read_number(text, unit, &range->low);
		good = end != NULL;
	}
	if (good && *end == '\0') {
		range->high = range->low;
	} else if (good && strncmp(end, "..", 2) == 0) {
		end += 2;
		if (*end)
			end = read_number(end, unit, &range->high);
		good = end && *end == '\0' && range->low <= range->high && strcmp(text, "..") != 0;
	} else {
		good = false;
	}
	return good ? 0 : fail(error, "'%s' is not a range; expected something like %s", text, example);
}

bool quantity_range_holds(const struct range *range, double value)
{
	return value >= range->low && value <= range->high;
}

const char *quantity_format(enum unit unit, double value, char *buffer, size_t size)
{
	int i = UNITS - 1;

	if (unit == UNIT_COUNT) {
		snprintf(buffer, size, "%.0f", value);
		return buffer;
	}
	while (i > 0 && fabs(value) < units[i].ns)
		i--;
	value /= units[i].ns;
	snprintf(buffer, size, "%.*f %s", value == floor(value) ? 0 : fabs(value) < 10 ? 2 : 1, value, units[i].name);
	return buffer;
}

const char *quantity_range_format(const struct range *range, char *buffer, size_t size)
{
	char low[QUANTITY_TEXT_SIZE], high[QUANTITY_TEXT_SIZE];

	quantity_format(range->unit, range->low, low, sizeof(low));
	quantity_format(range->unit, range->high, high, sizeof(high));
	if (range->low >= range->high)
		snprintf(buffer, size, "%s", low);
	else if (isinf(range->high))
		snprintf(buffer, size, "at least %s", low);
	else if (isinf(range->low))
		snprintf(buffer, size, "at most %s", high);
	else
		snprintf(buffer, size, "%s to %s", low, high);
	return buffer;
}
