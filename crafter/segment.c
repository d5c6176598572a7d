/* segment.c - questions about a segment's value. */
#include "crafter/segment.h"

#include <string.h>

#include "crafter/headers.h"

/* RFC 9293 3.7.1: what the interface takes in one piece less both headers. */
_Static_assert(SEGMENT_MSS_IPV4 == ETHERNET_MTU - IPV4_HEADER_SIZE - TCP_HEADER_SIZE, "an Ethernet's");
_Static_assert(SEGMENT_MSS_IPV6 == ETHERNET_MTU - IPV6_HEADER_SIZE - TCP_HEADER_SIZE, "an Ethernet's");

void segment_add_option(struct segment *segment, uint8_t kind)
{
	if (segment->option_count < SEGMENT_OPTIONS_MAX)
		segment->options[segment->option_count++] = kind;
}

bool segment_add_raw_option(struct segment *segment, uint8_t kind, const uint8_t *bytes, size_t size)
{
	if (segment->option_count == SEGMENT_OPTIONS_MAX || segment->raw_size + size + 1 > SEGMENT_OPTIONS_MAX ||
	    segment->tail_size)
		return false;
	segment_add_option(segment, kind);
	segment->raw[segment->raw_size] = (uint8_t)size;
	if (size)
		memcpy(segment->raw + segment->raw_size + 1, bytes, size);
	segment->raw_size = (uint8_t)(segment->raw_size + 1 + size);
	return true;
}

void segment_add_tail(struct segment *segment, const uint8_t *bytes, size_t size)
{
	size_t used = (size_t)segment->raw_size + segment->tail_size;

	for (size_t i = 0; i < size && used < SEGMENT_OPTIONS_MAX; i++, used++)
		segment->raw[used] = bytes[i];
	segment->tail_size = (uint8_t)(used - segment->raw_size);
}

void segment_add_syn_options(struct segment *segment, bool timestamps)
{
	segment_add_option(segment, OPTION_MSS);
	segment->mss = segment->tuple.target.address.family == 6 ? SEGMENT_MSS_IPV6 : SEGMENT_MSS_IPV4;
	if (!timestamps) {
		segment_add_option(segment, OPTION_NOP);
		segment_add_option(segment, OPTION_NOP);
	}
	segment_add_option(segment, OPTION_SACK_PERMITTED);
	if (timestamps)
		segment_add_option(segment, OPTION_TIMESTAMPS);
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_WSCALE);
	segment->wscale = SEGMENT_WSCALE;
}

void segment_add_timestamps(struct segment *segment, uint32_t tsval, uint32_t tsecr)
{
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsval = tsval;
	segment->tsecr = tsecr;
}

size_t segment_raw_option(const struct segment *segment, uint8_t kind, const uint8_t **bytes)
{
	size_t at = 0;

	for (uint8_t i = 0; i < segment->option_count && at < segment->raw_size; i++) {
		if (segment_option_size(segment->options[i]))
			continue;
		if (segment->options[i] == kind && at + 1u + segment->raw[at] <= segment->raw_size) {
			*bytes = segment->raw + at + 1;
			return segment->raw[at];
		}
		at += 1u + segment->raw[at];
	}
	return 0;
}

const char *segment_flags_format(uint16_t flags, char buffer[static FLAGS_TEXT_SIZE])
{
	char *end = buffer;
	int bit;

	for (bit = 0; bit < FLAG_COUNT; bit++)
		if (flags & 1 << bit)
			*end++ = FLAG_LETTERS[bit];
	*end = '\0';
	return buffer;
}

bool segment_flags_read(const char *letters, uint16_t *flags)
{
	*flags = 0;
	for (const char *letter = letters; *letter; letter++) {
		const char *found = strchr(FLAG_LETTERS, *letter);

		if (!found)
			return false;
		*flags |= (uint16_t)(1 << (found - FLAG_LETTERS));
	}
	return *letters != '\0';
}

size_t segment_option_size(uint8_t kind)
{
	switch (kind) {
	case OPTION_END:
	case OPTION_NOP:
		return 1;
	case OPTION_MSS:
		return 4;
	case OPTION_WSCALE:
		return 3;
	case OPTION_SACK_PERMITTED:
		return 2;
	case OPTION_TIMESTAMPS:
		return 10;
	default:
		return 0;
	}
}

/* The number of options without an END that is where padding to four bytes puts one anyway. */
static uint8_t count_unpadded(const struct segment *segment)
{
	uint8_t count = segment->option_count;
	size_t size = 0, index, raw = 0;

	if (count == 0 || segment->options[count - 1] != OPTION_END)
		return count;
	for (index = 0; index + 1 < count; index++) {
		if (segment_option_size(segment->options[index])) {
			size += segment_option_size(segment->options[index]);
		} else if (raw < segment->raw_size) {
			size += 2u + segment->raw[raw];
			raw += 1u + segment->raw[raw];
		}
	}
	return size % 4 ? (uint8_t)(count - 1) : count;
}

static bool options_equal(const struct segment *a, const struct segment *b)
{
	uint8_t count = count_unpadded(a);

	if (count != count_unpadded(b) || memcmp(a->options, b->options, count) != 0)
		return false;
	if (a->raw_size != b->raw_size || a->tail_size != b->tail_size ||
	    memcmp(a->raw, b->raw, (size_t)a->raw_size + a->tail_size) != 0)
		return false;
	if (segment_has_option(a, OPTION_MSS) && a->mss != b->mss)
		return false;
	if (segment_has_option(a, OPTION_WSCALE) && a->wscale != b->wscale)
		return false;
	return !segment_has_option(a, OPTION_TIMESTAMPS) || (a->tsval == b->tsval && a->tsecr == b->tsecr);
}

static bool payload_equal(const struct segment *a, const struct segment *b)
{
	if (a->payload_size != b->payload_size)
		return false;
	if (a->payload_size == 0 || a->payload == b->payload)
		return true;
	return a->payload && b->payload && memcmp(a->payload, b->payload, a->payload_size) == 0;
}

bool segment_equal(const struct segment *a, const struct segment *b)
{
	return tuple_equal(&a->tuple, &b->tuple) && a->ttl == b->ttl && a->tos == b->tos &&
	       a->ip_id == b->ip_id && a->flags == b->flags && a->bad_checksum == b->bad_checksum &&
	       a->icmp_error == b->icmp_error &&
	       a->window == b->window && a->urgent == b->urgent && a->seq == b->seq && a->ack == b->ack &&
	       options_equal(a, b) && payload_equal(a, b);
}

bool segment_alike(const struct segment *a, const struct segment *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack && a->payload_size == b->payload_size;
}

bool segment_is_copy(const struct segment *a, const struct segment *b)
{
	bool stamped = segment_has_option(a, OPTION_TIMESTAMPS);

	return segment_alike(a, b) && a->ip_id == b->ip_id && stamped == segment_has_option(b, OPTION_TIMESTAMPS) &&
	       (!stamped || a->tsval == b->tsval);
}
