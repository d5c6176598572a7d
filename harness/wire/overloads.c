/* overloads.c - which moves of the counters are overloads. */
#include "harness/wire/overloads.h"

#include <string.h>

void overloads_begin(struct overloads *overloads, const struct kernel *kernel)
{
	memset(overloads, 0, sizeof(*overloads));
	limits_of(&(struct conditions){ 0 }, kernel, &overloads->limits);
}

/* An ICMP error that drops a half-open connection counts in ListenDrops, too (tcp_req_err()). */
void overloads_count(struct overloads *overloads, const struct counters *counters, uint64_t icmp_sent)
{
	uint64_t dropped_by_icmp = icmp_sent - overloads->excused;

	for (enum overload i = 0; i < OVERLOAD_COUNT; i++) {
		int64_t value = counters_get(counters, limits_counter(i));
		uint64_t moved = (uint64_t)(value - overloads->full[i]);

		if (i == OVERLOAD_LISTEN_DROPS && moved)
			moved -= dropped_by_icmp < moved ? dropped_by_icmp : moved;
		if (overloads->limits.counts[i])
			overloads->total += moved;
		overloads->full[i] = value;
	}
	overloads->excused = icmp_sent;
}

void overloads_change(struct overloads *overloads, const struct conditions *conditions, const struct kernel *kernel)
{
	limits_of(conditions, kernel, &overloads->limits);
}

bool overloads_fills(enum listener listening)
{
	return listening == LISTENER_ACCEPT_FULL || listening == LISTENER_SYN_FULL;
}

void overloads_listen(struct overloads *overloads, enum listener listening)
{
	if (overloads_fills(overloads->listening))
		overloads->limits = overloads->before;
	overloads->before = overloads->limits;
	overloads->listening = listening;
	if (!overloads_fills(listening))
		return;
	overloads->limits.counts[OVERLOAD_LISTEN_OVERFLOWS] = overloads->limits.counts[OVERLOAD_LISTEN_DROPS] = false;
	overloads->limits.counts[OVERLOAD_COOKIES] = false;
}
