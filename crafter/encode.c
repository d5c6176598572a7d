/* encode.c - a segment as the bytes of an IP packet. */
#include "crafter/encode.h"

#include <netinet/in.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/checksum.h"
#include "crafter/headers.h"
#include "crafter/icmp_error.h"

enum { IPV4_DONT_FRAGMENT = 0x4000 };

/* A place for options that knows its end. */
struct cursor {
	uint8_t *at, *end;
};

static uint8_t *take(struct cursor *cursor, size_t size)
{
	uint8_t *at = cursor->at;

	if ((size_t)(cursor->end - at) < size)
		return NULL;
	cursor->at += size;
	return at;
}

static void write_typed(uint8_t *at, uint8_t kind, const struct segment *segment)
{
	at[0] = kind;
	if (kind == OPTION_END || kind == OPTION_NOP)
		return;
	at[1] = (uint8_t)segment_option_size(kind);
	switch (kind) {
	case OPTION_MSS:
		bytes_store16(at + 2, segment->mss);
		break;
	case OPTION_WSCALE:
		at[2] = segment->wscale;
		break;
	case OPTION_TIMESTAMPS:
		bytes_store32(at + 2, segment->tsval);
		bytes_store32(at + 6, segment->tsecr);
		break;
	default:
		break;
	}
}

/* Writes the untyped option whose length and data stand at raw[*raw], and moves *raw behind them. */
static int write_raw(struct cursor *cursor, uint8_t kind, const struct segment *segment, size_t *raw)
{
	const uint8_t *data = segment->raw + *raw + 1;
	uint8_t *at, size;

	if (*raw >= segment->raw_size)
		return -1;
	size = segment->raw[*raw];
	if (*raw + 1 + size > segment->raw_size)
		return -1;
	at = take(cursor, 2u + size);
	if (!at)
		return -1;
	at[0] = kind;
	at[1] = (uint8_t)(2 + size);
	memcpy(at + 2, data, size);
	*raw += 1u + size;
	return 0;
}

static int write_tail(struct cursor *cursor, const struct segment *segment)
{
	uint8_t *at = take(cursor, segment->tail_size);

	if (!at || (size_t)segment->raw_size + segment->tail_size > SEGMENT_OPTIONS_MAX)
		return -1;
	memcpy(at, segment->raw + segment->raw_size, segment->tail_size);
	return 0;
}

int encode_options(const struct segment *segment, uint8_t options[static SEGMENT_OPTIONS_MAX])
{
	struct cursor cursor = { options, options + SEGMENT_OPTIONS_MAX };
	size_t index, raw = 0;

	memset(options, 0, SEGMENT_OPTIONS_MAX);
	if (segment->option_count > SEGMENT_OPTIONS_MAX || segment->raw_size > SEGMENT_OPTIONS_MAX)
		return -1;
	for (index = 0; index < segment->option_count; index++) {
		uint8_t kind = segment->options[index];
		size_t size = segment_option_size(kind);

		if (kind == OPTION_END && index + 1 < segment->option_count)
			return -1;
		if (size == 0) {
			if (write_raw(&cursor, kind, segment, &raw))
				return -1;
		} else {
			uint8_t *at = take(&cursor, size);

			if (!at)
				return -1;
			write_typed(at, kind, segment);
		}
	}
	if (raw != segment->raw_size || write_tail(&cursor, segment))
		return -1;
	return ((int)(cursor.at - options) + 3) & ~3;
}

static void write_ipv4(const struct segment *segment, uint8_t protocol, uint8_t *packet, size_t size)
{
	packet[0] = 0x45;
	packet[1] = segment->tos;
	bytes_store16(packet + 2, (uint16_t)size);
	bytes_store16(packet + 4, segment->ip_id);
	bytes_store16(packet + 6, IPV4_DONT_FRAGMENT);
	packet[8] = segment->ttl;
	packet[9] = protocol;
	bytes_store16(packet + 10, 0);
	memcpy(packet + 12, segment->tuple.source.address.bytes, 4);
	memcpy(packet + 16, segment->tuple.target.address.bytes, 4);
	bytes_store16(packet + 10, checksum_header(packet, IPV4_HEADER_SIZE));
}

static void write_ipv6(const struct segment *segment, uint8_t protocol, uint8_t *packet, size_t size)
{
	bytes_store32(packet, 6u << 28 | (uint32_t)segment->tos << 20 | segment->ip_id);
	bytes_store16(packet + 4, (uint16_t)(size - IPV6_HEADER_SIZE));
	packet[6] = protocol;
	packet[7] = segment->ttl;
	memcpy(packet + 8, segment->tuple.source.address.bytes, 16);
	memcpy(packet + 24, segment->tuple.target.address.bytes, 16);
}

