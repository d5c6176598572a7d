/* escape.h - bytes in a text: \r \n \t \\ \" and \xHH, the same wherever bytes are written or read as text. */
#ifndef TWPROBE_CRAFTER_ESCAPE_H
#define TWPROBE_CRAFTER_ESCAPE_H

#include <stdint.h>

enum { ESCAPE_SIZE = 5 };

/* The byte as it is where it is printable ASCII, but for the quote and the backslash; else its escape. Returns `buffer`. */
const char *escape_print(uint8_t byte, char buffer[static ESCAPE_SIZE]);
/* Reads one byte, escaped or not, and moves *text behind it. Returns -1, and does not move, where the escape is unknown or cut
 * off, and at the end of the text. */
int escape_read(const char **text, uint8_t *byte);

#endif
