/* evidence.h - what the kernel itself reports while a cell is asked: state changes, resets it sends, segments it drops.
 *
 * Reads tracepoints through perf_event_open: the kernel forgets the events with their descriptors, so nothing is left
 * behind, whatever ends the process; where a kernel has no perf events (user-mode Linux), through tracefs. Needs root
 * (CAP_PERFMON and tracefs) when it is opened, not later. */
#ifndef TWPROBE_HARNESS_LAB_EVIDENCE_H
#define TWPROBE_HARNESS_LAB_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

enum evidence_kind {
	EVIDENCE_STATE, /* sock:inet_sock_set_state: `text` is "ESTABLISHED -> FIN_WAIT1" */
	EVIDENCE_RESET, /* tcp:tcp_send_reset: `text` is its reason, or "" on a kernel that gives none */
	EVIDENCE_DROP,  /* skb:kfree_skb: `text` is "REASON at function" */
	EVIDENCE_COUNT,
};

enum { EVIDENCE_TEXT_SIZE = 128 };

struct testimony {
	enum evidence_kind kind;
	uint64_t time_ns; /* CLOCK_MONOTONIC, as the capture */
	uint64_t socket;  /* of a state change: which socket, as the kernel's pointer */
	uint16_t peer_port; /* of a state change or a reset: the other end's; 0: not known (yet) */
	char text[EVIDENCE_TEXT_SIZE];
};

struct evidence;

/* The ports are the subject's, from the first to the last: state changes and resets of other sockets are left out. A drop's
 * record names no connection, so drops are those that happen in this task: on loopback the kernel mostly handles a segment
 * before the send returns, but a busy one may leave it to ksoftirqd, and then it is not seen. Never NULL but when out of
 * memory: what could not be opened is told by evidence_missing. */
struct evidence *evidence_open(uint16_t first_port, uint16_t last_port);
/* Why this kind is not there ("needs root"); NULL when it is. */
const char *evidence_missing(const struct evidence *evidence, enum evidence_kind kind);
/* Everything since the last call that has this peer's port or none, in the order of time; returns how many were written to
 * `list`. */
size_t evidence_collect(struct evidence *evidence, uint16_t peer_port, struct testimony *list, size_t size);
/* How many events the kernel or the list had no room for. */
uint64_t evidence_lost(const struct evidence *evidence);
void evidence_close(struct evidence *evidence); /* NULL is fine */

#endif
