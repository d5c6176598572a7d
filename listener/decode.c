/* decode.c - the bytes of an IP packet as a segment, or the reason why not. */
#include "listener/decode.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/checksum.h"
#include "crafter/headers.h"

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100, /* IEEE 802.1Q */
	ETHERTYPE_QINQ = 0x88a8, /* IEEE 802.1ad */
	ETHERTYPE_QINQ_OLD = 0x9100, /* of switches before that; Linux: ETH_P_QINQ1 */
	ETHERTYPE_PPPOE = 0x8864, /* RFC 2516: the session stage */
	VLAN_TAGS_MAX = 2,
	IPV4_DF = 0x40, /* of the sixth byte */
	PPPOE_SIZE = 6,
	PPP_IPV4 = 0x21,
	PPP_IPV6 = 0x57,
	PORTS_SIZE = 4,
	PAYLOAD_MAX = 1 << 20, /* twice what any kernel hands to a card in one piece (GRO_MAX_SIZE) */
	QUOTED_SIZE = 8, /* of a TCP header: ports and sequence number (RFC 792, RFC 1812 4.3.2.3) */
};

/* Where the TCP segment lies in a packet. */
struct decode_place {
	size_t tcp;     /* offset of the TCP header */
	size_t end;     /* offset where the packet ends by its IP header; may lie behind the captured bytes */
	uint8_t family; /* 0: not even the addresses are there */
	bool first;     /* the packet, or its first fragment: what is at `tcp` is a TCP header */
};

/* A header of `need` bytes at `at`: is it inside the packet, and was it captured? */
static inline enum decode_result check_room(size_t at, size_t need, size_t end, size_t size)
{
	if (at > end || end - at < need)
		return DECODE_BAD_LENGTH;
	if (at > size || size - at < need)
		return DECODE_SHORT;
	return DECODE_OK;
}

static inline enum decode_result place_ipv4(const uint8_t *packet, size_t size, size_t length, struct decode_place *place)
{
	if (size < IPV4_HEADER_SIZE)
		return DECODE_SHORT;
	place->family = 4;
	place->tcp = (size_t)(packet[0] & 0x0f) * 4;
	place->end = bytes_load16(packet + 2);
	if (place->end == 0) /* yet to be cut up by the card, and longer than the field can say (TSO, BIG TCP) */
		place->end = length;
	if (place->tcp < IPV4_HEADER_SIZE || place->end < place->tcp)
		return DECODE_BAD_LENGTH;
	if (size < place->tcp)
		return DECODE_SHORT;
	if (packet[9] != IPPROTO_TCP)
		return DECODE_NOT_TCP;
	place->first = !(bytes_load16(packet + 6) & 0x1fff);
	if (bytes_load16(packet + 6) & 0x3fff) /* more fragments, or an offset */
		return DECODE_FRAGMENT;
	return DECODE_OK;
}

/* Skips extension headers (RFC 8200 4). A fragment header of a packet that is whole (RFC 6946) is skipped too.
 * Each takes eight bytes at least, so that the loop ends. */
static enum decode_result skip_extensions(const uint8_t *packet, size_t size, uint8_t next, struct decode_place *place)
{
	while (next != IPPROTO_TCP) {
		enum decode_result result;
		size_t length;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS &&
		    next != IPPROTO_FRAGMENT)
			return DECODE_NOT_TCP;
		result = check_room(place->tcp, 8, place->end, size);
		if (result)
			return result;
		if (next == IPPROTO_FRAGMENT && bytes_load16(packet + place->tcp + 2) & 0xfff9) {
			/* Only a TCP header right behind the fragment header is looked for. */
			place->first = !(bytes_load16(packet + place->tcp +
						      2) & 0xfff8) && packet[place->tcp] == IPPROTO_TCP;
			if (packet[place->tcp] != IPPROTO_TCP && !place->first)
				return DECODE_NOT_TCP;
			place->tcp += 8;
			return DECODE_FRAGMENT;
		}
		length = next == IPPROTO_FRAGMENT ? 8 : ((size_t)packet[place->tcp + 1] + 1) * 8;
		result = check_room(place->tcp, length, place->end, size);
		if (result)
			return result;
		next = packet[place->tcp];
		place->tcp += length;
	}
	place->first = true;
	return DECODE_OK;
}

