/* words.h - words with numbers, as tables hold them: which number a word has, and all of them in one line. Pure. */
#ifndef TWPROBE_CRAFTER_WORDS_H
#define TWPROBE_CRAFTER_WORDS_H

#include <stddef.h>

/* The words of an array of strings, or of one member of an array of structures. NULL is not a word. */
struct words {
	const char *const *first;
	size_t count, stride; /* in bytes, from one word to the next */
};

#define WORDS_MEMBER(table, member) \
	((struct words){ &(table)[0].member, sizeof(table) / sizeof((table)[0]), sizeof((table)[0]) })
#define WORDS(table) ((struct words){ (table), sizeof(table) / sizeof((table)[0]), sizeof((table)[0]) })

/* NULL where there is no such number. */
const char *words_at(struct words words, size_t number);
/* The number of the word that `text` is; words.count: unknown. */
size_t words_find(struct words words, const char *text);
/* "listen, syn-recv, established"; returns `buffer`. */
const char *words_list(struct words words, char *buffer, size_t size);

#endif
