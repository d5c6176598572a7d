/* segment_text_parse.c - a segment read from its text notation. Declared in segment_text.h. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/escape.h"
#include "crafter/icmp_error.h"
#include "crafter/scan.h"
#include "crafter/segment_text.h"
#include "crafter/seq.h"
#include "crafter/stimulus.h"

enum { WORD_SIZE = 64 };

#define NUMBER_CHARACTERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+-^"

struct reader {
	const char *text, *at;
	const struct segment_bases *bases;
	struct error *error;
};

static int fail_here(const struct reader *reader, const char *expected)
{
	size_t length = strcspn(reader->at, " ");

	return fail(reader->error, "segment '%.100s', column %zu: expected %s%s%.*s%s", reader->text,
		    (size_t)(reader->at - reader->text) + 1, expected, length ? ", not '" : "", length < 24 ? (int)length : 24,
		    reader->at, length ? "'" : "; the text ends there");
}

/* Moves over `text` where it comes next. */
static bool skip(struct reader *reader, const char *text)
{
	return scan_word(&reader->at, text);
}

static int need(struct reader *reader, const char *text, const char *expected)
{
	return skip(reader, text) ? 0 : fail_here(reader, expected);
}

/* Digits up to `most`; does not move where there are none, or too many. */
static bool read_digits(struct reader *reader, uint32_t most, uint32_t *value)
{
	uint64_t number;

	if (!scan_number(&reader->at, most, &number))
		return false;
	*value = (uint32_t)number;
	return true;
}

/* "rcv_nxt", "rcv_nxt+2^30": what follows the name is an offset as on the command line. */
static bool read_named(struct reader *reader, const struct segment_base *base, uint32_t *value)
{
	size_t name = strlen(base->name), length = strspn(reader->at, NUMBER_CHARACTERS);
	struct offset offset = { OFFSET_NUMBER, 0 };
	char distance[WORD_SIZE];

	if (strncmp(reader->at, base->name, name) != 0 || length - name >= sizeof(distance))
		return false;
	memcpy(distance, reader->at + name, length - name);
	distance[length - name] = '\0';
	if (*distance && ((*distance != '+' && *distance != '-') || offset_parse("number", distance, &offset, NULL) < 0))
		return false;
	*value = seq_add(base->value, offset.value);
	reader->at += length;
	return true;
}

static int read_number(struct reader *reader, const struct segment_base *base, uint32_t *value)
{
	bool negative = !base->name && skip(reader, "-");

	if (read_digits(reader, UINT32_MAX, value)) {
		if (!base->name)
			*value = negative ? base->value - *value : base->value + *value;
		return 0;
	}
	if (base->name && read_named(reader, base, value))
		return 0;
	return fail_here(reader, base->name ? "a number, or the name it counts from with or without an offset" :
			 "a number from 0 to 4294967295");
}

static int read_port(struct reader *reader, uint16_t *port)
{
	uint32_t number;

	if (!read_digits(reader, UINT16_MAX, &number))
		return fail_here(reader, "a port from 0 to 65535");
	*port = (uint16_t)number;
	return 0;
}

static int read_endpoint(struct reader *reader, struct endpoint *endpoint)
{
	const char *start = reader->at, *close;
	char address[ADDRESS_TEXT_SIZE];
	size_t length;

	if (skip(reader, "*:"))
		return read_port(reader, &endpoint->port);
	start += *start == '[';
	close = strpbrk(start, *reader->at == '[' ? "] " : ": ");
	length = close ? (size_t)(close - start) : strlen(start);
	if (!close || *close == ' ' || length >= sizeof(address))
		return fail_here(reader, "flags, or ADDRESS:PORT");
	memcpy(address, start, length);
	address[length] = '\0';
	if (address_parse(address, &endpoint->address, NULL) < 0)
		return fail_here(reader, "a numeric address");
	reader->at = close + (*close == ']');
	if (need(reader, ":", "':' and a port"))
		return -1;
	return read_port(reader, &endpoint->port);
}

