/* target.h - HOST:PORT, [V6]:PORT or name:PORT; the name service is asked here and nowhere else. */
#ifndef TWPROBE_HARNESS_WIRE_TARGET_H
#define TWPROBE_HARNESS_WIRE_TARGET_H

#include "crafter/fail.h"
#include "crafter/tuple.h"

/* A name's first address that has a route; `family` 4 or 6: of that one, 0: of any. An address in figures is taken as it is.
 * The error says what is wrong with the text. */
int target_resolve(const char *text, uint8_t family, struct endpoint *endpoint, struct error *error);
/* The port alone: 1 to 65535. `whole` is the text it is part of, for the error. */
int target_port(const char *whole, const char *text, uint16_t *port, struct error *error);

#endif
