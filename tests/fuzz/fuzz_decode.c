/* fuzz_decode.c - libFuzzer: any bytes as a packet and as a frame of every link type. What decodes and can be encoded must
 * decode to the same again. The first byte picks the link type. */
#include <pcap/dlt.h>
#include <stdint.h>
#include <stdlib.h>

#include "crafter/encode.h"
#include "listener/decode.h"

static const int links[] = { DLT_EN10MB, DLT_RAW, DLT_IPV4, DLT_IPV6, DLT_NULL, DLT_LOOP, DLT_LINUX_SLL, DLT_LINUX_SLL2, -1 };

enum { LINKS = sizeof(links) / sizeof(links[0]) };

/* The segment in a captured frame. */
static enum decode_result decode_frame(int link_type, const uint8_t *frame, size_t size, struct segment *segment)
{
	const uint8_t *packet;
	size_t packet_size;
	enum decode_result result = decode_link(link_type, frame, size, &packet, &packet_size);

	return result ? result : decode(packet, packet_size, segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_mirror(const struct segment *segment)
{
	uint8_t packet[PACKET_SIZE_MAX];
	size_t size = encode(segment, packet, sizeof(packet));
	struct segment again;

	if (size == 0)
		return;
	check(decode(packet, size, &again) == DECODE_OK);
	check(segment_equal(segment, &again));
	check(decode_check(packet, size, size) == DECODE_OK);
}

/* Every byte of the payload is read, so that ASan sees one that does not belong to the input. */
static void check_segment(const struct segment *segment, enum decode_result result)
{
	volatile uint8_t sum = 0;

	check((unsigned)result < DECODE_RESULT_COUNT && decode_result_text(result) != NULL);
	if (result != DECODE_OK)
		return;
	check(segment->option_count <= SEGMENT_OPTIONS_MAX && segment->raw_size <= SEGMENT_OPTIONS_MAX);
	check(segment_equal(segment, segment));
	for (size_t i = 0; segment->payload && i < segment->payload_size; i++)
		sum = (uint8_t)(sum + segment->payload[i]);
	check_mirror(segment);
}

/* Segment and checksum in one is the same as one after the other. */
static void check_both(const uint8_t *data, size_t size, size_t length)
{
	struct segment segment = { 0 }, other = { 0 };
	enum decode_result sound, result = decode_checked(data, size, length, &segment, &sound);

	check(sound == decode_check(data, size, length));
	check(result == decode_captured(data, size, length, &other));
	check(segment_equal(&segment, &other));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment segment = { 0 };

	check_segment(&segment, decode(data, size, &segment));
	check_both(data, size, size);
	check_both(data, size, size + 5);
	if (size > 0)
		check_segment(&segment, decode_frame(links[data[0] % LINKS], data + 1, size - 1, &segment));
	return 0;
}
