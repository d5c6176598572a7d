/* batch.c - the variables of batch systems that say which task of an array this is. */
#include "harness/commands/batch.h"

#include <stdlib.h>

#include "crafter/scan.h"

/* A variable that is not there is NULL: then the first task is `first`, and how many there are is not known. */
static const struct system {
	const char *name, *task, *lowest, *count;
	unsigned first;
} systems[] = {
	{ "Kubernetes", "JOB_COMPLETION_INDEX", NULL, NULL, 0 },
	{ "Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT", 0 },
	{ "GNU parallel", "PARALLEL_SEQ", NULL, NULL, 1 },
};

static int number(const char *variable, unsigned *value, struct error *error)
{
	const char *text = getenv(variable), *at = text;
	uint64_t read;

	if (!text)
		return fail(error, "%s is not set", variable);
	if (!scan_number(&at, BATCH_PARTS_MOST, &read) || *at)
		return fail(error, "%s is '%.20s': expected a number up to %d", variable, text, BATCH_PARTS_MOST);
	*value = (unsigned)read;
	return 0;
}

static int from_system(const struct system *system, unsigned *part, unsigned *parts, struct error *error)
{
	unsigned task, lowest = system->first;

	if (number(system->task, &task, error) || (system->lowest && number(system->lowest, &lowest, error)))
		return -1;
	if (!*parts && !system->count)
		return fail(error, "%s does not tell how many tasks there are: expected auto/N", system->name);
	if (!*parts && number(system->count, parts, error))
		return -1;
	if (task < lowest || task - lowest >= *parts)
		return fail(error, "%s is %u, but the tasks are %u to %u", system->task, task, lowest, lowest + *parts - 1);
	*part = task - lowest + 1;
	return 0;
}

int batch_part(unsigned *part, unsigned *parts, struct error *error)
{
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (getenv(systems[i].task))
			return from_system(&systems[i], part, parts, error);
	return fail(error, "this is no task of an array: neither %s nor %s nor %s is set", systems[0].task, systems[1].task,
		    systems[2].task);
}
