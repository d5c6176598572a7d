/* manual.h - the manual pages, as scdoc(5) reads them, from the tables of commands, options and operands. What belongs to no
 * row is prose in docs/manual. */
#ifndef TWPROBE_HARNESS_PAGES_MANUAL_H
#define TWPROBE_HARNESS_PAGES_MANUAL_H

#include <stdio.h>

#include "crafter/fail.h"
#include "harness/commands/commands.h"

enum { MANUAL_NAME_SIZE = 64 };

/* "twprobe-matrix", "twprobe" */
const char *manual_name(enum command_id command, char name[static MANUAL_NAME_SIZE]);
/* The page of a command; COMMAND_CELL: that of the program, with the files of `prose`, a folder. */
int manual_write(FILE *out, enum command_id command, const char *prose, struct error *error);

#endif
