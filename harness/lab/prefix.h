/* prefix.h - a range of addresses, ADDR or ADDR/LENGTH; pure. */
#ifndef TWPROBE_HARNESS_LAB_PREFIX_H
#define TWPROBE_HARNESS_LAB_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/tuple.h"

struct prefix {
	struct address address;
	uint8_t length; /* bits of the address that count */
};

/* Numeric addresses only. Bits beyond the length must be zero: they are a slip, as in 192.0.2.17/24. */
int prefix_parse(const char *text, struct prefix *prefix, struct error *error);
bool prefix_holds(const struct prefix *prefix, const struct address *address);

#endif
