/* cell.h - one question: state + stimulus + conditions, and its name.
 *
 * STATE/SEGMENT/SEQ/TS[/CONDITION...]: a part for each row of cases/matrix/axes.h, the conditions only where they are not
 * what they normally are. Names are stable within a major version. */
#ifndef TWPROBE_CASES_MATRIX_CELL_H
#define TWPROBE_CASES_MATRIX_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/conditions.h"
#include "cases/path/path.h"
#include "crafter/fail.h"
#include "crafter/manner.h"
#include "crafter/state.h"
#include "crafter/stimulus.h"

enum { CELL_NAME_SIZE = 900 }; /* the longest offsets and CONDITIONS_MAX of the longest sysctls fit */

/* The queues of the subject's listener when the stimulus arrives. */
enum queues {
	QUEUE_ROOM,
	QUEUE_ACCEPT_FULL, /* of complete connections; nobody accepts */
	QUEUE_SYN_FULL,    /* of half-open ones */
};

/* What becomes of the listener between the state and the stimulus. */
enum listener { LISTENER_KEPT, LISTENER_GONE, LISTENER_ACCEPT_FULL, LISTENER_SYN_FULL };

/* No state that Linux keeps by its defaults is over within the longest delay. */
enum { DELAY_MAX_MS = 50000, TWICE_MAX_MS = 10000 };

struct cell {
	enum state state;
	struct stimulus stimulus;
	enum opening opening;
	bool nobody_listens; /* on the subject's port, when the stimulus arrives; needs no saying in "closed" */
	enum queues queue;
	bool defers_accept;  /* options of the subject's sockets: struct manner */
	bool lingers_zero;
	struct choice keepalive_s, user_timeout_ms, linger2_s, min_ttl;
	enum receive_window receive_window;
	struct choice unread; /* bytes of data that the subject's process has got and not read */
	struct choice delay_ms; /* between the state and the stimulus */
	struct choice twice_ms; /* the stimulus is sent again, so long after its answer; that to the second one counts */
	bool connection_ecn; /* both ends have agreed to it */
	bool connection_timestamps;
	struct choice connection_tsval; /* that the crafted end sends on the way to the state */
	uint8_t family; /* 4 or 6 */
	char path[PATH_NAME_SIZE]; /* what stands between, by its name (cases/path/path.h); "": nothing */
	struct conditions conditions;
};

/* What a normal client sends: time-wait, syn, seq above, ts above, timestamps on, IPv4. */
void cell_default(struct cell *cell);
/* The way to the cell's state. NULL where its opening does not lead there (cases/matrix/axes.h refuses that). */
const struct state_plan *cell_plan(const struct cell *cell);
/* The subject's process gets data before the stimulus, and leaves it unread. */
bool cell_has_unread(const struct cell *cell);
/* The same with what its conditions add to the way; `way` is used for that where it must. */
const struct state_plan *cell_way(const struct cell *cell, struct state_plan *way);
/* The subject connects on this way. */
bool cell_connects(const struct cell *cell);
/* A listener that is gone when the stimulus arrives must be there before; a connecting subject needs none. */
enum listener cell_listener(const struct cell *cell);
const char *cell_name(const struct cell *cell, char *buffer, size_t size);
/* The reverse; the error names the part that is wrong and lists what would be right. */
int cell_parse(const char *name, struct cell *cell, struct error *error);
/* Sets one part of a cell by its key in the table of axes (cases/matrix/axes.h); "sysctl" adds NAME=VALUE or
 * NAME=VALUE@probe. Keys of case files are these. The error says what was expected. */
int cell_set(struct cell *cell, const char *key, const char *text, struct error *error);

#endif
