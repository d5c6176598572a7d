/* fail.h - one line of text that says what went wrong, where, and what to do.
 *
 * Library code fills it in and returns -1 (or NULL); only the commands print it and exit. */
#ifndef TWPROBE_CRAFTER_FAIL_H
#define TWPROBE_CRAFTER_FAIL_H

struct error {
	char text[512];
};

/* Writes the formatted text into `error` (which may be NULL), what is not plain (crafter/plain.h) as '?', and returns -1, so
 * that a caller can write `return fail(error, ...)`. It quotes what files and users say, and stays one line. */
int fail(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "`context`: " before the text that is already there; returns -1. */
int fail_in(struct error *error, const char *context);

#endif
