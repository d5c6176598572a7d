/* diagnose_replay.h - asks the cells of a capture's encounters again, in the lab or at a target. */
#ifndef TWPROBE_HARNESS_COMMANDS_DIAGNOSE_REPLAY_H
#define TWPROBE_HARNESS_COMMANDS_DIAGNOSE_REPLAY_H

#include "harness/commands/options.h"
#include "harness/diagnose/replay.h"

/* Privileges are given up for it, and most system calls: everything else must be done, but for writing to what is open. Prints
 * one line where it cannot be done, and puts its exit code into `replay`. */
void diagnose_replay_ask(const struct options *options, struct replay *replay);

#endif
