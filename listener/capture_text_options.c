/* capture_text_options.c - TCP options as tcpdump lists them, of its versions 3 and 4. */
#include "listener/capture_text_internal.h"

#include <string.h>

#include "crafter/bytes.h"

/* Options whose data is not read: the numbers of IANA's registry, the names of tcpdump. The longer name comes first. */
static const struct {
	const char *name;
	uint8_t kind;
} others[] = {
	{ "echoreply", 7 }, { "echo", 6 }, { "ccnew", 12 }, { "ccecho", 13 }, { "cc", 11 }, { "md5", 19 }, { "scps", 20 },
	{ "uto", 28 }, { "tcp-ao", 29 }, { "mptcp", 30 }, { "tfo", 34 }, { "exp", 254 },
};

static enum text_result take_number(struct text_reader *reader, uint64_t most, uint64_t *value)
{
	capture_text_skip_blanks(reader);
	return scan_number(&reader->at, most, value) ? TEXT_PACKET :
	       capture_text_wants(reader, "a number that the option has room for");
}

static enum text_result read_sack(struct text_reader *reader, struct segment *segment)
{
	uint8_t blocks[SEGMENT_OPTIONS_MAX];
	uint64_t count, left, right;
	size_t size = 0;
	enum text_result result;

	scan_word(&reader->at, "sack "); /* tcpdump 3 says it twice */
	result = take_number(reader, UINT8_MAX, &count);
	capture_text_skip_blanks(reader);
	while (result == TEXT_PACKET && scan_word(&reader->at, "{")) {
		if (size + SEGMENT_SACK_BLOCK_SIZE > sizeof(blocks))
			return capture_text_fault(reader, "at most four blocks");
		if (!scan_number(&reader->at, UINT32_MAX, &left) || !scan_word(&reader->at, ":") ||
		    !scan_number(&reader->at, UINT32_MAX, &right) || !scan_word(&reader->at, "}"))
			return capture_text_wants(reader, "{LEFT:RIGHT}");
		bytes_store32(blocks + size, (uint32_t)left);
		bytes_store32(blocks + size + 4, (uint32_t)right);
		size += SEGMENT_SACK_BLOCK_SIZE;
		capture_text_skip_blanks(reader);
	}
	if (result == TEXT_PACKET && size != count * SEGMENT_SACK_BLOCK_SIZE)
		return capture_text_wants(reader, "as many blocks as there are");
	if (result == TEXT_PACKET && !segment_add_raw_option(segment, OPTION_SACK, blocks, size))
		return capture_text_fault(reader, "at most 40 bytes of options");
	return result;
}

static enum text_result read_timestamps(struct text_reader *reader, struct segment *segment, const char *between)
{
	uint64_t tsval, tsecr;
	enum text_result result = take_number(reader, UINT32_MAX, &tsval);

	if (result != TEXT_PACKET)
		return result;
	capture_text_skip_blanks(reader);
	if (!scan_word(&reader->at, between))
		return capture_text_wants(reader, "ecr and a number");
	result = take_number(reader, UINT32_MAX, &tsecr);
	if (result != TEXT_PACKET)
		return result;
	segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsval = (uint32_t)tsval;
	segment->tsecr = (uint32_t)tsecr;
	return TEXT_PACKET;
}

static enum text_result read_value(struct text_reader *reader, struct segment *segment, uint8_t kind)
{
	uint64_t value;
	enum text_result result = take_number(reader, kind == OPTION_MSS ? UINT16_MAX : UINT8_MAX, &value);

	if (result != TEXT_PACKET)
		return result;
	segment_add_option(segment, kind);
	if (kind == OPTION_MSS)
		segment->mss = (uint16_t)value;
	else
		segment->wscale = (uint8_t)value;
	return TEXT_PACKET;
}

/* tcpdump's own words about a list that goes on no further. */
static bool is_cut(const char *at)
{
	return strncmp(at, "[|", 2) == 0;
}

static bool is_bad(const char *at)
{
	return strncmp(at, "[bad opt", 8) == 0 || strncmp(at, "[len ", 5) == 0;
}

