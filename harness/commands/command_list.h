/* command_list.h - the lists of `twprobe list`. */
#ifndef TWPROBE_HARNESS_COMMANDS_COMMAND_LIST_H
#define TWPROBE_HARNESS_COMMANDS_COMMAND_LIST_H

#include <stddef.h>

/* "states", "segments", ... NULL: there are no more. */
const char *command_list_word(size_t number);

#endif
