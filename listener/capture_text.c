/* capture_text.c - lines become packets; what only several of them tell is decided from the first ones. */
#include "listener/capture_text_internal.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/checksum.h"
#include "listener/capture_file.h"

enum {
	AHEAD_FIRST = 64,
	AHEAD = 4096,      /* packets that decide how numbers and times are meant */
	JOINED_MOST = 12,  /* lines of one packet */
	MARK_MAX = 8,      /* of a line's number */
	STAMP_MAX = 20,
};

/* The lines of a packet, joined. */
struct text_record {
	char text[TEXT_RECORD_MAX];
	uint32_t columns[TEXT_RECORD_MAX]; /* where each byte is in its line */
	uint8_t rows[TEXT_RECORD_MAX];     /* which line that is, from 0 */
	size_t size;
	uint64_t lines[JOINED_MOST];
	uint8_t count;
	size_t indent;
};

struct capture_text {
	struct byte_stream *stream;
	struct text_names *names;
	struct text_numbers *numbers;
	struct text_times times;
	struct text_line line; /* the next one, if `has_line` */
	bool has_line;
	struct text_record record;
	struct text_packet *ahead;
	size_t ahead_room, ahead_count, ahead_next;
	bool decided;
	bool any_stamp;        /* packets have times: one without is part of another */
	bool after_other;      /* what follows may be what an ICMP error quotes, or what a tunnel carries */
	size_t indent;         /* of the first packet without a time */
	uint64_t number, understood, faults;
	struct error first_fault;
};

/* The bytes of a capture, taken for lines, say whatever chance makes of them. */
static int refuse_capture(struct capture_text *text, struct error *error)
{
	const uint8_t *bytes;
	int64_t count = byte_stream_peek(text->stream, 4, &bytes, error);

	if (count < 0)
		return -1;
	if (count >= 4 && capture_file_begins(bytes))
		return fail(error, "%.200s: this is a capture file, not text; read it without --text",
			    byte_stream_name(text->stream));
	return 0;
}

struct capture_text *capture_text_open(const char *path, struct error *error)
{
	struct capture_text *text = calloc(1, sizeof(*text));

	if (text) {
		text->names = capture_text_names_open();
		text->numbers = capture_text_numbers_open();
	}
	if (!text || !text->names || !text->numbers) {
		fail(error, "%.200s: out of memory", path);
		capture_text_close(text);
		return NULL;
	}
	text->indent = SIZE_MAX;
	text->stream = byte_stream_open(path, error);
	if (text->stream && refuse_capture(text, error) == 0)
		return text;
	capture_text_close(text);
	return NULL;
}

/* 1: text->line is the next line. */
static int peek_line(struct capture_text *text, struct error *error)
{
	int result;

	if (text->has_line)
		return 1;
	result = capture_text_line(text->stream, &text->line, error);
	text->has_line = result > 0;
	return result;
}

/* -x and its like. */
static bool is_dump(const char *line)
{
	return strncmp(line, "0x0", 3) == 0 && strchr(line, ':') && strspn(line + 2, "0123456789abcdef") >= 4;
}

static bool is_direction(const char *at)
{
	return !strncmp(at, "In ", 3) || !strncmp(at, "Out ", 4) || !strncmp(at, "B ", 2) || !strncmp(at, "M ", 2) ||
	       !strncmp(at, "P ", 2);
}

static const char *next_word(const char *at)
{
	at += strcspn(at, " ");
	return at + (*at == ' ');
}

static bool is_ip(const char *at)
{
	return !strncmp(at, "IP ", 3) || !strncmp(at, "IP6 ", 4);
}

/* Without a time: "IP ...", "eth0 In IP ...". */
static bool begins_without_time(const struct capture_text *text, const char *at)
{
	bool ends = strstr(at, " > ") || strchr(at, '(');

	if (text->any_stamp || !ends || text->line.indent > text->indent)
		return false;
	return is_ip(at) || (is_direction(at) && is_ip(next_word(at))) ||
	       (is_direction(next_word(at)) && is_ip(next_word(next_word(at))));
}

