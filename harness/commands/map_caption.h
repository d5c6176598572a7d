/* map_caption.h - the words of a map: its title, and below it what was asked, of which kernel, when, and with which
 * command. */
#ifndef TWPROBE_HARNESS_COMMANDS_MAP_CAPTION_H
#define TWPROBE_HARNESS_COMMANDS_MAP_CAPTION_H

#include "harness/commands/options.h"
#include "harness/map/draw.h"
#include "harness/report/report.h"
#include "harness/run/record.h"
#include "harness/run/tally.h"

struct map_caption {
	const struct options *options;
	int argc;
	char **argv; /* argv[0] is "map" */
};

/* picture->map and picture->counts are there already. */
void map_caption_write(const struct map_caption *caption, struct picture *picture, const struct run_facts *facts,
		       const struct tally *tally);

#endif
