/* scenario_stages.h - where scenarios are played: one session for each path that their parts name, all open at the same time.
 *
 * With a target, or a path of the user's (--path), there is one, and every part is played there. */
#ifndef TWPROBE_HARNESS_COMMANDS_SCENARIO_STAGES_H
#define TWPROBE_HARNESS_COMMANDS_SCENARIO_STAGES_H

#include "cases/scenario/scenario.h"
#include "harness/commands/session.h"
#include "harness/play/play.h"

struct scenario_stage {
	struct options options;
	struct session session;
	struct play_setup setup;
	struct error refused; /* why it is not there: ""; else its parts are left out */
	bool opened;          /* session_close is due */
};

struct scenario_stages {
	struct scenario_stage *list;
	size_t count;
};

/* Whether these options leave a scenario its own paths. */
bool scenario_stages_are_own(const struct options *options);
/* EXIT_AGREES; else the exit code, after a message. A path that cannot be had here is no error. In either case
 * scenario_stages_close. */
int scenario_stages_open(struct scenario_stages *stages, const struct options *options, struct scenario *const *scenarios,
			 size_t count, play_progress *progress, void *context);
/* Where the parts without a path are played; of a scenario with none, its first. */
const struct session *scenario_stages_session(const struct scenario_stages *stages);
/* -1 once a lab's process has ended. */
int scenario_stages_check(const struct scenario_stages *stages, struct error *error);
int scenario_stages_finish(const struct scenario_stages *stages, struct error *error);
void scenario_stages_close(struct scenario_stages *stages);

#endif