static enum decode_result place_ipv6(const uint8_t *packet, size_t size, size_t length, struct decode_place *place)
{
	if (size < IPV6_HEADER_SIZE)
		return DECODE_SHORT;
	place->family = 6;
	place->tcp = IPV6_HEADER_SIZE;
	place->end = IPV6_HEADER_SIZE + (size_t)bytes_load16(packet + 4);
	if (place->end == IPV6_HEADER_SIZE) /* as in IPv4 (RFC 2675) */
		place->end = length;
	return skip_extensions(packet, size, packet[6], place);
}

static inline enum decode_result place_tcp(const uint8_t *packet, size_t size, size_t length, struct decode_place *place)
{
	enum decode_result result;

	memset(place, 0, sizeof(*place));
	if (size == 0)
		return DECODE_SHORT;
	switch (packet[0] >> 4) {
	case 4:
		result = place_ipv4(packet, size, length, place);
		break;
	case 6:
		result = place_ipv6(packet, size, length, place);
		break;
	default:
		return DECODE_NOT_IP;
	}
	return result ? result : check_room(place->tcp, TCP_HEADER_SIZE, place->end, size);
}

static inline void read_ip(const uint8_t *packet, uint8_t family, struct segment *segment)
{
	struct address *source = &segment->tuple.source.address, *target = &segment->tuple.target.address;

	source->family = target->family = family;
	if (family == 4) {
		segment->tos = packet[1];
		segment->ip_id = bytes_load16(packet + 4);
		segment->may_fragment = !(packet[6] & IPV4_DF);
		segment->ttl = packet[8];
		memcpy(source->bytes, packet + 12, 4);
		memcpy(target->bytes, packet + 16, 4);
	} else {
		segment->tos = (uint8_t)(bytes_load16(packet) >> 4);
		segment->ip_id = bytes_load16(packet + 2);
		segment->ttl = packet[7];
		memcpy(source->bytes, packet + 8, 16);
		memcpy(target->bytes, packet + 24, 16);
	}
}

static void read_typed(const uint8_t *option, struct segment *segment)
{
	switch (option[0]) {
	case OPTION_MSS:
		segment->mss = bytes_load16(option + 2);
		break;
	case OPTION_WSCALE:
		segment->wscale = option[2];
		break;
	case OPTION_TIMESTAMPS:
		segment->tsval = bytes_load32(option + 2);
		segment->tsecr = bytes_load32(option + 6);
		break;
	default:
		break;
	}
}

/* The arrays cannot run over: `size` is at most SEGMENT_OPTIONS_MAX, every option takes one byte of it at least, and
 * one that goes to `raw` one byte more than it leaves there. */
static enum decode_result read_options(const uint8_t *options, size_t size, struct segment *segment)
{
	static const uint8_t stamped[12] = { OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS, 10 };
	static const uint8_t kinds[] = { OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS };
	size_t at = 0, length;