/* The time may come after the line's number, or a mark of the one who pasted it. `inside`: a packet is not whole yet. */
static bool begins_packet(const struct capture_text *text, bool inside)
{
	const char *line = text->line.text, *at = line;
	const char *ends = strstr(line, " > "), *colon = ends ? strstr(ends, ": ") : NULL;

	for (int i = 0; i < 2; i++) {
		struct text_packet packet = { 0 };
		const char *behind = at + (*at == '[');

		if (capture_text_stamp(&behind, &packet) && (packet.stamp != TEXT_STAMP_EPOCH || ends || strstr(at, " IP")))
			return true;
		if (begins_without_time(text, at))
			return true;
		if (strcspn(at, " ") > MARK_MAX)
			break;
		at = next_word(at);
	}
	if (capture_text_is_tshark(line))
		return true;
	if (!colon || inside || text->after_other)
		return false;
	return strncmp(colon, ": Flags [", 9) == 0 || capture_text_is_old_tcp(colon + 1);
}

static void put(struct text_record *record, char letter, uint32_t column)
{
	if (record->size == TEXT_RECORD_MAX - 1)
		return;
	record->text[record->size] = letter;
	record->columns[record->size] = column;
	record->rows[record->size++] = (uint8_t)(record->count - 1);
}

/* Adds a line behind `size` bytes that stay, after what separates it. */
static void join(struct text_record *record, size_t size, const struct text_line *line, const char *separator)
{
	record->size = size;
	for (; *separator; separator++)
		put(record, *separator, line->columns[0]);
	for (size_t i = 0; i < line->size; i++)
		put(record, line->text[i], line->columns[i]);
	record->text[record->size] = '\0';
	record->columns[record->size] = line->columns[line->size];
	record->rows[record->size] = (uint8_t)(record->count - 1);
}

static void begin(struct capture_text *text)
{
	struct text_record *record = &text->record;

	record->count = 1;
	record->lines[0] = text->line.number;
	record->indent = text->line.indent;
	join(record, 0, &text->line, "");
	text->has_line = false;
}

static bool is_between(const struct text_line *line)
{
	return line->size == 0 || is_dump(line->text) || strncmp(line->text, "```", 3) == 0;
}

/* One more line: broken at a blank, in the middle of a word, or before a '>' that looked like a quote mark. */
static enum text_result join_line(struct capture_text *text, struct text_packet *packet, struct text_reader *reader)
{
	static const char *const separators[] = { " ", "", " > " };
	struct text_record *record = &text->record;
	size_t size = record->size, best = 0;
	enum text_result result = TEXT_FAULT;

	record->lines[record->count++] = text->line.number;
	text->has_line = false;
	for (size_t i = 0; i < 2u + text->line.quoted; i++) {
		enum text_result now;

		join(record, size, &text->line, separators[i]);
		now = capture_text_packet(record->text, packet, reader);
		if (now == TEXT_PACKET)
			return now;
		if (now == TEXT_MORE && (result != TEXT_MORE || i == 2)) {
			best = i;
			result = now;
		}
	}
	join(record, size, &text->line, separators[best]);
	return capture_text_packet(record->text, packet, reader);
}

/* Takes lines until the packet is whole. */
static int parse_record(struct capture_text *text, struct text_packet *packet, struct text_reader *reader,
			enum text_result *result, struct error *error)
{
	*result = capture_text_packet(text->record.text, packet, reader);
	while (*result == TEXT_MORE || (*result == TEXT_PACKET && packet->may_have_options)) {
		int line = peek_line(text, error);

		if (line < 0)
			return -1;
		if (line == 0 || text->record.count == JOINED_MOST || begins_packet(text, *result == TEXT_MORE))
			break;
		if (is_between(&text->line)) {
			if (*result == TEXT_PACKET)
				break;
			text->has_line = false;
			continue;
		}
		if (*result == TEXT_PACKET && !capture_text_goes_on(text->line.text))
			break;
		*result = join_line(text, packet, reader);
	}
	return 0;
}

