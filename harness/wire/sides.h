/* sides.h - what was heard on both sides of a router: which segments of the subject's side are which of the crafted end's,
 * although a NAT gave them other addresses, ports or numbers. Pure: segments in, a view of one exchange out.
 *
 * A connection is known by the source that the crafted end took for it. What comes out behind the router belongs to it where
 * a SYN with its number shows under which source it goes on there, or where the source is the same. */
#ifndef TWPROBE_HARNESS_WIRE_SIDES_H
#define TWPROBE_HARNESS_WIRE_SIDES_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/pair.h"
#include "crafter/segment.h"

/* What differs between a segment before the router and the same one behind it, as bits. */
enum side_change {
	SIDE_ADDRESS = 1 << 0,
	SIDE_PORT = 1 << 1,
	SIDE_SEQ = 1 << 2,
	SIDE_ACK = 1 << 3,
	SIDE_TIMESTAMPS = 1 << 4, /* TSval or TSecr, or the option is there on one side alone */
	SIDE_OPTIONS = 1 << 5,    /* other options, or another MSS or window scale */
	SIDE_WINDOW = 1 << 6,
	SIDE_IP_ID = 1 << 7,
	SIDE_TOS = 1 << 8,
	SIDE_TTL = 1 << 9,        /* otherwise than by one for each router */
	SIDE_DF = 1 << 10,        /* don't fragment */
	/* What a NAT and other routers do to every segment; TCP does not see it. */
	SIDE_OF_ROUTERS = SIDE_ADDRESS | SIDE_PORT | SIDE_TTL | SIDE_DF,
};

/* Of the stimulus. */
enum side_fate {
	SIDE_FATE_UNKNOWN,
	SIDE_FATE_REACHED,
	SIDE_FATE_STOPPED, /* it did not reach the subject */
};

/* Who sent what the crafted end heard as the answer. */
enum side_answerer {
	SIDE_ANSWERER_NOBODY,  /* silence on both sides */
	SIDE_ANSWERER_UNKNOWN,
	SIDE_ANSWERER_SUBJECT,
	SIDE_ANSWERER_ROUTER,
	SIDE_ANSWERER_STOPPED, /* the subject answered, and nothing of it came through */
};

/* How far a set-up came that went no further, as the crafted end knows it. */
struct side_progress {
	bool heard;               /* a SYN of the subject's: `irs` and `rcv_nxt` are known */
	uint32_t irs, rcv_nxt, snd_una;
};

/* An exchange as the crafted end knows it. */
struct side_exchange {
	const struct segment *sent;   /* the stimulus; NULL: none was sent, the set-up hangs */
	bool again;                   /* it is the second of two that are alike */
	const struct segment *answer; /* what the crafted end took for the answer to it, or NULL */
	const struct segment *follow_up; /* what was sent last, to see what is left of the connection, or NULL */
	const struct side_progress *progress; /* where the set-up hangs: how far it came */
};

/* One exchange, as both sides of the router heard it. */
enum { SIDES_RULE_SIZE = 160 };

struct side_view {
	bool routed;              /* false: there is no router, and nothing else counts */
	bool set_up;              /* the stimulus was never sent: `answerer` and `subject_answer` are about the set-up */
	bool router_reset;        /* in the set-up the crafted end heard a reset that the subject did not send */
	bool nothing_came;        /* nothing of the whole connection came out behind it */
	bool early;               /* more may be known once sides_patience() has passed since the try */
	enum side_fate stimulus;
	unsigned stimulus_changes, answer_changes; /* OR of enum side_change */
	enum side_answerer answerer;
	bool subject_answered;    /* `subject_answer` is what it sent first, on its side */
	struct segment subject_answer; /* payload is NULL */
	struct endpoint source;   /* of the stimulus behind the router; family 0: not known */
	struct endpoint before;   /* of the connection there, before the stimulus */
	bool reset;               /* a reset came to the subject that the crafted end did not send */
	bool another_server;      /* the stimulus came to another endpoint of the subject's than the connection did */
	bool by_chance;           /* what was stopped the path loses now and then: nothing is known of the rest */
	bool untranslated;        /* `source` is the crafted end's own, and `before` is not */
	enum side_fate follow_up; /* of a follow-up */
	bool follow_up_strange;   /* it came from another endpoint than the connection's, or to another: its answer is not */
	/* The state in the router's connection tracking, before the stimulus and after it: "ESTABLISHED", "none". NULL: not
	 * known. */
	const char *tracked_before, *tracked_after;
	char rule[SIDES_RULE_SIZE]; /* that dropped the one or the other: "mine.nft:7: TEXT"; "": none is known to */
};

