/* capture_text_packet.c - what comes before TCP in a packet's text: time, interface, IP header, addresses and ports. */
#include "listener/capture_text_internal.h"

#include <string.h>

#include "crafter/headers.h"

enum { PREFIX_WORDS = 12 };

/* Two ends of a packet in its text: "A > B:". */
struct ends {
	struct text_span left, right;
	const char *after; /* the colon */
};

enum text_result capture_text_fault(struct text_reader *reader, const char *expected)
{
	reader->expected = expected;
	return TEXT_FAULT;
}

enum text_result capture_text_wants(struct text_reader *reader, const char *expected)
{
	size_t word = strspn(reader->at, "abcdefghijklmnopqrstuvwxyzFKOST [(-");

	reader->expected = expected;
	return reader->at[word] ? TEXT_FAULT : TEXT_MORE;
}

void capture_text_skip_blanks(struct text_reader *reader)
{
	while (*reader->at == ' ')
		reader->at++;
}

static bool is_word(struct text_span span, const char *word)
{
	return strlen(word) == span.size && memcmp(span.at, word, span.size) == 0;
}

/* The next word from *at on; size 0 at the end. */
static struct text_span next_word(const char **at, const char *end)
{
	struct text_span span;

	while (*at < end && **at == ' ')
		(*at)++;
	span.at = *at;
	while (*at < end && **at != ' ')
		(*at)++;
	span.size = (size_t)(*at - span.at);
	return span;
}

/* The first " > " from `at` on whose right side ends with a colon. Link addresses, which -e shows, end with a comma. */
static bool find_ends(const char *text, const char *at, struct ends *ends)
{
	for (at = strstr(at, " > "); at; at = strstr(at + 1, " > ")) {
		const char *left = at, *right = at + 3;
		size_t size = strcspn(right, " ");

		if (size < 2 || right[size - 1] != ':')
			continue;
		while (left > text && left[-1] != ' ' && left[-1] != '(')
			left--;
		if (left == at)
			continue;
		*ends = (struct ends){ { left, (size_t)(at - left) }, { right, size - 1 }, right + size - 1 };
		return true;
	}
	return false;
}

/* A packet of TCP's: what follows the colon says so. */
static bool is_tcp(const char *after)
{
	const char *bracket;

	if (scan_word(&after, ": [bad tcp cksum ") || scan_word(&after, ": [tcp sum ok")) {
		bracket = strchr(after, ']');
		return bracket && strncmp(bracket, "] Flags [", 9) == 0;
	}
	return strncmp(after, ": Flags [", 9) == 0;
}

/* "name.domain.80" */
static bool split(struct text_span span, struct text_span *host, struct text_span *port)
{
	size_t dot = span.size;

	while (dot > 0 && span.at[dot - 1] != '.')
		dot--;
	if (dot < 2 || dot == span.size)
		return false;
	*host = (struct text_span){ span.at, dot - 1 };
	*port = (struct text_span){ span.at + dot, span.size - dot };
	return true;
}

/* "eth0 In": tcpdump -i any; version 1 of the cooked header has no name. */
static void note_place(struct text_packet *packet, struct text_span before, struct text_span word)
{
	static const char *const directions[] = { "In", "Out", "B", "M", "P" };

	for (size_t i = 0; i < sizeof(directions) / sizeof(directions[0]); i++) {
		if (!is_word(word, directions[i]))
			continue;
		packet->any_interface = true;
		packet->place = (uint32_t)i + 1;
		for (size_t j = 0; j < before.size; j++) /* FNV-1a */
			packet->place = (packet->place ^ (uint8_t)before.at[j]) * 16777619u;
	}
}

