/* conditions.h - the sysctls that a cell asks for. Pure. */
#ifndef TWPROBE_CASES_MATRIX_CONDITIONS_H
#define TWPROBE_CASES_MATRIX_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"

enum {
	CONDITIONS_MAX = 6,
	SYSCTL_NAME_SIZE = 48,
	SYSCTL_VALUE_SIZE = 40, /* three numbers of ten digits fit */
};

/* A sysctl of the subject's namespace. Names are those below net.ipv4 ("tcp_timestamps"), or full ones with dots
 * ("net.core.somaxconn"). */
struct sysctl {
	char name[SYSCTL_NAME_SIZE];
	char value[SYSCTL_VALUE_SIZE];
	bool at_probe; /* set once the state is reached, not before the connection */
};

/* What many cells share; cells that differ in it cannot be in flight together in one lab. */
struct conditions {
	uint8_t sysctl_count;
	struct sysctl sysctls[CONDITIONS_MAX];
};

bool conditions_equal(const struct conditions *a, const struct conditions *b);
bool conditions_any_at_probe(const struct conditions *conditions);
/* "NAME=VALUE" (with or without spaces around). Several numbers may have blanks or commas between ("tcp_rmem=4096 4096 4096");
 * kept, and in a name, are commas. The error says what is wrong with it: no '=', a name that is not a
 * sysctl's ([a-z0-9_.], no "..", no '/'), too long, set twice. */
int conditions_add(struct conditions *conditions, const char *text, bool at_probe, struct error *error);
/* The same for "NAME=VALUE" and "NAME=VALUE@probe", as in a cell's name and in case files. */
int conditions_parse(struct conditions *conditions, const char *text, struct error *error);
/* NULL when the sysctl is not set. `at_probe`: its value when the stimulus arrives. */
const char *conditions_value(const struct conditions *conditions, const char *name, bool at_probe);
/* The same as a number, as the kernel reads it (proc_dointvec: decimal, octal or hexadecimal); `otherwise`: it is not set. */
long conditions_number(const struct conditions *conditions, const char *name, bool at_probe, long otherwise);

#endif
