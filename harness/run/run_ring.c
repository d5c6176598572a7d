/* run_ring.c - the entries of the cells between the first that is not delivered and the last that has begun. */
#include <stdlib.h>
#include <string.h>

#include "harness/run/run_internal.h"

bool run_ring_open(struct run *run)
{
	run->ring = calloc(run->ring_size, sizeof(*run->ring));
	for (size_t i = 0; run->ring && i < run->ring_size; i++)
		run->ring[i] = &run->nobody;
	return run->ring;
}

static void entry_free(struct entry *entry)
{
	free(entry->trace);
	free(entry->best);
	free(entry);
}

void run_ring_close(struct run *run)
{
	for (size_t i = 0; run->ring && i < run->ring_size; i++)
		if (run->ring[i] != &run->nobody)
			entry_free(run->ring[i]);
	while (run->unused) {
		struct entry *entry = run->unused;

		run->unused = entry->next;
		entry_free(entry);
	}
	free(run->ring);
}

/* As new, but for the room of its trace. */
static struct entry *take_unused(struct run *run)
{
	struct entry *entry = run->unused;
	struct trace *trace = entry->trace;

	run->unused = entry->next;
	memset(entry, 0, sizeof(*entry));
	entry->trace = trace;
	return entry;
}

struct entry *run_ring_take(struct run *run, size_t number)
{
	struct entry *entry = run->unused ? take_unused(run) : calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	/* Most of it is never written to, and then takes no memory. */
	if (run->options->trace && !entry->trace)
		entry->trace = malloc(sizeof(*entry->trace));
	if (entry->trace)
		entry->trace->count = entry->trace->lost = 0;
	run->ring[number % run->ring_size] = entry;
	return entry;
}

void run_ring_give_back(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);

	run->ring[number % run->ring_size] = &run->nobody;
	free(entry->best);
	entry->best = NULL;
	entry->next = run->unused;
	run->unused = entry;
}
