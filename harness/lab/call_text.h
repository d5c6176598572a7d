/* call_text.h - how somebody asks `twprobe serve --calls` to connect to him: a line of text in a UDP datagram to the port
 * where it listens. The host to connect to is the one that the datagram comes from. Pure.
 *
 *   twprobe call 40000 hold
 *
 * asks for a connection to port 40000, which is then treated as one that asks for "hold" (crafter/behaviour.h). What succeeds
 * is answered by the SYN, what is refused by a line "twprobe refuses: REASON". */
#ifndef TWPROBE_HARNESS_LAB_CALL_TEXT_H
#define TWPROBE_HARNESS_LAB_CALL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/behaviour.h"

enum { CALL_TEXT_SIZE = 256 };

struct call {
	uint16_t port;
	enum behaviour behaviour;
};

/* Returns its buffer. */
const char *call_text_print(const struct call *call, char buffer[static CALL_TEXT_SIZE]);
/* -1: `size` bytes that are no such line. */
int call_text_parse(const char *text, size_t size, struct call *call);
/* The line that refuses, and the reason in it: NULL where the `size` bytes are no such line. */
const char *call_text_refuse(const char *reason, char buffer[static CALL_TEXT_SIZE]);
const char *call_text_refused(char text[static CALL_TEXT_SIZE], size_t size);

#endif
