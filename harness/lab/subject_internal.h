/* subject_internal.h - shared by the files of the subject; for them alone. */
#ifndef TWPROBE_HARNESS_LAB_SUBJECT_INTERNAL_H
#define TWPROBE_HARNESS_LAB_SUBJECT_INTERNAL_H

#include "harness/lab/held.h"
#include "harness/lab/shares.h"
#include "harness/lab/subject.h"

enum {
	LISTENERS_MAX = 8,
	EVENTS = 64,
	ACCEPT_BATCH = 256,      /* then the other descriptors have their turn */
	SPARE_DESCRIPTORS = 3,   /* in addition to the held ones: one just accepted, and the files of a sysctl */
	DISCARD = 1 << 20,
};

struct subject {
	struct subject_options options;
	int epoll, timer;
	int spare; /* given up for a moment to accept what can only be reset */
	int listeners[LISTENERS_MAX];
	size_t listener_count;
	int fillers[LISTENERS_MAX]; /* connections that fill the queues of the listeners; -1: none */
	bool full;
	struct manner manner;
	size_t room; /* 0: not known yet */
	struct shares *shares;
	struct held_list held;
	struct subject_counts counts;
};

enum watched { WATCHED_LISTENER, WATCHED_HELD, WATCHED_TIMER };

int subject_watch(struct subject *subject, int descriptor, enum watched kind, uint32_t events);

/* Whoever completed a handshake by now (subject.c). */
int subject_accept_all(struct subject *subject, struct error *error);

/* Connections that it holds (subject_hold.c). */
/* Treats it as asked from now on; closes it where that cannot be done. */
void subject_hold(struct subject *subject, int connection, enum behaviour behaviour, const struct address *client);
void subject_close_held(struct subject *subject, int connection);
/* Those that are older than they may be. */
void subject_close_old(struct subject *subject);
/* Something happened to one of them. */
void subject_look_at(struct subject *subject, int connection);
/* A close() sends an RST from now on. */
void subject_reset_on_close(int connection);
/* It reads no more, and holds on; its writing side is closed. */
void subject_half_close(struct subject *subject, int connection);
/* One that is not held. */
void subject_refuse(int connection);
/* Counts it when there is none. */
bool subject_has_room(struct subject *subject, const struct address *client);
void subject_count_given_up(const struct subject *subject, size_t *count);

#endif
