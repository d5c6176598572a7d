/* target.c - from HOST:PORT to an address and a port; the only place that asks the name service. */
#include "harness/wire/target.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/wire/route.h"

enum { HOST_SIZE = 256 };

int target_port(const char *whole, const char *text, uint16_t *port, struct error *error)
{
	size_t length = strlen(text);
	long number;

	if (!length)
		return fail(error, "'%.200s': the port is missing after the colon", whole);
	if (strspn(text, "0123456789") != length)
		return fail(error, "the port '%.40s' is not a number from 1 to 65535", text);
	number = length > 5 ? 65536 : strtol(text, NULL, 10);
	if (number < 1 || number > 65535)
		return fail(error, "there is no port %.40s: ports go from 1 to 65535", text);
	*port = (uint16_t)number;
	return 0;
}

/* Parts the text at its last colon, or after the bracket. `host` has room for HOST_SIZE. */
static int split(const char *text, char *host, const char **port, struct error *error)
{
	bool bracket = *text == '[';
	const char *begin = text + bracket, *colon = strrchr(text, ':');
	const char *end = bracket ? strchr(text, ']') : colon;

	if (bracket && (!end || strchr(begin, '[')))
		return fail(error, "'%.200s': the bracket is not closed; write [ADDRESS]:PORT", text);
	if (bracket && end[1] && end[1] != ':')
		return fail(error, "'%.200s': after the bracket comes :PORT", text);
	if (!colon || (bracket && !end[1]))
		return fail(error, "'%.200s': the port is missing; write HOST:PORT", text);
	if (!bracket && strchr(text, ':') != colon)
		return fail(error, "'%.200s': an IPv6 address is written in brackets: [ADDRESS]:PORT", text);
	if (strpbrk(begin, "]") && !bracket)
		return fail(error, "'%.200s': a bracket is closed that was not opened", text);
	if (end == begin)
		return fail(error, "'%.200s': the host is missing before the port", text);
	if (end - begin >= HOST_SIZE)
		return fail(error, "'%.60s...': the host's name is too long", text);
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	*port = bracket ? end + 2 : colon + 1;
	return 0;
}

static bool is_mapped(const struct address *address)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return address->family == 6 && !memcmp(address->bytes, prefix, sizeof(prefix));
}

/* 1 when the host is an address, 0 when it is a name. */
static int take_number(const char *whole, const char *host, struct address *address, struct error *error)
{
	bool number = *whole == '[' || strspn(host, "0123456789.") == strlen(host);

	if (!number)
		return 0;
	if (address_parse(host, address, NULL) || (*whole == '[' && address->family != 6))
		return fail(error, "'%.200s': %.100s is not an IPv%d address", whole, host, *whole == '[' ? 6 : 4);
	if (is_mapped(address))
		return fail(error, "'%.200s' is an IPv4-mapped address; write the IPv4 address", whole);
	if (address_lacks_scope(address))
		return fail(error, "'%.100s': a link-local address needs the interface that leads to it: "
			    "[%.60s%%INTERFACE]:PORT", whole, host);
	return 1;
}

/* The first address, in the resolver's order (RFC 6724), of a family that has a route; the first when none has. */
static int choose(const struct addrinfo *list, struct endpoint *endpoint)
{
	struct endpoint candidate;
	struct route route;
	int found = -1;

	for (; list; list = list->ai_next) {
		if (endpoint_from_sockaddr(list->ai_addr, &candidate))
			continue;
		if (found < 0)
			endpoint->address = candidate.address;
		found = 0;
		if (route_find(&candidate.address, NULL, NULL, &route, NULL))
			continue;
		endpoint->address = candidate.address;
		break;
	}
	return found;
}

int target_resolve(const char *text, uint8_t family, struct endpoint *endpoint, struct error *error)
{
	const struct addrinfo hints = { .ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char host[HOST_SIZE];
	const char *port = "";
	int result;

	memset(endpoint, 0, sizeof(*endpoint));
	if (split(text, host, &port, error) || target_port(text, port, &endpoint->port, error))
		return -1;
	result = take_number(text, host, &endpoint->address, error);
	if (result)
		return result < 0 ? -1 : 0;
	result = getaddrinfo(host, NULL, &hints, &list);
	if (family && (result == EAI_NONAME || result == EAI_NODATA || result == EAI_ADDRFAMILY))
		return fail(error, "no IPv%d address of %s is known", family, host);
	if (result == EAI_NONAME || result == EAI_NODATA)
		return fail(error, "unknown host %s", host);
	if (result == EAI_AGAIN)
		return fail(error, "the name service does not answer for %s", host);
	if (result)
		return fail(error, "cannot look up %s: %s", host, gai_strerror(result));
	result = choose(list, endpoint);
	freeaddrinfo(list);
	return result ? fail(error, "%s has no IPv4 or IPv6 address", host) : 0;
}