/* The header up to its end; returns where that is. `size`: of the whole packet. */
static uint8_t *write_ip(const struct segment *segment, uint8_t protocol, uint8_t *packet, size_t size)
{
	if (segment->tuple.source.address.family == 4) {
		write_ipv4(segment, protocol, packet, size);
		return packet + IPV4_HEADER_SIZE;
	}
	write_ipv6(segment, protocol, packet, size);
	return packet + IPV6_HEADER_SIZE;
}

static void write_tcp(const struct segment *segment, uint8_t *tcp, size_t header_size)
{
	bytes_store16(tcp, segment->tuple.source.port);
	bytes_store16(tcp + 2, segment->tuple.target.port);
	bytes_store32(tcp + 4, segment->seq);
	bytes_store32(tcp + 8, segment->ack);
	bytes_store16(tcp + 12, (uint16_t)(header_size / 4 << 12 | segment->flags));
	bytes_store16(tcp + 14, segment->window);
	bytes_store16(tcp + 16, 0);
	bytes_store16(tcp + 18, segment->urgent);
}

/* Quoted are the headers of a segment of the other end (RFC 792, RFC 4443 2.4): of TCP all that a router has of a segment
 * without options. */
static size_t encode_icmp(const struct segment *segment, size_t ip_size, uint8_t *packet, size_t size)
{
	struct segment quoted = { .tuple = tuple_reversed(&segment->tuple), .ttl = segment->ttl, .seq = segment->seq };
	size_t quoted_size = ip_size + TCP_HEADER_SIZE, icmp_size = ICMP_HEADER_SIZE + quoted_size;
	uint8_t family = segment->tuple.source.address.family, type, code, *icmp;

	if (!icmp_error_codes((enum icmp_error)segment->icmp_error, family, &type, &code) || ip_size + icmp_size > size)
		return 0;
	icmp = write_ip(segment, family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, packet, ip_size + icmp_size);
	memset(icmp, 0, ICMP_HEADER_SIZE);
	icmp[0] = type;
	icmp[1] = code;
	/* The next link's MTU (RFC 1191 4, RFC 4443 3.2): at least that of any route of the lab. */
	if (segment->icmp_error == ICMP_ERROR_FRAGMENTATION_NEEDED)
		bytes_store32(icmp + 4, family == 4 ? UINT16_MAX : UINT16_MAX + 1);
	quoted.flags = FLAG_ACK;
	write_tcp(&quoted, write_ip(&quoted, IPPROTO_TCP, icmp + ICMP_HEADER_SIZE, quoted_size), TCP_HEADER_SIZE);
	bytes_store16(icmp + 2, family == 4 ? checksum_header(icmp, icmp_size) :
					      checksum_icmp6(packet + 8, icmp, icmp_size));
	return ip_size + icmp_size;
}

size_t encode(const struct segment *segment, uint8_t *packet, size_t size)
{
	uint8_t family = segment->tuple.source.address.family, options[SEGMENT_OPTIONS_MAX], *tcp;
	int options_size = encode_options(segment, options);
	size_t ip_size = family == 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE, header_size, tcp_size;

	if ((family != 4 && family != 6) || segment->tuple.target.address.family != family || options_size < 0)
		return 0;
	if (segment->payload_size > SEGMENT_FILL_MAX || (segment->payload_size && !segment->payload))
		return 0;
	if (segment->icmp_error)
		return encode_icmp(segment, ip_size, packet, size);
	header_size = TCP_HEADER_SIZE + (size_t)options_size;
	tcp_size = header_size + segment->payload_size;
	if (ip_size + tcp_size > size)
		return 0;
	tcp = write_ip(segment, IPPROTO_TCP, packet, ip_size + tcp_size);
	write_tcp(segment, tcp, header_size);
	memcpy(tcp + TCP_HEADER_SIZE, options, (size_t)options_size);
	if (segment->payload_size)
		memcpy(tcp + header_size, segment->payload, segment->payload_size);
	/* Source and target stand side by side at the end of either header. */
	bytes_store16(tcp + 16, family == 4 ? checksum_tcp(packet + 12, 8, tcp, tcp_size) :
					checksum_tcp(packet + 8, 32, tcp, tcp_size));
	/* Another value than that, and than the sum that is left for a card: in ones' complement 0xffff is 0 too. */
	if (segment->bad_checksum)
		bytes_store16(tcp + 16, bytes_load16(tcp + 16) ^ 0x5aa5);
	return ip_size + tcp_size;
}
