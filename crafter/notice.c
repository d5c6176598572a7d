/* notice.c - names and words for what was heard and is not an answer. */
#include "crafter/notice.h"

#include <stdio.h>

#include "crafter/icmp_error.h"
#include "crafter/segment_text.h"

static const char *const names[NOTICE_KIND_COUNT] = {
	[NOTICE_ICMP] = "icmp",
	[NOTICE_MALFORMED] = "malformed",
	[NOTICE_CHECKSUM] = "checksum",
	[NOTICE_FRAGMENT] = "fragment",
	[NOTICE_LATE] = "late",
	[NOTICE_STRAY] = "stray",
};

const char *notice_name(enum notice_kind kind)
{
	return (unsigned)kind < NOTICE_KIND_COUNT ? names[kind] : NULL;
}

bool notice_same_sort(const struct notice *a, const struct notice *b)
{
	return a->kind == b->kind && a->why == b->why && a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
	       address_equal(&a->from, &b->from);
}

static void icmp_text(const struct notice *notice, const char *from, char *buffer, size_t size)
{
	const char *name = icmp_error_text(notice->from.family, notice->icmp_type, notice->icmp_code);

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
