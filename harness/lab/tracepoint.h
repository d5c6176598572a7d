/* tracepoint.h - what a tracepoint's format file contains: where its fields are, and the names of its numbers. Pure. */
#ifndef TWPROBE_HARNESS_LAB_TRACEPOINT_H
#define TWPROBE_HARNESS_LAB_TRACEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRACEPOINT_FIELDS_MAX = 32 };

struct tracepoint_field {
	char name[32];
	uint16_t offset, size;
};

struct tracepoint {
	uint64_t id;
	uint8_t field_count;
	struct tracepoint_field fields[TRACEPOINT_FIELDS_MAX];
	const char *print; /* the "print fmt" line; borrowed from the text */
};

/* Parses the text of a format file. False when it has no ID or no fields. */
bool tracepoint_parse(const char *text, struct tracepoint *tracepoint);
/* A number of 1, 2, 4 or 8 bytes out of a record; false when there is no such field or the record is too short. */
bool tracepoint_number(const struct tracepoint *tracepoint, const char *field, const uint8_t *record, size_t size,
		       uint64_t *value);
/* Where a field lies; false when there is no such field. */
bool tracepoint_offset(const struct tracepoint *tracepoint, const char *field, uint16_t *offset);
/* The name that __print_symbolic gives to a value of this field ("NO_SOCKET"); false when it names none. */
bool tracepoint_symbol(const struct tracepoint *tracepoint, const char *field, uint64_t value, char *name, size_t size);

#endif
