/* scenario_troupe.h - scenarios in processes of their own, several at the same time: what one of them opens is gone when it
 * ends, and privileges are needed for each, so that all processes are made before. What each reports waits for its turn. */
#ifndef TWPROBE_HARNESS_COMMANDS_SCENARIO_TROUPE_H
#define TWPROBE_HARNESS_COMMANDS_SCENARIO_TROUPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "cases/books/verdict.h"
#include "cases/case_file.h"
#include "crafter/fail.h"
#include "harness/wire/loop.h"

enum { SCENARIO_TROUPE_MAX = 64 };

/* How one of them went. */
struct scenario_troupe_told {
	enum verdict verdict;
	bool interrupted;
	char name[CASE_FILE_NAME_SIZE]; /* of which scenario, where a guest tells: it has read the files itself */
};

/* In its process: plays the scenario of that number, and reports it on standard output. Returns an exit code. */
typedef int scenario_troupe_play(void *context, size_t number, struct scenario_troupe_told *told);

struct scenario_troupe_member {
	pid_t process; /* 0: there is none */
	int go, told, report;
	bool begun, warned, ended; /* warned: told to stop */
	int code;      /* once it has ended */
	struct scenario_troupe_told result;
};

struct scenario_troupe {
	struct scenario_troupe_member members[SCENARIO_TROUPE_MAX + 1]; /* by their scenario's number, from 0 */
	struct scenario_troupe_member *spare; /* takes the place of one that dies */
	size_t count, at_once;
	bool stopped;
};

/* Makes the process of scenario `number`, which waits; and one more, the spare. */
int scenario_troupe_start(struct scenario_troupe *troupe, size_t number, scenario_troupe_play *play, void *context,
			  struct error *error);
int scenario_troupe_start_spare(struct scenario_troupe *troupe, scenario_troupe_play *play, void *context, struct error *error);
/* Waits until that scenario has been played; meanwhile those behind it play, too, `at_once` at a time. Its report then goes to
 * `out`. The exit code, EXIT_AGREES where `told` is filled in. `loop` has the signals; NULL: they end us. */
int scenario_troupe_turn(struct scenario_troupe *troupe, size_t number, const char *name, struct loop *loop,
			 struct scenario_troupe_told *told, FILE *out, struct error *error);
/* Whoever has not ended does. */
void scenario_troupe_end(struct scenario_troupe *troupe);

#endif