static void read_prefix(const char *at, const char *end, struct text_packet *packet)
{
	struct text_span before = { at, 0 };

	for (int i = 0; i < PREFIX_WORDS && at < end; i++) {
		const char *start = at;
		struct text_span word;

		while (*start == ' ' || *start == '[')
			start++;
		if (packet->stamp == TEXT_STAMP_NONE && capture_text_stamp(&start, packet)) {
			at = start;
			continue;
		}
		word = next_word(&at, end);
		if (is_word(word, "IP") || is_word(word, "IP6") || is_word(word, "ethertype"))
			break;
		note_place(packet, before, word);
		before = word;
	}
}

/* The number behind `name` between `at` and `end`. */
static bool field(const char *at, const char *end, const char *name, bool hex, uint64_t most, uint64_t *value)
{
	const char *found = strstr(at, name);

	if (!found || found >= end)
		return false;
	found += strlen(name);
	return hex ? scan_hex(&found, most, value) : scan_number(&found, most, value);
}

/* tcpdump -v: "(tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60)" */
static void read_ipv4(const char *at, const char *end, struct text_packet *packet)
{
	const char *flags = strstr(at, "flags [");
	uint64_t value;

	packet->has_ip = true;
	if (field(at, end, "tos 0x", true, UINT8_MAX, &value))
		packet->segment.tos = (uint8_t)value;
	if (field(at, end, "ttl ", false, UINT8_MAX, &value))
		packet->segment.ttl = (uint8_t)value;
	if (field(at, end, "id ", false, UINT16_MAX, &value))
		packet->segment.ip_id = (uint16_t)value;
	if (field(at, end, "offset ", false, UINT16_MAX, &value) && value > 0)
		packet->kind = CAPTURE_TEXT_UNSOUND;
	if (flags && flags < end && memchr(flags, '+', strcspn(flags, "]")))
		packet->kind = CAPTURE_TEXT_UNSOUND;
	if (field(at, end, "), length ", false, UINT32_MAX, &value) && value > IPV4_HEADER_SIZE) {
		const char *options = strstr(at, ", options (");

		packet->ip_size = options && options < end ? 0 : (uint32_t)value - IPV4_HEADER_SIZE;
	}
	if (field(at, end, "bad cksum ", true, UINT16_MAX, &value)) {
		packet->unfilled = value == 0;
		if (value)
			packet->kind = CAPTURE_TEXT_UNSOUND;
	}
}

/* "(class 0x02, flowlabel 0x12345, hlim 64, next-header TCP (6) payload length: 40)" */
static void read_ipv6(const char *at, const char *end, struct text_packet *packet)
{
	uint64_t value;

	packet->has_ip = true;
	if (field(at, end, "class 0x", true, UINT8_MAX, &value))
		packet->segment.tos = (uint8_t)value;
	if (field(at, end, "flowlabel 0x", true, UINT32_MAX, &value))
		packet->segment.ip_id = (uint16_t)value;
	if (field(at, end, "hlim ", false, UINT8_MAX, &value))
		packet->segment.ttl = (uint8_t)value;
	if (strstr(at, "next-header TCP (6)") && (field(at, end, "payload length: ", false, UINT32_MAX, &value) ||
						   field(at, end, "payload length ", false, UINT32_MAX, &value)))
		packet->ip_size = (uint32_t)value;
}

static void read_ip(const char *text, const char *end, struct text_packet *packet)
{
	static const char *const ipv6[] = { "(class ", "(flowlabel ", "(hlim " };
	const char *four = strstr(text, "(tos ");

	if (four && four < end)
		read_ipv4(four, end, packet);
	for (size_t i = 0; i < sizeof(ipv6) / sizeof(ipv6[0]); i++) {
		const char *six = strstr(text, ipv6[i]);

		if (six && six < end && !packet->has_ip)
			read_ipv6(six, end, packet);
	}
}

static bool mentions(const char *text, const char *end, const char *word)
{
	const char *found = strstr(text, word);

	return found && found < end;
}

/* Without addresses it may go on in the next line, as with -v, or be no IP packet. */
static enum text_result without_ends(const char *text, struct text_reader *reader, struct text_packet *packet)
{
	const char *end = text + strlen(text);

