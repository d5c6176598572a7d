/* report_replay_internal.h - what the formats of a replay share. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_REPLAY_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_REPORT_REPLAY_INTERNAL_H

#include "harness/report/report_replay.h"

void report_replay_json(const struct report_replay_facts *facts, const struct replay *replay);

#endif
