/* capture_text_tcp.c - TCP's part of a packet: "Flags [S.], seq 1, ack 2, ..." and, of tcpdump 3, "S 1:1(0) ack 2 ...". */
#include "listener/capture_text_internal.h"

#include <string.h>

static enum text_result take32(struct text_reader *reader, uint64_t most, uint64_t *value)
{
	capture_text_skip_blanks(reader);
	return scan_number(&reader->at, most, value) ? TEXT_PACKET :
	       capture_text_wants(reader, most == UINT16_MAX ? "a number up to 65535" : "a number up to 4294967295");
}

/* Behind the bracket of a remark, whatever it says. */
static bool skip_remark(struct text_reader *reader)
{
	const char *close = *reader->at == '[' ? strchr(reader->at, ']') : NULL;

	if (!close)
		return false;
	reader->at = close + 1;
	return true;
}

static enum text_result read_flags(struct text_reader *reader, struct segment *segment)
{
	static const char letters[] = "FSRP.UEWe"; /* from bit 0 up */

	if (scan_word(&reader->at, "none]"))
		return TEXT_PACKET;
	for (; *reader->at && *reader->at != ']'; reader->at++) {
		const char *found = strchr(letters, *reader->at);

		if (found)
			segment->flags = (uint16_t)(segment->flags | 1 << (found - letters));
		else
			return capture_text_fault(reader, "flags from FSRP.UEWe");
	}
	if (*reader->at != ']')
		return TEXT_MORE;
	reader->at++;
	return TEXT_PACKET;
}

/* "cksum 0x1234 (correct)", "(incorrect -> 0x5678)", "(incorrect (-> 0x5678)" */
static enum text_result read_checksum(struct text_reader *reader, struct text_packet *packet)
{
	uint64_t value;

	if (!scan_hex(&reader->at, UINT16_MAX, &value))
		return capture_text_wants(reader, "a checksum");
	capture_text_skip_blanks(reader);
	if (scan_word(&reader->at, "(correct)"))
		return TEXT_PACKET;
	if (!scan_word(&reader->at, "(incorrect"))
		return capture_text_wants(reader, "(correct) or (incorrect -> 0xNNNN)");
	packet->wrong_checksum = true;
	packet->checksum = (uint16_t)value;
	reader->at += strcspn(reader->at, ")");
	if (!*reader->at)
		return TEXT_MORE;
	reader->at++;
	return TEXT_PACKET;
}

static enum text_result read_seq(struct text_reader *reader, struct text_packet *packet)
{
	enum text_result result;
	uint64_t seq, end;

	result = take32(reader, UINT32_MAX, &seq);
	if (result != TEXT_PACKET)
		return result;
	packet->has_seq = true;
	packet->segment.seq = (uint32_t)seq;
	if (!scan_word(&reader->at, ":"))
		return TEXT_PACKET;
	result = take32(reader, UINT32_MAX, &end);
	packet->segment.payload_size = (uint32_t)end - (uint32_t)seq;
	return result;
}

static enum text_result read_options(struct text_reader *reader, char close, struct text_packet *packet)
{
	bool bad = false;
	enum text_result result = capture_text_options(reader, close, packet, &bad);

	if (bad)
		packet->kind = CAPTURE_TEXT_UNSOUND;
	return result;
}

/* One item of the list. TEXT_NOTHING: the last one, "length N". */
static enum text_result read_item(struct text_reader *reader, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;
	enum text_result result = TEXT_PACKET;
	uint64_t value = 0;

	if (scan_word(&reader->at, "cksum 0x")) {
		result = read_checksum(reader, packet);
	} else if (scan_word(&reader->at, "seq ")) {
		result = read_seq(reader, packet);
	} else if (scan_word(&reader->at, "ack ")) {
		result = take32(reader, UINT32_MAX, &value);
		segment->ack = (uint32_t)value;
	} else if (scan_word(&reader->at, "win ")) {
		result = take32(reader, UINT16_MAX, &value);
		segment->window = (uint16_t)value;
	} else if (scan_word(&reader->at, "urg ")) {
		result = take32(reader, UINT16_MAX, &value);
		segment->urgent = (uint16_t)value;
	} else if (scan_word(&reader->at, "options [")) {
		result = read_options(reader, ']', packet);
	} else if (scan_word(&reader->at, "length ")) {
		result = take32(reader, UINT32_MAX, &value);
		/* Where it is cut in the middle of its digits, the range of numbers tells. */
		if (result == TEXT_PACKET && packet->has_seq && segment->payload_size && value != segment->payload_size)
			return capture_text_wants(reader, "the length that the sequence numbers have");
		segment->payload_size = (uint32_t)value;
		return result == TEXT_PACKET ? TEXT_NOTHING : result;
	} else if (!skip_remark(reader)) {
		return capture_text_wants(reader, "seq, ack, win, urg, options or length");
	}
	return result;
}

static bool is_cut(struct text_reader *reader, struct text_packet *packet)
{
	if (strncmp(reader->at, "[|tcp", 5) != 0)
		return false;
	packet->lacks |= SEGMENT_LACKS_OPTIONS;
	return true;
}

enum text_result capture_text_tcp(struct text_reader *reader, struct text_packet *packet)
{
	enum text_result result;

