/* address.h - an IPv4 or IPv6 address. The bytes are in network order, as they are printed. */
#ifndef TWPROBE_CRAFTER_ADDRESS_H
#define TWPROBE_CRAFTER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crafter/fail.h"

struct address {
	uint8_t family;    /* 4 or 6; 0: none */
	uint8_t bytes[16]; /* the first 4 for IPv4, the rest zero */
	uint32_t scope;    /* interface index of a link-local IPv6 address, else 0 */
};

enum { ADDRESS_TEXT_SIZE = 64 };

/* How many bytes count in an address of this family. */
size_t address_size(uint8_t family);
/* A scope of 0 equals any: what comes from the wire has none. Here for speed, like the others that a search calls. */
static inline bool address_equal(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == 0)
		return true;
	if (a->scope && b->scope && a->scope != b->scope)
		return false;
	/* Sizes that the compiler knows need no call. */
	if (a->family == 4)
		return memcmp(a->bytes, b->bytes, 4) == 0;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Numeric text only ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); no name service. */
int address_parse(const char *text, struct address *address, struct error *error);
/* Returns its buffer. */
const char *address_format(const struct address *address, char *buffer, size_t size);

/* What a target must not be: multicast, broadcast (255.255.255.255), unspecified. */
bool address_is_multicast(const struct address *address);
bool address_is_broadcast(const struct address *address);
bool address_is_unspecified(const struct address *address);
/* An IPv6 address that needs an interface, and has none (RFC 4007 11). */
bool address_lacks_scope(const struct address *address);
/* An IPv4 address as an IPv6 socket shows it (::ffff:192.0.2.1, RFC 4291 2.5.5.2) becomes that IPv4 address. */
void address_unmap(struct address *address);

#endif
