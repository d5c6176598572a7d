/* batch.h - which part of a job this process is, as the batch system that started it says in the environment. */
#ifndef TWPROBE_HARNESS_COMMANDS_BATCH_H
#define TWPROBE_HARNESS_COMMANDS_BATCH_H

#include "crafter/fail.h"

enum { BATCH_PARTS_MOST = 100000 };

/* The names of Kubernetes (an indexed Job), Slurm (an array) and GNU parallel. `*part` is counted from 1. `*parts` may be given
 * (not 0); else the batch system must know it. The error says what is missing and does not name an option. */
int batch_part(unsigned *part, unsigned *parts, struct error *error);

#endif
