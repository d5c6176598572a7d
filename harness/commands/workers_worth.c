/* workers_worth.c - how many workers a run is worth. */
#include "harness/commands/workers.h"

#include <sched.h>

/* Below that starting a lab costs more than it brings; a guest's cells take thirty times as long, its start ten times. */
enum { CELLS_EACH = 1500, GUESTS_CELLS_EACH = 400 };

size_t workers_processors(void)
{
	cpu_set_t usable;
	size_t processors = sched_getaffinity(0, sizeof(usable), &usable) == 0 ? (size_t)CPU_COUNT(&usable) : 1;

	return processors > WORKERS_MAX ? WORKERS_MAX : processors;
}

size_t workers_worth(size_t cells, bool guests)
{
	size_t each = guests ? GUESTS_CELLS_EACH : CELLS_EACH, processors = workers_processors();

	return cells / each < processors ? (cells < each ? 1 : cells / each) : processors;
}
