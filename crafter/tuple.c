/* tuple.c - addresses, endpoints and four-tuples: comparing, hashing, text, the socket API. */
#include "crafter/tuple.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static size_t address_size(const struct address *address)
{
	return address->family == 4 ? 4 : sizeof(address->bytes);
}

bool address_equal(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == 0)
		return true;
	if (a->scope && b->scope && a->scope != b->scope)
		return false;
	return memcmp(a->bytes, b->bytes, address_size(a)) == 0;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

bool tuple_equal(const struct tuple *a, const struct tuple *b)
{
	return endpoint_equal(&a->source, &b->source) && endpoint_equal(&a->target, &b->target);
}

struct tuple tuple_reversed(const struct tuple *tuple)
{
	return (struct tuple){ .source = tuple->target, .target = tuple->source };
}

/* The finalizer of splitmix64: every input bit moves every output bit, so that sequential ports spread. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static uint64_t hash_endpoint(uint64_t hash, const struct endpoint *endpoint)
{
	uint64_t words[2] = { 0 };

	memcpy(words, endpoint->address.bytes, address_size(&endpoint->address));
	hash = mix(hash + words[0]);
	return mix(hash + words[1] + ((uint64_t)endpoint->port << 8) + endpoint->address.family);
}

uint32_t tuple_hash(const struct tuple *tuple)
{
	uint64_t hash = hash_endpoint(UINT64_C(0x9e3779b97f4a7c15), &tuple->source);

	return (uint32_t)hash_endpoint(hash, &tuple->target);
}

/* The part behind '%': an interface's name or number. */
static int parse_scope(const char *text, const char *scope, struct address *address, struct error *error)
{
	unsigned long number;
	char *end;

	if (address->bytes[0] != 0xfe || (address->bytes[1] & 0xc0) != 0x80)
		return fail(error, "address '%s': only a link-local address (fe80::/10) takes '%%INTERFACE'", text);
	address->scope = if_nametoindex(scope);
	if (address->scope)
		return 0;
	errno = 0;
	number = strtoul(scope, &end, 10);
	if (scope[0] < '0' || scope[0] > '9' || *end || errno || number == 0 || number > INT32_MAX)
		return fail(error, "address '%s': there is no interface '%s' here", text, scope);
	address->scope = (uint32_t)number;
	return 0;
}

int address_parse(const char *text, struct address *address, struct error *error)
{
	char head[INET6_ADDRSTRLEN];
	const char *percent = strchr(text, '%');
	size_t size = percent ? (size_t)(percent - text) : strlen(text);

	memset(address, 0, sizeof(*address));
	if (size >= sizeof(head))
		return fail(error, "'%.100s' is not a numeric IPv4 or IPv6 address", text);
	memcpy(head, text, size);
	head[size] = '\0';
	if (!percent && inet_pton(AF_INET, head, address->bytes) == 1) {
		address->family = 4;
		return 0;
	}
	if (inet_pton(AF_INET6, head, address->bytes) != 1) {
		memset(address, 0, sizeof(*address));
		return fail(error, "'%.100s' is not a numeric IPv4 or IPv6 address", text);
	}
	address->family = 6;
	if (percent && parse_scope(text, percent + 1, address, error)) {
		memset(address, 0, sizeof(*address));
		return -1;
	}
	return 0;
}

const char *address_format(const struct address *address, char *buffer, size_t size)
{
	char text[INET6_ADDRSTRLEN], interface[IF_NAMESIZE];

	if (address->family != 4 && address->family != 6) {
		snprintf(buffer, size, "none");
		return buffer;
	}
	inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, sizeof(text));
	if (address->family == 4 || !address->scope)
		snprintf(buffer, size, "%s", text);
	else if (if_indextoname(address->scope, interface))
		snprintf(buffer, size, "%s%%%s", text, interface);
	else
		snprintf(buffer, size, "%s%%%u", text, (unsigned)address->scope);
	return buffer;
}

const char *endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size)
{
	char text[ADDRESS_TEXT_SIZE];
	const char *shape = endpoint->address.family == 6 ? "[%s]:%u" : "%s:%u";

	address_format(&endpoint->address, text, sizeof(text));
	snprintf(buffer, size, shape, text, (unsigned)endpoint->port);
	return buffer;
}

bool address_is_multicast(const struct address *address)
{
	if (address->family == 4)
		return (address->bytes[0] & 0xf0) == 0xe0;
	return address->family == 6 && address->bytes[0] == 0xff;
}

bool address_lacks_scope(const struct address *address)
{
	return address->family == 6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80 && !address->scope;
}

bool address_is_unspecified(const struct address *address)
{
	static const uint8_t zero[sizeof(address->bytes)];

	return address->family == 0 || memcmp(address->bytes, zero, address_size(address)) == 0;
}

bool address_is_broadcast(const struct address *address)
{
	static const uint8_t ones[4] = { 255, 255, 255, 255 };

	return address->family == 4 && memcmp(address->bytes, ones, sizeof(ones)) == 0;
}

void address_unmap(struct address *address)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
	struct address four = { .family = 4 };

	if (address->family != 6 || memcmp(address->bytes, prefix, sizeof(prefix)) != 0)
		return;
	memcpy(four.bytes, address->bytes + sizeof(prefix), 4);
	*address = four;
}

size_t endpoint_to_sockaddr(const struct endpoint *endpoint, struct sockaddr_storage *storage)
{
	struct sockaddr_in *in = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (endpoint->address.family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(endpoint->port);
		memcpy(&in->sin_addr, endpoint->address.bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(endpoint->port);
	in6->sin6_scope_id = endpoint->address.scope;
	memcpy(&in6->sin6_addr, endpoint->address.bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

int endpoint_from_sockaddr(const struct sockaddr *sockaddr, struct endpoint *endpoint)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(endpoint, 0, sizeof(*endpoint));
	if (sockaddr->sa_family == AF_INET) {
		memcpy(&in, sockaddr, sizeof(in));
		endpoint->address.family = 4;
		endpoint->port = ntohs(in.sin_port);
		memcpy(endpoint->address.bytes, &in.sin_addr, sizeof(in.sin_addr));
		return 0;
	}
	if (sockaddr->sa_family == AF_INET6) {
		memcpy(&in6, sockaddr, sizeof(in6));
		endpoint->address.family = 6;
		endpoint->address.scope = in6.sin6_scope_id;
		endpoint->port = ntohs(in6.sin6_port);
		memcpy(endpoint->address.bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
		return 0;
	}
	return -1;
}
