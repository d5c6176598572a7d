/* engine.h - a command that is to run inside another kernel. */
#ifndef TWPROBE_HARNESS_COMMANDS_ENGINE_H
#define TWPROBE_HARNESS_COMMANDS_ENGINE_H

struct options;

/* Runs the whole command line in the kernel that the options name. Returns the exit code. */
int engine_run(const struct options *options, int argc, char **argv);

#endif
