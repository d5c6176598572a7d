/* ndjson.h - one JSON object a line, as all our records are. */
#ifndef TWPROBE_HARNESS_REPORT_NDJSON_H
#define TWPROBE_HARNESS_REPORT_NDJSON_H

#include <jansson.h>
#include <stdio.h>

#include "crafter/fail.h"

enum { NDJSON_VERSION = 1 }; /* of the records; grows when a key goes or changes its meaning */

/* Takes `object` over; NULL is one for which there was no memory. The caller checks `out` for errors. */
int ndjson_write(FILE *out, json_t *object, struct error *error);
/* A string, or null for NULL and "". Bytes that are not UTF-8 become '?', because JSON cannot hold them. */
json_t *ndjson_text(const char *string);

#endif
