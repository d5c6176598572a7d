/* subject.h - the server under test: accepts, and treats each connection as its client asked.
 *
 * The behaviour is read from the window of the client's SYN (TCP_SAVED_SYN), see BEHAVIOUR_WINDOW in crafter/behaviour.h.
 * A connection that must be held and cannot be, or may not be here at all, is reset at once: a reset is never taken for a
 * state. What is held is never given up for something newer. */
#ifndef TWPROBE_HARNESS_LAB_SUBJECT_H
#define TWPROBE_HARNESS_LAB_SUBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/behaviour.h"
#include "crafter/manner.h"
#include "crafter/deed.h"
#include "crafter/pair.h"
#include "crafter/tuple.h"
#include "harness/lab/prefix.h"

struct subject; /* owns the listening sockets, the held connections and an epoll descriptor */

/* Called for each connection accepted, with what will be done with it, and whether the client asked for that. */
typedef void subject_note(void *context, const struct endpoint *client, enum behaviour behaviour, bool asked);

/* -1: not known. */
typedef int subject_window(void *context, const struct endpoint *client);

struct subject_options {
	enum behaviour behaviour; /* for clients that ask for none */
	bool never_accept;
	int backlog;
	bool shares_port;             /* with those who connect from it (SO_REUSEPORT) */
	bool opens_fast;              /* see struct server_socket_options */
	bool mptcp;
	subject_window *window;       /* the window of a client's SYN, where its socket keeps none; NULL: nobody knows */
	void *window_context;
	int receive_buffer;           /* SO_RCVBUF of each connection; 0: the kernel's own */
	size_t held_most;             /* 0: as many as there are descriptors */
	size_t held_most_each;        /* of one client (see harness/lab/shares.h); 0: no limit */
	uint64_t hold_ns;             /* after that a held connection is reset */
	const struct prefix *allowed; /* who may connect; none: everybody. Borrowed */
	size_t allowed_count;
	subject_note *note;           /* may be NULL */
	void *note_context;
	_Atomic uint64_t *given_up;   /* may be NULL; one more for each connection that could not be held */
};

struct subject_counts {
	size_t accepted;    /* and treated as asked */
	size_t held;        /* now */
	size_t full;        /* reset: as many were held as can be */
	size_t full_client; /* reset: as many of that client */
	size_t not_allowed; /* reset: the address may not connect */
	size_t expired;     /* reset: held for too long */
};

struct subject *subject_open(const struct subject_options *options, struct error *error);
/* Of its sockets from now on: those that listen, also later, and those that connect. */
void subject_set_manner(struct subject *subject, const struct manner *manner);
int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error);
/* net.core.somaxconn has changed: a listening socket takes it only by listen() (inet_listen: sk_max_ack_backlog). */
void subject_listen_again(struct subject *subject);
/* Whoever completed a handshake by now is accepted (where anybody is, ever; else reset); then nobody listens any more. */
int subject_stop_listening(struct subject *subject, struct error *error);
/* Makes the queue of half-open connections (`half_open`) or the one of complete connections as short as it can be, and fills
 * it, on each address; nothing is accepted until it is emptied. */
int subject_fill_queue(struct subject *subject, bool half_open, struct error *error);
void subject_empty_queues(struct subject *subject);
bool subject_listens(const struct subject *subject);
/* May this host have connections here? */
bool subject_allows(const struct subject *subject, const struct address *host);
/* Connects from one endpoint, whose port others may use at the same time (SO_REUSEPORT), to another; then treats the
 * connection as one that a client asked it to treat so. Does not wait: a connection that fails is forgotten. */
int subject_call(struct subject *subject, const struct endpoint *source, const struct endpoint *target,
		 enum behaviour behaviour, struct error *error);
/* Does this with the connection of these two ends. 1: done; 0: it holds none; -1: the kernel refuses. */
int subject_do(struct subject *subject, const struct pair *pair, const struct deed *deed, struct error *error);
/* How many connections it can hold. Fixed by the first call, or the first connection: by then all else is open. */
size_t subject_room(struct subject *subject);
/* Readable when subject_serve has something to do. */
int subject_descriptor(const struct subject *subject);
/* Accepts and serves all that is there; does not wait. Never fails for what one client does. */
int subject_serve(struct subject *subject, struct error *error);
struct subject_counts subject_counts(const struct subject *subject);
void subject_close(struct subject *subject);

#endif
