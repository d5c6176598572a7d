/* ear.c - what a captured frame means to TCP. */
#include "listener/ear.h"

#include <netinet/in.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/headers.h"
#include "crafter/icmp_error.h"
#include "listener/decode.h"

/* RFC 1122 3.2.2, RFC 4443 2.1: those that quote what they are about. */
static bool is_error(uint8_t family, uint8_t type)
{
	if (family == 6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* Where the ICMP message begins; 0: this is not one. */
static size_t icmp_place(const uint8_t *packet, size_t size, uint8_t *family)
{
	size_t at;

	if (size >= IPV4_HEADER_SIZE && packet[0] >> 4 == 4 && packet[9] == IPPROTO_ICMP) {
		*family = 4;
		at = (size_t)(packet[0] & 0x0f) * 4;
		return at >= IPV4_HEADER_SIZE && !(bytes_load16(packet + 6) & 0x1fff) ? at : 0;
	}
	*family = 6;
	return size >= IPV6_HEADER_SIZE && packet[0] >> 4 == 6 && packet[6] == IPPROTO_ICMPV6 ? IPV6_HEADER_SIZE : 0;
}

static void read_sender(const uint8_t *packet, uint8_t family, struct address *from)
{
	memset(from, 0, sizeof(*from));
	from->family = family;
	memcpy(from->bytes, packet + (family == 4 ? 12 : 8), family == 4 ? 4 : 16);
}

static enum ear_result take_icmp(const uint8_t *packet, size_t size, size_t at, uint8_t family, struct segment *segment,
				 struct notice *notice)
{
	struct segment quoted;

	if (size < at + ICMP_HEADER_SIZE || !is_error(family, packet[at]))
		return EAR_NOTHING;
	memset(segment, 0, sizeof(*segment));
	memset(notice, 0, sizeof(*notice));
	if (decode_quoted(packet + at + ICMP_HEADER_SIZE, size - at - ICMP_HEADER_SIZE, &quoted) != DECODE_OK)
		return EAR_NOTHING;
	notice->kind = NOTICE_ICMP;
	notice->icmp_type = packet[at];
	notice->icmp_code = packet[at + 1];
	notice->why = NULL;
	read_sender(packet, family, &notice->from);
	segment->tuple = tuple_reversed(&quoted.tuple);
	segment->seq = quoted.seq;
	segment->icmp_error = (uint8_t)icmp_error_of(family, packet[at], packet[at + 1]);
	notice->segment = *segment;
	return EAR_NOTICE;
}

static enum ear_result take_unsound(enum decode_result result, const uint8_t *packet, const struct segment *segment,
				    struct notice *notice)
{
	uint8_t family = segment->tuple.source.address.family;

	if (family == 0) /* not even its addresses were captured */
		return EAR_NOTHING;
	memset(notice, 0, sizeof(*notice));
	notice->kind = result == DECODE_FRAGMENT ? NOTICE_FRAGMENT :
		       result == DECODE_BAD_CHECKSUM ? NOTICE_CHECKSUM : NOTICE_MALFORMED;
	notice->why = decode_result_text(result);
	read_sender(packet, family, &notice->from);
	notice->segment = *segment;
	notice->segment.payload = NULL;
	return EAR_NOTICE;
}

/* An IP header that announces more than came is refused before anything else is looked at (ip_rcv_core, ip6_rcv_core). */
static bool claims_more(const uint8_t *packet, size_t length)
{
	return packet[0] >> 4 == 4 ? bytes_load16(packet + 2) > length : (size_t)bytes_load16(packet +
											      4) + IPV6_HEADER_SIZE > length;
}

enum ear_result ear_take(int link_type, const uint8_t *frame, size_t size, size_t length, struct segment *segment,
			 struct notice *notice)
{
	enum decode_result result, sound;
	enum ear_result unsound;
	const uint8_t *packet;
	size_t packet_size, icmp;
	uint8_t family;

	if (decode_link(link_type, frame, size, &packet, &packet_size) != DECODE_OK)
		return EAR_NOTHING;
	length -= (size_t)(packet - frame);
	result = decode_checked(packet, packet_size, length, segment, &sound);
	if (result == DECODE_OK && sound == DECODE_OK && !claims_more(packet, length))
		return EAR_SEGMENT;
	icmp = result == DECODE_OK ? 0 : icmp_place(packet, packet_size, &family);
	if (icmp)
		return take_icmp(packet, packet_size, icmp, family, segment, notice);
	if (result == DECODE_NOT_IP || result == DECODE_NOT_TCP)
		return EAR_NOTHING;
	/* With a wrong checksum the rest means nothing. One that cannot be verified is not wrong. */
	if (sound == DECODE_BAD_CHECKSUM)
		return take_unsound(sound, packet, segment, notice);
	if (result == DECODE_OK && claims_more(packet, length))
		result = DECODE_BAD_LENGTH;
	if (result == DECODE_OK)
		return EAR_SEGMENT;
	unsound = take_unsound(result, packet, segment, notice);
	return result == DECODE_CUT && packet_size < length ? EAR_CUT : unsound;
}
