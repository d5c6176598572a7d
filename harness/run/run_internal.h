/* run_internal.h - shared by the files of the run; for them alone. */
#ifndef TWPROBE_HARNESS_RUN_RUN_INTERNAL_H
#define TWPROBE_HARNESS_RUN_RUN_INTERNAL_H

#include "cases/matrix/limits.h"
#include "harness/run/formers.h"
#include "harness/run/heap.h"
#include "harness/run/loss.h"
#include "harness/run/order.h"
#include "harness/run/pace.h"
#include "harness/run/run.h"
#include "harness/run/tally.h"
#include "harness/run/traits.h"
#include "listener/flows.h"

/* How often a cell is asked over somebody else's network: one that is answered, while nothing is suspected; and one that is
 * silent, so often that a run holds a silence that was none less than once in ten thousand times. */
enum {
	RUN_TRIES_FEW = 3,
	RUN_CELLS_FEW = 16,  /* in a run of no more cells: */
	RUN_TRIES_MANY = 10, /* two equal halves look like one kernel once in 512 times; enough to say in which ways */
	RUN_SILENT_TRIES_MIN = 2,
};
#define RUN_SILENCE_DOUBT 1e-4

enum entry_status {
	ENTRY_FREE,    /* or its cell has not begun */
	ENTRY_RUNNING, /* a probe is in flight for it */
	ENTRY_PARKED,  /* an outcome that is not proven yet */
	ENTRY_AGAIN,   /* waits for another try */
	ENTRY_PROVEN,  /* waits for its turn to be delivered */
};

/* Where a try that had no trouble was silent. */
enum silence {
	SILENCE_NONE,
	SILENCE_ANSWER,    /* to the stimulus, and perhaps to the follow-up */
	SILENCE_FOLLOW_UP, /* to the follow-up alone */
};

/* One cell on its way from the matrix to the listener. */
struct entry {
	enum entry_status status;
	struct entry *next;       /* of those that are unused */
	struct record record;
	struct trace *trace;      /* owned; NULL unless asked for */
	struct record *best;      /* owned; of several tries with silence in them the one that shows most, or NULL */
	enum silence silence;     /* in the last try */
	bool calm;                /* its silence surprises; see calm_count */
	bool retryable;           /* the last try's trouble may pass */
	bool unproven_listener;   /* the last try's trouble: it did not say that it is one */
	bool no_ecn;              /* the subject agreed to none */
	uint8_t silent_tries, unfollowed_tries;
	uint8_t followed_tries;   /* of the silent ones those whose follow-up was answered */
	uint8_t troubles;         /* tries that ended without an outcome, or with one that does not count */
	uint8_t proven_silences;  /* tries whose silence the counters prove */
	uint8_t surprises;        /* tries in a row, but for silent ones, with the same answer against the rules */
	struct observation surprise;
	struct side_progress progress; /* of the last try's set-up */
	uint64_t begun_ns;        /* of the last try */
	uint64_t round_trip_ns;   /* the longest that the subject measured is no longer; 0: none yet */
	uint64_t parked_ns;
	uint64_t overloads, given_up, dropped, went_down; /* the wire's health when the last try began */
	uint64_t unplaced;
	bool late;                /* something came for a try that had ended: what its silence was worth is gone */
	bool reachable;           /* that, or a silent try's follow-up was answered: no answer at all is loss, or late */
};

/* A probe in flight. */
struct probe {
	struct peer peer;
	struct state_plan way; /* the peer's, where the cell's conditions add to its state's */
	size_t number; /* of its entry */
	bool used, ready, asking, refused, greeted;
	uint32_t round; /* of the pace that looks at it; 0: none */
	uint16_t unsettled; /* segments sent again that are lost only if the listener answers such at all */
};

/* Something of the subject's that our next flush acknowledges. */
struct greeting {
	uint32_t slot;
	size_t number;
	uint64_t since_ns; /* the subject may have sent it then */
};

struct run {
	const struct run_options *options;
	const struct matrix *matrix;
	const struct transport *wire;
	const struct run_listener *listener;
	struct tally *tally;
	struct error *error;
	bool failed, interrupted;

