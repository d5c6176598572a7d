/* commands.h - the subcommands. Each gets its own argv (argv[0] is its name) and returns the exit code; only they print. */
#ifndef TWPROBE_HARNESS_COMMANDS_COMMANDS_H
#define TWPROBE_HARNESS_COMMANDS_COMMANDS_H

#include <stdbool.h>

#include "harness/commands/options.h"

int command_cell(int argc, char **argv); /* the default command */
int command_matrix(int argc, char **argv);
int command_map(int argc, char **argv);
int command_scenario(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_list(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_why(int argc, char **argv);

void help_version(void);
/* True when --help or --version was asked for, and printed. `command` is a subcommand's name, NULL for the whole tool. */
bool help_asked(const struct options *options, const char *command);
/* The same for the commands whose options are just these. */
bool help_asked_only(int argc, char **argv, const char *command);

#endif
