/* checksum.c - the Internet checksum. */
#include "crafter/checksum.h"

#include <netinet/in.h>

#include "crafter/bytes.h"

/* 64 bits take the sum of any packet without a carry lost. */
static uint64_t add(uint64_t sum, const uint8_t *bytes, size_t size)
{
	size_t at;

	for (at = 0; at + 1 < size; at += 2)
		sum += bytes_load16(bytes + at);
	if (at < size)
		sum += (uint64_t)bytes[at] << 8;
	return sum;
}

static uint16_t finish(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t checksum_header(const uint8_t *header, size_t size)
{
	return finish(add(0, header, size));
}

uint16_t checksum_tcp(const uint8_t *addresses, size_t addresses_size, const uint8_t *tcp, size_t size)
{
	uint64_t sum = IPPROTO_TCP + size;

	sum = add(sum, addresses, addresses_size);
	return finish(add(sum, tcp, size));
}

uint16_t checksum_pseudo(const uint8_t *addresses, size_t addresses_size, size_t size)
{
	return (uint16_t)~finish(add(IPPROTO_TCP + size, addresses, addresses_size));
}
