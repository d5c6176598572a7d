/* leftovers.c - the kernel's count of sockets before a run and after it. */
#include "harness/commands/leftovers.h"

#include <unistd.h>

#include "crafter/units.h"

#define PATIENCE_NS NSEC_PER_SEC
#define PAUSE_NS (5 * NSEC_PER_MSEC)

/* A guest's memory is counted for each processor apart, up to so many pages (SK_MEMORY_PCPU_RESERVE, 1 MB). */
enum { PAGES_EACH = 256 };

int leftovers_begin(struct leftovers *leftovers, const char *folder, bool alone, struct error *error)
{
	long processors = sysconf(_SC_NPROCESSORS_CONF);

	*leftovers = (struct leftovers){ .alone = alone, .sockstat = sockstat_open(folder, error) };
	if (!leftovers->sockstat || sockstat_read(leftovers->sockstat, &leftovers->before, error) < 0)
		return -1;
	if (leftovers->before.mem >= 0)
		leftovers->before.mem += PAGES_EACH * (processors > 0 ? processors : 1);
	return 0;
}

static int count(const struct leftovers *leftovers, char text[static SOCKSTAT_TEXT_SIZE], struct error *error)
{
	struct sockstat_counts after;

	if (sockstat_read(leftovers->sockstat, &after, error) < 0)
		return -1;
	if (leftovers->spares_time_wait)
		after.tw = -1;
	sockstat_left(&leftovers->before, &after, leftovers->alone, text);
	return 0;
}

int leftovers_find(struct leftovers *leftovers, const struct transport *transport, char text[static SOCKSTAT_TEXT_SIZE],
		   struct error *error)
{
	uint64_t until_ns = transport->now(transport->self) + PATIENCE_NS;

	text[0] = '\0';
	if (!leftovers->sockstat)
		return 0;
	if (transport->listener && transport->listener(transport->self, LISTENER_KEPT, error) < 0)
		return -1;
	while (count(leftovers, text, error) == 0) {
		uint64_t now_ns = transport->now(transport->self);
		int stopped = 0;

		if (!text[0] || now_ns >= until_ns)
			return 0;
		stopped = transport->wait(transport->self, now_ns + PAUSE_NS, error);
		if (stopped < 0)
			return -1;
		if (stopped > 0) { /* whoever stops the wait does not get to know */
			text[0] = '\0';
			return 0;
		}
	}
	return -1;
}

void leftovers_end(struct leftovers *leftovers)
{
	sockstat_close(leftovers->sockstat);
	leftovers->sockstat = NULL;
}
