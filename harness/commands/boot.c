/* boot.c - waits until the kernel's clock of seconds has begun to count. */
#include "harness/commands/boot.h"

#include <time.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/message.h"
#include "harness/engine/guest.h"

uint64_t boot_wait_ns(uint64_t up_ns)
{
	const uint64_t least_ns = 2 * NSEC_PER_SEC;

	return up_ns < least_ns ? least_ns - up_ns : 0;
}

void boot_wait(bool quiet)
{
	uint64_t wait_ns = boot_wait_ns(clock_now());
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / NSEC_PER_SEC), .tv_nsec = (long)(wait_ns % NSEC_PER_SEC) };

	if (!wait_ns)
		return;
	if (!quiet && !guest_engine()) /* a guest always has */
		message_note("this kernel has just booted, and its TIME_WAIT forgets timestamps in the first second: "
			     "waiting %.1f s", (double)wait_ns / 1e9);
	nanosleep(&wait, NULL);
}