	if (strncmp(reader->at, "[bad", 4) == 0)
		packet->lacks |= SEGMENT_LACKS_CHECKSUM;
	if (skip_remark(reader)) /* of the checksum, in old versions */
		capture_text_skip_blanks(reader);
	if (!scan_word(&reader->at, "Flags ["))
		return capture_text_wants(reader, "Flags [");
	result = read_flags(reader, &packet->segment);
	while (result == TEXT_PACKET) {
		capture_text_skip_blanks(reader);
		if (strncmp(reader->at, "[bad hdr length", 15) == 0) {
			packet->kind = CAPTURE_TEXT_UNSOUND;
			return TEXT_PACKET;
		}
		if (is_cut(reader, packet) || (packet->lacks & SEGMENT_LACKS_OPTIONS) || packet->kind == CAPTURE_TEXT_UNSOUND)
			return TEXT_PACKET;
		if (!scan_word(&reader->at, ","))
			return capture_text_wants(reader, "a comma and seq, ack, win, urg, options or length");
		capture_text_skip_blanks(reader);
		result = read_item(reader, packet);
	}
	return result == TEXT_NOTHING ? TEXT_PACKET : result;
}

static const char *skip_old_flags(const char *at)
{
	while (*at == ' ')
		at++;
	at += *at == '.' ? 1 : strspn(at, "SFRPWE");
	return at + (*at == ',');
}

/* Letters, and then what only TCP has: a range with a length, an acknowledgment, or a window. */
bool capture_text_is_old_tcp(const char *text)
{
	const char *at = skip_old_flags(text);
	const char *begin = text + strspn(text, " ");
	uint64_t value;

	if (at == begin || *at++ != ' ')
		return false;
	if (*at == '[') {
		at = strchr(at, ']');
		if (!at || *++at != ' ')
			return false;
		at++;
	}
	if (scan_word(&at, "cksum 0x") || scan_word(&at, "ack ") || scan_word(&at, "win "))
		return true;
	return scan_number(&at, UINT32_MAX, &value) && scan_word(&at, ":") && scan_number(&at, UINT32_MAX, &value) &&
	       *at == '(';
}

static void read_old_flags(struct text_reader *reader, struct segment *segment)
{
	static const char letters[] = "FSRP..EW";

	if (*reader->at == '.')
		reader->at++;
	for (const char *found; *reader->at && (found = strchr(letters, *reader->at)) && *reader->at != '.'; reader->at++)
		segment->flags = (uint16_t)(segment->flags | 1 << (found - letters));
	scan_word(&reader->at, ",");
}

static enum text_result read_old_range(struct text_reader *reader, struct text_packet *packet)
{
	enum text_result result = read_seq(reader, packet);
	uint64_t length;

	if (result != TEXT_PACKET)
		return result;
	if (!scan_word(&reader->at, "("))
		return capture_text_wants(reader, "the length in parentheses");
	result = take32(reader, UINT32_MAX, &length);
	if (result != TEXT_PACKET)
		return result;
	packet->segment.payload_size = (uint32_t)length;
	return scan_word(&reader->at, ")") ? TEXT_PACKET : capture_text_wants(reader, "a closing parenthesis");
}

/* TEXT_NOTHING: the window, after which only options, and what is known of IP, may follow. */
static enum text_result read_old_item(struct text_reader *reader, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;
	enum text_result result;
	uint64_t value = 0;

	if (scan_word(&reader->at, "cksum 0x")) {
		result = read_checksum(reader, packet);
		scan_word(&reader->at, ",");
	} else if (scan_word(&reader->at, "ack ")) {
		result = take32(reader, UINT32_MAX, &value);
		segment->ack = (uint32_t)value;
		segment->flags |= FLAG_ACK;
	} else if (scan_word(&reader->at, "win ")) {
		result = take32(reader, UINT16_MAX, &value);
		segment->window = (uint16_t)value;
		return result == TEXT_PACKET ? TEXT_NOTHING : result;
	} else if (skip_remark(reader)) {
		result = TEXT_PACKET;
	} else {
		result = read_old_range(reader, packet);
	}
	return result;
}

/* "urg 1 <mss 1460> (DF) [tos 0x10] (ttl 64, id 1, len 60)" */
static enum text_result read_old_end(struct text_reader *reader, struct text_packet *packet)
{
	enum text_result result = TEXT_PACKET;
	const char *ttl, *id;
	uint64_t value;

	capture_text_skip_blanks(reader);
	if (scan_word(&reader->at, "urg ")) {
		result = take32(reader, UINT16_MAX, &value);
		if (result != TEXT_PACKET)
			return result;
		packet->segment.urgent = (uint16_t)value;
		packet->segment.flags |= FLAG_URG;
		capture_text_skip_blanks(reader);
	}
	packet->may_have_options = !*reader->at;
	if (scan_word(&reader->at, "<"))
		result = read_options(reader, '>', packet);
	ttl = strstr(reader->at, "(ttl ");
	if (ttl && result == TEXT_PACKET) {
		ttl += 5;
		id = strstr(ttl, "id ");
		packet->has_ip = scan_number(&ttl, UINT8_MAX, &value);
		packet->segment.ttl = (uint8_t)(packet->has_ip ? value : 0);
		if (id && (id += 3) && scan_number(&id, UINT16_MAX, &value))
			packet->segment.ip_id = (uint16_t)value;
	}
	return result;
}

enum text_result capture_text_old_tcp(struct text_reader *reader, struct text_packet *packet)
{
	enum text_result result = TEXT_PACKET;

	read_old_flags(reader, &packet->segment);
	while (result == TEXT_PACKET) {
		capture_text_skip_blanks(reader);
		result = read_old_item(reader, packet);
	}
	return result == TEXT_NOTHING ? read_old_end(reader, packet) : result;
}
