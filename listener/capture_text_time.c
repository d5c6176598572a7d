/* capture_text_time.c - tcpdump's times: of day, with or without date, since 1970, since the first packet or the one before. */
#include "listener/capture_text_internal.h"

#include <string.h>
#include <time.h>

#include "crafter/units.h"

#define DAY_NS (24 * 3600 * NSEC_PER_SEC)
#define HOUR_NS (3600 * NSEC_PER_SEC)

enum {
	STEPS_ENOUGH = 7, /* in order by chance: 1 of 5040 */
};

/* "." and three, six or nine digits. */
static bool take_fraction(const char **at, uint64_t *nanoseconds)
{
	const char *start = *at, *digits = start + 1;
	uint64_t value;
	size_t count;

	if (*start != '.' && *start != ',')
		return false;
	count = strspn(digits, "0123456789");
	if ((count != 3 && count != 6 && count != 9) || !scan_number(&digits, UINT64_MAX, &value))
		return false;
	for (; count < 9; count++)
		value *= 10;
	*nanoseconds = value;
	*at = digits;
	return true;
}

static bool take_part(const char **at, size_t digits, uint64_t most, uint64_t *value)
{
	size_t count = strspn(*at, "0123456789");

	return count > 0 && count <= digits && scan_number(at, most, value);
}

static bool take_clock(const char **at, uint64_t *ns)
{
	uint64_t hours, minutes, seconds, fraction;
	const char *next = *at;

	if (!take_part(&next, 2, 23, &hours) || !scan_word(&next, ":") || !take_part(&next, 2, 59, &minutes) ||
	    !scan_word(&next, ":") || !take_part(&next, 2, 60, &seconds) || !take_fraction(&next, &fraction))
		return false;
	*ns = (hours * 3600 + minutes * 60 + seconds) * NSEC_PER_SEC + fraction;
	*at = next;
	return true;
}

/* Local time, of a zone that the text does not name. */
static bool take_date(const char **at, uint64_t *ns)
{
	uint64_t year, month, day;
	const char *next = *at;
	struct tm date;

	if (!take_part(&next, 4, 9999, &year) || !scan_word(&next, "-") || !take_part(&next, 2, 12, &month) ||
	    !scan_word(&next, "-") || !take_part(&next, 2, 31, &day) || (*next != ' ' && *next != 'T') || year < 1970)
		return false;
	next++;
	if (!take_clock(&next, ns) || month == 0 || day == 0)
		return false;
	date = (struct tm){ .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day };
	*ns += (uint64_t)timegm(&date) * NSEC_PER_SEC;
	*at = next;
	return true;
}

static bool take_epoch(const char **at, uint64_t *ns)
{
	uint64_t seconds, fraction;
	const char *next = *at;

	if (!take_part(&next, 10, UINT32_MAX, &seconds) || !take_fraction(&next, &fraction) ||
	    (*next && *next != ' ' && *next != ']'))
		return false;
	*ns = seconds * NSEC_PER_SEC + fraction;
	*at = next;
	return true;
}

/* `grep -n` puts "12:" before the line. */
static bool take_numbered_clock(const char **at, uint64_t *ns)
{
	const char *next = *at;
	uint64_t number;

	if (!scan_number(&next, UINT64_MAX, &number) || !scan_word(&next, ":") || !take_clock(&next, ns))
		return false;
	*at = next;
	return true;
}

bool capture_text_stamp(const char **at, struct text_packet *packet)
{
	const char *next = *at;

	packet->before = scan_word(&next, "-");
	if (take_clock(&next, &packet->stamp_ns) || take_numbered_clock(&next, &packet->stamp_ns)) {
		packet->stamp = TEXT_STAMP_CLOCK;
	} else if (take_date(&next, &packet->stamp_ns)) {
		packet->stamp = TEXT_STAMP_DATE;
	} else if (take_epoch(&next, &packet->stamp_ns)) {
		packet->stamp = TEXT_STAMP_EPOCH;
	} else {
		packet->before = false;
		return false;
	}
	if (*next == 'Z')
		next++;
	*at = next + (*next == ']');
	return true;
}

/* Differences are as often smaller than the one before as larger. Times of day go back where packets were captured out of
 * order, which is rare, and at midnight. */
void capture_text_clock(struct text_times *times, const struct text_packet *packets, size_t count)
{
	const struct text_packet *first = NULL, *last = NULL;
	size_t steps = 0, back = 0, short_ones = 0;

	for (size_t i = 0; i < count; i++) {
		const struct text_packet *packet = &packets[i];

		if (packet->stamp != TEXT_STAMP_CLOCK)
			continue;
		first = first ? first : packet;
		short_ones += packet->stamp_ns < HOUR_NS;
		if (last) {
			steps++;
			back += packet->stamp_ns < last->stamp_ns || packet->before;
		}
		last = packet;
	}
	*times = (struct text_times){ .clock = TEXT_CLOCK_DAY };
	if (first && first->stamp_ns == 0) /* which is no time to those who follow */
		times->last_ns = times->day_ns = 1;
	if (first && back && 4 * back >= steps && short_ones == steps + 1)
		times->clock = TEXT_CLOCK_BETWEEN;
	else if (first && first->stamp_ns == 0 && (back || steps < STEPS_ENOUGH) && steps > 0)
		times->clock = TEXT_CLOCK_UNKNOWN;
}

bool capture_text_time(struct text_times *times, const struct text_packet *packet, uint64_t *time_ns)
{
	uint64_t now_ns = packet->stamp_ns;

	*time_ns = times->last_ns;
	if (packet->stamp == TEXT_STAMP_NONE)
		return false;
	if (packet->stamp == TEXT_STAMP_CLOCK && times->clock == TEXT_CLOCK_BETWEEN)
		now_ns = packet->before ? times->last_ns - (now_ns < times->last_ns ? now_ns : times->last_ns) :
			 times->last_ns + now_ns;
	else if (packet->stamp == TEXT_STAMP_CLOCK && packet->before)
		now_ns = times->last_ns;
	else if (packet->stamp == TEXT_STAMP_CLOCK) {
		if (now_ns + times->day_ns + 12 * HOUR_NS < times->last_ns) /* midnight */
			times->day_ns += DAY_NS;
		now_ns += times->day_ns;
	}
	times->last_ns = *time_ns = now_ns;
	return times->clock != TEXT_CLOCK_UNKNOWN || packet->stamp != TEXT_STAMP_CLOCK;
}
