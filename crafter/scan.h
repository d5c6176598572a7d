/* scan.h - small steps over a text, from left to right: a word that must come next, a number. Pure. */
#ifndef TWPROBE_CRAFTER_SCAN_H
#define TWPROBE_CRAFTER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Each moves *at behind what it takes; where that does not come next, it returns false and does not move. */
bool scan_word(const char **at, const char *word);
/* Decimal digits of a number up to `most`. */
bool scan_number(const char **at, uint64_t most, uint64_t *value);
/* Hexadecimal digits of a number up to `most`, of either case. */
bool scan_hex(const char **at, uint64_t most, uint64_t *value);

#endif
