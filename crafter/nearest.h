/* nearest.h - the word that was probably meant by a mistyped one. Pure. */
#ifndef TWPROBE_CRAFTER_NEAREST_H
#define TWPROBE_CRAFTER_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *text, *word; /* what was typed; the nearest so far, NULL: none is near */
	size_t distance;
};

enum { NEAREST_HINT_SIZE = 80 };

/* Both are borrowed. */
void nearest_begin(struct nearest *nearest, const char *text);
/* Of words at the same distance the first one stays. NULL is no word. */
void nearest_offer(struct nearest *nearest, const char *word);
/* "; did you mean --segment?", with `before` in front of the word; "" where none is near. */
const char *nearest_hint(const struct nearest *nearest, const char *before, char hint[static NEAREST_HINT_SIZE]);

#endif
