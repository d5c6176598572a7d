/* segment_text.c - a segment printed in its text notation. */
#include "crafter/segment_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/escape.h"
#include "crafter/seq.h"
#include "crafter/stimulus.h"

/* From here on a distance is written only where it is near a power of two: others tell nothing. */
enum { FAR = 1000000 };

struct writer {
	char *at;
	size_t left; /* the terminating zero included; 1 at least */
};

static void put(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *writer, const char *format, ...)
{
	va_list arguments;
	size_t length;
	int printed;

	va_start(arguments, format);
	printed = vsnprintf(writer->at, writer->left, format, arguments);
	va_end(arguments);
	length = printed < 0 ? 0 : (size_t)printed < writer->left ? (size_t)printed : writer->left - 1;
	writer->at += length;
	writer->left -= length;
}

const char *segment_text_flags(uint8_t flags, char buffer[static FLAGS_TEXT_SIZE])
{
	segment_flags_format(flags, buffer);
	return *buffer ? buffer : strcpy(buffer, "none");
}

const char *segment_text_number(const struct segment_base *base, uint32_t value, char buffer[static SEGMENT_NUMBER_SIZE])
{
	struct offset offset = { OFFSET_NUMBER, base ? seq_diff(value, base->value) : 0 };
	char distance[OFFSET_TEXT_SIZE] = "";

	if (!base || !base->name) {
		snprintf(buffer, SEGMENT_NUMBER_SIZE, "%" PRIu32, value - (base ? base->value : 0));
		return buffer;
	}
	if (llabs(offset.value) >= FAR)
		offset_format(&offset, distance);
	else if (offset.value)
		snprintf(distance, sizeof(distance), "%+" PRId64, offset.value);
	if (llabs(offset.value) >= FAR && !strchr(distance, '^'))
		snprintf(buffer, SEGMENT_NUMBER_SIZE, "%" PRIu32, value);
	else
		snprintf(buffer, SEGMENT_NUMBER_SIZE, "%.*s%.22s", SEGMENT_BASE_NAME_MAX, base->name, distance);
	return buffer;
}

static void put_number(struct writer *writer, const char *before, const struct segment_base *base, uint32_t value)
{
	char text[SEGMENT_NUMBER_SIZE];

	put(writer, "%s%s", before, segment_text_number(base, value, text));
}

static void put_endpoint(struct writer *writer, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (endpoint->address.family)
		put(writer, "%s", endpoint_format(endpoint, text, sizeof(text)));
	else
		put(writer, "*:%u", (unsigned)endpoint->port);
}

static void put_ends(struct writer *writer, const struct tuple *tuple)
{
	if (!tuple->source.address.family && !tuple->target.address.family && !tuple->source.port && !tuple->target.port)
		return;
	put_endpoint(writer, &tuple->source);
	put(writer, " > ");
	put_endpoint(writer, &tuple->target);
	put(writer, " ");
}

/* RFC 2018 3: a SACK option is blocks of two sequence numbers each. They are in the subject's window of our numbers: the base
 * is the one of the acknowledgment. */
static void put_untyped(struct writer *writer, uint8_t kind, const uint8_t *data, size_t size, const struct segment_base *base)
{
	if (kind == OPTION_SACK && size && size % 8 == 0) {
		put(writer, "sack");
		for (size_t at = 0; at < size; at += 8) {
			put_number(writer, " ", base, load32(data + at));
			put_number(writer, ":", base, load32(data + at + 4));
		}
		return;
	}
	put(writer, "kind %u%s", (unsigned)kind, size ? " " : "");
	for (size_t at = 0; at < size; at++)
		put(writer, "%02x", (unsigned)data[at]);
}

static void put_typed(struct writer *writer, uint8_t kind, const struct segment *segment, const struct segment_bases *bases)
{
	switch (kind) {
	case OPTION_END:
		put(writer, "eol");
		break;
	case OPTION_NOP:
		put(writer, "nop");
		break;
	case OPTION_MSS:
		put(writer, "mss %u", (unsigned)segment->mss);
		break;
	case OPTION_WSCALE:
		put(writer, "wscale %u", (unsigned)segment->wscale);
		break;
	case OPTION_SACK_PERMITTED:
		put(writer, "sackOK");
		break;
	default: /* the only other kind that has a size of its own */
		put_number(writer, "TS val ", &bases->tsval, segment->tsval);
		put_number(writer, " ecr ", &bases->tsecr, segment->tsecr);
		break;
	}
}