	/* As RFC 7323, appendix A, recommends, and nearly all segments have it. */
	if (size == sizeof(stamped) && memcmp(options, stamped, sizeof(stamped) - 8) == 0) {
		segment->option_count = 3;
		memcpy(segment->options, kinds, sizeof(kinds));
		read_typed(options + 2, segment);
		return DECODE_OK;
	}
	while (at < size) {
		uint8_t kind = options[at];
		size_t fixed = segment_option_size(kind);

		if (kind == OPTION_END || kind == OPTION_NOP) {
			segment->options[segment->option_count++] = kind;
			if (kind == OPTION_END)
				break;
			at++;
			continue;
		}
		if (size - at < 2)
			return DECODE_BAD_OPTION;
		length = options[at + 1];
		if (length < 2 || length > size - at || (fixed && length != fixed))
			return DECODE_BAD_OPTION;
		segment->options[segment->option_count++] = kind;
		if (fixed) {
			read_typed(options + at, segment);
		} else {
			segment->raw[segment->raw_size] = (uint8_t)(length - 2);
			memcpy(segment->raw + segment->raw_size + 1, options + at + 2, length - 2);
			segment->raw_size = (uint8_t)(segment->raw_size + length - 1);
		}
		at += length;
	}
	return DECODE_OK;
}

/* Whose it is can be known where the rest cannot: the ports are in the first fragment, and before all that may be wrong. */
static inline void read_ports(const uint8_t *packet, size_t size, const struct decode_place *place, struct segment *segment)
{
	if (place->first && place->tcp && size >= place->tcp + PORTS_SIZE) {
		segment->tuple.source.port = bytes_load16(packet + place->tcp);
		segment->tuple.target.port = bytes_load16(packet + place->tcp + 2);
	}
}

static inline void read_tcp(const uint8_t *tcp, struct segment *segment)
{
	segment->seq = bytes_load32(tcp + 4);
	segment->ack = bytes_load32(tcp + 8);
	segment->flags = bytes_load16(tcp + 12) & ((1 << FLAG_COUNT) - 1);
	segment->window = bytes_load16(tcp + 14);
	segment->urgent = bytes_load16(tcp + 18);
}

/* Without its options, of which the counts say that there are none. In two parts, for which compilers need no loop. */
static inline void clear(struct segment *segment)
{
	memset(&segment->tuple, 0, sizeof(segment->tuple));
	memset(&segment->ttl, 0, offsetof(struct segment, options) - offsetof(struct segment, ttl));
}

/* `result`: of the search for the place. */
static inline enum decode_result read_placed(const uint8_t *packet, size_t size, const struct decode_place *place,
				      enum decode_result result, struct segment *segment)
{
	size_t header_size, payload;

	clear(segment);
	if (place->family) {
		read_ip(packet, place->family, segment);
		read_ports(packet, size, place, segment);
	}
	if (result)
		return result;
	header_size = (size_t)(packet[place->tcp + 12] >> 4) * 4;
	payload = place->tcp + header_size;
	if (header_size < TCP_HEADER_SIZE || payload > place->end || place->end - payload > PAYLOAD_MAX)
		return DECODE_BAD_LENGTH;
	read_tcp(packet + place->tcp, segment);
	segment->payload_size = (uint32_t)(place->end - payload);
	if (payload > size) { /* of options that the capture cuts off those before the cut count */
		read_options(packet + place->tcp + TCP_HEADER_SIZE, size - place->tcp - TCP_HEADER_SIZE, segment);
		return DECODE_CUT;
	}
	if (segment->payload_size && place->end <= size)
		segment->payload = packet + payload;
	return read_options(packet + place->tcp + TCP_HEADER_SIZE, header_size - TCP_HEADER_SIZE, segment);
}

enum decode_result decode_captured(const uint8_t *packet, size_t size, size_t length, struct segment *segment)
{
	struct decode_place place;
	enum decode_result result = place_tcp(packet, size, length, &place);

	return read_placed(packet, size, &place, result, segment);
}

enum decode_result decode(const uint8_t *packet, size_t size, struct segment *segment)
{
	return decode_captured(packet, size, size, segment);
}

/* The numbers that an ICMP error quotes, or the reason why it quotes none of a TCP segment. */
enum decode_result decode_quoted(const uint8_t *packet, size_t size, struct segment *segment)
{
	struct decode_place place;
	enum decode_result result = place_tcp(packet, size, size, &place);

