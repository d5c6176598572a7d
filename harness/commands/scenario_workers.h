/* scenario_workers.h - scenarios that are played by several kernels of their own (guests.h): whichever has nothing to do plays
 * the next one. What each reports waits for its turn. */
#ifndef TWPROBE_HARNESS_COMMANDS_SCENARIO_WORKERS_H
#define TWPROBE_HARNESS_COMMANDS_SCENARIO_WORKERS_H

#include <stdio.h>

#include "harness/commands/scenario_troupe.h"
#include "harness/commands/workers.h"

/* What all of them have in common, for the report's head. */
struct scenario_workers_head {
	char kernel[128]; /* its release */
};

/* In the order of the scenarios: how one went, and what it reports. */
typedef int scenario_workers_take(void *context, size_t number, const struct scenario_troupe_told *told, const char *text,
				  size_t size, struct error *error);
struct scenario_workers_sink {
	scenario_workers_take *take;
	void (*progress)(void *context, const struct tally *tally, size_t count);
	void *context;
};

/* How many guests are worth it for so many scenarios. */
size_t scenario_workers_worth(const struct options *options, size_t scenarios);
/* As workers_open. */
struct workers *scenario_workers_open(const struct options *options, size_t count, struct scenario_workers_head *head,
				      int *code, struct error *error);
int scenario_workers_run(struct workers *workers, size_t scenarios, const struct scenario_workers_sink *sink, bool *interrupted,
			 struct error *error);

/* In a guest: plays a scenario, and reports it to `out`. EXIT_AGREES, else the exit code of the process, after a message. */
typedef int scenario_workers_player(void *context, size_t number, struct scenario_troupe_told *told, FILE *out,
				    struct error *error);
/* Those that it is told to, until there are none. EXIT_AGREES, else an exit code. */
int scenario_workers_serve(const struct scenario_workers_head *head, scenario_workers_player *player, void *context);
/* The last word of a guest whose scenarios are done. */
int scenario_workers_end(struct error *error);
/* A sign of life, while something takes long. */
void scenario_workers_alive(void);

#endif