static int read_ends(struct reader *reader, struct tuple *tuple)
{
	if (read_endpoint(reader, &tuple->source) || need(reader, " > ", "' > ' and the target") ||
	    read_endpoint(reader, &tuple->target))
		return -1;
	return need(reader, " ", "a blank and the flags");
}

/* Where the text does not begin with flags, it begins with the ends. */
static bool begins_with_flags(const char *text)
{
	size_t length = strcspn(text, " ");

	return strncmp(text, "icmp-", strlen("icmp-")) == 0 || (length == 4 && strncmp(text, "none", length) == 0) ||
	       (length && strspn(text, FLAG_LETTERS) == length);
}

static int read_flags(struct reader *reader, uint16_t *flags)
{
	if (!begins_with_flags(reader->at))
		return fail_here(reader, "flags: letters in the order " FLAG_LETTERS ", or none");
	if (skip(reader, "none"))
		return 0;
	for (int bit = 0; bit < FLAG_COUNT; bit++)
		if (*reader->at == FLAG_LETTERS[bit]) {
			*flags = (uint16_t)(*flags | 1 << bit);
			reader->at++;
		}
	return *reader->at == ' ' || !*reader->at ? 0 : fail_here(reader, "flags in the order " FLAG_LETTERS ", each once");
}

static int read_seq(struct reader *reader, struct segment *segment)
{
	const struct segment_base *base = &reader->bases->seq;
	uint32_t end, length;
	const char *at;

	if (need(reader, " ", "a blank and the sequence number") || read_number(reader, base, &segment->seq))
		return -1;
	if (!skip(reader, ":"))
		return 0;
	at = reader->at;
	if (read_number(reader, base, &end) || need(reader, "(", "the length in parentheses"))
		return -1;
	if (!read_digits(reader, UINT32_MAX, &length))
		return fail_here(reader, "a length from 0 to 4294967295");
	segment->payload_size = length;
	if (end != segment->seq + length) {
		reader->at = at;
		return fail_here(reader, "the end that the sequence number and the length make");
	}
	return need(reader, ")", "')' after the length");
}

static int read_ack(struct reader *reader, struct segment *segment)
{
	static const struct segment_base none;
	bool acks = segment->flags & FLAG_ACK;

	if (!skip(reader, " ack "))
		return acks ? fail_here(reader, "' ack ' and a number, since A is among the flags") : 0;
	return read_number(reader, acks ? &reader->bases->ack : &none, &segment->ack);
}

/* " NAME N", where it comes next. */
static int read_field(struct reader *reader, const char *name, uint32_t most, uint32_t *value)
{
	if (!skip(reader, name) || read_digits(reader, most, value))
		return 0;
	return fail_here(reader, most == UINT16_MAX ? "a number from 0 to 65535" : "a number from 0 to 255");
}

