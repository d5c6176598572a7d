/* completion.h - what shells need to complete a command line, from the tables of commands, options and operands. Names that
 * files give (matrices, scenarios) are asked of `twprobe list` when they are needed. */
#ifndef TWPROBE_HARNESS_PAGES_COMPLETION_H
#define TWPROBE_HARNESS_PAGES_COMPLETION_H

#include <stdio.h>

/* Without the function that uses it, docs/completion.bash. */
void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