	size_t cells;              /* to be asked in all */
	size_t next, delivered;    /* numbers: not admitted to the ring yet; handed to the listener */
	size_t begun;              /* so many of them */
	struct order *order;       /* those admitted that have not begun */

	struct probe *probes;      /* in_flight of them */
	uint32_t *free_slots;
	size_t free_count;
	struct flows *flows;
	struct formers *formers;   /* connections that have ended, and may still be heard of */
	uint64_t unplaced;         /* frames that may belong to any of the probes */
	struct heap *heap;

	/* Of the numbers delivered .. next-1; entry = number % ring_size. One that has not begun has `nobody`, which is never
	 * written to. What was delivered last is used next: it is still in the processor's caches. */
	struct entry **ring, nobody, *unused;
	size_t ring_size;
	size_t *parked, parked_count;
	size_t parked_kept;        /* so many of them were so at the last look, too */
	size_t *again, again_count;

	struct order_key shared;   /* what the cells in flight have in common, in force while conditions_set */
	bool conditions_set;
	struct limits limits;      /* theirs */
	char conditions_error[RECORD_REASON_SIZE]; /* why they could not be set; "" when they are */
	enum listener attending;   /* now; shared.listening holds when the stimuli go */
	bool wave, probing;        /* conditions at the probe: reach the state together; stimuli are going */
	size_t ready_count;

	uint32_t *asking, *refused;
	struct greeting *greeted;
	uint64_t slowest_ns;       /* the longest round trip of all */
	int *refused_number;
	size_t asking_count, refused_count, greeted_count;

	bool far_late;             /* the capture of the far side comes later than anybody waits for in the middle of a run */
	bool far_settled, far_told; /* no more is expected of it; that it is waited for, was said */
	bool contested;            /* some cell's tries ended differently, or there are two senders: all are tried more often */
	uint64_t syn_acks, copies; /* SYN-ACKs heard first, and those heard again for no reason but the network's */
	uint8_t first_ttl;         /* of the first SYN-ACK; 0: none yet */
	size_t calm_count;         /* entries whose silence may be a limit of the subject's that the run reaches: not so fast */
	struct loss loss;          /* on the way to the states, and of stimuli that were answered in the end */
	struct health health;
	uint64_t checked_ns, started_ns, progress_ns;
	struct pace pace;
	uint64_t foretold_at;      /* exchanges, of which the end of the run is foretold anew */
	struct traits traits;      /* of a stranger */
	bool acks_resets;          /* its RSTs carry an ACK where RFC 9293 has none: they are not its process's */
	size_t fruitless;          /* probes in a row without any answer to their SYN, and none answered meanwhile */
	bool heard_subject;
	bool heard_fin;            /* some connection was closed by the subject first */
};

static inline struct entry *run_entry(struct run *run, size_t number)
{
	return run->ring[number % run->ring_size];
}

static inline size_t run_active(const struct run *run)
{
	return run->options->in_flight - run->free_count;
}

/* A queue that the conditions made short is not filled by the run itself. */
static inline bool run_has_room(const struct run *run)
{
	return run->free_count && (!run->conditions_set || run_active(run) < run->limits.at_a_time);
}

/* run_ring.c: entries by their numbers. */
bool run_ring_open(struct run *run); /* false: out of memory */
void run_ring_close(struct run *run);
/* A new one for that number, which has begun; NULL: out of memory. */
struct entry *run_ring_take(struct run *run, size_t number);
/* It was delivered. */
void run_ring_give_back(struct run *run, size_t number);

/* run_probe.c: a probe's life. */
void run_probe_begin(struct run *run, size_t number);
void run_probe_step(struct run *run, struct probe *probe, const struct peer_event *event);
void run_probe_heard(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns);
void run_probes_time_out(struct run *run, uint64_t now_ns);
void run_probes_testify(struct run *run);
void run_probes_refused(struct run *run);
void run_probes_cancel(struct run *run);
void run_probe_note_refused(void *context, const struct tuple *tuple, int error_number);

