/* other_kernel.h - a command that is to run inside another kernel. */
#ifndef TWPROBE_HARNESS_COMMANDS_OTHER_KERNEL_H
#define TWPROBE_HARNESS_COMMANDS_OTHER_KERNEL_H

#include <stdbool.h>

struct options;

/* Whether the options name one. */
bool other_kernel_wanted(const struct options *options);
/* Runs the whole command line in it. Returns the exit code. */
int other_kernel_run(const struct options *options, int argc, char **argv);

#endif
