/* message.h - one line to the user, on standard error. */
#ifndef TWPROBE_HARNESS_COMMANDS_MESSAGE_H
#define TWPROBE_HARNESS_COMMANDS_MESSAGE_H

#include "crafter/fail.h"

/* "twprobe: TEXT", one plain line whatever a file or an argument that it quotes holds; returns `code`. */
int message_error(const char *text, int code);
/* The same; where memory ran out, EXIT_CANNOT_RUN is returned instead of `code`. */
int message_failed(const struct error *error, int code);
/* "twprobe: note: TEXT" */
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
