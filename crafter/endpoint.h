/* endpoint.h - an address and a port, in host byte order: one end of a connection. */
#ifndef TWPROBE_CRAFTER_ENDPOINT_H
#define TWPROBE_CRAFTER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/address.h"

struct sockaddr;
struct sockaddr_storage;

struct endpoint {
	struct address address;
	uint16_t port;
};

enum { ENDPOINT_TEXT_SIZE = 80 }; /* "[2001:db8::1]:65535" */

static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

/* Returns its buffer. */
const char *endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size);

/* To and from the socket API. endpoint_to_sockaddr returns the length of the address. */
size_t endpoint_to_sockaddr(const struct endpoint *endpoint, struct sockaddr_storage *storage);
/* -1: of no family that we know. */
int endpoint_from_sockaddr(const struct sockaddr *sockaddr, struct endpoint *endpoint);

#endif
