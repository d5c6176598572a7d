/* encounter.h - a segment that met an end in a state where the answer is not routine, and what the end answered. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_ENCOUNTER_H
#define TWPROBE_HARNESS_DIAGNOSE_ENCOUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/verdict.h"
#include "cases/matrix/cell.h"
#include "crafter/end.h"
#include "harness/diagnose/clocks.h"
#include "harness/diagnose/origin.h"
#include "harness/diagnose/sequel.h"
#include "harness/diagnose/shifts.h"
#include "harness/diagnose/stamps.h"

enum encounter_kind {
	ENCOUNTER_NONE,           /* routine */
	ENCOUNTER_SYN_UNANSWERED, /* a SYN that nobody answered, however often it came */
	ENCOUNTER_SYN_UNREACHABLE, /* one that only an ICMP error answered */
	ENCOUNTER_SYN_LATE,       /* one that was answered only when it came for the third time */
	ENCOUNTER_SYN_TIME_WAIT,  /* a SYN on the four-tuple of a connection that this end closed first */
	ENCOUNTER_SYN_IN_USE,     /* a SYN on the four-tuple of a connection that is still there */
	ENCOUNTER_SYN_RECV,       /* another SYN than the one it answers, while the handshake is not over */
	ENCOUNTER_SYN_SENT,       /* what is no answer to its own SYN */
	ENCOUNTER_CROSSED_SYN,    /* a SYN where a SYN-ACK is due: simultaneous open, or a split handshake */
	ENCOUNTER_SYN_ACK_AGAIN,  /* a SYN-ACK again, though an acknowledgment of it has passed */
	ENCOUNTER_RESET,          /* an RST to a connection; the next ones are such, too */
	ENCOUNTER_RESET_TIME_WAIT, /* one that is over, and remembered here (RFC 1337) */
	ENCOUNTER_RESET_HANDSHAKE, /* in answer to the third segment of the handshake */
	ENCOUNTER_RESET_KEEPALIVE, /* in answer to a keepalive */
	ENCOUNTER_RESET_GIVEN_UP, /* from an end whose keepalives nobody answered */
	ENCOUNTER_RESET_HALF_CLOSED, /* from an end that has closed, in answer to what came after that */
	ENCOUNTER_KEEPALIVE_SILENT, /* another keepalive, and the one before it was not answered */
	ENCOUNTER_HALF_CLOSED_SILENT, /* again to an end that has closed, and does not answer */
	ENCOUNTER_DATA_SILENT,    /* data or a FIN for at least the third time, and nobody acknowledges it */
	ENCOUNTER_OUTSIDE_WINDOW, /* nothing of it lies in the receive window (RFC 9293 3.10.7.4, first) */
	ENCOUNTER_OLD_TIMESTAMP,  /* RFC 7323 5.3: PAWS */
	ENCOUNTER_NO_TIMESTAMP,   /* none, where all segments have one */
	ENCOUNTER_ACK_UNSENT,     /* it acknowledges something that was never sent */
	ENCOUNTER_ACK_OLD,        /* it acknowledges less than the window allows (RFC 5961 5.2) */
	ENCOUNTER_NO_ACK,         /* no ACK, no SYN, no RST */
	ENCOUNTER_CLOSED,         /* the connection is gone */
	ENCOUNTER_OTHER_SENDER,   /* routine, but not sent by the connection's other end */
	ENCOUNTER_SACK_SHIFTED,   /* routine, but its SACK blocks name what was never sent, again by as much */
	ENCOUNTER_TIMESTAMP_AHEAD, /* routine, but its timestamp is further ahead than any clock goes in the time */
	ENCOUNTER_TWO_CLOCKS,     /* a SYN that shows that two clocks tick behind its address */
	/* What cause.c makes of others, where its origin or its timestamps say more. */
	ENCOUNTER_RESET_OTHER_SENDER,
	ENCOUNTER_RESET_OTHER_TTL,
	ENCOUNTER_HANDSHAKE_OTHER_TTL,
	ENCOUNTER_TIMESTAMPS_VANISH,
	ENCOUNTER_TIMESTAMPS_BACK,
	ENCOUNTER_ACK_SHIFTED,
	ENCOUNTER_SYN_ACK_OTHER,
	ENCOUNTER_KINDS,
};

