/* has.h - what is part of a text, and what is not. */
#ifndef TWPROBE_TESTS_UNIT_HAS_H
#define TWPROBE_TESTS_UNIT_HAS_H

#include <string.h>

#include <check.h>

static inline void assert_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part), "no \"%s\" in:\n%.3000s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
	ck_assert_msg(!strstr(text, part), "\"%s\" in:\n%.3000s", part, text);
}

#endif
