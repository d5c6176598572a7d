/* capture_text_names.c - hosts and ports as a text writes them: numbers, or the names that tcpdump found for them. */
#include "listener/capture_text_internal.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"

enum {
	NAMES_MOST = 65536,
	DOCUMENTATION = 254,     /* hosts in each block of RFC 5737 */
	BENCHMARK = 0xc6120000,  /* 198.18.0.0/15, RFC 2544 */
	NAMES_NEW = 64,
};

static const uint32_t blocks[] = { 0xcb007100, 0xc6336400, 0xc0000200 }; /* 203.0.113.0, 198.51.100.0, 192.0.2.0 */

enum { IN_BLOCKS = DOCUMENTATION * (sizeof(blocks) / sizeof(blocks[0])) };

struct name {
	char *text;
	struct address address;
};

/* In the order in which they came; `places` finds them by text. */
struct text_names {
	struct name *list;
	uint32_t *places; /* an index of the list and 1; 0: free */
	size_t count, room, mask;
	size_t next[2];   /* which address is given next, in IPv4 and IPv6 */
	bool taken[IN_BLOCKS]; /* that the text has as a number */
};

/* Ports whose names people see most. Not every machine has /etc/services. */
static const struct {
	const char *name;
	uint16_t port;
} services[] = {
	{ "http", 80 }, { "https", 443 }, { "http-alt", 8080 }, { "webcache", 8080 }, { "www", 80 }, { "www-http", 80 },
	{ "ssh", 22 }, { "domain", 53 }, { "smtp", 25 }, { "submission", 587 }, { "submissions", 465 }, { "smtps", 465 },
	{ "ftp", 21 }, { "ftp-data", 20 }, { "telnet", 23 }, { "pop3", 110 }, { "pop3s", 995 }, { "imap2", 143 },
	{ "imap", 143 }, { "imaps", 993 }, { "ldap", 389 }, { "ldaps", 636 }, { "mysql", 3306 }, { "postgresql", 5432 },
	{ "postgres", 5432 }, { "redis", 6379 }, { "amqp", 5672 }, { "amqps", 5671 }, { "mqtt", 1883 }, { "bgp", 179 },
	{ "rsync", 873 }, { "nfs", 2049 }, { "sunrpc", 111 }, { "microsoft-ds", 445 }, { "netbios-ssn", 139 },
	{ "ms-wbt-server", 3389 }, { "ms-sql-s", 1433 }, { "https-alt", 8443 }, { "pcsync-https", 8443 }, { "us-cli", 8082 },
	{ "cslistener", 9000 }, { "etlservicemgr", 9001 }, { "irdmi", 8000 }, { "ddi-tcp-1", 8888 }, { "kerberos", 88 },
	{ "sip", 5060 }, { "x11", 6000 }, { "git", 9418 }, { "memcache", 11211 }, { "xmpp-client", 5222 }, { "socks", 1080 },
	{ "openvpn", 1194 }, { "oracle", 1521 }, { "ncube-lm", 1521 }, { "zabbix-agent", 10050 }, { "epmd", 4369 },
	{ "discard", 9 }, { "echo", 7 }, { "commplex-main", 5000 },
};

struct text_names *capture_text_names_open(void)
{
	return calloc(1, sizeof(struct text_names));
}

static uint32_t hash_of(struct text_span span)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < span.size; i++)
		hash = (hash ^ (uint8_t)span.at[i]) * 16777619u;
	return hash;
}

static size_t place_of(const struct text_names *names, struct text_span span)
{
	size_t place = hash_of(span) & names->mask;

	while (names->places[place]) {
		const char *text = names->list[names->places[place] - 1].text;

		if (strlen(text) == span.size && memcmp(text, span.at, span.size) == 0)
			break;
		place = (place + 1) & names->mask;
	}
	return place;
}

static int grow(struct text_names *names)
{
	size_t room = names->room ? 2 * names->room : NAMES_NEW;
	struct name *list = realloc(names->list, room * sizeof(*list));
	uint32_t *places = list ? calloc(2 * room, sizeof(*places)) : NULL;

	if (list)
		names->list = list;
	if (!places)
		return -1;
	free(names->places);
	names->places = places;
	names->room = room;
	names->mask = 2 * room - 1;
	for (size_t i = 0; i < names->count; i++) {
		struct text_span span = { names->list[i].text, strlen(names->list[i].text) };

		places[place_of(names, span)] = (uint32_t)i + 1;
	}
	return 0;
}