static void note_fault(struct capture_text *text, const struct text_reader *reader)
{
	const struct text_record *record = &text->record;
	size_t at = (size_t)(reader->at - reader->text), length = strcspn(reader->at, " ");

	if (text->faults++ > 0)
		return;
	fail(&text->first_fault, "line %llu, column %u: expected %s%s%.*s%s",
	     (unsigned long long)record->lines[record->rows[at]], (unsigned)record->columns[at], reader->expected,
	     length ? ", not '" : "", length < 24 ? (int)length : 24, reader->at, length ? "'" : "; the text ends there");
}

/* A checksum that is the sum of the pseudo-header was left to a card; one that is 0, too. Neither is wrong on the wire. */
static void judge_checksum(struct text_packet *packet)
{
	const struct tuple *tuple = &packet->segment.tuple;
	size_t size = address_size(tuple->source.address.family);
	uint8_t addresses[32];

	if (!packet->wrong_checksum || packet->kind != CAPTURE_TEXT_SEGMENT)
		return;
	memcpy(addresses, tuple->source.address.bytes, size);
	memcpy(addresses + size, tuple->target.address.bytes, size);
	if (packet->checksum == 0 && size == 4)
		packet->unfilled = true;
	else if (packet->ip_size == 0 || packet->named)
		packet->lacks |= SEGMENT_LACKS_CHECKSUM;
	else if (checksum_pseudo(addresses, 2 * size, packet->ip_size) != packet->checksum)
		packet->kind = CAPTURE_TEXT_UNSOUND;
}

/* Addresses and ports. */
static bool resolve(struct capture_text *text, struct text_packet *packet, struct text_reader *reader)
{
	struct endpoint *ends[2] = { &packet->segment.tuple.source, &packet->segment.tuple.target };

	for (int i = 0; i < 2; i++) {
		bool named = false;

		reader->at = packet->hosts[i].at;
		reader->expected = "an address or the name of a host";
		if (capture_text_host(text->names, packet->hosts[i], packet->family, &ends[i]->address, &named) < 0)
			return false;
		packet->named |= named;
		reader->at = packet->ports[i].at;
		reader->expected = "a port, or a name that is in /etc/services";
		if (!capture_text_port(packet->ports[i], &ends[i]->port))
			return false;
	}
	reader->at = packet->hosts[1].at;
	reader->expected = "an address of the same family";
	return ends[0]->address.family == ends[1]->address.family;
}

/* A paste that has lost its ends of lines: another packet in the same one. It is not read, but not passed over either. */
static void note_second(struct capture_text *text, struct text_reader *reader)
{
	for (const char *at = strstr(reader->at, " IP "); at; at = strstr(at + 1, " IP ")) {
		struct text_packet packet = { 0 };
		const char *stamp = at;

		while (stamp > reader->at && stamp[-1] != ' ' && at - stamp < STAMP_MAX)
			stamp--;
		reader->expected = "the end of the line";
		if (capture_text_stamp(&stamp, &packet) && stamp == at) {
			note_fault(text, reader);
			return;
		}
	}
}

/* The record's packet, if it is understood. */
static bool finish_record(struct capture_text *text, enum text_result result, struct text_packet *packet,
			  struct text_reader *reader)
{
	text->number++;
	if (packet->stamp == TEXT_STAMP_NONE && text->indent == SIZE_MAX)
		text->indent = text->record.indent;
	if (result == TEXT_PACKET && packet->kind == CAPTURE_TEXT_SEGMENT && !resolve(text, packet, reader))
		result = TEXT_FAULT;
	text->any_stamp |= packet->stamp != TEXT_STAMP_NONE;
	text->after_other = result == TEXT_PACKET && packet->kind != CAPTURE_TEXT_SEGMENT;
	if (result != TEXT_PACKET) {
		note_fault(text, reader);
		return false;
	}
	note_second(text, reader);
	judge_checksum(packet);
	packet->number = text->number;
	packet->line = text->record.lines[0];
	text->understood++;
	return true;
}

