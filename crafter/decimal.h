/* decimal.h - the digits of a number; pure. */
#ifndef TWPROBE_CRAFTER_DECIMAL_H
#define TWPROBE_CRAFTER_DECIMAL_H

#include <stdint.h>
#include <string.h>

enum { DECIMAL_SIZE = 20 }; /* of UINT64_MAX, without a zero at the end */

/* Writes the digits of `value`, at most DECIMAL_SIZE, and returns the place behind them. A fifth of the time of snprintf(). */
static inline char *decimal_write(char *at, uint64_t value)
{
	char digits[DECIMAL_SIZE], *first = digits + sizeof(digits);

	do
		*--first = (char)('0' + value % 10);
	while (value /= 10);
	memcpy(at, first, (size_t)(digits + sizeof(digits) - first));
	return at + (digits + sizeof(digits) - first);
}

#endif