static uint32_t address_number(size_t number)
{
	if (number < IN_BLOCKS)
		return blocks[number / DOCUMENTATION] + 1 + (uint32_t)(number % DOCUMENTATION);
	return (uint32_t)BENCHMARK + (uint32_t)(number - IN_BLOCKS);
}

/* Which of the addresses for names it is; IN_BLOCKS: none. */
static size_t number_of(const struct address *address)
{
	uint32_t value = bytes_load32(address->bytes);

	for (size_t i = 0; address->family == 4 && i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (value - blocks[i] - 1 < DOCUMENTATION)
			return i * DOCUMENTATION + (value - blocks[i] - 1);
	return IN_BLOCKS;
}

/* 2001:db8:ffff::N (RFC 3849) in IPv6. */
static struct address give_address(struct text_names *names, uint8_t family)
{
	struct address address = { .family = family };

	if (family == 6) {
		static const uint8_t prefix[6] = { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff };

		memcpy(address.bytes, prefix, sizeof(prefix));
		bytes_store32(address.bytes + 12, (uint32_t)++names->next[1]);
		return address;
	}
	while (names->next[0] < IN_BLOCKS && names->taken[names->next[0]])
		names->next[0]++;
	bytes_store32(address.bytes, address_number(names->next[0]++));
	return address;
}

/* Where a number in the text is an address that a name was given before, the number is a name, too. */
static bool is_given(const struct text_names *names, const struct address *address)
{
	for (size_t i = 0; i < names->count; i++)
		if (address_equal(&names->list[i].address, address))
			return true;
	return false;
}

static bool is_number(struct text_names *names, struct text_span span, struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t number;

	if (span.size >= sizeof(text) || memchr(span.at, '%', span.size))
		return false;
	memcpy(text, span.at, span.size);
	text[span.size] = '\0';
	if (address_parse(text, address, NULL) < 0)
		return false;
	number = number_of(address);
	if (number == IN_BLOCKS)
		return true;
	if (!names->taken[number] && is_given(names, address))
		return false;
	names->taken[number] = true;
	return true;
}

static bool is_name(struct text_span span)
{
	for (size_t i = 0; i < span.size; i++) {
		char letter = span.at[i];

		bool digit = letter >= '0' && letter <= '9', capital = letter >= 'A' && letter <= 'Z';

		if (!digit && !capital && !(letter >= 'a' && letter <= 'z') && !strchr(".-_:%", letter))
			return false;
	}
	return span.size > 0 && span.size < TEXT_NAME_MAX;
}

int capture_text_host(struct text_names *names, struct text_span span, uint8_t family, struct address *address,
		      bool *named)
{
	size_t place;

	if (is_number(names, span, address))
		return 0;
	if (!is_name(span) || (names->count == names->room && grow(names) < 0))
		return -1;
	place = place_of(names, span);
	if (!names->places[place]) {
		char *text = names->count < NAMES_MOST ? strndup(span.at, span.size) : NULL;

		if (!text)
			return -1;
		names->list[names->count] = (struct name){ text, give_address(names, family) };
		names->places[place] = (uint32_t)++names->count;
	}
	*address = names->list[names->places[place] - 1].address;
	*named = true;
	return 0;
}

bool capture_text_port(struct text_span span, uint16_t *port)
{
	const struct servent *found;
	char name[TEXT_NAME_MAX];
	const char *at = name;
	uint64_t number;

	if (!is_name(span))
		return false;
	memcpy(name, span.at, span.size);
	name[span.size] = '\0';
	if (scan_number(&at, UINT16_MAX, &number) && !*at) {
		*port = (uint16_t)number;
		return true;
	}
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i].name, name) == 0) {
			*port = services[i].port;
			return true;
		}
	found = getservbyname(name, "tcp");
	if (found)
		*port = ntohs((uint16_t)found->s_port);
	return found != NULL;
}

const char *capture_text_names_at(const struct text_names *names, size_t number, struct address *address)
{
	if (number >= names->count)
		return NULL;
	*address = names->list[number].address;
	return names->list[number].text;
}

void capture_text_names_close(struct text_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i].text);
	free(names->list);
	free(names->places);
	free(names);
}
