/* cell.h - one question: state + stimulus + conditions, and its name.
 *
 * STATE/SEGMENT/SEQ/TS[/CONDITION...]: a part for each row of cases/matrix/axes.h, the conditions only where they are not
 * what they normally are. Names are stable within a major version. */
#ifndef TWPROBE_CASES_MATRIX_CELL_H
#define TWPROBE_CASES_MATRIX_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/state.h"
#include "crafter/stimulus.h"

enum {
	CELL_SYSCTLS_MAX = 6,
	CELL_NAME_SIZE = 720, /* the longest offsets and CELL_SYSCTLS_MAX of the longest sysctls fit */
	SYSCTL_NAME_SIZE = 48,
	SYSCTL_VALUE_SIZE = 40, /* three numbers of ten digits fit */
};

/* A sysctl of the subject's namespace. Names are those below net.ipv4 ("tcp_timestamps"), or whole ones with dots
 * ("net.core.somaxconn"). */
struct sysctl {
	char name[SYSCTL_NAME_SIZE];
	char value[SYSCTL_VALUE_SIZE];
	bool at_probe; /* set once the state is reached, not before the connection */
};

/* What many cells share; cells that differ in it cannot be in flight together in one lab. */
struct conditions {
	uint8_t sysctl_count;
	struct sysctl sysctls[CELL_SYSCTLS_MAX];
};

struct cell {
	enum state state;
	struct stimulus stimulus;
	bool connection_timestamps;
	uint8_t family; /* 4 or 6 */
	struct conditions conditions;
};

/* What a lawful client sends: time-wait, syn, seq above, ts above, timestamps on, IPv4. */
void cell_default(struct cell *cell);
const char *cell_name(const struct cell *cell, char *buffer, size_t size);
/* The reverse; the error names the part that is wrong and lists what would be right. */
int cell_parse(const char *name, struct cell *cell, struct error *error);
/* Sets one part of a cell by its key in the table of axes (cases/matrix/axes.h); "sysctl" adds NAME=VALUE or
 * NAME=VALUE@probe. Keys of case files are these. The error says what was expected. */
int cell_set(struct cell *cell, const char *key, const char *text, struct error *error);
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

#endif
