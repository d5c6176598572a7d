/* scenario_troupe.h - scenarios that name their paths, each in a process of its own: what one of them opens is gone when it
 * ends, and privileges are needed for each. */
#ifndef TWPROBE_HARNESS_COMMANDS_SCENARIO_TROUPE_H
#define TWPROBE_HARNESS_COMMANDS_SCENARIO_TROUPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cases/books/verdict.h"
#include "crafter/fail.h"

/* How one of them went. */
struct scenario_troupe_told {
	enum verdict verdict;
	bool interrupted;
};

/* In its process: plays the scenario of that number, and reports it. Returns an exit code. */
typedef int scenario_troupe_play(void *context, size_t number, struct scenario_troupe_told *told);

struct scenario_troupe_member {
	pid_t process; /* 0: there is none */
	int go, told;
};

/* Makes the process of scenario `number`; it waits for its turn. */
int scenario_troupe_start(struct scenario_troupe_member *member, size_t number, scenario_troupe_play *play, void *context,
			  struct error *error);
/* It plays now. The exit code, EXIT_AGREES where `told` is filled in. Standard output has been flushed. */
int scenario_troupe_turn(struct scenario_troupe_member *member, struct scenario_troupe_told *told);
/* One whose turn has not come ends. */
void scenario_troupe_end(struct scenario_troupe_member *member);

#endif
