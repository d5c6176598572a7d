/* segment_text.c - a segment printed in its text notation. */
#include "crafter/segment_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/escape.h"
#include "crafter/icmp_error.h"
#include "crafter/seq.h"
#include "crafter/stimulus.h"
#include "crafter/textbuf.h"

/* From here on a distance is written only where it is near a power of two: others tell nothing. */
enum { FAR = 1000000 };

const char *segment_text_flags(uint16_t flags, char buffer[static FLAGS_TEXT_SIZE])
{
	segment_flags_format(flags, buffer);
	return *buffer ? buffer : strcpy(buffer, "none");
}

const char *segment_text_number(const struct segment_base *base, uint32_t value, char buffer[static SEGMENT_NUMBER_SIZE])
{
	struct offset offset = { OFFSET_NUMBER, base ? seq_diff(value, base->value) : 0 };
	char distance[OFFSET_TEXT_SIZE] = "";
	struct textbuf out;

	textbuf_init(&out, buffer, SEGMENT_NUMBER_SIZE);
	if (llabs(offset.value) >= FAR)
		offset_format(&offset, distance);
	if (!base || !base->name || (llabs(offset.value) >= FAR && !strchr(distance, '^'))) {
		textbuf_add(&out, "%u", value - (base && !base->name ? base->value : 0));
		return buffer;
	}
	if (strlen(base->name) <= SEGMENT_BASE_NAME_MAX)
		textbuf_add(&out, "%s", base->name);
	else
		textbuf_add(&out, "%.*s", SEGMENT_BASE_NAME_MAX, base->name);
	if (*distance)
		textbuf_add(&out, "%s", distance);
	else if (offset.value)
		textbuf_add(&out, "%s%u", offset.value < 0 ? "-" : "+", (unsigned)llabs(offset.value));
	return buffer;
}

static void put_number(struct textbuf *out, const char *before, const struct segment_base *base, uint32_t value)
{
	char text[SEGMENT_NUMBER_SIZE];

	textbuf_add(out, "%s%s", before, segment_text_number(base, value, text));
}

static void put_endpoint(struct textbuf *out, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (endpoint->address.family)
		textbuf_add(out, "%s", endpoint_format(endpoint, text, sizeof(text)));
	else
		textbuf_add(out, "*:%u", (unsigned)endpoint->port);
}

static void put_ends(struct textbuf *out, const struct tuple *tuple)
{
	if (!tuple->source.address.family && !tuple->target.address.family && !tuple->source.port && !tuple->target.port)
		return;
	put_endpoint(out, &tuple->source);
	textbuf_add(out, " > ");
	put_endpoint(out, &tuple->target);
	textbuf_add(out, " ");
}

/* RFC 2018 3: a SACK option is blocks of two sequence numbers each. They are in the subject's window of our numbers: the base
 * is the one of the acknowledgment. */
static void put_untyped(struct textbuf *out, uint8_t kind, const uint8_t *data, size_t size, const struct segment_base *base)
{
	if (kind == OPTION_SACK && size && size % SEGMENT_SACK_BLOCK_SIZE == 0) {
		textbuf_add(out, "sack");
		for (size_t at = 0; at < size; at += SEGMENT_SACK_BLOCK_SIZE) {
			put_number(out, " ", base, bytes_load32(data + at));
			put_number(out, ":", base, bytes_load32(data + at + 4));
		}
		return;
	}
	textbuf_add(out, "kind %u%s", (unsigned)kind, size ? " " : "");
	for (size_t at = 0; at < size; at++)
		textbuf_add(out, "%02x", (unsigned)data[at]);
}

static void put_typed(struct textbuf *out, uint8_t kind, const struct segment *segment, const struct segment_bases *bases)
{
	switch (kind) {
	case OPTION_END:
		textbuf_add(out, "eol");
		break;
	case OPTION_NOP:
		textbuf_add(out, "nop");
		break;
	case OPTION_MSS:
		textbuf_add(out, "mss %u", (unsigned)segment->mss);
		break;
	case OPTION_WSCALE:
		textbuf_add(out, "wscale %u", (unsigned)segment->wscale);
		break;
	case OPTION_SACK_PERMITTED:
		textbuf_add(out, "sackOK");
		break;
	default: /* the only other kind that has a size of its own */
		put_number(out, "TS val ", &bases->tsval, segment->tsval);
		put_number(out, " ecr ", &bases->tsecr, segment->tsecr);
		break;
	}
}

