/* names.h - a set of strings, each with a number from 0 in the order of their arrival. */
#ifndef TWPROBE_HARNESS_NAMES_H
#define TWPROBE_HARNESS_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names; /* owns copies of its strings */

enum { NAMES_NONE = UINT32_MAX };

struct names *names_open(void); /* NULL when out of memory */
/* The number of the string, new or old; NAMES_NONE when out of memory. */
uint32_t names_add(struct names *names, const char *text);
uint32_t names_find(const struct names *names, const char *text); /* NAMES_NONE: not there */
const char *names_text(const struct names *names, uint32_t number);
size_t names_count(const struct names *names);
void names_close(struct names *names); /* NULL is fine */

#endif
