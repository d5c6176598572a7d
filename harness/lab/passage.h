/* passage.h - which functions of the kernel a segment passed, and what each of them returned.
 *
 * A passage is all that happens while one segment is in tcp_v4_rcv() or tcp_v6_rcv(): it begins where a segment to one of
 * our ports, in our network namespace, enters that function, and ends where it leaves it; in between, the same processor
 * handles no other segment. So nothing of other connections of the machine is taken for ours. What the
 * kernel leaves for later (a backlog, a timer) is not part of it. */
#ifndef TWPROBE_HARNESS_LAB_PASSAGE_H
#define TWPROBE_HARNESS_LAB_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "harness/lab/btf.h"

enum { PASSAGE_CALLS_MAX = 64 };

struct passage_call {
	uint8_t function; /* for passage_name */
	uint8_t depth;    /* 0: tcp_v4_rcv or tcp_v6_rcv */
	bool left;        /* `value` is known */
	uint64_t value;   /* what it returned: the whole register */
};

struct passage {
	uint64_t time_ns; /* when it began: CLOCK_MONOTONIC, as the capture */
	uint32_t cpu;
	uint16_t crafted_port, subject_port;
	uint32_t seq;     /* of the segment */
	bool ended;       /* by the return of the first function: what it has is its own, and all of it */
	bool broken;      /* another one began before that */
	uint8_t depth;    /* how many functions have not been left */
	size_t call_count, lost; /* lost: calls that did not fit */
	struct passage_call calls[PASSAGE_CALLS_MAX]; /* in the order in which they were entered */
};

/* What the kernel's program reports: a function is entered or left. */
struct passage_event {
	uint64_t time_ns;
	uint64_t cookie; /* passage_cookie */
	uint64_t value;  /* where it is left */
	uint64_t cpu;
	uint8_t tcp[16]; /* where a passage begins: the start of the segment's TCP header */
};

/* The functions that are looked at; `root`: passages begin there. */
size_t passage_functions(void);
const char *passage_name(uint8_t function);
bool passage_is_root(uint8_t function);

enum passage_side { PASSAGE_ENTER, PASSAGE_LEAVE };
uint64_t passage_cookie(uint8_t function, enum passage_side side);

/* Puts an event into the passage it belongs to: the open one of its processor, among `count` in `list`; a new passage comes
 * behind them. Returns how many there are then. An event without a passage, or of no known shape, is dropped, and so is a
 * passage when there are `room` already. */
size_t passage_take(struct passage *list, size_t count, size_t room, const uint8_t *event, size_t size);

/* True where `text` (a citation) names this function: "tcp_ack()" does, "xtcp_ack()" does not. */
bool passage_is_cited(uint8_t function, const char *text);

/* The live part. */
struct passage_trace;

/* The subject's ports, in the network namespace that the caller is in. NULL with the reason where the kernel or the caller's
 * privileges do not allow it. */
struct passage_trace *passage_open(uint16_t first_port, uint16_t last_port, struct error *error);
/* Forgets all passages so far. */
void passage_forget(struct passage_trace *trace);
/* The first passage of a segment with this port and sequence number; false when there was none. */
bool passage_collect(struct passage_trace *trace, uint16_t crafted_port, uint32_t seq, struct passage *passage);
/* "TCP_TW_ACK", as this kernel calls it; "" where the function returns nothing, or has not been left. */
const char *passage_returned(const struct passage_trace *trace, const struct passage_call *call,
			     char text[static BTF_VALUE_SIZE]);
void passage_close(struct passage_trace *trace); /* NULL is fine */

#endif
