/* options.h - a command line as one value. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTIONS_H
#define TWPROBE_HARNESS_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "crafter/peer.h"
#include "harness/commands/commands.h"
#include "harness/lab/prefix.h"
#include "harness/lab/subject.h"
#include "harness/map/map_axis.h"
#include "harness/report/format.h"

enum { OPTIONS_MATRICES_MAX = 64, OPTIONS_ALLOWED_MAX = 64, OPTIONS_PATHS_MAX = 16, IN_FLIGHT_MAX = 32768 };

struct cause;
struct guests;

struct map_options {
	const char *output;         /* NULL: omitted */
	struct map_range seq, ts;   /* pixels 0: no --size was given */
	unsigned overlay;           /* OR of 1 << enum book */
	bool refine;
};

struct serve_options {
	struct subject_options subject;
	struct prefix allowed[OPTIONS_ALLOWED_MAX]; /* subject.allowed_count of them */
	const char *address;                        /* [ADDR:]PORT */
	bool calls;                                 /* connects to who asks for it */
};

struct compare_options {
	bool fields, merge, partial;
	bool all;             /* those of every kernel that ships, before the paths */
	const char *baseline; /* NULL: none */
	const char *notes;    /* a file; NULL: none */
	size_t count;
	char **paths;         /* without the baseline */
};

enum { OPTIONS_FILTER_SIZE = 1024, DIAGNOSE_CONNECTIONS = 200000 };

struct diagnose_options {
	const char *path;                 /* "-": standard input */
	bool text;                        /* it is what tcpdump prints */
	char filter[OPTIONS_FILTER_SIZE]; /* "": none */
	size_t connections;
	const char *interface;            /* instead of a file: listen there, live; "any": all of them */
	size_t buffer;                    /* KiB of frames that wait to be read; 0: a default */
	uint64_t duration_ns;             /* 0: until a signal */
	uint64_t every_ns;                /* between two summaries; 0: a default */
	bool replay;                      /* ask again: options.target, or the lab */
};

enum options_engine { ENGINE_LAB, ENGINE_UML, ENGINE_QEMU, ENGINE_EXEC };

struct options {
	struct cell cell;
	const char *cell_option;    /* the last option given that changes `cell`; NULL: none */
	bool sysctl_given;
	const char *matrices[OPTIONS_MATRICES_MAX]; /* names or paths */
	size_t matrix_count;
	const char *only;           /* NULL: all */
	unsigned shard, shards;     /* 0/0: no shards */
	bool strict;                /* a conformance report fails for a SHOULD, too */
	enum format format;
	bool format_given;
	enum book expect;           /* BOOK_COUNT: none */
	bool expect_given;
	size_t repeat;
	size_t workers; /* 0: as many as are worth it */
	size_t in_flight;           /* 0: the default of lab or target */
	double rate;                /* cells a second; 0: the default of lab or target; infinity: --rate=max, --rate=auto */
	bool adapts;                /* --rate=auto */
	uint64_t timeout_ns;        /* of an answer; 0: the default of lab or target */
	const char *source, *interface, *pcap;
	const char *far;            /* what hears the far side of the path to a target; NULL: nothing */
	const char *expected_failures; /* a file; NULL: none */
	bool dry_run;               /* list what would be sent */
	const char *write;          /* -w; "-": standard output; NULL: omitted */
	enum options_engine engine; /* what runs the kernel that is asked */
	bool engine_given;
	const char *engine_command; /* of ENGINE_EXEC: starts the subject's process */
	const char *paths[OPTIONS_PATHS_MAX]; /* what stands before the subject: names or files */
	size_t path_count;
	char *path_text;            /* of the path "-", standard input, which every process has to know; NULL: none */
	size_t path_size;
	const struct guests *guests; /* the workers are kernels of their own (guests.h); NULL: they are labs of this one */
	const char *kernel_image;   /* its file or tree; NULL: the engine's default one */
	struct kernel kernel;       /* with kernel_given: whose rules judge; 0.0.0: any */
	bool kernel_given;
	uint64_t seed;
	int color;                  /* 1 always, 0 never, -1 auto */
	bool quiet, verbose, ipv4, ipv6, no_witness;
	bool calls; /* the target is `twprobe serve --calls` */
	char trigger[PEER_TRIGGER_MAX];
	uint16_t trigger_size;      /* 0: wait */
	const char *scenario;       /* name or path; NULL: none */
	bool all, slow, fast;       /* scenarios: every one; also those that wait; without the waits of a real client */
	struct map_options map;
	struct serve_options serve;
	struct compare_options compare;
	struct diagnose_options diagnose;
	const char *target;         /* HOST:PORT; NULL: the lab */
	const struct cause *finding; /* of explain, instead of the cell; NULL: the cell */
	char **named;               /* names of cells, named_count of them, where a command takes several; export: and files */
	size_t named_count;
	const char *list;           /* one of the lists of `twprobe list`; NULL: all */
	bool rfc;                   /* the requirements of RFC 9293 instead */
	enum command_id command;    /* whose command line it is */
	enum command_id topic;      /* of `twprobe help` */
	bool help, version;         /* asked for; operands were not looked at then */
	int argc;
	char **argv;                /* the command line from the command's name on */
};

/* Parses argv[1..], without the command's name; borrows its strings. */
int options_parse(struct options *options, enum command_id command, int argc, char **argv, struct error *error);

/* The subject is a kernel in a lab of ours: no target, and no process. */
bool options_ask_lab(const struct options *options);
/* True when standard output should be coloured: --color, NO_COLOR, a terminal. */
bool options_color(const struct options *options);

#endif
