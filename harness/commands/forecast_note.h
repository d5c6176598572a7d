/* forecast_note.h - tells the user how long a run against a target takes. */
#ifndef TWPROBE_HARNESS_COMMANDS_FORECAST_NOTE_H
#define TWPROBE_HARNESS_COMMANDS_FORECAST_NOTE_H

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"
#include "harness/run/tally.h"

/* Of a run that has begun, and knows how far away the target is. Nothing where it takes less than ten seconds. */
void forecast_note_run(const struct tally *tally);
/* Of one that would be: for a target that is near, and one that is far. Nothing where there is none. */
void forecast_note_dry(const struct options *options, const struct matrix *matrix);

#endif