static int hex_digit(char letter)
{
	const char *digits = "0123456789abcdef", *found = letter ? strchr(digits, letter) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Appends to the raw data of the option whose length byte is at `start`. */
static int put_raw(struct reader *reader, struct segment *segment, uint8_t start, const uint8_t *bytes, uint8_t count)
{
	if (segment->raw_size + count > SEGMENT_OPTIONS_MAX)
		return fail_here(reader, "at most 40 bytes of options");
	memcpy(segment->raw + segment->raw_size, bytes, count);
	segment->raw_size = (uint8_t)(segment->raw_size + count);
	segment->raw[start] = (uint8_t)(segment->raw[start] + count);
	return 0;
}

/* The length byte of an option whose data is raw. */
static int begin_raw(struct reader *reader, struct segment *segment, uint8_t kind)
{
	if (segment->raw_size == SEGMENT_OPTIONS_MAX)
		return fail_here(reader, "at most 40 bytes of options");
	segment->raw[segment->raw_size++] = 0;
	segment_add_option(segment, kind);
	return 0;
}

static int read_sack(struct reader *reader, struct segment *segment)
{
	uint8_t start = segment->raw_size, block[SEGMENT_SACK_BLOCK_SIZE];
	uint32_t left, right;

	if (begin_raw(reader, segment, OPTION_SACK))
		return -1;
	do {
		if (read_number(reader, &reader->bases->ack, &left) ||
		    need(reader, ":", "':' and the right edge of the block") ||
		    read_number(reader, &reader->bases->ack, &right))
			return -1;
		bytes_store32(block, left);
		bytes_store32(block + 4, right);
		if (put_raw(reader, segment, start, block, SEGMENT_SACK_BLOCK_SIZE))
			return -1;
	} while (skip(reader, " "));
	return 0;
}

static int read_kind(struct reader *reader, struct segment *segment)
{
	uint8_t start = segment->raw_size, byte;
	const char *at = reader->at;
	uint32_t kind;

	if (!read_digits(reader, UINT8_MAX, &kind))
		return fail_here(reader, "an option kind from 0 to 255");
	if (segment_option_size((uint8_t)kind)) {
		reader->at = at;
		return fail_here(reader, "a kind without its own name");
	}
	if (begin_raw(reader, segment, (uint8_t)kind))
		return -1;
	if (!skip(reader, " "))
		return 0;
	do {
		int high = hex_digit(reader->at[0]), low = high < 0 ? -1 : hex_digit(reader->at[1]);

		if (low < 0)
			return fail_here(reader, "pairs of hexadecimal digits");
		byte = (uint8_t)(high << 4 | low);
		if (put_raw(reader, segment, start, &byte, 1))
			return -1;
		reader->at += 2;
	} while (hex_digit(reader->at[0]) >= 0);
	return 0;
}

/* Bytes behind all options. */
static int read_tail(struct reader *reader, struct segment *segment)
{
	do {
		int high = hex_digit(reader->at[0]), low = high < 0 ? -1 : hex_digit(reader->at[1]);
		uint8_t byte;

		if (low < 0)
			return fail_here(reader, "pairs of hexadecimal digits");
		byte = (uint8_t)(high << 4 | low);
		if (segment->raw_size + segment->tail_size == SEGMENT_OPTIONS_MAX)
			return fail_here(reader, "at most 40 bytes of options");
		segment_add_tail(segment, &byte, 1);
		reader->at += 2;
	} while (hex_digit(reader->at[0]) >= 0);
	return 0;
}

static int read_timestamps(struct reader *reader, struct segment *segment)
{
	segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsecr = 0;
	if (read_number(reader, &reader->bases->tsval, &segment->tsval))
		return -1;
	return skip(reader, " ecr ") ? read_number(reader, &reader->bases->tsecr, &segment->tsecr) : 0;
}

static int read_option(struct reader *reader, struct segment *segment)
{
	uint32_t value = 0;

	if (skip(reader, "nop")) {
		segment_add_option(segment, OPTION_NOP);
	} else if (skip(reader, "eol")) {
		segment_add_option(segment, OPTION_END);
	} else if (skip(reader, "sackOK")) {
		segment_add_option(segment, OPTION_SACK_PERMITTED);
	} else if (skip(reader, "mss ")) {
		segment_add_option(segment, OPTION_MSS);
		if (read_field(reader, "", UINT16_MAX, &value))
			return -1;
		segment->mss = (uint16_t)value;
	} else if (skip(reader, "wscale ")) {
		segment_add_option(segment, OPTION_WSCALE);
		if (read_field(reader, "", UINT8_MAX, &value))
			return -1;
		segment->wscale = (uint8_t)value;
	} else if (skip(reader, "TS val ")) {
		return read_timestamps(reader, segment);
	} else if (skip(reader, "sack ")) {
		return read_sack(reader, segment);
	} else if (skip(reader, "kind ")) {
		return read_kind(reader, segment);
	} else if (skip(reader, "raw ")) {
		return read_tail(reader, segment);
	} else {
		return fail_here(reader, "an option: eol, nop, mss N, wscale N, sackOK, sack L:R, TS val N ecr N, kind N, "
				 "raw HEX");
	}
	return 0;
}

static int read_options(struct reader *reader, struct segment *segment)
{
	if (!skip(reader, " <"))
		return 0;
	do {
		if (segment->option_count == SEGMENT_OPTIONS_MAX)
			return fail_here(reader, "at most 40 options");
		if (read_option(reader, segment))
			return -1;
	} while (!segment->tail_size && skip(reader, ","));
	return need(reader, ">", segment->tail_size ? "'>'" : "',' and an option, or '>'");
}

static int read_payload(struct reader *reader, struct segment *segment, uint8_t payload[static SEGMENT_PAYLOAD_MAX])
{
	size_t size = 0;

	if (!skip(reader, " \""))
		return 0;
	segment->payload = payload;
	while (*reader->at && *reader->at != '"') {
		if (size == SEGMENT_PAYLOAD_MAX || size == segment->payload_size)
			return fail_here(reader, "the quote that ends the payload: its length is as much as that, 256 at most");
		if (escape_read(&reader->at, &payload[size]) < 0)
			return fail_here(reader, "\\r, \\n, \\t, \\\\, \\\" or \\xHH");
		size++;
	}
	if (size < segment->payload_size)
		return fail_here(reader, "as many bytes as the length");
	return need(reader, "\"", "the quote that ends the payload");
}

/* "icmp-port-unreachable 1000"; 1: it is a segment. */
static int read_icmp(struct reader *reader, struct segment *segment)
{
	size_t length = strcspn(reader->at, " ");
	char name[32];

	if (strncmp(reader->at, "icmp-", strlen("icmp-")) != 0)
		return 1;
	snprintf(name, sizeof(name), "%.*s", (int)length, reader->at);
	segment->icmp_error = (uint8_t)icmp_error_parse(name);
	if (!segment->icmp_error)
		return fail_here(reader, "an ICMP error such as icmp-port-unreachable, or flags");
	reader->at += length;
	segment->ttl = SEGMENT_TTL;
	if (need(reader, " ", "a blank and the number that is quoted") ||
	    read_number(reader, &reader->bases->ack, &segment->seq))
		return -1;
	return *reader->at ? fail_here(reader, "the end") : 0;
}

static int read_all(struct reader *reader, struct segment *segment, uint8_t payload[static SEGMENT_PAYLOAD_MAX])
{
	uint32_t window = 0, urgent = 0, ttl = SEGMENT_TTL, tos = 0, id = 0;
	int icmp;

	if (!begins_with_flags(reader->at) && read_ends(reader, &segment->tuple))
		return -1;
	icmp = read_icmp(reader, segment);
	if (icmp <= 0)
		return icmp;
	if (read_flags(reader, &segment->flags) || read_seq(reader, segment) || read_ack(reader, segment) ||
	    read_field(reader, " win ", UINT16_MAX, &window) || read_field(reader, " urg ", UINT16_MAX, &urgent) ||
	    read_options(reader, segment) || read_field(reader, " ttl ", UINT8_MAX, &ttl) ||
	    read_field(reader, " tos ", UINT8_MAX, &tos) || read_field(reader, " id ", UINT16_MAX, &id))
		return -1;
	segment->bad_checksum = skip(reader, " bad checksum");
	if (read_payload(reader, segment, payload))
		return -1;
	segment->window = (uint16_t)window;
	segment->urgent = (uint16_t)urgent;
	segment->ttl = (uint8_t)ttl;
	segment->tos = (uint8_t)tos;
	segment->ip_id = (uint16_t)id;
	return !*reader->at ? 0 : fail_here(reader, "the end, or ack, win, urg, <options>, ttl, tos, id and a quoted payload, "
					    "in this order");
}

int segment_text_parse(const char *text, const struct segment_bases *bases, struct segment *segment,
		       uint8_t payload[static SEGMENT_PAYLOAD_MAX], struct error *error)
{
	static const struct segment_bases none;
	struct reader reader = { text, text, bases ? bases : &none, error };

	memset(segment, 0, sizeof(*segment));
	return read_all(&reader, segment, payload);
}
