/* plain.h - text that controls no terminal: the words of a file, an argument or a peer, before they are shown to a person.
 *
 * Plain is UTF-8 without control characters (C0 and DEL, C1, also as lone bytes) and without those that change the direction or
 * the order of what is read (Unicode's bidirectional controls, and the line and paragraph separators). */
#ifndef TWPROBE_CRAFTER_PLAIN_H
#define TWPROBE_CRAFTER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The bytes of the character of UTF-8 that `text` begins with, plain or not, the end's zero too; 0: it begins with none. */
size_t plain_utf8_length(const char *text);
/* The same; 0 also where it is not plain, or the text ends here. */
size_t plain_length(const char *text);
/* Is all of it plain? */
bool plain_is(const char *text);
/* Puts '?' in place of each byte that is not plain. Returns `text`. */
char *plain_text(char *text);

/* For a person: the same as a copy, cut off where `buffer` is full; where plain_only_ascii was called also without what is
 * not ASCII ("+-" for the plus-minus sign). Returns `buffer`. */
char *plain_show(const char *text, char *buffer, size_t size);
void plain_put(FILE *out, const char *text);
void plain_write(FILE *out, const char *text, size_t size); /* the first `size` bytes of it */

/* The terminal reads no UTF-8: for the whole process, before anything is shown. */
void plain_only_ascii(void);
bool plain_is_ascii(void);

#endif
