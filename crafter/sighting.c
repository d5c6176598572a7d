/* sighting.c - the times of a timer, seen twice. */
#include "crafter/sighting.h"

#include "crafter/units.h"
#include "crafter/words.h"

/* The kernel counts in jiffies of up to 10 ms, rounds at both ends, and may be a few of them late. */
enum { SLACK_MS = 50 };

bool sighting_has_queues(const struct sighting *sighting)
{
	switch (sighting->state) {
	case STATE_UNKNOWN:
	case STATE_CLOSED:
	case STATE_LISTEN:
	case STATE_TIME_WAIT:
		return false;
	case STATE_SYN_RECV: /* a request, but for SYNs that crossed */
		return sighting->inode != 0;
	default:
		return sighting->timer != SIGHTING_TIME_WAIT;
	}
}

const char *sighting_timer_name(unsigned timer)
{
	static const char *const names[SIGHTING_TIMER_COUNT] = {
		"none", "retransmission", "keepalive", "time-wait", "probe", "delayed-ack",
	};
	const char *name = words_at(WORDS(names), timer);

	return name ? name : "unknown";
}

static uint32_t ms_or_zero(int64_t ms)
{
	return ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static struct sighting_span span(uint32_t full_ms, uint64_t gone_least_ns, uint64_t gone_most_ns)
{
	return (struct sighting_span){
		ms_or_zero((int64_t)full_ms - (int64_t)(gone_most_ns / NSEC_PER_MSEC) - SLACK_MS),
		ms_or_zero((int64_t)full_ms - (int64_t)(gone_least_ns / NSEC_PER_MSEC) + SLACK_MS),
	};
}

struct sighting_span sighting_untouched(const struct sighting *before, const struct sighting *after)
{
	uint64_t seen_ns = before->time_ns + before->took_ns;

	return span(before->expires_ms, after->time_ns > seen_ns ? after->time_ns - seen_ns : 0,
		    after->time_ns + after->took_ns - before->time_ns);
}

struct sighting_span sighting_set(uint32_t full_ms, uint64_t since_ns, const struct sighting *after)
{
	uint64_t until_ns = after->time_ns + after->took_ns;

	return span(full_ms, 0, until_ns > since_ns ? until_ns - since_ns : 0);
}

/* That a restart did not happen is only seen where it would have been: the full time of TIME_WAIT is the same in every kernel,
 * and it has run for a while. */
enum sighting_restart sighting_restart(const struct sighting *before, uint64_t since_ns, const struct sighting *after)
{
	struct sighting_span kept, set;

	if (!before->time_ns || !after->time_ns || before->timer == SIGHTING_NO_TIMER || before->timer != after->timer)
		return SIGHTING_RESTART_UNKNOWN;
	kept = sighting_untouched(before, after);
	if (after->expires_ms > kept.most_ms)
		return SIGHTING_RESTARTED;
	if (before->state != STATE_TIME_WAIT || after->state != STATE_TIME_WAIT || after->expires_ms < kept.least_ms)
		return SIGHTING_RESTART_UNKNOWN;
	set = sighting_set(SIGHTING_TIME_WAIT_MS, since_ns, after);
	return set.least_ms > kept.most_ms ? SIGHTING_WENT_ON : SIGHTING_RESTART_UNKNOWN;
}
