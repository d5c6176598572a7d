/* peer.h - the crafted client end: brings the subject into a state, sends the stimulus, collects the answer.
 *
 * A pure state machine. It reads no clock, touches no socket and allocates nothing: what happens comes in as
 * events, what is to be done goes out as actions. Times are nanoseconds of one clock that never goes back
 * (CLOCK_MONOTONIC); an event that claims to be older than the one before it happens at the time of that one.
 *
 * The peer owns its timer: peer_expiry() returns when it wants PEER_DEADLINE, and may change with every step. */
#ifndef TWPROBE_CRAFTER_PEER_H
#define TWPROBE_CRAFTER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"
#include "crafter/manner.h"
#include "crafter/notice.h"
#include "crafter/pair.h"
#include "crafter/segment.h"
#include "crafter/sighting.h"
#include "crafter/state.h"
#include "crafter/stimulus.h"
#include "crafter/units.h"

/* The ip_id of the segments that the peer must see pass the capture: stimulus and follow-up. All others have 0. */
enum { PEER_MARK = 1 };

enum { PEER_HEARD_MAX = 6, PEER_NOTICES_MAX = 4, PEER_SEND_MAX = 4, PEER_TRIGGER_MAX = 240 };

/* A copy that the network made of a segment comes within this and a round trip, or not at all. */
#define PEER_COPY_LATEST_NS (100 * NSEC_PER_MSEC)

/* The same for every probe of a run. */
struct peer_rules {
	uint64_t resend_ns;      /* first wait before the SYN is sent again; doubles. Later segments wait at most as long */
	uint64_t setup_ns;       /* the set-up as a whole may last this long */
	uint64_t settle_ns;      /* quiet time before the stimulus where nothing proves that the state is reached */
	uint64_t answer_ns;      /* how long an answer may take before it is silence */
	uint64_t answer_least_ns; /* ... and never less than this, whatever the user wants: the kernel's own delays */
	uint64_t after_ns;       /* time after the answer for the subject to finish what it does */
	uint64_t rate_limit_ns;  /* the subject's tcp_invalid_ratelimit, with a margin */
	bool witness;            /* a witness can be asked */
	bool any_descriptor;     /* the subject's process is not known to close its descriptor where the plan says so */
	bool proves_listen;      /* "listen" needs a proof: that somebody listens, and nothing else has the four-tuple */
	bool delivers;           /* the way to the subject loses nothing: a bare ACK needs no proof that it arrived */
	bool calls_again;        /* the subject's process may not have heard that it shall connect: it is told again */
	uint8_t acks_again;      /* where a bare ACK ends the way and there is no witness, it is sent that many more times */
	const char *trigger;     /* bytes that make the server close first; NULL: wait for it */
	uint16_t trigger_size;
};

enum peer_event_kind {
	PEER_START,       /* begin */
	PEER_HEARD,       /* the capture saw a segment of the subject; `segment`, time in now_ns */
	PEER_SEEN,        /* the capture saw a segment of ours; `segment`, time in now_ns */
	PEER_NOTICED,     /* the capture saw something about the connection that is not a valid segment; `notice` */
	PEER_DEADLINE,    /* peer_expiry() has passed; nothing happens when it has not */
	PEER_SEND_FAILED, /* the kernel refused a segment; `number` is its errno */
	PEER_TESTIMONY,   /* the witness's answer; `state`, `sighting` */
	PEER_RELEASE,     /* the conditions of the stimulus are set: send it now */
	PEER_CANCEL,      /* the run is over: tear down */
};

struct peer_event {
	enum peer_event_kind kind;
	uint64_t now_ns;
	const struct segment *segment;
	const struct notice *notice;
	enum state state;
	const struct sighting *sighting; /* all that the witness said; may be NULL */
	int number;
};

struct peer_actions {
	uint8_t send_count;
	struct segment send[PEER_SEND_MAX]; /* payload points to constants or to the rules' trigger */
	bool call;        /* the subject's process must connect to the crafted end now, and behave as peer->plan says */
	bool ask_witness; /* answer with PEER_TESTIMONY */
	bool ready;       /* the state is reached: answer with PEER_RELEASE when the stimulus may go */
	bool done;        /* the outcome stands; send what is in send[] (tear-down) and forget the peer */
};

enum peer_phase {
	PEER_IDLE,
	PEER_OPENING,     /* SYN sent */
	PEER_CLEARING,    /* for "listen": somebody does; the half-open connection is taken back */
	PEER_REACHING,    /* the steps of the state's plan */
	PEER_SETTLING,    /* reached on the wire; quiet time, or the witness is asked */
	PEER_DELAYED,     /* reached, and a while must pass */
	PEER_READY,       /* waits for PEER_RELEASE */
	PEER_STIMULATED,  /* stimulus sent; waits for it to be seen and answered */
	PEER_BETWEEN,     /* the first of two stimuli was answered, or not; the second is not sent yet */
	PEER_AFTERWARDS,  /* answered or silent; what became of the subject? */
	PEER_LIMITED,     /* waits out the subject's rate limit before the follow-up */
	PEER_FOLLOWED,    /* follow-up sent; waits for its answer */
	PEER_ENDED,
};

