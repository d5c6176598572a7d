/* json_put.h - one JSON object a line, written as it is told, in the order in which it is told.
 *
 *	struct json_put json;
 *
 *	json_put_open(&json);
 *	json_put_string(&json, "record", "cell");
 *	json_put_number(&json, "number", 7);
 *	json_put_array(&json, "tries");
 *	json_put_number(&json, NULL, 1);
 *	json_put_end(&json);
 *	json_put_line(&json, out, error);
 *
 * The bytes are those of jansson with JSON_COMPACT and JSON_PRESERVE_ORDER, in a tenth of the time: there is no tree. `key` is
 * a name of our own, which needs no escapes; NULL within an array. Bytes that are not UTF-8 become '?', because JSON cannot
 * hold them. What goes wrong on the way is told at the end. */
#ifndef TWPROBE_HARNESS_REPORT_JSON_PUT_H
#define TWPROBE_HARNESS_REPORT_JSON_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crafter/fail.h"

enum { JSON_PUT_FIRST = 8192, JSON_PUT_DEPTH = 16 };

struct json_put {
	char *text; /* `first`, or of malloc() where that was too small */
	size_t size, room;
	unsigned depth;
	bool failed; /* out of memory */
	char closing[JSON_PUT_DEPTH];
	char first[JSON_PUT_FIRST];
};

void json_put_open(struct json_put *json);
/* The string; json_put_text: null for NULL and "". */
void json_put_string(struct json_put *json, const char *key, const char *string);
void json_put_text(struct json_put *json, const char *key, const char *string);
void json_put_number(struct json_put *json, const char *key, int64_t value);
/* The number, or null where it is not known. */
void json_put_known(struct json_put *json, const char *key, bool known, int64_t value);
/* `value`, rounded to 1 / `steps`, a power of ten up to a million. */
void json_put_real(struct json_put *json, const char *key, double value, unsigned steps);
void json_put_boolean(struct json_put *json, const char *key, bool value);
void json_put_null(struct json_put *json, const char *key);
/* All until json_put_end() are its members. At most JSON_PUT_DEPTH within each other, the line's object included. */
void json_put_object(struct json_put *json, const char *key);
void json_put_array(struct json_put *json, const char *key);
void json_put_end(struct json_put *json);
/* Ends the object, writes it as a line and frees it. The caller checks `out` for errors. */
int json_put_line(struct json_put *json, FILE *out, struct error *error);

#endif
