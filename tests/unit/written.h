/* written.h - a segment as its text, for tests: what crafter/segment_text.h reads. */
#ifndef TWPROBE_TESTS_UNIT_WRITTEN_H
#define TWPROBE_TESTS_UNIT_WRITTEN_H

#include <stdio.h>
#include <stdlib.h>

#include "crafter/segment_text.h"

/* seq counts from `seq` and ack from `ack`. The payloads of the last eight are kept. */
static inline struct segment written_from(const char *text, uint32_t seq, uint32_t ack)
{
	static uint8_t payloads[8][SEGMENT_PAYLOAD_MAX];
	static unsigned count;
	const struct segment_bases bases = { .seq = { NULL, seq }, .ack = { NULL, ack } };
	struct segment segment;
	struct error error = { "" };

	if (segment_text_parse(text, &bases, &segment, payloads[count++ % 8], &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	return segment;
}

static inline struct segment written(const char *text)
{
	return written_from(text, 0, 0);
}

#endif
