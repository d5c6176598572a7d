/* checksum.c - the Internet checksum. */
#include "crafter/checksum.h"

#include <netinet/in.h>
#include <string.h>

static inline uint64_t plus(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word); /* the carry */
}

/* The carries are counted, to be added later: so each costs one instruction. */
static inline uint64_t plus_counted(uint64_t sum, const uint8_t *bytes, uint64_t *carries)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	sum += word;
	*carries += sum < word;
	return sum;
}

/* Less than eight. */
static inline uint64_t add_rest(uint64_t sum, const uint8_t *bytes, size_t size)
{
	uint32_t half;
	uint16_t pair;

	if (size & sizeof(half)) {
		memcpy(&half, bytes, sizeof(half));
		sum = plus(sum, half);
		bytes += sizeof(half);
	}
	if (size & sizeof(pair)) {
		memcpy(&pair, bytes, sizeof(pair));
		sum = plus(sum, pair);
		bytes += sizeof(pair);
	}
	return size & 1 ? plus(sum, htons((uint16_t)(bytes[0] << 8))) : sum;
}

/* Words of eight bytes as they lie in memory, which only swaps the bytes of the result (RFC 1071 2, B); finish() swaps them
 * back. What is before the last call has an even size. */
static inline uint64_t add(uint64_t sum, const uint8_t *bytes, size_t size)
{
	enum { WORD = sizeof(uint64_t) };
	uint64_t carries = 0, other = 0, other_carries = 0;

	/* Two sums do not wait for each other. */
	for (; size >= 4 * WORD; bytes += 4 * WORD, size -= 4 * WORD) {
		sum = plus_counted(sum, bytes, &carries);
		other = plus_counted(other, bytes + WORD, &other_carries);
		sum = plus_counted(sum, bytes + 2 * WORD, &carries);
		other = plus_counted(other, bytes + 3 * WORD, &other_carries);
	}
	for (; size >= WORD; bytes += WORD, size -= WORD)
		sum = plus_counted(sum, bytes, &carries);
	sum = plus(plus(sum, other), carries + other_carries);
	return size ? add_rest(sum, bytes, size) : sum;
}

/* Of any sum, in as many steps as may be needed: conditions would cost more. */
static inline uint16_t fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t finish(uint64_t sum)
{
	return ntohs((uint16_t)~fold(sum));
}

/* The words are swapped as those in memory are. */
static inline uint64_t add_pseudo(const uint8_t *addresses, size_t addresses_size, uint8_t protocol, size_t size)
{
	uint64_t sum = plus(htons((uint16_t)size), htons(protocol));

	return add(plus(sum, htons((uint16_t)(size >> 16))), addresses, addresses_size);
}

uint16_t checksum_header(const uint8_t *header, size_t size)
{
	return finish(add(0, header, size));
}

uint16_t checksum_tcp(const uint8_t *addresses, size_t addresses_size, const uint8_t *tcp, size_t size)
{
	return finish(add(add_pseudo(addresses, addresses_size, IPPROTO_TCP, size), tcp, size));
}

uint16_t checksum_icmp6(const uint8_t *addresses, const uint8_t *message, size_t size)
{
	return finish(add(add_pseudo(addresses, 2 * 16, IPPROTO_ICMPV6, size), message, size));
}

uint16_t checksum_pseudo(const uint8_t *addresses, size_t addresses_size, size_t size)
{
	return (uint16_t)~finish(add_pseudo(addresses, addresses_size, IPPROTO_TCP, size));
}

/* The sum of two words of four bytes each: a few of those need no carry. */
static inline uint64_t halves(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return (word & UINT32_MAX) + (word >> 32);
}

static inline uint64_t half(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The addresses are added once: they are in the header, and in the pseudo-header. */
bool checksum_plain(const uint8_t *packet, size_t tcp_size)
{
	enum { IP = 20, TCP = 20 };
	const uint8_t *tcp = packet + IP;
	uint64_t addresses = halves(packet + 12);
	uint64_t sum = addresses + htons((uint16_t)tcp_size) + htons(IPPROTO_TCP) + halves(tcp) + halves(tcp + 8) +
		       half(tcp + 16);

	if (fold(halves(packet) + half(packet + 8) + addresses) != 0xffff)
		return false;
	return fold(tcp_size > TCP ? add(sum, tcp + TCP, tcp_size - TCP) : sum) == 0xffff;
}