	clear(segment);
	/* A router quotes eight bytes of what is longer by its IP header. */
	if (!place.family || !place.first || (result && result != DECODE_SHORT && result != DECODE_FRAGMENT))
		return result ? result : DECODE_NOT_TCP;
	if (size < place.tcp + QUOTED_SIZE)
		return DECODE_SHORT;
	read_ip(packet, place.family, segment);
	read_ports(packet, size, &place, segment);
	segment->seq = bytes_load32(packet + place.tcp + 4);
	return DECODE_OK;
}

/* RFC 1661, RFC 1662: an address and a control byte may come first; then the protocol, of one byte or two. */
static enum decode_result skip_ppp(const uint8_t *frame, size_t size, size_t *at)
{
	unsigned protocol;

	if (size >= *at + 2 && frame[*at] == 0xff && frame[*at + 1] == 0x03)
		*at += 2;
	if (size < *at + 2)
		return DECODE_SHORT;
	protocol = frame[*at] & 1 ? frame[*at] : bytes_load16(frame + *at);
	*at += frame[*at] & 1 ? 1 : 2;
	return protocol == PPP_IPV4 || protocol == PPP_IPV6 ? DECODE_OK : DECODE_NOT_IP;
}

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD;
}

/* A frame whose protocol field, an EtherType, is at `field`, and what it carries at `start`. */
static enum decode_result skip_ethertype(const uint8_t *frame, size_t size, size_t field, size_t start, size_t *at)
{
	uint16_t type;
	int tags;

	if (size < start)
		return DECODE_SHORT;
	type = bytes_load16(frame + field);
	for (tags = 0; tags < VLAN_TAGS_MAX && is_tag(type); tags++) {
		if (size - start < 4)
			return DECODE_SHORT;
		type = bytes_load16(frame + start + 2);
		start += 4;
	}
	if (type == ETHERTYPE_PPPOE) {
		*at = start + PPPOE_SIZE;
		return skip_ppp(frame, size, at);
	}
	if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
		return DECODE_NOT_IP;
	if (size > start && frame[start] >> 4 != (type == ETHERTYPE_IPV4 ? 4 : 6))
		return DECODE_NOT_IP;
	*at = start;
	return DECODE_OK;
}

enum decode_result decode_link(int link_type, const uint8_t *frame, size_t size, const uint8_t **packet,
			       size_t *packet_size)
{
	enum decode_result result = DECODE_OK;
	size_t at = 0;

	switch (link_type) {
	case DLT_EN10MB:
		result = skip_ethertype(frame, size, 12, 14, &at);
		break;
	case DLT_LINUX_SLL:
		result = skip_ethertype(frame, size, 14, 16, &at);
		break;
	case DLT_LINUX_SLL2:
		result = skip_ethertype(frame, size, 0, 20, &at);
		break;
	case DLT_PPP_ETHER:
		at = PPPOE_SIZE;
		result = skip_ppp(frame, size, &at);
		break;
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		result = skip_ppp(frame, size, &at);
		break;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		break;
	case DLT_NULL:
	case DLT_LOOP:
		/* Four bytes with the address family, in the byte order of whoever wrote the file; what follows says by
		 * itself which IP it is. */
		at = 4;
		result = size < at ? DECODE_SHORT : DECODE_OK;
		break;
	default:
		result = DECODE_BAD_LINK;
	}
	*packet = result ? NULL : frame + at;
	*packet_size = result ? 0 : size - at;
	return result;
}

/* Of addresses, protocol and length alone, as checksum_tcp() takes it up. */
static bool left_for_the_card(const uint8_t *addresses, size_t addresses_size, const uint8_t *tcp, size_t size)
{
	return checksum_pseudo(addresses, addresses_size, size) == bytes_load16(tcp + 16);
}

static inline enum decode_result check_placed(const uint8_t *packet, size_t size, const struct decode_place *place,
				       enum decode_result result)
{
	size_t addresses, addresses_size, header_size;