/* Nothing came through of what the subject sent, or the router answered in its place. */
static inline bool sides_dropped_answer(const struct side_view *view)
{
	return view->subject_answered &&
	       (view->answerer == SIDE_ANSWERER_STOPPED || view->answerer == SIDE_ANSWERER_ROUTER);
}

/* What answered the follow-up need not be what the stimulus met. */
static inline bool sides_follow_up_strays(const struct side_view *view)
{
	return view->follow_up_strange || view->follow_up == SIDE_FATE_STOPPED ||
	       (view->stimulus != SIDE_FATE_UNKNOWN && view->follow_up == SIDE_FATE_UNKNOWN);
}

struct side_table;

/* `stranger`: what is between is not the lab's router. Other traffic passes, there may be other ways, and so nothing is said
 * of a connection of which nothing came out there. NULL: out of memory. */
struct side_table *sides_open(bool stranger);
/* The subject's side is heard with a delay, and its times are of another clock: only what was recognized there shows how far it
 * is known, and when something passed. */
void sides_lag(struct side_table *sides);
void sides_close(struct side_table *sides); /* NULL is fine */
/* A source is taken for a new connection: what was known of it is over. */
void sides_begin(struct side_table *sides, const struct endpoint *crafted);
/* The crafted end sends this now. */
void sides_sent(struct side_table *sides, const struct segment *segment, uint64_t time_ns);
/* The crafted end hears this, which may be the subject's. */
void sides_came(struct side_table *sides, const struct segment *segment, uint64_t time_ns);
/* Heard on the subject's side, in the order in which it passed there. */
void sides_heard(struct side_table *sides, const struct segment *segment, bool from_subject, uint64_t time_ns);
/* Something was missed on the subject's side: of the connections of now nothing more can be told. */
void sides_missed(struct side_table *sides);
/* A SYN with this number was sent, by a connection that is still known. */
bool sides_knows_syn(const struct side_table *sides, const struct segment *segment);
/* How long a segment may be on its way through what is between: twice the longest that a handshake took there. */
uint64_t sides_patience(const struct side_table *sides);
/* The endpoint that the subject knows for this source; the same where nothing else was heard. */
struct endpoint sides_behind(const struct side_table *sides, const struct endpoint *crafted);
/* The subject's endpoint that the router chose for its connection; family 0: not known. */
struct endpoint sides_server(const struct side_table *sides, const struct endpoint *crafted);
/* What the crafted end heard until `upto_ns`, and what the subject's side heard until then and later, must have been handed
 * over, and nothing lost. Of a set-up that hangs: whether the subject sent what would have helped it on, and the crafted end
 * never heard it. */
void sides_tell(const struct side_table *sides, const struct endpoint *crafted, const struct side_exchange *exchange,
		uint64_t upto_ns, struct side_view *view);

enum { SIDES_TEXT_SIZE = 512 };

/* "port, seq"; "" for none. */
const char *sides_changes_text(unsigned changes, char *buffer, size_t size);
/* What the router did with the exchange, in a few words without numbers of one connection, so that equal causes have equal
 * words: "the router dropped the stimulus". "" where it did nothing but what a path of its kind does with each segment. */
const char *sides_cause(const struct side_view *view, char *buffer, size_t size);
/* The same, or that it is not known. */
const char *sides_summary(const struct side_view *view, char *buffer, size_t size);
/* The whole story, for one cell: where the stimulus went, what came back, what was rewritten. */
const char *sides_story(const struct side_view *view, char *buffer, size_t size);
/* "reached", "stopped"; "subject", "router", "stopped", "nobody". NULL: not known. */
const char *sides_fate_name(enum side_fate fate);
const char *sides_answerer_name(enum side_answerer answerer);

#endif
