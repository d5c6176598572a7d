/* play.h - plays a scenario over a transport and keeps what was seen: the ladder, each step's findings, the verdict.
 *
 * The peer brings the subject into each state; stimulus and baseline make every segment; the run that asks matrices
 * asks the cells of a table. What is added here is only the order of the steps. */
#ifndef TWPROBE_HARNESS_PLAY_PLAY_H
#define TWPROBE_HARNESS_PLAY_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/scenario/findings.h"
#include "cases/scenario/scenario.h"
#include "crafter/fail.h"
#include "harness/lab/counters.h"
#include "harness/lab/lab.h"
#include "harness/lab/witness.h"
#include "harness/run/record.h"
#include "harness/wire/transport.h"
#include "harness/wire/wire.h"

/* A step that takes long, for a progress line: now and then. */
typedef void play_progress(void *context, const char *what, uint64_t elapsed_ns, uint64_t expected_ns);

/* Where a scenario is played; the same for all of a run. */
struct play_setup {
	const struct transport *transport;
	struct wire *wire;          /* behind the transport; NULL: a fake */
	struct witness *witness;    /* NULL: none */
	struct counters *counters;  /* NULL: none */
	struct lab *lab;            /* NULL: a target of the user's */
	unsigned has;               /* enum need */
	struct endpoint target;
	struct peer_rules rules;
	struct kernel kernel;
	uint64_t seed;
	/* The path that stands between here; NULL: none. A part is played where its path is. */
	const char *path;
	bool any_part;              /* every part is played here, whatever its path: the user chose this one */
	const char *refused;        /* why there is no such path here; else NULL */
	const struct play_setup *next; /* of another path; NULL: there is no more */
	bool fast, slow;
	bool virtual_time;          /* the clock stands still while anybody works: no machine can be late */
	play_progress *progress;    /* may be NULL */
	void *progress_context;
};

enum line_kind { LINE_PART, LINE_SEGMENT, LINE_REMARK };

enum { LINE_TEXT_SIZE = 200, LINE_STATE_SIZE = 16 };

/* One line of the ladder. */
struct line {
	enum line_kind kind;
	uint64_t time_ns;
	size_t part;
	size_t connection;            /* number within the part, from 1; 0: none */
	bool ours;                    /* from the crafted side, or the client, to the server's */
	bool calls;                   /* the subject is the client: it connected */
	struct segment segment;       /* payload is NULL */
	struct tuple tuple;           /* client to server */
	bool reached;                 /* numbers count from `base`; before that, from the two ISNs */
	struct baseline base;
	uint32_t client_isn, server_isn;
	char client[LINE_STATE_SIZE], server[LINE_STATE_SIZE]; /* states after it; "" not known */
	char text[LINE_TEXT_SIZE];    /* a remark, a part's title, a note next to the segment */
};

enum { STEP_PATH_SIZE = 200 };

struct step_result {
	bool played;
	const char *left_out;        /* why not; NULL */
	struct findings findings;
	char observed[FINDING_TEXT_SIZE]; /* what replaces {ID} in the conclusion */
	const char *citation;        /* of the rule book, where it decided */
	char path[STEP_PATH_SIZE];   /* what the router had to do with it; "" */
};

/* A cell of a table: what the run delivered. */
struct cell_result {
	size_t step;
	struct record record;
};

struct play {
	enum verdict verdict;
	char reason[RECORD_REASON_SIZE];  /* why it is not "agrees": the first finding, the trouble, what is missing */
	size_t differing;                 /* the number of the step that the verdict "differs" rests on, from 1; 0: none */
	size_t step_count;
	struct step_result *steps;        /* of all the parts, in order */
	size_t part_count;
	char (*parts_left_out)[256];      /* why; "" was played */
	size_t line_count, line_room;
	struct line *lines;
	size_t cell_count, cell_room;
	struct cell_result *cells;
	struct kernel kernel;             /* whose rules judged */
	unsigned tries;
	unsigned plays[VERDICT_COUNT];    /* how often it was played until it was believed, by how that ended */
	unsigned resent;                  /* set-up segments that had to be sent again: a sign of loss */
	uint64_t late_ns;                 /* so late we were at most: this process, or its machine, stood still */
	bool weak;                        /* a silence that only the lack of an answer shows */
	bool interrupted;
	uint64_t begun_ns, ended_ns;
};

/* 0: `play` says how it went, also where the scenario could not be played; -1: the wire failed. The caller frees what
 * it holds in either case. */
int play_scenario(const struct scenario *scenario, const struct play_setup *setup, struct play *play, struct error *error);
void play_free(struct play *play);

/* The sentences of the conclusion that follow from what was seen, joined. */
const char *play_conclusion(const struct scenario *scenario, const struct play *play, char *buffer, size_t size);

#endif
