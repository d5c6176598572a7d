/* prefix.c - ranges of addresses: text, and what lies in them. */
#include "harness/lab/prefix.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t bits_of(const struct address *address)
{
	return address->family == 4 ? 32 : 128;
}

/* The bits of byte number `index` that the length covers. */
static uint8_t mask(uint8_t length, unsigned index)
{
	unsigned before = index * 8;

	if (length >= before + 8)
		return 0xff;
	return (uint8_t)(length <= before ? 0 : 0xff << (8 - (length - before)));
}

static int parse_length(const char *text, const char *digits, struct prefix *prefix, struct error *error)
{
	unsigned long length;
	char *end;

	if (!isdigit((unsigned char)*digits))
		return fail(error, "'%.60s': a number of bits is expected after the slash", text);
	length = strtoul(digits, &end, 10);
	if (*end || length > bits_of(&prefix->address))
		return fail(error, "'%.60s': an IPv%u prefix has 0 to %u bits", text, prefix->address.family,
			    bits_of(&prefix->address));
	prefix->length = (uint8_t)length;
	return 0;
}

int prefix_parse(const char *text, struct prefix *prefix, struct error *error)
{
	const char *slash = strchr(text, '/');
	char head[ADDRESS_TEXT_SIZE], network[ADDRESS_TEXT_SIZE];
	struct address masked;

	if ((slash ? (size_t)(slash - text) : strlen(text)) >= sizeof(head))
		return fail(error, "'%.60s...' is not an address", text);
	snprintf(head, sizeof(head), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (address_parse(head, &prefix->address, error) < 0)
		return -1;
	prefix->length = bits_of(&prefix->address);
	if (slash && parse_length(text, slash + 1, prefix, error) < 0)
		return -1;
	masked = prefix->address;
	for (unsigned i = 0; i < sizeof(masked.bytes); i++)
		masked.bytes[i] &= mask(prefix->length, i);
	if (memcmp(masked.bytes, prefix->address.bytes, sizeof(masked.bytes)) != 0)
		return fail(error, "'%.60s': bits beyond the length are set; did you mean %s/%u?", text,
			    address_format(&masked, network, sizeof(network)), prefix->length);
	return 0;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
	if (prefix->address.family != address->family)
		return false;
	if (prefix->address.scope && address->scope && prefix->address.scope != address->scope)
		return false;
	for (unsigned i = 0; i < bits_of(address) / 8U; i++)
		if ((address->bytes[i] ^ prefix->address.bytes[i]) & mask(prefix->length, i))
			return false;
	return true;
}
