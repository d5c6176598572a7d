/* subject.h - the server under test: accepts, and treats each connection in the manner its client asked for.
 *
 * The manner is read from the window of the client's SYN (TCP_SAVED_SYN), see MANNER_WINDOW in crafter/state.h. */
#ifndef TWPROBE_HARNESS_SUBJECT_H
#define TWPROBE_HARNESS_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/error.h"
#include "crafter/state.h"
#include "crafter/tuple.h"

struct subject; /* owns the listening sockets, the held connections and an epoll descriptor */

/* Called for each connection accepted, with what will be done with it, and whether the client asked for that. */
typedef void subject_note(void *context, const struct endpoint *client, enum manner manner, bool asked);

struct subject_options {
	enum manner manner; /* for clients that ask for none */
	bool never_accept;
	int backlog;
	subject_note *note; /* may be NULL; it costs a system call's copy for each connection */
	void *note_context;
};

struct subject *subject_open(const struct subject_options *options, struct error *error);
int subject_listen(struct subject *subject, const struct endpoint *endpoint, struct error *error);
/* net.core.somaxconn has changed: a listening socket takes it only by listen() (inet_listen: sk_max_ack_backlog). */
void subject_listen_again(struct subject *subject);
/* Readable when subject_serve has something to do. */
int subject_descriptor(const struct subject *subject);
/* Accepts and serves all that is there; does not wait. Never fails for what one client does. */
int subject_serve(struct subject *subject, struct error *error);
size_t subject_accepted(const struct subject *subject);
size_t subject_held(const struct subject *subject);
void subject_close(struct subject *subject);

#endif
