/* schema.h - the JSON Schemas of docs/schema/, and records held against them.
 *
 * Strict: a keyword of JSON Schema that is not known here is an error, so that no rule of a schema goes unchecked. */
#ifndef TWPROBE_TESTS_UNIT_SCHEMA_H
#define TWPROBE_TESTS_UNIT_SCHEMA_H

#include <jansson.h>
#include <stddef.h>

#include "crafter/fail.h"

struct schemas;

/* All *.json of the folder. NULL with an error. */
struct schemas *schema_open(const char *folder, struct error *error);
void schema_close(struct schemas *schemas);
/* The next record of one output, as it was written. A record that begins an output (it has "format_version") chooses the schema
 * of those that follow. -1 with the place in the record that is wrong, and why. */
int schema_check(struct schemas *schemas, const json_t *record, struct error *error);
/* A whole output, a record a line; an error names its line. -1 also where there is none. */
int schema_check_text(struct schemas *schemas, const char *text, size_t size, struct error *error);

#endif
