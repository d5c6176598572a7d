/* other_kernel.h - a command that is to run inside another kernel. */
#ifndef TWPROBE_HARNESS_COMMANDS_OTHER_KERNEL_H
#define TWPROBE_HARNESS_COMMANDS_OTHER_KERNEL_H

#include <stdbool.h>

struct guests;
struct options;

/* Whether the options name one. */
bool other_kernel_wanted(const struct options *options);
/* Runs the whole command line in it; or here, where it does its work by several of them (guests.h). Returns the exit code. */
int other_kernel_run(struct options *options, int argc, char **argv);
/* Where it shows that one has to do it alone after all. */
int other_kernel_alone(const struct options *options, const struct guests *guests);

#endif