/* Why a probe has no outcome. */
enum peer_trouble {
	TROUBLE_NONE,
	TROUBLE_NO_ANSWER,      /* nothing came back to the SYN */
	TROUBLE_REFUSED,        /* the port is closed: RST to the SYN */
	TROUBLE_NEVER_CLOSES,   /* no FIN of the subject: it does not close first */
	TROUBLE_RESET,          /* the subject reset the connection on the way */
	TROUBLE_CLOSED_EARLY,   /* the subject closed where it should have held the connection */
	TROUBLE_SETUP_LOST,     /* a step of the set-up was never acknowledged */
	TROUBLE_WRONG_STATE,    /* the witness saw another state than the one wanted */
	TROUBLE_NO_ECN,         /* the SYN-ACK does not grant the ECN that the cell needs */
	TROUBLE_NO_TIMESTAMPS,  /* the SYN-ACK lacks the timestamps that the cell needs */
	TROUBLE_SEND,           /* the kernel refused to send */
	TROUBLE_NOT_SEEN,       /* the capture never saw our stimulus */
	TROUBLE_WINDOW,         /* the subject's receive window is not what the cell's conditions want */
	TROUBLE_LATE,           /* of two stimuli the second came later than it should have */
	TROUBLE_OUTLIVED,       /* what is observed came so late that the subject's socket may have been gone by itself */
	TROUBLE_AMBIGUOUS,      /* what came may be a retransmission or the answer */
	TROUBLE_OLD_HALF_OPEN,  /* the first SYN or SYN-ACK was lost; is the half-open connection still there? */
	TROUBLE_RESTLESS,       /* the subject never became quiet */
	TROUBLE_NOTICED,        /* something came that is not an answer, and hides whether there is one; `notices` */
	TROUBLE_CANCELLED,      /* the run ended first */
	TROUBLE_COUNT,
};

/* One segment of the subject heard after the stimulus (or after the follow-up). */
struct peer_heard {
	struct segment segment; /* payload is NULL */
	uint64_t time_ns;
	bool repeat;            /* a retransmission of what it sent before the stimulus; not the answer */
};

struct peer {
	/* Asked for, fixed by peer_init. */
	const struct peer_rules *rules;
	struct pair pair;
	enum state state;
	const struct state_plan *plan; /* the way there */
	struct stimulus stimulus;
	bool asks_ecn;           /* our SYN is an ECN-setup SYN; a subject that does not agree is a trouble */
	bool offers_timestamps;  /* our SYN carries them */
	bool needs_timestamps;   /* a subject that refuses them is a trouble, not a condition of the cell */
	bool nobody_listens;     /* on the subject's port, when the stimulus arrives */
	bool leaves_nothing;     /* by the cell's conditions the subject has no socket once the way is gone */
	bool trusts_listener;    /* "listen" is not proven: the listener does not say so, and others have been taken by it */
	bool bare_acks;          /* the subject's ACKs do not carry its FIN again: one that comes again is its timer's */
	uint16_t unread;         /* bytes that its plan's DOES_DATA sends; of a window to be closed, as many as it has */
	enum receive_window receive_window; /* the subject's, by the cell's conditions */
	uint64_t delay_ns;       /* between the state and the stimulus */
	uint64_t life_ns;        /* so long the subject's kernel keeps its socket, from the state on, */
	uint64_t life_after_ns;  /* and from the stimulus on; 0: for ever */
	bool twice;              /* the stimulus is sent again, this long after its answer or silence; all that is observed */
	uint64_t again_after_ns; /* is then about the second one */

