/* diagnosed.h - what holds for every diagnosis, whatever it is made of: each encounter is told once, in the order of the
 * frames, and all that is read is counted. */
#ifndef TWPROBE_TESTS_FUZZ_DIAGNOSED_H
#define TWPROBE_TESTS_FUZZ_DIAGNOSED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/diagnose/diagnosis.h"

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

/* The bytes as a file; with `text` as one that tcpdump printed. */
static void diagnosed_file(const uint8_t *data, size_t size, bool text, const char *filter)
{
	struct diagnosis_options options = {
		.connections = 4, .decides = BOOK_LINUX, .kernel = { .timestamps = true }, .filter = filter,
	};
	struct seen seen = { 0 };
	struct diagnosis_listener listener = { .encounter = take, .connection = take_connection, .context = &seen };
	struct diagnosis_counts counts;
	int descriptor = memfd_create("capture", 0);
	struct error error = { "" };
	char path[64];

	check(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	if ((text ? diagnosis_run_text(path, &options, &listener, NULL, &counts, &error) :
	     diagnosis_run(path, &options, &listener, &counts, &error)) < 0)
		check(error.text[0] != '\0');
	check(counts.encounters == seen.encounters && counts.tracker.connections == seen.connections);
	check(counts.frames >= counts.tracker.segments);
	check(!counts.unread || counts.uncertain == counts.encounters || !text);
	close(descriptor);
}

#endif
