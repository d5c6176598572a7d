/* results_pool.c - what results are kept in: words of all files, and room for cells. */
#include <stdlib.h>

#include "harness/results/results_internal.h"

const char *results_aspect_name(enum aspect aspect)
{
	static const char *const names[ASPECT_COUNT] = {
		[ASPECT_ANSWER] = "answer",  [ASPECT_ISN] = "isn",       [ASPECT_AFTER] = "state after",
		[ASPECT_FOLLOW_UP] = "follow-up", [ASPECT_FLAGS] = "flags", [ASPECT_SEQ] = "seq",
		[ASPECT_ACK] = "ack",        [ASPECT_TSVAL] = "TSval",   [ASPECT_TSECR] = "TSecr",
		[ASPECT_WINDOW] = "window",  [ASPECT_TOS] = "tos",       [ASPECT_TTL] = "ttl",
		[ASPECT_OPTIONS] = "options", [ASPECT_TIMER] = "after.timer",
		[ASPECT_RESTARTED] = "after.timer_restarted", [ASPECT_RECV_Q] = "after.recv_q",
		[ASPECT_SEND_Q] = "after.send_q", [ASPECT_RCV_NXT] = "after.rcv_nxt", [ASPECT_TS_RECENT] = "after.ts_recent",
	};

	return names[aspect];
}

int results_pool_open(struct pool *pool, struct error *error)
{
	pool->cells = intern_open();
	pool->words = intern_open();
	if (pool->cells && pool->words && intern_add(pool->words, "not known") == WORD_UNKNOWN &&
	    intern_add(pool->words, "none") == WORD_NONE)
		return 0;
	results_pool_close(pool);
	return fail(error, "out of memory for the results");
}

void results_pool_close(struct pool *pool)
{
	intern_close(pool->cells);
	intern_close(pool->words);
	pool->cells = pool->words = NULL;
}

struct result *results_next(struct results *results, struct error *error)
{
	size_t room = results->room ? results->room * 2 : 256;
	struct result *grown;

	if (results->count == results->room) {
		grown = realloc(results->results, room * sizeof(*grown));
		if (!grown) {
			fail(error, "out of memory for the results");
			return NULL;
		}
		results->results = grown;
		results->room = room;
	}
	return &results->results[results->count];
}