static void put_options(struct writer *writer, const struct segment *segment, const struct segment_bases *bases)
{
	size_t raw = 0;

	for (size_t i = 0; i < segment->option_count; i++) {
		uint8_t kind = segment->options[i];
		size_t left = segment->raw_size > raw ? segment->raw_size - raw - 1u : 0, size;

		put(writer, "%s", i ? "," : "<");
		if (segment_option_size(kind)) {
			put_typed(writer, kind, segment, bases);
			continue;
		}
		size = raw < segment->raw_size && segment->raw[raw] < left ? segment->raw[raw] : left;
		put_untyped(writer, kind, segment->raw + raw + 1, size, &bases->ack);
		raw += 1u + size;
	}
	put(writer, "%s", segment->option_count ? ">" : "");
}

static void put_seq(struct writer *writer, const struct segment *segment, const struct segment_base *base, unsigned parts)
{
	put_number(writer, " ", base, segment->seq);
	if (!segment->payload_size && !(parts & SEGMENT_TEXT_END))
		return;
	put_number(writer, ":", base, segment->seq + segment->payload_size);
	put(writer, "(%" PRIu32 ")", segment->payload_size);
}

static void put_ip(struct writer *writer, const struct segment *segment)
{
	if (segment->ttl != SEGMENT_TTL)
		put(writer, " ttl %u", (unsigned)segment->ttl);
	if (segment->tos)
		put(writer, " tos %u", (unsigned)segment->tos);
	if (segment->ip_id)
		put(writer, " id %u", (unsigned)segment->ip_id);
}

static void put_payload(struct writer *writer, const struct segment *segment)
{
	char letter[ESCAPE_SIZE];

	if (!segment->payload || !segment->payload_size || segment->payload_size > SEGMENT_PAYLOAD_MAX)
		return;
	put(writer, " \"");
	for (size_t i = 0; i < segment->payload_size; i++)
		put(writer, "%s", escape_print(segment->payload[i], letter));
	put(writer, "\"");
}

const char *segment_text_print(const struct segment *segment, const struct segment_bases *bases, unsigned parts,
			       char *buffer, size_t size)
{
	static const struct segment_bases none;
	struct writer writer = { buffer, size };
	char flags[FLAGS_TEXT_SIZE];

	bases = bases ? bases : &none;
	*buffer = '\0';
	if (parts & SEGMENT_TEXT_ENDS)
		put_ends(&writer, &segment->tuple);
	put(&writer, "%s", segment_text_flags(segment->flags, flags));
	put_seq(&writer, segment, &bases->seq, parts);
	if (segment->flags & FLAG_ACK || segment->ack)
		put_number(&writer, " ack ", segment->flags & FLAG_ACK ? &bases->ack : NULL, segment->ack);
	if (parts & SEGMENT_TEXT_WINDOW)
		put(&writer, " win %u", (unsigned)segment->window);
	if (parts & SEGMENT_TEXT_URGENT && (segment->urgent || segment->flags & FLAG_URG))
		put(&writer, " urg %u", (unsigned)segment->urgent);
	if (parts & SEGMENT_TEXT_OPTIONS && segment->option_count) {
		put(&writer, " ");
		put_options(&writer, segment, bases);
	} else if (parts & SEGMENT_TEXT_TIMESTAMPS && segment_has_option(segment, OPTION_TIMESTAMPS)) {
		put_number(&writer, " <TS val ", &bases->tsval, segment->tsval);
		put(&writer, ">");
	}
	if (parts & SEGMENT_TEXT_IP)
		put_ip(&writer, segment);
	if (parts & SEGMENT_TEXT_PAYLOAD)
		put_payload(&writer, segment);
	return buffer;
}
