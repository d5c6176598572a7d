/* loop.h - waiting: descriptors, one deadline and the signals that end a run, in one epoll set. */
#ifndef TWPROBE_HARNESS_WIRE_LOOP_H
#define TWPROBE_HARNESS_WIRE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "crafter/fail.h"

struct loop; /* owns the epoll, timer and signal descriptors */

/* From here on SIGINT, SIGTERM and SIGHUP are blocked and come in through loop_wait, but for those that are ignored. */
struct loop *loop_open(struct error *error);
int loop_watch(struct loop *loop, int descriptor, struct error *error);
/* Waits until a watched descriptor is readable, the deadline (CLOCK_MONOTONIC in ns; 0: none) has passed, or a signal came.
 * One that has already passed does not wait, but signals are still checked.
 * Returns 1 when a signal asked to stop (again at each later call), 0 otherwise, -1 on error. */
int loop_wait(struct loop *loop, uint64_t deadline_ns, struct error *error);
/* How many such signals have come: more than one is impatience. */
unsigned loop_stops(const struct loop *loop);
/* Sends a child the first of these signals that is not ignored since before us (nohup), which it has inherited. One alone: a
 * second would find it ending. False: it may not be told. */
bool loop_pass_on(pid_t child);
void loop_close(struct loop *loop); /* NULL is fine */

#endif