	reader->at = end;
	packet->kind = CAPTURE_TEXT_OTHER;
	if (mentions(text, end, "invalid") || mentions(text, end, "[|ip"))
		packet->kind = CAPTURE_TEXT_UNSOUND;
	else if (mentions(text, end, "IP ") || mentions(text, end, "IP6 ") || mentions(text, end, "ethertype IPv") ||
		 !strcmp(end - (end - text >= 3 ? 3 : 0), " IP"))
		return TEXT_MORE;
	return TEXT_PACKET;
}

/* TCP behind extension headers of IPv6 has its ports alone. */
static bool find_late_ports(const struct ends *addresses, struct ends *ports)
{
	*ports = *addresses;
	while (find_ends(ports->after, ports->after, ports))
		if (is_tcp(ports->after) && !memchr(ports->left.at, '.', ports->left.size))
			return true;
	return false;
}

static enum text_result no_tcp(const struct ends *ends, struct text_packet *packet)
{
	const char *after = ends->after + 1;

	packet->kind = CAPTURE_TEXT_OTHER;
	if (strncmp(after, " ICMP", 5) == 0 && strstr(after, " tcp port "))
		packet->kind = CAPTURE_TEXT_ICMP;
	else if (strncmp(after, " [|tcp]", 7) == 0 || strcmp(after, " ip-proto-6") == 0 || strcmp(after, " tcp") == 0 ||
		 strncmp(after, " frag (", 7) == 0)
		packet->kind = CAPTURE_TEXT_UNSOUND;
	return TEXT_PACKET;
}

static enum text_result read_tcp(struct text_reader *reader, const struct ends *ends, struct text_packet *packet)
{
	const char *after = ends->after + 1;
	struct ends late;

	if (is_tcp(ends->after) || capture_text_is_old_tcp(after)) {
		reader->at = ends->left.at;
		if (!split(ends->left, &packet->hosts[0], &packet->ports[0]) ||
		    !split(ends->right, &packet->hosts[1], &packet->ports[1]))
			return capture_text_fault(reader, "ADDRESS.PORT > ADDRESS.PORT");
	} else if (find_late_ports(ends, &late)) {
		packet->hosts[0] = ends->left;
		packet->hosts[1] = ends->right;
		packet->ports[0] = late.left;
		packet->ports[1] = late.right;
		after = late.after + 1;
	} else {
		reader->at = after;
		if (!*after || (strlen(after) < 8 && strncmp(after, " Flags [", strlen(after)) == 0))
			return TEXT_MORE;
		if (scan_word(&reader->at, " tcp ") && *reader->at >= '0' && *reader->at <= '9')
			return capture_text_fault(reader, "flags and numbers, which tcpdump -q leaves out");
		return no_tcp(ends, packet);
	}
	reader->at = after;
	capture_text_skip_blanks(reader);
	return capture_text_is_old_tcp(after) ? capture_text_old_tcp(reader, packet) : capture_text_tcp(reader, packet);
}

enum text_result capture_text_packet(const char *text, struct text_packet *packet, struct text_reader *reader)
{
	enum text_result result;
	struct ends ends;
	const char *end;

	memset(packet, 0, sizeof(*packet));
	*reader = (struct text_reader){ .text = text, .at = text, .expected = "ADDRESS.PORT > ADDRESS.PORT: Flags" };
	result = capture_text_tshark(text, packet, reader);
	if (result != TEXT_NOTHING)
		return result;
	memset(packet, 0, sizeof(*packet));
	if (!find_ends(text, text, &ends)) {
		read_prefix(text, text + strlen(text), packet);
		return without_ends(text, reader, packet);
	}
	end = ends.left.at;
	read_prefix(text, end, packet);
	read_ip(text, end, packet);
	packet->family = mentions(text, end, "IP6 ") || mentions(text, end, "ethertype IPv6") ? 6 : 4;
	if (!packet->has_ip)
		packet->lacks |= SEGMENT_LACKS_IP;
	return read_tcp(reader, &ends, packet);
}