/* 1: the next packet as it is printed. */
static int read_packet(struct capture_text *text, struct text_packet *packet, struct error *error)
{
	int line;

	while ((line = peek_line(text, error)) > 0) {
		struct text_reader reader;
		enum text_result result;

		if (is_between(&text->line) || !begins_packet(text, false)) {
			text->has_line = false;
			continue;
		}
		begin(text);
		if (parse_record(text, packet, &reader, &result, error) < 0)
			return -1;
		if (finish_record(text, result, packet, &reader))
			return 1;
	}
	return line;
}

static int read_ahead(struct capture_text *text, struct error *error)
{
	if (text->ahead_count == text->ahead_room) {
		size_t room = text->ahead_room ? 2 * text->ahead_room : AHEAD_FIRST;
		struct text_packet *larger = realloc(text->ahead, room * sizeof(*larger));

		if (!larger)
			return fail(error, "%.200s: out of memory", byte_stream_name(text->stream));
		text->ahead = larger;
		text->ahead_room = room;
	}
	return read_packet(text, &text->ahead[text->ahead_count], error);
}

static int decide(struct capture_text *text, struct error *error)
{
	int result = 1;

	text->decided = true;
	while (text->ahead_count < AHEAD && (result = read_ahead(text, error)) > 0)
		text->ahead_count++;
	capture_text_clock(&text->times, text->ahead, text->ahead_count);
	capture_text_numbers_decide(text->numbers, text->ahead, text->ahead_count);
	return result < 0 ? -1 : 0;
}

static int no_packet(const struct capture_text *text, struct error *error)
{
	const char *name = byte_stream_name(text->stream);

	if (text->faults)
		return fail(error, "%.200s: no packet could be read: %s", name, text->first_fault.text);
	return fail(error, "%.200s: no line looks like a packet that tcpdump or tshark prints%s", name,
		    text->line.number ? "" : "; it is empty");
}

int capture_text_next(struct capture_text *text, struct capture_text_frame *frame, struct error *error)
{
	struct text_packet streamed, *packet = &streamed;
	int result = 1;

	if (!text->decided && decide(text, error) < 0)
		return -1;
	if (text->ahead_next < text->ahead_count)
		packet = &text->ahead[text->ahead_next++];
	else
		result = read_packet(text, &streamed, error);
	if (result == 0 && !text->understood)
		return no_packet(text, error);
	if (result <= 0)
		return result;
	*frame = (struct capture_text_frame){ .number = packet->number, .line = packet->line, .kind = packet->kind };
	frame->has_time = capture_text_time(&text->times, packet, &frame->time_ns);
	if (packet->kind == CAPTURE_TEXT_SEGMENT && !capture_text_number(text->numbers, packet))
		frame->kind = CAPTURE_TEXT_UNPLACED;
	frame->any_interface = packet->any_interface;
	frame->place = packet->place;
	frame->unfilled = packet->unfilled;
	frame->segment = packet->segment;
	frame->lacks = packet->lacks | (frame->has_time ? 0 : SEGMENT_LACKS_TIME) | (text->faults ? SEGMENT_LACKS_OTHERS : 0);
	return 1;
}

uint64_t capture_text_faults(const struct capture_text *text, const char **first)
{
	*first = text->first_fault.text;
	return text->faults;
}

const char *capture_text_name(const struct capture_text *text, size_t number, struct address *address)
{
	return capture_text_names_at(text->names, number, address);
}

uint64_t capture_text_consumed(const struct capture_text *text)
{
	return byte_stream_consumed(text->stream);
}

uint64_t capture_text_size(const struct capture_text *text)
{
	return byte_stream_size(text->stream);
}

void capture_text_close(struct capture_text *text)
{
	if (!text)
		return;
	byte_stream_close(text->stream);
	capture_text_names_close(text->names);
	capture_text_numbers_close(text->numbers);
	free(text->ahead);
	free(text);
}
