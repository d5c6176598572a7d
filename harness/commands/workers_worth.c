/* workers_worth.c - how many workers a run is worth. */
#include "harness/commands/workers.h"

#include <sched.h>

enum { CELLS_EACH = 1500 }; /* below that starting a lab costs more than it brings */

size_t workers_worth(size_t cells)
{
	cpu_set_t usable;
	size_t processors = sched_getaffinity(0, sizeof(usable), &usable) == 0 ? (size_t)CPU_COUNT(&usable) : 1;

	if (processors > WORKERS_MAX)
		processors = WORKERS_MAX;
	return cells / CELLS_EACH < processors ? (cells < CELLS_EACH ? 1 : cells / CELLS_EACH) : processors;
}