/* Text up to the comma or bracket that ends the option; brackets within it belong to it. One name of tcpdump's has a comma. */
static void skip_data(struct text_reader *reader, char close)
{
	int depth = 0;

	for (; *reader->at; reader->at++) {
		if (scan_word(&reader->at, ", can't check") && !*reader->at)
			return;
		if (depth == 0 && (*reader->at == ',' || *reader->at == close || is_cut(reader->at) || is_bad(reader->at)))
			return;
		if (*reader->at == '[' || *reader->at == '{' || *reader->at == '(')
			depth++;
		else if (depth > 0 && (*reader->at == ']' || *reader->at == '}' || *reader->at == ')'))
			depth--;
	}
}

/* "unknown-253 0x0102", "opt-253:0102", or a name. */
static enum text_result read_other(struct text_reader *reader, char close, struct segment *segment)
{
	uint64_t kind = 0;
	size_t i = 0;

	if (scan_word(&reader->at, "unknown-") || scan_word(&reader->at, "opt-")) {
		if (!scan_number(&reader->at, UINT8_MAX, &kind))
			return capture_text_wants(reader, "an option's number");
	} else {
		while (i < sizeof(others) / sizeof(others[0]) && !scan_word(&reader->at, others[i].name))
			i++;
		if (i == sizeof(others) / sizeof(others[0]))
			return capture_text_wants(reader, "an option");
		kind = others[i].kind;
	}
	skip_data(reader, close);
	if (segment_option_size((uint8_t)kind) || segment_add_raw_option(segment, (uint8_t)kind, NULL, 0))
		return TEXT_PACKET;
	return capture_text_fault(reader, "at most 40 bytes of options");
}

static enum text_result read_option(struct text_reader *reader, char close, struct segment *segment)
{
	if (scan_word(&reader->at, "nop"))
		segment_add_option(segment, OPTION_NOP);
	else if (scan_word(&reader->at, "eol"))
		segment_add_option(segment, OPTION_END);
	else if (scan_word(&reader->at, "sackOK"))
		segment_add_option(segment, OPTION_SACK_PERMITTED);
	else if (scan_word(&reader->at, "mss "))
		return read_value(reader, segment, OPTION_MSS);
	else if (scan_word(&reader->at, "wscale "))
		return read_value(reader, segment, OPTION_WSCALE);
	else if (scan_word(&reader->at, "TS val "))
		return read_timestamps(reader, segment, "ecr ");
	else if (scan_word(&reader->at, "timestamp "))
		return read_timestamps(reader, segment, "");
	else if (scan_word(&reader->at, "sack "))
		return read_sack(reader, segment);
	else
		return read_other(reader, close, segment);
	return TEXT_PACKET;
}

/* The list goes on no further, perhaps behind an option's name, because it was not captured or makes no sense. */
static bool ends_here(const struct text_reader *reader, struct text_packet *packet, bool *bad)
{
	const char *at = reader->at + strspn(reader->at, "abcdefghijklmnopqrstuvwxyzKOST-");

	at += *at == ' ';
	if (is_cut(at))
		packet->lacks |= SEGMENT_LACKS_OPTIONS;
	*bad |= is_bad(at);
	return is_cut(at) || *bad;
}

enum text_result capture_text_options(struct text_reader *reader, char close, struct text_packet *packet, bool *bad)
{
	const char closing[2] = { close, '\0' };
	struct segment *segment = &packet->segment;

	do {
		enum text_result result;

		capture_text_skip_blanks(reader);
		if (ends_here(reader, packet, bad))
			return TEXT_PACKET;
		if (segment->option_count && segment->options[segment->option_count - 1] == OPTION_END)
			reader->at += strcspn(reader->at, closing); /* padding */
		if (scan_word(&reader->at, closing))
			return TEXT_PACKET;
		result = read_option(reader, close, segment);
		if (result != TEXT_PACKET)
			return result;
		capture_text_skip_blanks(reader);
		if (ends_here(reader, packet, bad))
			return TEXT_PACKET;
	} while (scan_word(&reader->at, ","));
	return scan_word(&reader->at, closing) ? TEXT_PACKET :
	       capture_text_wants(reader, "a comma and an option, or the end of the list");
}
