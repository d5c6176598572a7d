/* track.h - what is remembered of a connection besides the numbers of its two ends. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_TRACK_H
#define TWPROBE_HARNESS_DIAGNOSE_TRACK_H

#include "harness/diagnose/delay.h"
#include "harness/diagnose/origin.h"
#include "harness/diagnose/shifts.h"
#include "harness/diagnose/stamps.h"
#include "harness/diagnose/tracker.h"
#include "harness/diagnose/unshown.h"

struct handshake;
struct waiting;

enum { TRACK_LATEST = 4 };

/* What tells two segments of one end apart. */
struct track_latest {
	uint64_t time_ns; /* 0: none */
	uint64_t print;   /* all else, as one number */
	uint32_t size;
};

/* What is remembered of an end besides its numbers. */
struct track_side {
	uint64_t began_ns;   /* its present incarnation, or the first SYN ever to it; 0: not seen */
	uint64_t syn_ns;     /* when it was sent a SYN that it has not answered yet; 0: none */
	uint64_t delay_ns;   /* of its answer to a SYN, from where the capture was taken */
	uint64_t limited_ns; /* when it last answered an encounter with an ACK; 0: never */
	uint64_t heard_ns;   /* when the last segment came to it */
	uint64_t sent_ns;    /* when it sent something while all before was acknowledged */
	uint64_t over_frame; /* of a segment that may have ended the connection there; 0: none */
	uint64_t over_ns;    /* when that came */
	uint64_t unheard_ns; /* when the first segment came that it did not answer with any of its own */
	uint64_t probe_ns;   /* when the first such keepalive came */
	uint64_t quiet_ns;   /* how long the connection had been quiet before the first of these */
	uint32_t syn_seq;    /* of the SYN at syn_ns */
	uint32_t skipped;    /* the first number that was, with `skips` */
	uint32_t probe_ack;  /* what the last keepalive acknowledged */
	uint16_t unheard;    /* segments with data or a FIN since it last spoke; resets do not count as speaking */
	uint16_t probes;     /* keepalives since then */
	bool silence_told : 1; /* since then; so it was told that it is silent */
	bool spoke : 1;      /* segments of it were seen */
	/* Since it began: segments of the connection are missing, or options of them; some came twice. */
	bool gaps : 1, cut : 1, doubled : 1;
	bool syns_open : 1;  /* it was sent the SYN at syn_ns several times */
	bool delay_open : 1; /* the last one that it answered came several times, and tells nothing about its delay */
	bool farther : 1;    /* its answer took longer than the other end's: the capture was taken nearer to that one */
	bool syn_ack : 1;    /* it has sent one since it began */
	bool known : 1;      /* its host is noted (harness/diagnose/ports.h) */
	bool skips : 1;      /* an ACK of it had a number beyond `skipped`: what it sent there was lost; a FIN, maybe */
	bool again : 1;      /* its SYN-ACK came again though it was acknowledged, which was told */
	/* For harness/diagnose/crossing.c: */
	bool order_open : 1; /* it may have closed before the FIN came, its own FIN held back */
	bool repeats : 1;    /* it sent something again */
	bool disturbed : 1;  /* the path between it and the place of the capture loses, repeats or reorders segments */
	uint8_t calls;        /* how many segments that call for an ACK and brought nothing new have not been answered */
	uint8_t latest_next;
	uint32_t fin_snd_nxt; /* what it had sent when the FIN came */
	uint64_t fin_ns;      /* when the other end's FIN came */
	uint64_t call_ns;     /* when the last of `calls` came */
	struct track_latest latest[TRACK_LATEST]; /* a ring of its last segments */
	struct origin origin;
	struct stamps stamps;
	struct shifts shifts;
	struct unshown unshown;
};

/* The last ICMP error about a segment of the connection. */
struct track_icmp {
	uint64_t time_ns; /* 0: none came */
	struct address from;
	uint8_t type, code;
	bool of_target;   /* the segment was on its way to the target */
};

struct track {
	struct tracked is;
	struct track_side source, target;
	struct waiting *waiting; /* for an answer, the newest first */
	struct handshake *handshake; /* its SYN, as long as nobody answers it; NULL: none */
	struct delay_list delays; /* encounters that nobody knows the delay of yet */
	uint64_t last_rung;      /* its last segment in the ladder; 0: none */
	struct track_icmp icmp;
	uint64_t mate;           /* the connection that may be its other side, behind a NAT; 0: none */
	uint32_t mate_slot;
	uint32_t slot;           /* harness/diagnose/tracks.h has it there */
	bool fresh, unused;      /* and looks at these: somebody asked for it lately; it is nobody's */
	bool mate_sure;          /* `mate` is */
	bool jumbled;            /* its segments are not in the order of their times */
	bool shared;             /* two hosts have answered its SYN */
};

/* How long the end takes to answer a SYN, as seen from where the capture was taken. Before the conversation takes it. */
void track_measure(struct track_side *from, struct track_side *to, const struct segment *segment, uint64_t time_ns);
/* What it shows of both ends' doubts; a segment shows that its own end is there, unless it is a reset. */
void track_sender(struct track_side *from, struct track_side *to, const struct segment *segment, unsigned lacks, bool gap,
		  uint64_t time_ns);
/* With this SYN a new incarnation of the end begins, without the doubts of the one before. */
void track_begin(struct track_side *side, unsigned lacks, uint64_t time_ns);
/* The segment reaches the side's end. `quiet_ns`: since the segment before it, of either end. */
void track_heard(struct track_side *side, const struct segment *segment, bool keepalive, uint64_t quiet_ns, uint64_t time_ns);
/* A segment came that may have ended the connection there. */
void track_may_end(struct track_side *side, uint64_t frame, uint64_t time_ns);
/* `end` sends this; it is as before it. */
void track_sent(struct track_side *side, const struct end *end, const struct segment *segment, uint64_t time_ns);
/* When it last sent something, resets left out; 0: never. */
uint64_t track_spoke_ns(const struct track_side *side);
/* Of its last segments that only counts for a moment, and this is over: so there is less to keep of an idle connection. */
void track_rest(struct track_side *side, uint64_t now_ns);
/* Has nothing come to it since? */
bool track_is_unasked(const struct track_side *side, uint64_t time_ns);
/* How long it has waited for an acknowledgment; 0: for none. */
uint64_t track_unacknowledged_ns(const struct track_side *side, const struct end *end, uint64_t time_ns);
/* Since the segment before this one, of either end. */
static inline uint64_t track_idle_ns(const struct track *connection, uint64_t time_ns)
{
	return connection->is.segments && time_ns > connection->is.last_ns ? time_ns - connection->is.last_ns : 0;
}

#endif
