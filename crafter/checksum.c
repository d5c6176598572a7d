/* checksum.c - the Internet checksum. */
#include "crafter/checksum.h"

#include <netinet/in.h>
#include <string.h>

#include "crafter/bytes.h"

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* 64 bits take the sum of any packet without a carry lost. Words of eight bytes are added as they lie in memory, which only
 * swaps the bytes of the result (RFC 1071 2, B). */
static uint64_t add(uint64_t sum, const uint8_t *bytes, size_t size)
{
	uint64_t words = 0, word;

	for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		words += word;
		words += words < word; /* the carry */
	}
	sum += ntohs(fold(words));
	for (; size >= 2; bytes += 2, size -= 2)
		sum += bytes_load16(bytes);
	if (size)
		sum += (uint64_t)bytes[0] << 8;
	return sum;
}

static uint16_t finish(uint64_t sum)
{
	return (uint16_t)~fold(sum);
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
