/* lab.h - a private network namespace with a subject in it, created for one run and removed with it.
 *
 * lab_open moves the calling process into a new network namespace (as root; else through a user namespace),
 * sets up its loopback interface, and forks the server: a child that plays the subject and, being the only
 * one that keeps privileges, sets the namespace's sysctls on request. The server dies with its
 * parent (PR_SET_PDEATHSIG), and the namespace with both. Nothing of the host is touched. With a path the crafted end and a
 * router have namespaces of their own (harness/lab/router.h); this process stays in the subject's. */
#ifndef TWPROBE_HARNESS_LAB_LAB_H
#define TWPROBE_HARNESS_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cases/matrix/cell.h"
#include "cases/path/path.h"
#include "crafter/behaviour.h"
#include "crafter/deed.h"
#include "crafter/fail.h"
#include "crafter/manner.h"
#include "crafter/pair.h"
#include "crafter/segment.h"
#include "crafter/tuple.h"

struct lab;
struct router;

/* Addresses of the lab. Sources belong to no interface: the subject's answers to them are routed to `lo`, captured,
 * and thrown away there, so that no socket of ours can answer. */
#define LAB_SUBJECT_V4 "192.0.2.2"
#define LAB_SUBJECT_V6 "2001:db8::2"
#define LAB_NETWORK_V4 "192.0.2.0"
#define LAB_NETWORK_V6 "2001:db8::"
enum {
	LAB_PORT = 8888,
	LAB_PORT_NEVER = 8889,  /* listens, never accepts */
	LAB_PORT_NOBODY = 8890, /* nobody listens; the subject may connect from it */
	LAB_PORT_CALLS = 8891,  /* it listens here, and connects from here as well */
	LAB_PORT_LAST = LAB_PORT_CALLS,
};

struct lab_options {
	const struct path *path; /* what stands before the subject (harness/lab/router.h); NULL or direct: nothing */
	bool never_accept; /* also open LAB_PORT_NEVER, with a backlog of 128; its queue is empty after lab_sysctls_reset() */
};

/* Errors say which step failed and what would help (root, or a kernel that allows user namespaces). */
struct lab *lab_open(const struct lab_options *options, struct error *error);

/* The subject's address and port in this family. */
struct endpoint lab_endpoint(uint8_t family);
/* The n-th source address of this family, n from 0 to LAB_SOURCES - 1. */
enum { LAB_SOURCES = 200 };
struct address lab_source(uint8_t family, unsigned n);

/* Reads or sets a sysctl of the lab's namespace (names as in struct sysctl). A sysctl that exists but is not the
 * namespace's own is refused by name. The first setting remembers the value found. */
int lab_sysctl_get(struct lab *lab, const char *name, char value[static SYSCTL_VALUE_SIZE], struct error *error);
int lab_sysctl_set(struct lab *lab, const char *name, const char *value, struct error *error);
/* Puts every sysctl set with lab_sysctl_set back. */
int lab_sysctls_reset(struct lab *lab, struct error *error);

/* The subject connects from its endpoint, LAB_PORT_NOBODY or LAB_PORT_CALLS, to the crafted one, and behaves so afterwards. */
int lab_call(struct lab *lab, const struct pair *pair, enum behaviour behaviour, struct error *error);
/* The process of the subject does this with the connection of these two ends, which it holds; an error when it holds none. */
int lab_deed(struct lab *lab, const struct pair *pair, const struct deed *deed, struct error *error);
/* How all sockets of the subject but that of LAB_PORT_NEVER are set up from now on. */
int lab_manner(struct lab *lab, const struct manner *manner, struct error *error);
/* Whether and how anybody listens on LAB_PORT. What completed a handshake by then is accepted first. */
int lab_listener(struct lab *lab, enum listener listening, struct error *error);

/* The crafted end sends a segment: the window of a connection's SYN is kept for a subject whose sockets do not keep it. */
void lab_expect(struct lab *lab, const struct segment *segment);
/* What this crafted end sent until now was another connection's. */
void lab_expect_anew(struct lab *lab, const struct endpoint *crafted);
/* The router before the subject; NULL: there is none. */
struct router *lab_router(const struct lab *lab);
/* Whom the crafted end addresses: the subject, or what the path has in front of it. */
struct endpoint lab_front(const struct lab *lab, uint8_t family);

/* The path; NULL: there is none. */
const struct path *lab_path(const struct lab *lab);

/* Whether this kernel gave the lab IPv6. */
bool lab_has_ipv6(const struct lab *lab);
/* 1 << 4, and 1 << 6 where it did. */
unsigned lab_families(const struct lab *lab);

/* How many connections the subject can hold at the same time: each takes a descriptor. */
size_t lab_room(const struct lab *lab);
/* How many it should have held so far, and could not. */
uint64_t lab_given_up(const struct lab *lab);
/* -1 once its process has ended: the error says how. lab_descriptor() becomes readable then; -1 where the kernel has none. */
int lab_check(struct lab *lab, struct error *error);
int lab_descriptor(const struct lab *lab);

/* Of the second process; for tests. */
pid_t lab_server_pid(const struct lab *lab);
void lab_close(struct lab *lab); /* NULL is fine */

#endif
