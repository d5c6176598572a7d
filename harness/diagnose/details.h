/* details.h - what the capture shows of this encounter, beyond what its cause says of all such encounters, in words. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_DETAILS_H
#define TWPROBE_HARNESS_DIAGNOSE_DETAILS_H

#include <stddef.h>

#include "harness/diagnose/encounter.h"

enum { DETAILS_SIZE = 1024 };

/* One or more sentences; "" where there is nothing to add. Returns `buffer`. */
const char *details_write(const struct encounter *encounter, char *buffer, size_t size);

#endif