static void put_options(struct textbuf *out, const struct segment *segment, const struct segment_bases *bases)
{
	size_t raw = 0;

	for (size_t i = 0; i < segment->option_count; i++) {
		uint8_t kind = segment->options[i];
		size_t left = segment->raw_size > raw ? segment->raw_size - raw - 1u : 0, size;

		textbuf_add(out, "%s", i ? "," : "<");
		if (segment_option_size(kind)) {
			put_typed(out, kind, segment, bases);
			continue;
		}
		size = raw < segment->raw_size && segment->raw[raw] < left ? segment->raw[raw] : left;
		put_untyped(out, kind, segment->raw + raw + 1, size, &bases->ack);
		raw += 1u + size;
	}
	for (size_t i = 0; i < segment->tail_size; i++)
		textbuf_add(out, "%s%02x", i ? "" : segment->option_count ? ",raw " : "<raw ",
			    (unsigned)segment->raw[segment->raw_size + i]);
	textbuf_add(out, "%s", segment->option_count || segment->tail_size ? ">" : "");
}

static void put_brief(struct textbuf *out, const struct segment *segment, const struct segment_bases *bases)
{
	const uint8_t *blocks = NULL;
	size_t size = segment_sack_blocks(segment, &blocks);

	if (segment_has_option(segment, OPTION_TIMESTAMPS)) {
		put_number(out, " <TS val ", &bases->tsval, segment->tsval);
		textbuf_add(out, ">");
	}
	if (!size)
		return;
	textbuf_add(out, " <");
	put_untyped(out, OPTION_SACK, blocks, size, &bases->ack);
	textbuf_add(out, ">");
}

static void put_seq(struct textbuf *out, const struct segment *segment, const struct segment_base *base, unsigned parts)
{
	put_number(out, " ", base, segment->seq);
	if (!segment->payload_size && !(parts & SEGMENT_TEXT_END))
		return;
	put_number(out, ":", base, segment->seq + segment->payload_size);
	textbuf_add(out, "(%" PRIu32 ")", segment->payload_size);
}

static void put_ip(struct textbuf *out, const struct segment *segment)
{
	if (segment->ttl != SEGMENT_TTL)
		textbuf_add(out, " ttl %u", (unsigned)segment->ttl);
	if (segment->tos)
		textbuf_add(out, " tos %u", (unsigned)segment->tos);
	if (segment->ip_id)
		textbuf_add(out, " id %u", (unsigned)segment->ip_id);
}

static void put_payload(struct textbuf *out, const struct segment *segment)
{
	char letter[ESCAPE_SIZE];

	if (!segment->payload || !segment->payload_size || segment->payload_size > SEGMENT_PAYLOAD_MAX)
		return;
	textbuf_add(out, " \"");
	for (size_t i = 0; i < segment->payload_size; i++)
		textbuf_add(out, "%s", escape_print(segment->payload[i], letter));
	textbuf_add(out, "\"");
}

const char *segment_text_print(const struct segment *segment, const struct segment_bases *bases, unsigned parts,
			       char *buffer, size_t size)
{
	static const struct segment_bases none;
	struct textbuf out;
	char flags[FLAGS_TEXT_SIZE];

	bases = bases ? bases : &none;
	textbuf_init(&out, buffer, size);
	if (parts & SEGMENT_TEXT_ENDS)
		put_ends(&out, &segment->tuple);
	if (segment->icmp_error) {
		textbuf_add(&out, "%s", icmp_error_name((enum icmp_error)segment->icmp_error));
		put_number(&out, " ", &bases->ack, segment->seq); /* one of the other end */
		return buffer;
	}
	textbuf_add(&out, "%s", segment_text_flags(segment->flags, flags));
	put_seq(&out, segment, &bases->seq, parts);
	if (segment->flags & FLAG_ACK || segment->ack)
		put_number(&out, " ack ", segment->flags & FLAG_ACK ? &bases->ack : NULL, segment->ack);
	if (parts & SEGMENT_TEXT_WINDOW)
		textbuf_add(&out, " win %u", (unsigned)segment->window);
	if (parts & SEGMENT_TEXT_URGENT && (segment->urgent || segment->flags & FLAG_URG))
		textbuf_add(&out, " urg %u", (unsigned)segment->urgent);
	if (parts & SEGMENT_TEXT_OPTIONS && (segment->option_count || segment->tail_size)) {
		textbuf_add(&out, " ");
		put_options(&out, segment, bases);
	} else if (parts & SEGMENT_TEXT_BRIEF) {
		put_brief(&out, segment, bases);
	}
	if (parts & SEGMENT_TEXT_IP)
		put_ip(&out, segment);
	if (parts & SEGMENT_TEXT_IP && segment->bad_checksum)
		textbuf_add(&out, " bad checksum");
	if (parts & SEGMENT_TEXT_PAYLOAD)
		put_payload(&out, segment);
	return buffer;
}
