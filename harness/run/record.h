/* record.h - what became of one cell, as one flat value; what every report is made from. */
#ifndef TWPROBE_HARNESS_RUN_RECORD_H
#define TWPROBE_HARNESS_RUN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "cases/books/oracle_fields.h"
#include "cases/books/oracle_fields_remains.h"
#include "cases/books/verdict.h"
#include "cases/matrix/cell.h"
#include "crafter/peer.h"
#include "harness/wire/sides.h"

enum { RECORD_REASON_SIZE = 320, RECORD_NOTICES_MAX = 6, RECORD_OUTCOMES_MAX = 6, TRACE_MAX = 64 };

/* One segment of the ladder. */
struct trace_entry {
	uint64_t time_ns;
	bool ours;
	struct segment segment; /* payload is NULL, payload_size is kept */
	const char *note;       /* "stimulus", "answer", "follow-up", "retransmission"...; may be NULL */
	bool unsound;           /* no segment, but something about the connection: `notice`; `segment` has the tuple */
	struct notice notice;
};

/* The segments of one probe in order; kept only where a ladder is to be shown. */
struct trace {
	size_t count, lost; /* lost: those that did not fit */
	struct trace_entry entries[TRACE_MAX];
};

/* What several tries of a cell saw in the same way. */
struct outcome {
	enum answer answer;
	enum isn isn;
	enum state after;        /* STATE_UNKNOWN: not known */
	enum fate fate;
	uint8_t ttl;             /* of the answer, for the first of them; 0: none */
	bool ip_id;              /* that answer had an IP ID other than 0 */
	unsigned tries;
};

struct record {
	size_t number; /* of the cell in the matrix, with repeats: number % matrix_count */
	struct cell cell;
	enum verdict verdict;
	char reason[RECORD_REASON_SIZE]; /* "" is null: why it differs, is inconclusive or was skipped */
	bool acks_resets;                /* every RST of this subject's carries an ACK */
	bool observed;                   /* answer, isn, sent... are known */
	enum answer answer;
	enum isn isn;
	struct expectation expected[BOOK_COUNT];
	struct alternatives alternatives[BOOK_COUNT]; /* all that may be expected; expected[] is the first of each */
	enum state before, after;        /* STATE_UNKNOWN: null */
	struct sighting sighted_before, sighted_after; /* what the witness said besides */
	bool has_sent;
	struct segment sent;
	uint64_t sent_ns;                /* when the capture saw it */
	bool has_first;                  /* it is the second of two; the first had this answer, or none (no time) */
	struct peer_heard first;
	uint8_t heard_count;
	struct peer_heard heard[PEER_HEARD_MAX];
	bool has_baseline;
	struct baseline baseline;
	struct pair pair;
	bool has_follow_up;
	struct segment follow_up;
	enum answer follow_up_answer;
	enum isn follow_up_isn;
	bool follow_up_conclusive;
	struct segment follow_up_reply;  /* what answered it; payload is NULL. Where follow_up_answer is one */
	struct fields fields;            /* what the linux book says of the answer's, and of follow_up_reply's */
	struct fields follow_up_fields;
	struct remains remains;          /* and of the socket afterwards */
	uint8_t tries;                   /* fresh connections it took */
	uint8_t outcome_count;           /* of all tries that went well; more sorts than fit count with the last */
	struct outcome outcomes[RECORD_OUTCOMES_MAX];
	uint8_t notice_count;            /* of all tries: what came and was not an answer, the first of each sort */
	struct notice notices[RECORD_NOTICES_MAX];
	struct side_view side;           /* of the last try, where a router is between */
	const struct trace *trace;       /* NULL unless asked for */
};

/* Something was seen of the cell, and it is certain. */
bool record_is_conclusive(const struct record *record);
/* What was seen of an observed cell, for a judge. */
struct observation record_observation(const struct record *record);

/* A field that is not as the linux book says: of the answer, of the follow-up's, or of the socket ("after.timer"). */
struct wrong_field {
	const char *name;   /* NULL: there is none */
	const char *rule;
	bool of_follow_up;  /* of its answer */
	bool of_socket;     /* of no segment */
	char expected[FIELD_TEXT_SIZE], observed[FIELD_TEXT_SIZE];
};
void record_wrong_field(const struct record *record, struct wrong_field *wrong);
struct field_bases record_field_bases(const struct record *record);
enum sighting_restart record_restart(const struct record *record);
/* What the subject remembers after the stimulus, by the ACK of the follow-up's answer, or by the answer. */
struct memory {
	bool has_rcv_nxt, has_ts_recent;
	uint32_t rcv_nxt, ts_recent;
};
struct memory record_memory(const struct record *record);

/* How a rule book compares with what was seen. */
enum opinion {
	OPINION_UNTESTED,  /* nothing conclusive was seen */
	OPINION_OPEN,      /* it leaves the cell open */
	OPINION_SAME,      /* it expects what was seen */
	OPINION_OTHERWISE, /* it expects another answer, ISN or state afterwards */
};

/* Whether this book was asked at all. */
static inline bool record_asked(const struct record *record, enum book book)
{
	return book != BOOK_FREEBSD || record->alternatives[BOOK_FREEBSD].count;
}
/* The verdict by a rule book; by none (BOOK_COUNT) whatever was seen is right. */
enum verdict record_verdict(const struct record *record, enum book book, char *why, size_t size);
enum opinion record_opinion(const struct record *record, enum book book);
/* The first segment heard that is not a retransmission; NULL for silence and where nothing was observed. */
const struct peer_heard *record_answer(const struct record *record);

/* Whether one of the outcomes is that of a listener in the place of the half-open connection that was asked. */
bool record_met_listener(const struct record *record);
/* Counts what the last try saw, which went well. Returns its outcome. */
const struct outcome *record_outcome(struct record *record);
/* Takes back what was counted for silence. */
void record_forget_silence(struct record *record);
/* "ack 4 times (TTL 64), syn-ack continued 6 times (TTL 63)"; TTL and IP ID are given where they differ. */
const char *record_outcomes_text(const struct record *record, char *buffer, size_t size);

/* Keeps the first of each sort, as far as there is room. */
void record_notice(struct record *record, const struct notice *notice);

#endif
