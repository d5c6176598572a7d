/* intern.h - a set of strings, each with a number from 0 in the order of their arrival. */
#ifndef TWPROBE_HARNESS_REPORT_INTERN_H
#define TWPROBE_HARNESS_REPORT_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern; /* owns copies of its strings */

enum { INTERN_NONE = UINT32_MAX };

struct intern *intern_open(void); /* NULL when out of memory */
/* The number of the string, new or old; INTERN_NONE when out of memory. */
uint32_t intern_add(struct intern *names, const char *text);
uint32_t intern_find(const struct intern *names, const char *text); /* INTERN_NONE: not there */
const char *intern_text(const struct intern *names, uint32_t number);
size_t intern_count(const struct intern *names);
void intern_close(struct intern *names); /* NULL is fine */

#endif
