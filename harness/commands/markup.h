/* markup.h - the texts of the tables, which are in the markup of scdoc(5), without it. Pure. */
#ifndef TWPROBE_HARNESS_COMMANDS_MARKUP_H
#define TWPROBE_HARNESS_COMMANDS_MARKUP_H

#include <stddef.h>

/* Leaves out *, _ and \ where they are marks: an underscore within a word is one of the word's. Cut off where `plain` is too
 * small. Returns `plain`. */
char *markup_plain(const char *text, char *plain, size_t size);

#endif
