/* cell_host.h - what is known of the process and the host of a cell's subject, besides what its rules ask for. Pure. */
#ifndef TWPROBE_CASES_MATRIX_CELL_HOST_H
#define TWPROBE_CASES_MATRIX_CELL_HOST_H

#include <stdbool.h>

#include "cases/books/kernel.h"
#include "cases/books/oracle_fields.h"
#include "cases/books/oracle_fields_remains.h"
#include "cases/matrix/cell.h"

/* The usual window where the cell's conditions make it small (limits_conditions()). Data takes more of the buffer than of the
 * window: what a shrunk one has left is (4608 - 1280) / 2, and the rest is taken back. */
enum { CELL_SMALL_WINDOW = 2304, CELL_SHRUNK_DATA = SEGMENT_PAYLOAD_MAX, CELL_SHRUNK_WINDOW = 1664 };

/* Bytes that its process has got and not read when the stimulus arrives. */
uint32_t cell_unread(const struct cell *cell);
/* About what its first SYN offers, by what the cell says of its buffers. */
uint32_t cell_nominal_window(const struct cell *cell, const struct kernel *kernel);
/* What it takes itself to have offered with that: may be more than the field of the SYN can say. 0: not known. `timestamps`:
 * both ends have agreed to them. */
uint32_t cell_first_window(const struct cell *cell, const struct kernel *kernel, bool timestamps);
/* What its connection offers first where a SYN cookie has made it; 0: none has. */
uint32_t cell_cookie_window(const struct cell *cell, const struct kernel *kernel);
/* `ours`: its sysctls are known, but for what a stranger's process does with its sockets. `past_ms` is 0. */
struct field_host cell_field_host(const struct cell *cell, const struct kernel *kernel, bool ours);
/* `ours`: they are the lab's. */
struct remains_host cell_remains_host(const struct cell *cell, bool ours);

#endif
