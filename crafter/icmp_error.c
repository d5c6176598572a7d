/* icmp_error.c - ICMP errors by type and code. */
#include "crafter/icmp_error.h"

#include <stddef.h>

#include "crafter/words.h"

static const char *const names[ICMP_ERROR_COUNT] = {
	[ICMP_ERROR_NET_UNREACHABLE] = "icmp-net-unreachable",
	[ICMP_ERROR_HOST_UNREACHABLE] = "icmp-host-unreachable",
	[ICMP_ERROR_PROTOCOL_UNREACHABLE] = "icmp-protocol-unreachable",
	[ICMP_ERROR_PORT_UNREACHABLE] = "icmp-port-unreachable",
	[ICMP_ERROR_PROHIBITED] = "icmp-prohibited",
	[ICMP_ERROR_SOURCE_QUENCH] = "icmp-source-quench",
	[ICMP_ERROR_TIME_EXCEEDED] = "icmp-time-exceeded",
	[ICMP_ERROR_PARAMETER_PROBLEM] = "icmp-parameter-problem",
	[ICMP_ERROR_FRAGMENTATION_NEEDED] = "icmp-fragmentation-needed",
	[ICMP_ERROR_REDIRECT] = "icmp-redirect",
	[ICMP_ERROR_PRECEDENCE_CUTOFF] = "icmp-precedence-cutoff",
	[ICMP_ERROR_UNKNOWN_CODE] = "icmp-unknown-code",
};

enum {
	UNASSIGNED = 16, /* IANA's registries of both families end below it */
	ANY_CODE = 256,  /* as a code of ours: 0 */
};

static const struct icmp_row {
	uint8_t family, type;
	uint16_t code; /* ANY_CODE: those not named before */
	const char *text;
	enum icmp_error error;
} rows[] = {
	{ 4, 3, 0, "network unreachable", ICMP_ERROR_NET_UNREACHABLE },
	{ 4, 3, 1, "host unreachable", ICMP_ERROR_HOST_UNREACHABLE },
	{ 4, 3, 2, "protocol unreachable", ICMP_ERROR_PROTOCOL_UNREACHABLE },
	{ 4, 3, 3, "port unreachable", ICMP_ERROR_PORT_UNREACHABLE },
	{ 4, 3, 4, "fragmentation needed", ICMP_ERROR_FRAGMENTATION_NEEDED },
	{ 4, 3, 5, "source route failed", ICMP_ERROR_NONE },
	{ 4, 3, 9, "network administratively prohibited", ICMP_ERROR_NONE },
	{ 4, 3, 10, "host administratively prohibited", ICMP_ERROR_NONE },
	{ 4, 3, 13, "communication administratively prohibited", ICMP_ERROR_PROHIBITED },
	{ 4, 3, 15, "precedence cutoff", ICMP_ERROR_PRECEDENCE_CUTOFF },
	{ 4, 3, UNASSIGNED, "destination unreachable", ICMP_ERROR_UNKNOWN_CODE },
	{ 4, 3, ANY_CODE, "destination unreachable", ICMP_ERROR_NONE },
	{ 4, 4, ANY_CODE, "source quench", ICMP_ERROR_SOURCE_QUENCH },
	{ 4, 5, 1, "redirect", ICMP_ERROR_REDIRECT },
	{ 4, 5, ANY_CODE, "redirect", ICMP_ERROR_NONE },
	{ 4, 11, 0, "time to live exceeded", ICMP_ERROR_TIME_EXCEEDED },
	{ 4, 11, ANY_CODE, "time exceeded", ICMP_ERROR_NONE },
	{ 4, 12, ANY_CODE, "parameter problem", ICMP_ERROR_PARAMETER_PROBLEM },
	{ 6, 1, 0, "no route to destination", ICMP_ERROR_NET_UNREACHABLE },
	{ 6, 1, 1, "communication administratively prohibited", ICMP_ERROR_PROHIBITED },
	{ 6, 1, 3, "address unreachable", ICMP_ERROR_HOST_UNREACHABLE },
	{ 6, 1, 4, "port unreachable", ICMP_ERROR_PORT_UNREACHABLE },
	{ 6, 1, 5, "source address failed policy", ICMP_ERROR_NONE },
	{ 6, 1, 6, "reject route to destination", ICMP_ERROR_NONE },
	{ 6, 1, UNASSIGNED, "destination unreachable", ICMP_ERROR_UNKNOWN_CODE },
	{ 6, 1, ANY_CODE, "destination unreachable", ICMP_ERROR_NONE },
	{ 6, 2, ANY_CODE, "packet too big", ICMP_ERROR_FRAGMENTATION_NEEDED },
	{ 6, 3, 0, "hop limit exceeded", ICMP_ERROR_TIME_EXCEEDED },
	{ 6, 3, ANY_CODE, "time exceeded", ICMP_ERROR_NONE },
	{ 6, 4, 1, "parameter problem", ICMP_ERROR_PROTOCOL_UNREACHABLE },
	{ 6, 4, ANY_CODE, "parameter problem", ICMP_ERROR_PARAMETER_PROBLEM },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const char *icmp_error_name(enum icmp_error error)
{
	return words_at(WORDS(names), (size_t)error);
}

enum icmp_error icmp_error_parse(const char *name)
{
	size_t number = words_find(WORDS(names), name);

	return number < ICMP_ERROR_COUNT ? (enum icmp_error)number : ICMP_ERROR_NONE;
}

bool icmp_error_codes(enum icmp_error error, uint8_t family, uint8_t *type, uint8_t *code)
{
	for (const struct icmp_row *row = rows; row < rows + ROWS && error != ICMP_ERROR_NONE; row++) {
		if (row->family != family || row->error != error)
			continue;
		*type = row->type;
		*code = (uint8_t)row->code;
		return true;
	}
	return false;
}

static const struct icmp_row *find(uint8_t family, uint8_t type, uint8_t code)
{
	for (const struct icmp_row *row = rows; row < rows + ROWS; row++)
		if (row->family == family && row->type == type && (row->code == ANY_CODE || row->code == code))
			return row;
	return NULL;
}

enum icmp_error icmp_error_of(uint8_t family, uint8_t type, uint8_t code)
{
	const struct icmp_row *row = find(family, type, code);

	return row ? row->error : ICMP_ERROR_NONE;
}

const char *icmp_error_text(uint8_t family, uint8_t type, uint8_t code)
{
	const struct icmp_row *row = find(family, type, code);

	return row ? row->text : NULL;
}
