/* capture_text_tshark.c - lines of tshark and Wireshark's list: "1 0.0 A > B TCP 74 1234 > 80 [SYN] Seq=0 Win=64240 ...". */
#include "listener/capture_text_internal.h"

#include <string.h>

/* Seconds above this are since 1970. */
#define EPOCH_LEAST (100000000 * UINT64_C(1000000000))

enum { WORD_MAX = 64 };

static const struct {
	const char *name;
	uint16_t flag;
} flags[] = {
	{ "FIN", FLAG_FIN }, { "SYN", FLAG_SYN }, { "RST", FLAG_RST }, { "PSH", FLAG_PSH }, { "ACK", FLAG_ACK },
	{ "URG", FLAG_URG }, { "ECE", FLAG_ECE }, { "ECN", FLAG_ECE }, { "CWR", FLAG_CWR },
	{ "AE", FLAG_AE }, { "NS", FLAG_AE },
};

/* Where the flags end; NULL: no TCP segment of tshark's. */
static const char *end_of_flags(const char *line)
{
	const char *end = strstr(line, "] Seq=");

	return end && strstr(line, " > ") ? end : NULL;
}

/* The word that ends before `at`, and behind `start`. */
static struct text_span word_before(const char *start, const char *at)
{
	struct text_span span;

	while (at > start && at[-1] == ' ')
		at--;
	span.at = at;
	while (span.at > start && span.at[-1] != ' ')
		span.at--;
	span.size = (size_t)(at - span.at);
	return span;
}

static bool is_arrow(struct text_span span)
{
	return (span.size == 1 && *span.at == '>') || (span.size == 2 && span.at[0] == '-' && span.at[1] == '>');
}

/* "https(443)" has the number, too. */
static struct text_span port_of(struct text_span span)
{
	const char *open = memchr(span.at, '(', span.size);

	if (!open || span.at[span.size - 1] != ')')
		return span;
	return (struct text_span){ open + 1, (size_t)(span.at + span.size - open) - 2 };
}

/* Two words with an arrow between, or without, before `at`. */
static const char *take_ends(const char *start, const char *at, struct text_span ends[2], bool arrow)
{
	struct text_span between;

	ends[1] = word_before(start, at);
	between = word_before(start, ends[1].at);
	if (arrow && !is_arrow(between))
		return NULL;
	ends[0] = is_arrow(between) ? word_before(start, between.at) : between;
	return ends[0].size && ends[1].size ? ends[0].at : NULL;
}

/* Addresses before the protocol, ports before the flags. */
static bool read_ends(const char *line, const char *bracket, struct text_packet *packet)
{
	const char *protocol = strstr(line, " TCP ");
	struct text_span ports[2];
	const char *end;

	if (!protocol || protocol > bracket || !take_ends(protocol, bracket, ports, true))
		return false;
	packet->ports[0] = port_of(ports[0]);
	packet->ports[1] = port_of(ports[1]);
	end = take_ends(line, protocol, packet->hosts, false);
	for (const char *at = line; end && at < end && packet->stamp == TEXT_STAMP_NONE; at += strspn(at, " ")) {
		if (capture_text_stamp(&at, packet))
			break;
		at += strcspn(at, " ");
	}
	if (packet->stamp == TEXT_STAMP_EPOCH && packet->stamp_ns < EPOCH_LEAST)
		packet->stamp = TEXT_STAMP_CLOCK;
	return end != NULL;
}

/* "5 0.013 A > B HTTP 140 GET / HTTP/1.1": whatever it is, it shows no numbers. */
static bool is_other(const char *line, struct text_packet *packet)
{
	const char *at = line;
	struct text_span arrow, target;
	uint64_t number;

	if (!scan_number(&at, UINT64_MAX, &number) || *at++ != ' ' || !capture_text_stamp(&at, packet) || *at != ' ')
		return false;
	at += 1 + strcspn(at + 1, " ");
	if (*at++ != ' ')
		return false;
	arrow = (struct text_span){ at, strcspn(at, " ") };
	if (!is_arrow(arrow) || at[arrow.size] != ' ')
		return false;
	at += arrow.size + 1;
	target = (struct text_span){ at, strcspn(at, " ") };
	packet->kind = CAPTURE_TEXT_OTHER;
	return target.size && target.at[target.size - 1] != ':';
}

bool capture_text_is_tshark(const char *line)
{
	const char *end = end_of_flags(line), *bracket = end;
	struct text_packet packet = { 0 };

	if (is_other(line, &packet))
		return true;

	while (bracket && bracket > line && *bracket != '[')
		bracket--;
	return bracket && *bracket == '[' && read_ends(line, bracket, &packet);
}

