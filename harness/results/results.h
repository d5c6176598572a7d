/* results.h - result files (NDJSON, docs: --format=json) read back: what was seen of each cell, in words to compare.
 *
 * Every error names file and line. A file must hold one `run` record first, `cell` records, and one `summary` last; it may
 * be compressed (gzip). A cell record without "received" says nothing of the answer's fields: they are not known. Where the run
 * record has "like":"NAME", the cells are those of NAME.ndjson.gz beside it, but for the ones that the file has itself. */
#ifndef TWPROBE_HARNESS_RESULTS_RESULTS_H
#define TWPROBE_HARNESS_RESULTS_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cases/books/verdict.h"
#include "crafter/fail.h"
#include "harness/report/intern.h"

/* What can be compared. From ASPECT_FIELDS on: fields of the answer, in relative numbers, so that nothing differs by
 * chance ("snd_nxt+65537", never 3439734027). */
enum aspect {
	ASPECT_ANSWER,
	ASPECT_ISN,
	ASPECT_AFTER,     /* state of the subject afterwards */
	ASPECT_FOLLOW_UP, /* answer and ISN of the follow-up */
	ASPECT_FIELDS,
	ASPECT_FLAGS = ASPECT_FIELDS,
	ASPECT_SEQ,
	ASPECT_ACK,
	ASPECT_TSVAL,
	ASPECT_TSECR,
	ASPECT_WINDOW,
	ASPECT_TOS,
	ASPECT_TTL,
	ASPECT_OPTIONS,
	ASPECT_TIMER,     /* the record's "after": of the socket, not of the answer; how long a timer still runs is chance */
	ASPECT_RESTARTED,
	ASPECT_RECV_Q,
	ASPECT_SEND_Q,
	ASPECT_RCV_NXT,
	ASPECT_TS_RECENT,
	ASPECT_COUNT,
};

const char *results_aspect_name(enum aspect aspect);

/* The strings of all files that are compared. words[WORD_UNKNOWN] means that something was not seen. */
enum { WORD_UNKNOWN, WORD_NONE };
struct pool {
	struct intern *cells, *words;
};

int results_pool_open(struct pool *pool, struct error *error);
void results_pool_close(struct pool *pool);

struct result {
	uint32_t name;   /* in pool.cells */
	enum verdict verdict;
	uint32_t values[ASPECT_COUNT]; /* in pool.words */
	uint32_t says;   /* what the router between did with it, in pool.words; WORD_UNKNOWN: nobody heard that */
	uint64_t number; /* of the cell, repeats included */
	off_t offset;    /* of its line in the file, and the line's length */
	size_t length;
};

struct json_t;
struct progress;
struct record;

struct results {
	char *path;
	char *shown; /* the path as plain text */
	int copy;    /* of standard input, without a name; -1: the file can be read again */
	/* The run record; strings are owned, "" where the record has null. */
	char *tool_version, *kernel, *matrix;
	char *over; /* what stood between; "" or NULL: nothing */
	size_t planned, matrix_cells, repeat; /* cells of this run; of the whole matrix; repeats */
	unsigned shard, shards;               /* 0/0: not a shard */
	struct json_t *run, *summary;         /* summary: NULL where the file ends without one */
	bool interrupted;
	size_t count, room;
	struct result *results;
};

/* "-" is standard input. With `partial` a file may lack its summary, its last line may be cut off, and its run may have been
 * interrupted or be one shard. `progress` may be NULL. NULL on error. */
struct results *results_read(const char *path, struct pool *pool, bool partial, struct progress *progress,
			     struct error *error);
/* Its lines can be read again with results_again(). NULL on error. */
struct results *results_read_twice(const char *path, struct pool *pool, struct progress *progress, struct error *error);
struct gzFile_s *results_again(const struct results *results, struct error *error);
/* Its run record alone. NULL on error. */
struct results *results_read_run(const char *path, struct error *error);
/* Those of a run that has just begun; the caller fills in what is known of it. NULL on error. */
struct results *results_open(const char *path, struct error *error);
/* What was seen of one more cell: the same as its record would say when it is read back, without the fields of the answer. */
int results_add(struct results *results, struct pool *pool, const struct record *record, struct error *error);
/* Where the files were asked over different paths, the names of their cells do without the path: it is the files that differ in
 * it, and the same cells are compared. */
int results_join_paths(struct results *const *files, size_t count, struct pool *pool, struct error *error);
void results_free(struct results *results); /* NULL is fine */

#endif
