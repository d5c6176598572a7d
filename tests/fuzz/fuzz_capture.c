/* fuzz_capture.c - libFuzzer: any bytes as a capture file, from the reader to the last encounter. Each encounter is told once,
 * in the order of the frames, and all that is read is counted. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/diagnose/diagnosis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

struct seen {
	uint64_t encounters, connections, last_frame;
};

static void take(void *context, const struct diagnosed *diagnosed)
{
	struct seen *seen = context;
	struct cell cell;
	char name[CELL_NAME_SIZE];

	check(diagnosed->encounter->frame >= seen->last_frame);
	check(diagnosed->judgement->certain == (diagnosed->judgement->missing == NULL));
	check(!diagnosed->encounter->answered || diagnosed->encounter->answer_frame > diagnosed->encounter->frame);
	if (encounter_cell(diagnosed->encounter, &cell))
		check(cell_parse(cell_name(&cell, name, sizeof(name)), &cell, NULL) == 0);
	seen->last_frame = diagnosed->encounter->frame;
	seen->encounters++;
}

static void take_connection(void *context, const struct tracked *connection)
{
	struct seen *seen = context;

	check(connection->segments > 0);
	seen->connections++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnosis_options options = { .connections = 4, .decides = BOOK_LINUX, .kernel = { .timestamps = true } };
	struct seen seen = { 0 };
	struct diagnosis_listener listener = { .encounter = take, .connection = take_connection, .context = &seen };
	struct diagnosis_counts counts;
	int descriptor = memfd_create("capture", 0);
	char path[64];

	check(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	diagnosis_run(path, &options, &listener, &counts, NULL);
	check(counts.encounters == seen.encounters && counts.tracker.connections == seen.connections);
	check(counts.frames >= counts.tracker.segments);
	close(descriptor);
	return 0;
}
