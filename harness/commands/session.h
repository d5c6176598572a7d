/* session_base.h - what every command that probes opens, in this order: the files it writes, the lab or the way to a target,
 * the wire; then privileges are given up, and most system calls. */
#ifndef TWPROBE_HARNESS_COMMANDS_SESSION_BASE_H
#define TWPROBE_HARNESS_COMMANDS_SESSION_BASE_H

#include <stdbool.h>

#include "harness/commands/options.h"
#include "harness/commands/output.h"
#include "harness/lab/lab.h"
#include "harness/lab/sandbox.h"
#include "harness/wire/route.h"
#include "harness/wire/wire.h"

struct session_base {
	const struct options *options;
	struct lab *lab;                 /* NULL: a target of the user's */
	struct loop *loop;
	struct wire *wire;
	struct transport transport;
	struct output *savefile;         /* of --pcap; NULL: none */
	struct endpoint target;
	struct address source;           /* of --source */
	struct route route;
	bool own;                        /* the subject's kernel is this one: in the lab, or at a target on this machine */
	struct kernel kernel;            /* whose rules judge */
	char local_release[65];          /* of this kernel */
	const char *release;             /* of the subject's; NULL: not known */
	const char *name;                /* "lab", or the target */
	char target_text[ENDPOINT_TEXT_SIZE], rules_text[KERNEL_TEXT_SIZE];
};

/* What differs between commands. */
struct session_needs {
	bool whole, any_port;            /* as in struct wire_options */
	unsigned families;               /* 1 << 4 | 1 << 6; 0: whatever there is */
	size_t in_flight;
	enum sandbox sandbox;            /* what may be done afterwards */
	/* Opens what else needs privileges; may be NULL. */
	int (*open)(void *context, struct wire *wire, struct error *error);
	void *context;
};

/* Whatever is wrong with the options is said before anything is sent, or any lab is made. -1: wrong usage. */
int session_base_check(struct session_base *base, const struct options *options, struct error *error);
/* The lab, or the way to the target. EXIT_AGREES; else the exit code, and standard error has said why. */
int session_base_reach(struct session_base *base, const struct lab_options *lab, struct error *error);
/* How patient to be, and what the options say of it. */
void session_base_rules(const struct session_base *base, struct peer_rules *rules);
/* Everything that needs privileges, and then their end, before the first byte from the network is looked at. */
int session_base_open(struct session_base *base, const struct session_needs *needs, struct error *error);
/* The capture is whole; what the wire has to say goes to standard error. */
int session_base_finish(struct session_base *base, struct error *error);
void session_base_close(struct session_base *base);

/* Nothing could be asked: the report says so too. Returns EXIT_CANNOT_RUN. */
int session_cannot_run(const struct options *options, const char *text);

#endif
