/* diagnosed.h - what holds for every diagnosis, whatever it is made of: each encounter is told once, in the order of the
 * frames, and all that is read is counted. */
#ifndef TWPROBE_TESTS_FUZZ_DIAGNOSED_H
#define TWPROBE_TESTS_FUZZ_DIAGNOSED_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/diagnose/diagnosis.h"
#include "listener/held_frames.h"

static void check(int condition)
{
	if (!condition)
		abort();
}

struct seen {
	struct held_frames *held; /* on their way to nowhere */
	uint64_t frames, encounters, connections, last_frame;
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
	/* So few frames all wait for it, those of a text apart, which are none. */
	check(held_frames_comment(seen->held, diagnosed->encounter->frame, "met") || !seen->frames);
	seen->last_frame = diagnosed->encounter->frame;
	seen->encounters++;
}

static void take_frame(void *context, const struct capture_frame *frame, uint64_t settled)
{
	struct seen *seen = context;
	struct error error;
	const char *text;
	size_t at = 0, size;

	while (capture_frame_comment(frame, &at, &text, &size))
		check((const uint8_t *)text + size <= frame->options + frame->options_size);
	check(held_frames_take(seen->held, frame, settled, &error) == 0 || frame->link_type < 0 || frame->link_type > 65535);
	seen->frames++;
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
		.connections = 4, .awake = 1, .decides = BOOK_LINUX, .kernel = { .timestamps = true }, .filter = filter,
	};
	struct seen seen = { 0 };
	struct diagnosis_listener listener = {
		.encounter = take, .connection = take_connection, .frame = take_frame, .context = &seen,
	};
	struct capture_write *writer;
	struct diagnosis_counts counts;
	int descriptor = memfd_create("capture", 0), written = open("/dev/null", O_WRONLY);
	struct error error = { "" };
	char path[64];

	check(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	writer = capture_write_open(&(struct capture_write_options){
		.descriptor = written, .name = "x", .application = "x", .system = "x" }, &error);
	seen.held = held_frames_open(writer, 1 << 20);
	check(writer && seen.held);
	if ((text ? diagnosis_run_text(path, &options, &listener, NULL, &counts, &error) :
	     diagnosis_run(path, &options, &listener, &counts, &error)) < 0)
		check(error.text[0] != '\0');
	check(counts.encounters == seen.encounters && counts.tracker.connections == seen.connections);
	check(counts.frames >= counts.tracker.segments);
	check(!counts.unread || counts.uncertain == counts.encounters || !text);
	held_frames_close(seen.held);
	capture_write_close(writer);
	close(written);
	close(descriptor);
}

#endif