/* What else the capture shows of a SYN without an answer. Times are those of the capture. */
struct encounter_syn {
	uint16_t sent;             /* so often */
	uint64_t last_ns;          /* when for the last time */
	uint32_t answers;          /* SYNs to the same port that it answered with a SYN-ACK, until this was told; */
	uint32_t meanwhile;        /* of these, since it came first */
	uint32_t refusals, silences; /* that it reset; that nobody answered */
	uint64_t answer_ns;        /* the last of its answers; 0: none */
	uint64_t again_ns;         /* when it last sent a SYN-ACK again though that was acknowledged; 0: never */
	uint64_t delay_ns;         /* its quickest answer, from where the capture was taken; 0: not known */
	bool resets_shown;         /* the capture has resets, of anybody */
	bool host_silent;          /* the capture has no segment of the host */
	bool host_asks;            /* only SYNs and resets of it */
	bool has_timestamps;
	bool fast;                 /* the first one has data or the option of TCP Fast Open (RFC 7413); */
	bool plain_again;          /* and a later one neither */
	bool takes_older;          /* the port answered another SYN of which newer_ns would not be 0 */
	uint64_t newer_ns;         /* so long before, the same host sent a SYN with a newer timestamp; 0: it did not */
	uint64_t icmp_ns;          /* when an ICMP error about it came; 0: none */
	uint8_t icmp_type, icmp_code;
	struct address icmp_from;
};

struct encounter {
	enum encounter_kind kind;
	uint64_t frame, time_ns;   /* of the segment */
	struct segment segment;    /* payload is NULL */
	struct end subject;        /* as it was when the segment came */
	bool subject_is_target;    /* of the conversation's two ends */
	struct origin_mark origin; /* who sent the segment */
	struct stamps_mark stamps; /* its timestamp, and those of its side */
	struct shifts_mark shifts; /* its acknowledgments */
	enum clocks_view clocks;   /* how many clocks its host is known to have; of SYNs */
	uint64_t connection;       /* its number */
	uint32_t incarnation;
	uint64_t incident;         /* the frame of the encounter from which this one follows; its own: from none */
	uint64_t idle_ns;          /* since the segment before it, of either end */
	uint64_t unacknowledged_ns; /* how long the subject has waited for an acknowledgment of what it sent; 0: for none */
	bool from_start;           /* the capture shows this incarnation from its first SYN on */
	bool subject_speaks;       /* the capture shows segments of the subject's */
	bool limited;              /* the subject answered another one less than half a second ago, and may limit its answers */
	uint64_t perhaps_over;     /* the frame of a segment that may have ended the connection before, unseen; 0: none */
	bool gaps;                 /* segments of the connection are missing from the capture */
	bool was_sent;             /* of ACK_UNSENT: it was, and the capture missed it */
	bool cut;                  /* options of its segments are */
	unsigned lacks;            /* what else a text does not show of them, and matters here (enum segment_lack) */
	bool doubled;              /* a segment came twice at once: maybe only to where the capture was taken */
	bool jumbled;              /* the connection's segments are not in the order of their times */
	bool skipped;              /* something that the subject sent was lost before it came here, its FIN maybe */
	bool torn;                 /* segments were lost between the two sides of a NAT that the capture shows */
	bool shared;               /* two hosts answer for the address of one end */
	const char *filtered;      /* why the capture seems to have been filtered by TCP flags; NULL: it does not */
	bool lossy;                /* many segments are missing around here, of any connection */
	bool blind;                /* meanwhile the listener on a live interface missed something */
	bool unheard;              /* the capture ended, or the connection was forgotten, before an answer could come */
	struct alternatives linux_book; /* what any Linux may answer, asked when it came (harness/diagnose/judgement.h) */
	uint16_t unanswered;       /* segments before it that the silent end did not answer: keepalives, or after its close */
	uint64_t unanswered_ns;    /* since the first of them */
	uint64_t quiet_ns;         /* how long the connection had been quiet before that one */
	bool again;                /* of SYN_TIME_WAIT: it came before, and unless this one is answered, is told with that */
	bool repeats;              /* the same was told of the other side of a NAT (harness/diagnose/nat.h) */
	bool ambiguous;            /* what answers it may as well answer another segment */
	bool remote;               /* the subject is not the host on which the capture was taken */
	bool away;                 /* a router stands between it and the capture */
	bool rough;                /* around here many segments, of any connection, were lost or reordered on their way */
	bool disturbed;            /* the path to the subject loses, repeats or reorders segments of the connection */
	bool owes;                 /* the subject's ACK for an earlier segment was still to come */
	bool unaccepted;           /* the subject's SYN-ACK came again later: its handshake was not over */
	bool crossed;              /* what shows that the subject closed passed so early that it may have closed before */
	bool held_back;            /* so much of the subject's text was on its way that a FIN may have been waiting behind it */

