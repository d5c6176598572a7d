/* session.h - what every command that probes opens, in this order: the files it writes, the lab or the way to a target,
 * the wire; then privileges are given up, and most system calls. */
#ifndef TWPROBE_HARNESS_COMMANDS_SESSION_H
#define TWPROBE_HARNESS_COMMANDS_SESSION_H

#include <stdbool.h>

#include "harness/commands/options.h"
#include "harness/commands/output.h"
#include "harness/lab/lab.h"
#include "harness/lab/recorded.h"
#include "harness/lab/sandbox.h"
#include "harness/lab/stack.h"
#include "harness/report/report_capture.h"
#include "harness/run/exit_code.h"
#include "harness/wire/route.h"
#include "harness/wire/wire.h"

enum { SESSION_NAMESPACE_SIZE = 64 };

struct session {
	const struct options *options;
	struct error *refused;           /* of its needs */
	struct path *path;               /* what stands before the subject; NULL: nothing */
	struct lab *lab;                 /* NULL: a target of the user's, or a process */
	struct stack *stack;             /* of --engine=exec; else NULL */
	struct loop *loop;
	struct wire *wire;
	struct transport transport;
	struct output *savefile;         /* of --pcap; NULL: none */
	struct output *written;          /* of -w; NULL: none */
	struct report_capture *capture;  /* what goes there; NULL: none */
	struct endpoint target;
	struct address source;           /* of --source */
	struct route route;
	char far_namespace[SESSION_NAMESPACE_SIZE];
	const char *far;                 /* the interface of --far, in that namespace ("": in ours); NULL: none */
	const char *far_file;            /* or the file; NULL: none */
	bool own;                        /* the subject's kernel is this one: in the lab, or at a target on this machine */
	struct kernel kernel;            /* whose rules judge */
	char local_release[65];          /* of this kernel */
	const char *release;             /* of the subject's; NULL: not known */
	const char *engine;              /* what runs the subject: "lab", "uml", "exec"; NULL: a target */
	const char *name;                /* "lab", the target, or the command of a process */
	char target_text[ENDPOINT_TEXT_SIZE], rules_text[KERNEL_TEXT_SIZE];
	size_t in_flight;                /* connections at the same time */
	struct sysctl sysctls[RECORDED_MAX]; /* of the lab, as the run found them */
	size_t sysctl_count;
};

/* What differs between commands. */
struct session_needs {
	struct lab_options lab;
	bool whole, any_port;            /* as in struct wire_options */
	unsigned families;               /* 1 << 4 | 1 << 6; 0: whatever there is */
	bool ipv6;                       /* a lab without IPv6 is of no use */
	const char *path;                /* by the names of the cells that will be asked; NULL or "": what the options say */
	/* Connections that there must be room for at the same time; 0: as many as the options say or is usual, `useful` at
	 * most. */
	size_t at_once, useful;
	enum sandbox in_lab, at_target;  /* what may be done afterwards */
	/* Others are opened before session_settle() gives privileges up. */
	bool unsettled;
	/* Where it cannot run, why, instead of a message; NULL: a message. */
	struct error *refused;
	/* Opens what else needs privileges; may be NULL. */
	int (*open)(void *context, struct wire *wire, struct error *error);
	void *context;
};

/* Reports whatever is wrong with the options before anything is sent, or any lab is made. Then opens the lab or the way to the
 * target, and everything that needs privileges; then gives them up, before the first byte from the network is looked at.
 * EXIT_AGREES; else the exit code, after an error message. In either case session_close. */
int session_open(struct session *session, const struct options *options, const struct session_needs *needs);
/* What session_open leaves out of an unsettled session: once for all of them. */
int session_settle(const struct session *session, const struct session_needs *needs, struct error *error);
/* How patient to be, and what the options say of it. */
void session_rules(const struct session *session, struct peer_rules *rules);
/* The capture is whole; what the wire has to say goes to standard error. */
int session_finish(struct session *session, struct error *error);

/* Of --far=NAMESPACE:INTERFACE: how long the name is; 0: an interface of this namespace, or a capture. */
size_t session_far_namespace(const char *far);
void session_close(struct session *session);

#endif
