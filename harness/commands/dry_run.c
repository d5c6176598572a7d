/* dry_run.c - names, and segments whose numbers are words. */
#include "harness/commands/dry_run.h"

#include <inttypes.h>
#include <stdio.h>

#include "crafter/icmp_error.h"
#include "crafter/segment_text.h"
#include "harness/commands/shard.h"
#include "harness/report/text.h"
#include "harness/run/exit_code.h"

enum { WORDS_SIZE = 200, COLUMN = 44 };

/* "S rcv_nxt-1000 <TS val ts_recent+1000>" */
static const char *stimulus_text(const struct cell *cell, char *buffer, size_t size)
{
	/* Far from each other, so that each number is written from its own. */
	const struct baseline baseline = {
		.rcv_nxt = 1000000000, .snd_nxt = 2000000000, .ts_recent = 3000000000, .rcv_wnd = 65536, .ts_echo = 4000000000,
		.timestamps = cell->connection_timestamps, .syn_sent = cell->state == STATE_SYN_SENT,
	};
	const struct segment_bases bases = {
		{ "rcv_nxt", baseline.rcv_nxt }, { "snd_nxt", baseline.snd_nxt }, { "ts_recent", baseline.ts_recent },
		{ "ts_echo", baseline.ts_echo },
	};
	const struct tuple tuple = { .source = { .port = 1 }, .target = { .port = 2 } };
	enum icmp_error icmp = stimulus_kind_icmp(cell->stimulus.kind);
	struct segment segment;

	stimulus_segment(&cell->stimulus, &baseline, &tuple, &segment);
	segment.payload = NULL;
	if (icmp != ICMP_ERROR_NONE)
		snprintf(buffer, size, "%s", icmp_error_name(icmp));
	else
		segment_text_print(&segment, &bases, SEGMENT_TEXT_WINDOW | SEGMENT_TEXT_URGENT | SEGMENT_TEXT_BRIEF,
				   buffer, size);
	return buffer;
}

int dry_run_cells(const struct options *options, const struct matrix *matrix)
{
	char name[CELL_NAME_SIZE], words[WORDS_SIZE];
	size_t first, count = shard_of_matrix(options, matrix, &first);
	struct cell cell;

	for (size_t i = first; i < first + count; i++) {
		matrix_cell(matrix, i % matrix_count(matrix), &cell);
		printf("%-*s  %s\n", COLUMN, cell_name(&cell, name, sizeof(name)), stimulus_text(&cell, words, sizeof(words)));
	}
	return EXIT_AGREES;
}

int dry_run_scenario(const struct scenario *scenario)
{
	char words[WORDS_SIZE];

	printf("%s\n", scenario->name);
	for (size_t i = 0; i < scenario->part_count; i++) {
		const struct part *part = &scenario->parts[i];

		for (size_t j = 0; j < part->step_count; j++)
			printf("  %zu.%zu  %s\n", i + 1, j + 1, scenario_step_format(&part->steps[j], words, sizeof(words)));
	}
	return EXIT_AGREES;
}
