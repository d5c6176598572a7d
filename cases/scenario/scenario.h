/* scenario.h - a script that shows one thing, as a value: parts, and their steps. docs/scenarios.md describes the files.
 *
 * A part begins without connections and with the lab's own sysctls. A step does one thing and may check what became
 * of it. What a part requires decides whether it can be played against a given server. */
#ifndef TWPROBE_CASES_SCENARIO_SCENARIO_H
#define TWPROBE_CASES_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/case_file.h"
#include "cases/matrix/cell.h"
#include "cases/quantity.h"
#include "cases/scenario/trait.h"
#include "crafter/deed.h"
#include "crafter/fail.h"
#include "crafter/state.h"
#include "crafter/stimulus.h"

enum {
	STEP_ID_SIZE = 24,
	STEP_COUNTERS_MAX = 6,
	STEP_COUNTER_NAME_SIZE = 48,
	STEP_WORD_SIZE = 16,
	STEP_RULE_SIZE = 96,
	PART_CONNECTIONS_MAX = 4096, /* that one part may open */
};

enum step_kind {
	STEP_REACH,   /* open a connection and bring the subject into a state: the peer's work */
	STEP_SEND,    /* one segment, given in offsets; or several copies of it */
	STEP_REPLY,   /* what a client would reply to the last answer: its ACK or its RST */
	STEP_HEAR,    /* what the subject sends on its own account */
	STEP_PROCESS, /* its process does something with its connection */
	STEP_WAIT,
	STEP_UNTIL,   /* wait until the witness sees a state */
	STEP_SYSCTL,
	STEP_CELLS,   /* a table of cells, asked by the run that asks matrices */
	STEP_MEASURE,
	STEP_CLIENT,  /* a client of the kernel's own */
	STEP_KIND_COUNT,
};

/* What a step or a check needs beyond a server to send to: bits. */
enum need {
	NEED_WITNESS = 1,  /* the state of the server's socket */
	NEED_COUNTERS = 2, /* its kernel's counters */
	NEED_SYSCTLS = 4,  /* its sysctls */
	NEED_LAB = 8,      /* sockets of our own on the server's machine */
	NEED_COUNTER = 16, /* a counter that this kernel does not have */
	NEED_KERNEL = 32,  /* its version, where the rule book's prediction depends on it */
	NEED_DIRECT = 64,  /* nothing between: the lab's own clients are in the subject's namespace */
	NEED_PATH = 128,   /* a router between, both sides of which are heard */
	NEED_ALL = 255,
};

enum measure { MEASURE_ISN_CLOCK, MEASURE_LIFETIME, MEASURE_COUNT };

enum client_action {
	CLIENT_CONNECT, /* our own connect() to the subject; reads to the end, closes */
	CLIENT_CURL,    /* curl --local-port to a server that reads a request, answers and closes */
	CLIENT_REUSE,   /* our own connect() to a crafted server; when it is connected it closes first */
	CLIENT_SERVER,  /* none: curl's server ends, and another one binds its port and listens */
	CLIENT_COUNT,
};

struct counter_check {
	char name[STEP_COUNTER_NAME_SIZE]; /* "TcpExt.TCPChallengeACK" */
	struct range by;                   /* how much it grew during the step */
};

/* What both sides of a router must have seen of the step; "": omitted. */
struct path_checks {
	char stimulus[STEP_WORD_SIZE];    /* "reached", "stopped" */
	char answer_from[STEP_WORD_SIZE]; /* "subject", "router", "stopped", "nobody" */
	/* The state in the router's connection tracking: "ESTABLISHED", "none". */
	char tracked_before[STEP_WORD_SIZE], tracked_after[STEP_WORD_SIZE];
	char says[STEP_RULE_SIZE];        /* is part of what is said of it (harness/wire/sides.h): of a rule, for instance */
};

/* What must hold after the step. Whatever is omitted is shown but not judged. */
struct checks {
	enum answer answer;     /* ANSWER_OPEN: omitted */
	bool answer_by_book;    /* as the linux rule book predicts; only right after reach */
	enum isn isn;           /* ISN_NONE: omitted */
	bool isn_by_book;       /* as the linux rule book predicts for this kernel's version */
	struct range answers;   /* number of segments that came */
	struct range gap;       /* between the answer and the segment before it */
	struct trait_check traits[TRAIT_COUNT]; /* of the answer */
	bool acks_said;
	struct offset acks;     /* acknowledgment of the answer, from rcv_nxt of the connection that was reached */
	enum state state;       /* STATE_UNKNOWN: omitted */
	struct range expires;   /* of the socket's timer */
	struct range recv_queue, send_queue;
	struct range listener_queue; /* accept queue of the listener the connection came from */
	struct range took;      /* duration of until; result of measure */
	char client[STEP_ID_SIZE]; /* "connected", "reused" or the name of an errno; "": omitted */
	uint8_t counter_count;
	struct counter_check counters[STEP_COUNTERS_MAX];
	struct path_checks path;
};

struct scenario_cell {
	struct cell cell;
	int line;
};

/* Addresses that are no host's (RFC 9293 3.9.2.3): all hosts of the link, 224.0.0.1 or ff02::1, and 255.255.255.255, for
 * which IPv6 has the former. */
enum cast { CAST_HOST, CAST_MULTICAST, CAST_BROADCAST, CAST_COUNT };

