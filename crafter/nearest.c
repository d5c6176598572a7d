/* nearest.c - how many letters are wrong: left out, too many, another one, or two in the wrong order. */
#include "crafter/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The distance of Damerau and Levenshtein, where no part is changed twice. Both are at most LONGEST long. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1]; /* of the letters of `a` before the last one, up to the last one, and with this one */
	size_t *older = rows[0], *old = rows[1], *row = rows[2];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		old[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *spare = older;

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			row[j] = least(least(old[j], row[j - 1]) + 1, old[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], older[j - 2] + 1);
		}
		older = old;
		old = row;
		row = spare;
	}
	return old[length];
}

void nearest_begin(struct nearest *nearest, const char *text)
{
	*nearest = (struct nearest){ .text = text, .distance = 1 + strlen(text) / 3 };
	if (nearest->distance > 4)
		nearest->distance = 4;
}

void nearest_offer(struct nearest *nearest, const char *word)
{
	size_t far;

	if (!word || strlen(word) > LONGEST || strlen(nearest->text) > LONGEST)
		return;
	far = distance(nearest->text, word);
	if (far >= nearest->distance)
		return;
	nearest->distance = far;
	nearest->word = word;
}

const char *nearest_hint(const struct nearest *nearest, const char *before, char hint[static NEAREST_HINT_SIZE])
{
	hint[0] = '\0';
	if (nearest->word)
		snprintf(hint, NEAREST_HINT_SIZE, "; did you mean %s%s?", before, nearest->word);
	return hint;
}