	/* Learnt. */
	enum peer_phase phase;
	const struct state_step *step; /* of the plan: the next one */
	enum peer_trouble trouble;
	int trouble_number;          /* errno of TROUBLE_SEND, state of TROUBLE_WRONG_STATE */
	enum peer_phase trouble_at;
	struct end crafted, subject; /* the two ends, as the segments of the set-up leave them; the stimulus is none of these */
	struct baseline baseline;    /* from them, once the state is reached */
	enum state state_before, state_after;
	struct sighting sighted_before, sighted_after; /* all that the witness said then */
	struct segment sent;         /* the stimulus as sent */
	uint64_t sent_ns, seen_ns;   /* handed to the kernel; seen by the capture (0: not seen) */
	uint64_t reached_ns;         /* when the state was reached */
	uint64_t stimulated_ns;      /* when the capture saw the stimulus, or the first of two */
	uint64_t sighted_after_ns;   /* when the witness said it; 0: it did not */
	bool again;                  /* of two stimuli the second was sent */
	bool first_answered;         /* and the first had this answer */
	struct peer_heard first;
	uint8_t heard_count;         /* kept in heard[]: the first ones, and always the first that is not a repeat */
	uint32_t heard_more;         /* heard after the stimulus, and not kept */
	struct peer_heard heard[PEER_HEARD_MAX];
	uint8_t notice_count;        /* kept in notices[]: the first of each sort */
	struct notice notices[PEER_NOTICES_MAX];
	bool noticed;                /* one of them came after the stimulus */
	bool followed;               /* a follow-up was sent */
	struct segment follow_up;
	uint64_t follow_up_seen_ns;
	bool follow_up_answered;
	struct peer_heard follow_up_heard;
	uint16_t resent;             /* set-up segments that had to be sent again: a sign of loss */
	uint16_t set_up_segments;    /* set-up segments sent that ask for an answer: all but bare ACKs and resets */

	/* Working state. */
	uint32_t ts_clock;
	bool data_sent;              /* a trigger, or what stays unread */
	bool stirred;                /* it sent an ACK that the set-up does not explain */
	uint64_t now_ns;             /* of the last event, folded: it never goes back */
	uint64_t expires_ns;         /* of the phase's timer; UINT64_MAX: none is armed */
	uint8_t stalls;              /* how often the wait for the answer was extended because the process was stopped */
	uint64_t begun_ns, resend_wait_ns, quiet_until_ns;
	uint64_t round_trip_ns;      /* at most, with the subject's delay: from the first SYN to the SYN-ACK; 0: unknown */
	uint64_t syn_ack_ns;         /* when it last sent one: its retransmission timer starts there */
	uint64_t fin_ns;             /* when its FIN was heard, or its timer's last copy of it: the timer starts there */
	uint64_t fin_timer_ns;       /* the timer's last wait for it; 0: no copy came yet */
	uint64_t answered_ns;        /* when the answer came */
	uint64_t follow_up_sent_ns;
	uint8_t asked;               /* how often the witness was asked in this phase */
	struct sighting sighted;     /* what it said now */
};

/* What peer_init fixes. `iss` and `ts_clock` are the peer's first sequence number and its TSval (the same all through
 * the set-up, so that ts_recent is known exactly). A ts_clock of 1 .. 2^31-1 has "zero" below it. */
struct peer_task {
	struct pair pair;
	enum state state;
	const struct state_plan *plan; /* another way to the state than its own; NULL: its own */
	struct stimulus stimulus;
	bool asks_ecn, offers_timestamps, needs_timestamps, nobody_listens, leaves_nothing, trusts_listener, bare_acks;
	uint16_t unread; /* at most SEGMENT_PAYLOAD_MAX */
	enum receive_window receive_window;
	uint64_t delay_ns, again_after_ns, life_ns, life_after_ns;
	bool twice;
	uint32_t iss, ts_clock;
};

void peer_init(struct peer *peer, const struct peer_rules *rules, const struct peer_task *task);

/* One event in, actions out. `actions` is overwritten. */
void peer_step(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);

/* An acknowledgment after the stimulus, without the subject's FIN, which is not acknowledged: others carry it again. */
bool peer_is_bare_ack(const struct peer *peer, const struct segment *segment);

/* How long the wire stays quiet before the state counts as reached, with nothing lost on the way there. */
uint64_t peer_quiet_time(const struct peer_rules *rules, enum state state, const struct state_plan *plan,
			 uint64_t round_trip_ns);
/* How long it waits for an answer: no target is further away than it takes. */
uint64_t peer_wait_time(const struct peer_rules *rules, uint64_t round_trip_ns);

/* When the peer wants PEER_DEADLINE; later than the last event. UINT64_MAX: never. */
uint64_t peer_expiry(const struct peer *peer);

/* The capture saw the stimulus, which was made with a wrong checksum or impossible options, and took it for no segment. */
bool peer_is_own_unsound(const struct peer *peer, const struct notice *notice);

/* For who goes on with the connection after PEER_READY by himself (a script of steps). Did the subject send this before, on
 * its own account? */
bool peer_is_repeat(const struct peer *peer, const struct segment *segment, uint64_t now_ns);
/* A SYN of ours was answered with this SYN-ACK, and that made a new connection on the same tuple: the peer's numbers are
 * its from now on, in `state` (syn-recv or established). */
void peer_adopt(struct peer *peer, enum state state, const struct segment *syn, const struct segment *syn_ack,
		uint64_t now_ns);

/* The segment that counts as the answer, or NULL for silence. */
const struct peer_heard *peer_answer(const struct peer *peer);
/* One clause that says what went wrong, with the step that failed and what came instead. */
const char *peer_trouble_text(const struct peer *peer, char *buffer, size_t size);

#endif
