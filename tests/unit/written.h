/* written.h - a segment as its text, for tests: what crafter/segment_text.h reads. */
#ifndef TWPROBE_TESTS_UNIT_WRITTEN_H
#define TWPROBE_TESTS_UNIT_WRITTEN_H

#include <stdio.h>
#include <stdlib.h>

#include "crafter/segment_text.h"

/* The payloads of the last eight are kept. */
static inline struct segment written(const char *text)
{
	static uint8_t payloads[8][SEGMENT_PAYLOAD_MAX];
	static unsigned count;
	struct segment segment;
	struct error error;

	if (segment_text_parse(text, NULL, &segment, payloads[count++ % 8], &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	return segment;
}

#endif