/* "SYN, ACK"; reserved ones and "<None>" are none of ours. */
static uint16_t read_flags(const char *at, const char *end)
{
	uint16_t all = 0;

	while (at < end) {
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			if (scan_word(&at, flags[i].name))
				all |= flags[i].flag;
		at += strcspn(at, ",");
		at += strspn(at, ", ");
	}
	return all;
}

/* The number behind `name`, as a word of its own. */
static bool value_of(const char *at, const char *name, uint64_t most, uint64_t *value)
{
	size_t length = strlen(name);

	for (at = strstr(at, name); at; at = strstr(at + 1, name)) {
		const char *digits = at + length;

		if (at[-1] == ' ' && scan_number(&digits, most, value))
			return true;
	}
	return false;
}

static void add_blocks(const char *at, struct segment *segment)
{
	uint8_t *raw = segment->raw;
	uint64_t left, right;

	while ((at = strstr(at, " SLE=")) && raw[0] + 8 < SEGMENT_OPTIONS_MAX) {
		const char *edge = strstr(at, " SRE=");

		if (!edge || !value_of(at, "SLE=", UINT32_MAX, &left) || !value_of(edge, "SRE=", UINT32_MAX, &right))
			return;
		if (!raw[0])
			segment_add_option(segment, OPTION_SACK);
		for (int i = 0; i < 4; i++) {
			raw[1 + raw[0] + i] = (uint8_t)(left >> (24 - 8 * i));
			raw[5 + raw[0] + i] = (uint8_t)(right >> (24 - 8 * i));
		}
		raw[0] = (uint8_t)(raw[0] + 8);
		segment->raw_size = (uint8_t)(raw[0] + 1);
		at = edge;
	}
}

static void read_options(const char *at, struct segment *segment)
{
	uint64_t value, echo;

	if (value_of(at, "MSS=", UINT16_MAX, &value)) {
		segment_add_option(segment, OPTION_MSS);
		segment->mss = (uint16_t)value;
	}
	if (strstr(at, " SACK_PERM"))
		segment_add_option(segment, OPTION_SACK_PERMITTED);
	if (value_of(at, "TSval=", UINT32_MAX, &value) && value_of(at, "TSecr=", UINT32_MAX, &echo)) {
		segment_add_option(segment, OPTION_TIMESTAMPS);
		segment->tsval = (uint32_t)value;
		segment->tsecr = (uint32_t)echo;
	}
	if (value_of(at, "WS=", 1 << 14, &value) && value > 0) {
		segment_add_option(segment, OPTION_WSCALE);
		while (value >> segment->wscale > 1)
			segment->wscale++;
	}
	add_blocks(at, segment);
}

/* Words with which a broken line goes on. */
bool capture_text_goes_on(const char *line)
{
	static const char *const words[] = { "<", "MSS=", "SACK_PERM", "TSval=", "TSecr=", "WS=", "SLE=", "SRE=" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static enum text_result read_numbers(struct text_reader *reader, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;
	uint64_t seq, ack = 0, window, length, urgent = 0;
	const char *at = reader->at;

	if (!value_of(at, "Seq=", UINT32_MAX, &seq))
		return capture_text_fault(reader, "a sequence number up to 4294967295");
	if ((segment->flags & FLAG_ACK) && !value_of(at, "Ack=", UINT32_MAX, &ack))
		return TEXT_MORE;
	if (!value_of(at, "Win=", UINT32_MAX, &window) || !value_of(at, "Len=", UINT32_MAX, &length))
		return TEXT_MORE;
	if (segment->flags & FLAG_URG)
		value_of(at, "Urg=", UINT16_MAX, &urgent);
	packet->has_seq = true;
	packet->window = (uint32_t)window;
	segment->seq = (uint32_t)seq;
	segment->ack = (uint32_t)ack;
	segment->urgent = (uint16_t)urgent;
	segment->payload_size = (uint32_t)length;
	read_options(at, segment);
	packet->may_have_options = true;
	return TEXT_PACKET;
}

enum text_result capture_text_tshark(const char *text, struct text_packet *packet, struct text_reader *reader)
{
	const char *end = end_of_flags(text), *bracket = end;

	while (bracket && bracket > text && *bracket != '[')
		bracket--;
	if (!bracket || *bracket != '[' || !read_ends(text, bracket, packet))
		return is_other(text, packet) ? TEXT_PACKET : TEXT_NOTHING;
	packet->tshark = true;
	packet->new_base = strstr(text, "[TCP Port numbers reused]") != NULL;
	packet->family = 4;
	packet->lacks = SEGMENT_LACKS_IP;
	reader->at = end + 1;
	reader->expected = "Seq=, Ack=, Win= and Len=";
	packet->segment.flags = read_flags(bracket + 1, end);
	return read_numbers(reader, packet);
}