	bool answered;
	uint64_t answer_frame, answer_ns;
	struct segment answer;
	struct origin_mark answer_origin;
	bool over;                 /* no answer can come any more */
	struct sequel sequel;
	struct encounter_syn syn;  /* of a SYN that was not answered, or late */

	/* Who waited for an acknowledgment when it came got it (harness/diagnose/delay.h) by that frame, after that time. */
	bool delay_known;
	uint64_t delay_frame, delay_ns;
};

/* A text may not show when its segments passed: then no time of it means anything. */
static inline bool encounter_has_times(const struct encounter *encounter)
{
	return !(encounter->lacks & SEGMENT_LACKS_TIME);
}

/* Sent again and again, and nobody answers. */
static inline bool encounter_is_ignored(enum encounter_kind kind)
{
	return kind == ENCOUNTER_KEEPALIVE_SILENT || kind == ENCOUNTER_HALF_CLOSED_SILENT || kind == ENCOUNTER_DATA_SILENT;
}

static inline bool encounter_is_reset(enum encounter_kind kind)
{
	return kind >= ENCOUNTER_RESET && kind <= ENCOUNTER_RESET_HALF_CLOSED;
}

/* About a SYN that was not answered, or late. */
static inline bool encounter_is_silence(enum encounter_kind kind)
{
	return kind >= ENCOUNTER_SYN_UNANSWERED && kind <= ENCOUNTER_SYN_LATE;
}

/* It is routine for the end that got it, and answered like all others: only who sent it is of interest. */
bool encounter_is_routine(const struct encounter *encounter);
/* Another answer to the SYN that opened the connection: two hosts have one address. */
bool encounter_is_second_syn_ack(const struct encounter *encounter);
/* What it acknowledges lies as far from what was sent as it did before. */
static inline bool encounter_has_shifted_ack(const struct encounter *encounter)
{
	return (encounter->kind == ENCOUNTER_ACK_UNSENT || encounter->kind == ENCOUNTER_ACK_OLD) && encounter->shifts.ack;
}

/* No rule book decides about it: the question is what became of the segments before it, or who sent it. */
bool encounter_is_open(const struct encounter *encounter);
/* What came after it shows that it was none: the segment before it was just lost, the route changed; or it is
 * told already. */
bool encounter_is_withdrawn(const struct encounter *encounter);

/* Routine is what every stack takes, or repeats, without a word about it: what is next, what comes again, a keepalive, a window
 * probe, the SYN of a connection that is not there yet. An end of which too little is known meets nothing. */
enum encounter_kind encounter_kind_of(const struct end *subject, const struct segment *segment);

/* A reset at the end of what the subject may hold out of order. Linux takes one after the last block that it has reported by
 * SACK (tcp_reset_check(), tcp_validate_incoming(): max_sack). */
bool encounter_resets_beyond_gap(const struct encounter *encounter);
/* The subject sent this after the encounter; `end`: the subject, before that. Its numbers may show that it had sent before what
 * was acknowledged. */
void encounter_note_sent(struct encounter *encounter, const struct end *end, const struct segment *segment);
/* The subject sent this after the encounter: may it be the answer? */
bool encounter_is_answered_by(const struct encounter *encounter, const struct segment *segment);
/* It may be. Would the subject perhaps have sent it without the encounter? */
bool encounter_answer_is_doubtful(const struct encounter *encounter, const struct segment *segment);
/* It is; nothing else will be. */
void encounter_answer_with(struct encounter *encounter, const struct segment *segment, const struct origin_mark *origin,
			   uint64_t frame, uint64_t time_ns);

/* In the words of the rule books. ANSWER_SILENCE where none came. */
enum answer encounter_answer(const struct encounter *encounter);
enum isn encounter_isn(const struct encounter *encounter);

/* The same question as a cell. False where cells cannot say it: flags without a kind, a state that none is asked about, an end
 * of which too little is known. */
bool encounter_cell(const struct encounter *encounter, struct cell *cell);

#endif
