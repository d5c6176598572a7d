/* notice.c - names and words for what was heard and is not an answer. */
#include "crafter/notice.h"

#include <stdio.h>

#include "crafter/segment_text.h"

static const char *const names[NOTICE_KIND_COUNT] = {
	[NOTICE_ICMP] = "icmp",
	[NOTICE_MALFORMED] = "malformed",
	[NOTICE_CHECKSUM] = "checksum",
	[NOTICE_FRAGMENT] = "fragment",
	[NOTICE_LATE] = "late",
	[NOTICE_STRAY] = "stray",
};

enum { ANY_CODE = 256 };

struct icmp_word {
	uint8_t family, type;
	uint16_t code; /* ANY_CODE: those not named before */
	const char *name;
};

static const struct icmp_word icmp_words[] = {
	{ 4, 3, 0, "network unreachable" },
	{ 4, 3, 1, "host unreachable" },
	{ 4, 3, 2, "protocol unreachable" },
	{ 4, 3, 3, "port unreachable" },
	{ 4, 3, 4, "fragmentation needed" },
	{ 4, 3, 5, "source route failed" },
	{ 4, 3, 9, "network administratively prohibited" },
	{ 4, 3, 10, "host administratively prohibited" },
	{ 4, 3, 13, "communication administratively prohibited" },
	{ 4, 3, ANY_CODE, "destination unreachable" },
	{ 4, 4, ANY_CODE, "source quench" },
	{ 4, 5, ANY_CODE, "redirect" },
	{ 4, 11, 0, "time to live exceeded" },
	{ 4, 11, ANY_CODE, "time exceeded" },
	{ 4, 12, ANY_CODE, "parameter problem" },
	{ 6, 1, 0, "no route to destination" },
	{ 6, 1, 1, "communication administratively prohibited" },
	{ 6, 1, 3, "address unreachable" },
	{ 6, 1, 4, "port unreachable" },
	{ 6, 1, 5, "source address failed policy" },
	{ 6, 1, 6, "reject route to destination" },
	{ 6, 1, ANY_CODE, "destination unreachable" },
	{ 6, 2, ANY_CODE, "packet too big" },
	{ 6, 3, 0, "hop limit exceeded" },
	{ 6, 3, ANY_CODE, "time exceeded" },
	{ 6, 4, ANY_CODE, "parameter problem" },
};

const char *notice_name(enum notice_kind kind)
{
	return (unsigned)kind < NOTICE_KIND_COUNT ? names[kind] : NULL;
}

/* "port unreachable"; NULL: no name. `family` is 4 or 6. */
static const char *icmp_name(uint8_t family, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < sizeof(icmp_words) / sizeof(icmp_words[0]); i++) {
		const struct icmp_word *word = &icmp_words[i];

		if (word->family == family && word->type == type && (word->code == ANY_CODE || word->code == code))
			return word->name;
	}
	return NULL;
}

bool notice_same_sort(const struct notice *a, const struct notice *b)
{
	return a->kind == b->kind && a->why == b->why && a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
	       address_equal(&a->from, &b->from);
}

static void icmp_text(const struct notice *notice, const char *from, char *buffer, size_t size)
{
	const char *name = icmp_name(notice->from.family, notice->icmp_type, notice->icmp_code);

	snprintf(buffer, size, "%s %s (type %u, code %u) from %s", notice->from.family == 6 ? "ICMPv6" : "ICMP",
		 name ? name : "error", (unsigned)notice->icmp_type, (unsigned)notice->icmp_code, from);
}

const char *notice_text(const struct notice *notice, char *buffer, size_t size)
{
	char from[ADDRESS_TEXT_SIZE], flags[FLAGS_TEXT_SIZE];
	const char *why = notice->why ? notice->why : "";

	address_format(&notice->from, from, sizeof(from));
	segment_text_flags(notice->segment.flags, flags);
	switch (notice->kind) {
	case NOTICE_ICMP:
		icmp_text(notice, from, buffer, size);
		break;
	case NOTICE_LATE:
		snprintf(buffer, size, "a segment (flags %s) %.1f ms after what it may answer, after the wait had ended",
			 flags, (double)notice->after_ns / 1e6);
		break;
	case NOTICE_STRAY:
		snprintf(buffer, size, "a segment (flags %s) that cannot be the answer: %s", flags, why);
		break;
	default:
		snprintf(buffer, size, "a frame from %s that no host accepts: %s", from, why);
		break;
	}
	return buffer;
}
