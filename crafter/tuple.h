/* tuple.h - addresses, endpoints and the four-tuple that names a connection; IPv4 and IPv6.
 *
 * Ports are in host byte order. Address bytes are in network order, as they are printed. */
#ifndef TWPROBE_CRAFTER_TUPLE_H
#define TWPROBE_CRAFTER_TUPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/error.h"

struct sockaddr;
struct sockaddr_storage;

struct address {
	uint8_t family;    /* 4 or 6; 0: none */
	uint8_t bytes[16]; /* the first 4 for IPv4, the rest zero */
	uint32_t scope;    /* interface index of a link-local IPv6 address, else 0 */
};

struct endpoint {
	struct address address;
	uint16_t port;
};

struct tuple {
	struct endpoint source, target;
};

enum {
	ADDRESS_TEXT_SIZE = 64,
	ENDPOINT_TEXT_SIZE = 80, /* "[2001:db8::1]:65535" */
};

/* A scope of 0 equals any: what comes from the wire has none. The hash leaves it out. */
bool address_equal(const struct address *a, const struct address *b);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool tuple_equal(const struct tuple *a, const struct tuple *b);
struct tuple tuple_reversed(const struct tuple *tuple);
uint32_t tuple_hash(const struct tuple *tuple);

/* Numeric text only ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); no name service. */
int address_parse(const char *text, struct address *address, struct error *error);
/* Both return their buffer. */
const char *address_format(const struct address *address, char *buffer, size_t size);
const char *endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size);

/* Loopback, multicast, broadcast (255.255.255.255) and unspecified: what a target must not be. */
bool address_is_multicast(const struct address *address);
/* An IPv6 address that says nothing without an interface, and none is said (RFC 4007 11). */
bool address_lacks_scope(const struct address *address);
bool address_is_unspecified(const struct address *address);
bool address_is_broadcast(const struct address *address);
/* An IPv4 address as an IPv6 socket shows it (::ffff:192.0.2.1, RFC 4291 2.5.5.2) becomes that IPv4 address. */
void address_unmap(struct address *address);

/* To and from the socket API. endpoint_to_sockaddr returns the length of the address. */
size_t endpoint_to_sockaddr(const struct endpoint *endpoint, struct sockaddr_storage *storage);
int endpoint_from_sockaddr(const struct sockaddr *sockaddr, struct endpoint *endpoint);

#endif
