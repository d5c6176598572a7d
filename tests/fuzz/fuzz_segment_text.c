/* fuzz_segment_text.c - libFuzzer: any text as a segment. What is read is printed, and that is read as the same segment. The
 * first byte picks what the numbers count from. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"

static const struct segment_bases bases[] = {
	{ .seq = { NULL, 0 } },
	{ .seq = { NULL, 1000 }, .ack = { NULL, 0x80000000 }, .tsval = { NULL, 1 } },
	{ .seq = { "rcv_nxt", 1000 }, .ack = { "snd_nxt", 0xffffffff }, .tsval = { "ts_recent", 0 },
	  .tsecr = { "ts_echo", 7 } },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_text(const char *text, const struct segment_bases *base)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX], again_payload[SEGMENT_PAYLOAD_MAX];
	char printed[SEGMENT_TEXT_SIZE];
	struct segment segment, again;
	struct error error = { "" };

	if (segment_text_parse(text, base, &segment, payload, &error) < 0) {
		check(strstr(error.text, "', column ") != NULL);
		return;
	}
	check(segment.option_count <= SEGMENT_OPTIONS_MAX && segment.raw_size <= SEGMENT_OPTIONS_MAX);
	segment_text_print(&segment, base, SEGMENT_TEXT_ALL, printed, sizeof(printed));
	check(segment_text_parse(printed, base, &again, again_payload, NULL) == 0);
	check(segment_equal(&segment, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	check_text(text, &bases[data[0] % 3]);
	free(text);
	return 0;
}
