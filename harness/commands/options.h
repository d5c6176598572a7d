/* options.h - the command line of the commands that probe, as one value. */
#ifndef TWPROBE_HARNESS_COMMANDS_OPTIONS_H
#define TWPROBE_HARNESS_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "crafter/peer.h"
#include "harness/map/map_axis.h"
#include "harness/report/report.h"

enum { OPTIONS_MATRICES_MAX = 16, IN_FLIGHT_MAX = 32768 };

/* Which options a command takes: bits. */
enum option_set {
	OPTIONS_CELL = 1,    /* what one cell is made of */
	OPTIONS_MATRIX = 2,  /* --matrix, --only, --shard */
	OPTIONS_PROBE = 4,   /* how to probe and to report */
	OPTIONS_RUN = 32,    /* the same of a run of cells: how many, how fast, against which rule book */
	OPTIONS_SCENARIO = 8, /* --all, --slow, --fast, and a scenario's name before HOST:PORT */
	OPTIONS_MAP = 16,     /* -o and what the picture shows */
};

struct map_options {
	const char *output;         /* NULL: not said */
	struct map_range seq, ts;   /* pixels 0: no --size was given */
	unsigned overlay;           /* OR of 1 << enum book */
	bool refine;
};

struct options {
	struct cell cell;
	bool said_sysctl;
	const char *said_offset;    /* the option that named a seq or TSval offset; NULL: none did */
	const char *matrices[OPTIONS_MATRICES_MAX]; /* names or paths */
	size_t matrix_count;
	const char *only;           /* NULL: all */
	unsigned shard, shards;     /* 0/0: no shards */
	enum format format;
	enum book expect;           /* BOOK_COUNT: none */
	size_t repeat;
	size_t in_flight;           /* 0: the default of lab or target */
	double rate;                /* cells a second; 0: the default of lab or target; infinity: --rate=max */
	uint64_t timeout_ns;        /* of an answer; 0: the default of lab or target */
	const char *source, *interface, *pcap;
	struct kernel kernel;       /* with said_kernel: whose rules judge; 0.0.0: any */
	bool said_kernel;
	uint64_t seed;
	int color;                  /* 1 always, 0 never, -1 auto */
	bool quiet, verbose, ipv6, no_witness;
	char trigger[PEER_TRIGGER_MAX];
	uint16_t trigger_size;      /* 0: wait */
	const char *scenario;       /* name or path; NULL: none */
	bool all, slow, fast;       /* scenarios: every one; also those that wait; without the waits of a real client */
	struct map_options map;
	const char *target;         /* HOST:PORT; NULL: the lab */
	bool help, version;
};

/* Parses argv[1..]; borrows its strings. `sets` is an OR of enum option_set. */
int options_parse(struct options *options, unsigned sets, int argc, char **argv, struct error *error);

/* What getopt_long found wrong when it returned `code`, '?' or ':', in our words; returns -1. Long options without a letter
 * have numbers from 256 on. */
int options_fail(char **argv, int code, struct error *error);

/* True when standard output should be coloured: --color, NO_COLOR, a terminal. */
bool options_color(const struct options *options);

#endif