struct step {
	enum step_kind kind;
	int line;
	char id[STEP_ID_SIZE];  /* for the conclusion; "" has none */
	char *note;             /* shown next to it; may be NULL */
	char on[STEP_ID_SIZE];  /* name of its connection; "" is the last one reached */
	struct checks checks;

	/* STEP_REACH; `state` also STEP_UNTIL */
	enum state state;
	bool timestamps;        /* the client offers them */
	bool never_accept;      /* the listener that never accepts (lab) */
	enum opening opening;   /* but for the passive one the subject connects (lab) */
	/* STEP_PROCESS */
	struct deed deed;
	/* STEP_SEND and STEP_REPLY */
	struct stimulus stimulus;
	struct sack_list sack;  /* counted from snd_nxt; none: no such option */
	bool again;             /* the last segment again, as a retransmission */
	bool new_port;          /* from another port of the same address: another client behind it */
	bool reset;             /* STEP_REPLY: RST, else the ACK that completes a handshake */
	enum behaviour behaviour; /* BEHAVIOUR_COUNT: what a client that knows of none sends */
	enum cast from, to;     /* a source or a target that is no host's */
	bool onward;            /* they are no copies: each begins where the one before it ends */
	unsigned times;         /* copies at once; STEP_REACH: that many connections, one after the other */
	/* STEP_WAIT; STEP_UNTIL and STEP_HEAR: at most that long; STEP_MEASURE: pause between samples */
	uint64_t wait_ns;
	bool client_wait;       /* only a real client waits here: --fast does not */
	/* STEP_SYSCTL */
	struct sysctl sysctl;
	/* STEP_CELLS */
	struct scenario_cell *cells;
	size_t cell_count;
	/* STEP_MEASURE */
	enum measure measure;
	unsigned samples;
	uint64_t disturb_ns;    /* lifetime: when a SYN that PAWS rejects is sent; 0: never */
	/* STEP_CLIENT */
	enum client_action client;
	bool any_port;          /* the kernel chooses the port; else it is bound */
	bool bound_to_lo;       /* SO_BINDTODEVICE */
	bool reuses_address;    /* SO_REUSEADDR, as by default */
	bool clock_back;        /* its TSval must fall below that of the connection before */
};

struct part {
	char *title; /* may be NULL */
	int line;
	bool slow;   /* waits for timers of the kernel: only with --slow */
	bool hours;  /* and so long that it is played only where the time is virtual */
	char *path;  /* a name or a file: what stands between, where it is played in the lab; NULL: nothing */
	char needs_sysctl[2 * SYSCTL_NAME_SIZE]; /* NAME[=VALUE]...: left out where the kernel lacks or refuses one */
	size_t step_count;
	struct step *steps;
};

/* A sentence of the conclusion: printed if all the steps it rests on were seen to be as the file states. */
struct sentence {
	char *text;         /* {ID} is replaced by what was observed in that step */
	bool wire;          /* it claims nothing that only a witness or counters show: printed even without them */
	size_t from_count;
	char (*from)[STEP_ID_SIZE];
	struct kernel since, before; /* printed only for kernels from, and below, these; not known: for all */
	int line;
};

struct scenario {
	char name[CASE_FILE_NAME_SIZE];
	char *title;         /* one line */
	char *shows;         /* a paragraph */
	char *path;          /* of the parts that name none; NULL: nothing */
	unsigned tries;      /* how often it may be played: some limits of the kernel are reset every second */
	size_t part_count;
	struct part *parts;
	size_t sentence_count;
	struct sentence *sentences;
};

/* Errors name file, line and column. NULL on error. */
struct scenario *scenario_load(const char *path, struct error *error);
struct scenario *scenario_parse(const char *file, const char *text, size_t size, struct error *error);
void scenario_free(struct scenario *scenario); /* NULL is fine */

/* OR of enum need: what the checks cannot be made without; what the steps of the part cannot be done without. */
unsigned scenario_checks_need(const struct checks *checks);
unsigned scenario_part_needs(const struct part *part);
/* Whether the sentence is one about this kernel. */
bool scenario_sentence_applies(const struct sentence *sentence, const struct kernel *kernel);
/* How many connections of ours the part opens at most. */
size_t scenario_part_connections(const struct part *part);
/* STEP_REACH: the subject connects on its way to the state. */
bool scenario_connects(const struct step *step);
bool scenario_has_paths(const struct scenario *scenario); /* some part has one */
bool scenario_is_slow(const struct scenario *scenario); /* some part is */
/* "the witness", "sysctls of the server"... for messages. */
const char *scenario_needs_format(unsigned needs, char *buffer, size_t size);

/* The step of that id, or NULL. `number` (may be NULL) counts from 1 through all the parts. */
const struct step *scenario_step(const struct scenario *scenario, const char *id, size_t *number);

const char *scenario_step_kind_name(enum step_kind kind);
/* "multicast", "broadcast"; CAST_COUNT: unknown name. */
enum cast scenario_cast_parse(const char *name);
enum measure scenario_measure_parse(const char *name);
enum client_action scenario_client_parse(const char *name);
/* What the step does, in a few words: "send syn, seq-below, ts-above". */
const char *scenario_step_format(const struct step *step, char *buffer, size_t size);

#endif
