/* output.h - what a command writes to: standard output, and the files that its command line names.
 *
 * A file is opened once, before anything is sent and while we may still write where our user may, and is removed again when
 * nothing came of it, whatever ends the process. */
#ifndef TWPROBE_HARNESS_COMMANDS_OUTPUT_H
#define TWPROBE_HARNESS_COMMANDS_OUTPUT_H

#include "crafter/fail.h"

/* First of all in main. Descriptors 0 to 2 that are closed would become something else's: they are opened, and what was
 * written to a closed standard output is still an error. Finds out whether the terminal reads UTF-8. */
void output_prepare(void);
/* Last of all: whether everything got through standard output. Returns `code`, or EXIT_CANNOT_RUN after an error message. */
int output_finish(int code);

struct output; /* a file that is written */

/* Opens FILE of the option named (for errors), without touching its content; a FIFO waits for its reader. Must come
 * before signals are blocked. With "-" it is standard output, and what goes there otherwise goes to standard error from now
 * on. What is made here is the user's who called sudo. */
struct output *output_open(const char *option, const char *path, struct error *error);
/* The same for what is of use only as a whole: where a regular file is in the place, a new one is made beside it, and takes
 * the place when it is kept. Where the folder cannot have another, the old one is written over. */
struct output *output_open_whole(const char *option, const char *path, struct error *error);
int output_descriptor(const struct output *output); /* 0: there is none, `output` is NULL */
/* A file that a command line names, in words. NULL for NULL. */
const char *output_name(const char *path);
/* There is something in it now; the whole, where it was opened for that. -1: it could not take its place; NULL is fine. */
int output_keep(struct output *output);
/* Removes the file if it was made here and was not kept. */
void output_close(struct output *output); /* NULL is fine */

#endif
