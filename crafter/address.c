/* address.c - addresses: comparing, text, what they are good for. */
#include "crafter/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"

size_t address_size(uint8_t family)
{
	return family == 4 ? 4 : 16;
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
	const uint8_t *bytes = address->bytes;
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	if (address->family == 4) {
		textbuf_add(&out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
		return buffer;
	}
	textbuf_add(&out, "%s", address->family == 6 ? inet_ntop(AF_INET6, bytes, text, sizeof(text)) : "none");
	if (address->family == 6 && address->scope && if_indextoname(address->scope, interface))
		textbuf_add(&out, "%%%s", interface);
	else if (address->family == 6 && address->scope)
		textbuf_add(&out, "%%%u", (unsigned)address->scope);
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

	return address->family == 0 || memcmp(address->bytes, zero, address_size(address->family)) == 0;
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
