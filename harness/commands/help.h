/* help.h - what --help and --version print, from the tables of commands and options. */
#ifndef TWPROBE_HARNESS_COMMANDS_HELP_H
#define TWPROBE_HARNESS_COMMANDS_HELP_H

#include "harness/commands/commands.h"

/* COMMAND_CELL: that of the whole program. */
void help_print(enum command_id command);
void help_version(void);

#endif
