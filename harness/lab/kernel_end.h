/* kernel_end.h - ordinary sockets of our own in the lab: a client that connects from a port it chose, curl, and a server that
 * reads a request, answers and closes first (the "withread" server of the TIME_WAIT note). Nothing here blocks. */
#ifndef TWPROBE_HARNESS_LAB_KERNEL_END_H
#define TWPROBE_HARNESS_LAB_KERNEL_END_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/tuple.h"

struct kernel_end; /* owns the sockets and the child */

enum kernel_phase {
	KERNEL_CONNECTING,
	KERNEL_CONNECTED,
	KERNEL_OVER,       /* closed, or failed: see kernel_end_errno */
};

/* NULL with an error. */
struct kernel_end *kernel_end_open(struct error *error);

/* The server; an error when the endpoint cannot be listened on. A second call changes nothing. */
int kernel_end_listen(struct kernel_end *end, const struct endpoint *endpoint, struct error *error);
/* It ends, and another one takes its place, with SO_REUSEADDR or without. *number is the errno of its bind(), or 0. */
int kernel_end_listen_again(struct kernel_end *end, const struct endpoint *endpoint, bool reuses_address, int *number,
			    struct error *error);

struct kernel_client_options {
	struct endpoint source;    /* port 0: the kernel's choice, at connect() */
	struct endpoint target;
	bool bound_to_lo;          /* SO_BINDTODEVICE */
	bool keeps_address;        /* no SO_REUSEADDR: a port in TIME_WAIT cannot be bound */
	bool says_get;             /* sends a request as soon as it is connected */
	bool closes_first;         /* closes as soon as it is connected; else at end of file */
};

/* Begins a connection. *tuple is what the kernel chose. -1: an error that is not a network error; what connect() returns at
 * once comes with KERNEL_OVER. */
int kernel_end_connect(struct kernel_end *end, const struct kernel_client_options *options, struct tuple *tuple,
		       struct error *error);
/* curl --local-port; false when it is not installed. KERNEL_OVER once it has ended. */
bool kernel_end_curl(struct kernel_end *end, const struct kernel_client_options *options, struct error *error);

/* Does whatever can be done now. */
enum kernel_phase kernel_end_poll(struct kernel_end *end);
/* 0 when the client was connected; else the errno of its connect(); curl's failure is ECONNABORTED. */
int kernel_end_errno(const struct kernel_end *end);

void kernel_end_close(struct kernel_end *end); /* NULL is fine */

#endif
