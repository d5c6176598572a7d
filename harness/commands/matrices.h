/* matrices.h - the matrices that a command line names. */
#ifndef TWPROBE_HARNESS_COMMANDS_MATRICES_H
#define TWPROBE_HARNESS_COMMANDS_MATRICES_H

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"

enum { MATRICES_NAME_SIZE = 256 };

/* The cells that are named, each once, one at least. NULL with an error. */
struct matrix *matrices_named(const struct options *options, struct error *error);
/* All the matrices asked for as one, or the cells that are named, or the usual matrices; `name` is their names joined with
 * '+'. NULL with an error. */
struct matrix *matrices_load(const struct options *options, char name[static MATRICES_NAME_SIZE], struct error *error);

#endif
