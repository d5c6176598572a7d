/* lab_server.h - the lab's other process: plays the subject, and sets the namespace's sysctls on request.
 *
 * It alone keeps a privilege (CAP_NET_ADMIN, for the sysctls). It ends when the socket to its parent does, or with its
 * parent; never by a signal of the terminal: the parent decides. */
#ifndef TWPROBE_HARNESS_LAB_LAB_SERVER_H
#define TWPROBE_HARNESS_LAB_LAB_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cases/matrix/cell.h"
#include "crafter/behaviour.h"
#include "crafter/deed.h"
#include "crafter/fail.h"
#include "crafter/manner.h"
#include "crafter/pair.h"
#include "harness/lab/sysctl.h"

enum lab_server_request_kind {
	LAB_SERVER_GET, LAB_SERVER_SET, LAB_SERVER_RESET,
	LAB_SERVER_CALL,   /* connect: `pair`, `behaviour` */
	LAB_SERVER_LISTEN, /* `listening`: on LAB_PORT */
	LAB_SERVER_MANNER, /* `manner`: of all sockets from now on */
	LAB_SERVER_DEED,   /* `deed` with the connection of `pair` */
};

/* What goes over the SOCK_SEQPACKET socket, one datagram each way. The first answer comes unasked, once the subject
 * listens. */
struct lab_server_request {
	uint32_t number; /* from 1; the answer has it too, and the first one 0 */
	enum lab_server_request_kind kind;
	char name[SYSCTL_NAME_SIZE];
	char value[SYSCTL_TEXT_SIZE];
	struct pair pair;
	enum behaviour behaviour;
	enum listener listening;
	struct manner manner;
	struct deed deed;
};

struct lab_server_answer {
	uint32_t number;
	bool failed;
	char value[SYSCTL_TEXT_SIZE];
	struct error error; /* when it failed */
};

/* Memory that it and its parent share: what the parent must see at once, and without asking. */
struct lab_server_page {
	_Atomic uint64_t given_up; /* connections that the subject should have held and could not */
	uint64_t room;             /* how many it can hold; set before the first answer */
};

/* The window of the SYN with which each crafted end opened, by the last byte of its address and its port; 0: the subject has
 * accepted that, or there was none. */
enum { LAB_SERVER_SYNS = 256 << 16 };
static inline size_t lab_server_syn_place(const struct endpoint *crafted)
{
	return (size_t)crafted->address.bytes[crafted->address.family == 6 ? 15 : 3] << 16 | crafted->port;
}

struct lab_server_options {
	_Atomic uint16_t *syns; /* LAB_SERVER_SYNS of them, shared: it listens for MPTCP, whose sockets keep no SYN;
				       * NULL: for TCP */
	bool ipv6;                 /* listen on LAB_SUBJECT_V6 as well */
	bool never_accept;         /* open LAB_PORT_NEVER */
	const char *host_names; /* sysctl_names() of the host */
	pid_t parent;
	struct lab_server_page *page;
};

/* The child's whole life, called right after fork(); ends with _exit(). */
void lab_server_run(int socket, const struct lab_server_options *options) __attribute__((noreturn));

#endif