/* After that many fruitless probes in a row nobody is there (any longer): more of them would only take time. */
static inline bool run_is_hopeless(const struct run *run)
{
	bool was_there = run->heard_subject && run->health.went_down == 0;

	return run->fruitless >= (was_there ? run->options->in_flight + 8 : 8);
}

/* run_proof.c: from an outcome to a record that can be believed. */
void run_entry_park(struct run *run, struct probe *probe);
/* What the books expect of its cell, or of one whose subject has offered the window that the record has. */
void run_expect(const struct run *run, struct record *record);
/* run_fields.c: what the linux book says of the fields of what the last try heard, the kind of answer being right. */
void run_expect_fields(const struct run *run, struct record *record, const struct peer *peer);
/* After its last try, or one before it, had ended. */
void run_entry_heard_late(struct run *run, size_t number, const struct notice *notice);
void run_entry_close(struct run *run, size_t number, enum verdict verdict, const char *reason);
void run_entry_again(struct run *run, size_t number);
/* It was parked last; what its conditions ask for is refused. */
void run_entry_skip(struct run *run, size_t number, const char *reason);
void run_entry_inconclusive(struct run *run, size_t number, const char *reason);
bool run_entries_check(struct run *run, uint64_t now_ns);

/* What both sides of a router heard of the last try, as far as it is known now. */
void run_look_behind(const struct run *run, struct record *record, const struct entry *entry);

/* run_later.c: all that is asked is done; entries wait for a capture of the far side that is finished later. */
bool run_awaits_far(const struct run *run);
/* Looks at it again. */
void run_settle_far(struct run *run);
/* Every cell has been asked, and nothing is in flight or has to be proven. */
static inline bool run_is_over(const struct run *run)
{
	return run->begun == run->cells && run_active(run) == 0 && run->parked_count == 0 && run->again_count == 0;
}

/* run_handshake.c: a SYN-ACK or FIN for this probe came, and what acknowledges it is queued; all that was queued is sent. */
void run_greeted(struct run *run, uint32_t slot, const struct segment *segment, uint64_t time_ns);
void run_greetings_sent(struct run *run);
/* The longest that the subject may have measured for this entry's connection, of its own or by inheritance. */
uint64_t run_longest_round_trip(const struct run *run, const struct entry *entry);
/* The silence of the last try may be the kernel's to an ACK that it takes for overtaken, which that time decides. */
bool run_entry_may_be_overtaken(const struct entry *entry, uint64_t round_trip_ns);

/* run_forecast.c: puts into the tally how long all will take, as far as distance and loss are known. */
void run_foretell(struct run *run);

/* run_traits.c: a try of this entry has ended; whether its state was reached is learnt. */
void run_learn_way(struct run *run, const struct entry *entry, const struct peer *peer);
/* Nobody has reached its state yet, and this trouble may be why: some more tries show it. */
bool run_may_be_the_state(const struct run *run, const struct entry *entry, enum peer_trouble trouble);
/* Before a try, the `first` or another: cells are asked as they can be. Why this one is not; NULL: it is. */
const char *run_entry_adapt(struct run *run, size_t number, bool first);

/* run_mixed.c: do the tries of a cell contradict each other? */
enum tries_say {
	TRIES_AGREE,   /* with each other, as far as there are enough */
	TRIES_TOO_FEW,
	TRIES_CONTEST, /* more are needed to say so */
	TRIES_MIXED,
};
enum tries_say run_entry_tries_say(struct run *run, struct entry *entry);
/* Whether one contested cell is reason enough to ask all of them more often: not where the network may have done it. */
bool run_suspects(const struct run *run);
/* From now on nothing is believed that was asked only a few times, and what was is asked again. */
void run_contest(struct run *run);
/* Whether what is decided is kept back, because it may yet be contested. */
bool run_holds_back(const struct run *run);

/* run_weigh.c: what the tries so far show together. The entry is proven after that, inconclusive, or asked again. */
void run_entry_weigh(struct run *run, size_t number);
/* Adds what the router had to do with it to the record's reason. */
void run_add_cause(struct record *record);

#endif