	header_size = size > 0 && packet[0] >> 4 == 4 ? (size_t)(packet[0] & 0x0f) * 4 : 0;
	if (header_size >= IPV4_HEADER_SIZE && size >= header_size && checksum_header(packet, header_size))
		return DECODE_BAD_CHECKSUM;
	if (result)
		return result;
	if (place->end > size)
		return DECODE_SHORT;
	if (place->end - place->tcp > UINT16_MAX)
		return DECODE_BAD_LENGTH;
	addresses = place->family == 4 ? 12 : 8;
	addresses_size = place->family == 4 ? 8 : 32;
	if (checksum_tcp(packet + addresses, addresses_size, packet + place->tcp, place->end - place->tcp) == 0 ||
	    left_for_the_card(packet + addresses, addresses_size, packet + place->tcp, place->end - place->tcp))
		return DECODE_OK;
	return DECODE_BAD_CHECKSUM;
}

enum decode_result decode_check(const uint8_t *packet, size_t size, size_t length)
{
	struct decode_place place;
	enum decode_result result = place_tcp(packet, size, length, &place);

	return check_placed(packet, size, &place, result);
}

/* Nearly all packets: IPv4 without options, not in fragments, captured as a whole, with the checksums right that it has in
 * them. False: this one is not like that, or has something else that wants a closer look. */
static inline bool read_plain(const uint8_t *packet, size_t size, struct segment *segment)
{
	const uint8_t *tcp = packet + IPV4_HEADER_SIZE;
	size_t end, header_size;

	if (size < IPV4_HEADER_SIZE + TCP_HEADER_SIZE || packet[0] != 0x45 || packet[9] != IPPROTO_TCP)
		return false;
	end = bytes_load16(packet + 2);
	header_size = (size_t)(tcp[12] >> 4) * 4;
	if (end > size || header_size < TCP_HEADER_SIZE || end < IPV4_HEADER_SIZE + header_size ||
	    (bytes_load16(packet + 6) & 0x3fff) || !checksum_plain(packet, end - IPV4_HEADER_SIZE))
		return false;
	clear(segment);
	read_ip(packet, 4, segment);
	segment->tuple.source.port = bytes_load16(tcp);
	segment->tuple.target.port = bytes_load16(tcp + 2);
	read_tcp(tcp, segment);
	segment->payload_size = (uint32_t)(end - IPV4_HEADER_SIZE - header_size);
	if (segment->payload_size)
		segment->payload = tcp + header_size;
	return header_size == TCP_HEADER_SIZE ||
	       read_options(tcp + TCP_HEADER_SIZE, header_size - TCP_HEADER_SIZE, segment) == DECODE_OK;
}

enum decode_result decode_checked(const uint8_t *packet, size_t size, size_t length, struct segment *segment,
				  enum decode_result *sound)
{
	struct decode_place place;
	enum decode_result result;

	if (read_plain(packet, size, segment))
		return *sound = DECODE_OK;
	result = place_tcp(packet, size, length, &place);
	*sound = check_placed(packet, size, &place, result);
	return read_placed(packet, size, &place, result, segment);
}

const char *decode_result_text(enum decode_result result)
{
	static const char *const texts[DECODE_RESULT_COUNT] = {
		[DECODE_OK] = "a TCP segment",
		[DECODE_SHORT] = "cut off before the end of a header",
		[DECODE_CUT] = "cut off in its TCP options",
		[DECODE_NOT_IP] = "not an IP packet",
		[DECODE_NOT_TCP] = "not TCP",
		[DECODE_FRAGMENT] = "a fragment of an IP packet",
		[DECODE_BAD_LENGTH] = "header lengths contradict each other",
		[DECODE_BAD_OPTION] = "a TCP option has an impossible length",
		[DECODE_BAD_LINK] = "an unknown link layer",
		[DECODE_BAD_CHECKSUM] = "a checksum is wrong",
	};

	return (unsigned)result < DECODE_RESULT_COUNT ? texts[result] : "an unknown reason";
}
