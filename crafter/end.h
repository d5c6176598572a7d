/* end.h - one end of a connection: what its own segments, and those that reach it, show of it. Pure.
 *
 * A transmission control block (RFC 9293 3.3.1) seen from outside, for either side. Whoever watches the segments of an end
 * reports each with end_sent() or end_got(), in the order in which they pass. No clock, no socket, no allocation.
 *
 * What reaches the end counts as RFC 9293 3.10.7 and RFC 7323 say; what those rules ignore changes nothing. What the end itself
 * sends overrides them: an acknowledgment shows that it took a segment, even where the rules of its stack differ; a SYN-ACK
 * shows that it was listening. All numbers wrap (crafter/seq.h). */
#ifndef TWPROBE_CRAFTER_END_H
#define TWPROBE_CRAFTER_END_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"
#include "crafter/state.h"
#include "crafter/units.h"

/* What is known of an end, as bits of end.known. A capture that began in the middle shows some of them later or
 * never. The fields of a bit that is not set are 0. */
enum end_fact {
	END_ISS = 1 << 0,        /* iss */
	END_IRS = 1 << 1,        /* irs */
	END_SND_NXT = 1 << 2,    /* snd_nxt */
	END_SND_UNA = 1 << 3,    /* snd_una */
	END_SND_WND = 1 << 4,    /* snd_wnd, snd_wl1, snd_wl2, max_snd_wnd */
	END_RCV_NXT = 1 << 5,    /* rcv_nxt */
	END_RCV_WND = 1 << 6,    /* rcv_wnd, rcv_taken_back */
	END_LAST_ACK = 1 << 7,   /* last_ack_sent */
	END_TIMESTAMPS = 1 << 8, /* timestamps */
	END_OPTIONS = 1 << 9,    /* sack, the window scales and the MSSs: only SYNs say them */
	END_TS_RECENT = 1 << 10, /* ts_recent, ts_recent_ns */
	END_LAST_TSVAL = 1 << 11, /* last_tsval, last_tsval_ns */
};

/* What a SYN offers. */
struct end_syn {
	bool seen;
	bool scales, timestamps, sack; /* which options it carries */
	bool ecn;                      /* it asks for ECN, or grants it (RFC 3168 6.1.1) */
	bool accurate_ecn;             /* it asks for Accurate ECN (RFC 9768 3.1.1) */
	uint8_t wscale;
	uint16_t mss;                  /* if it says none, the default of RFC 9293 3.7.1 */
	uint16_t window;
	uint32_t payload_size;
	uint32_t seq, tsval;
	uint64_t time_ns;              /* when it passed */
};

struct end {
	/* One of RFC 9293 3.3.2; STATE_UNKNOWN if no SYN was seen, until text that it sent is acknowledged, and it acknowledges
	 * text: it is open then. No segment shows whether the process still holds the descriptor: whoever knows may store the
	 * "half" form of a state here, and segments count as in the state itself. */
	enum state state;
	uint16_t known;                /* enum end_fact */
	bool passive : 1;              /* it listened: a reset in SYN-RECEIVED leads back there (3.10.7.4) */
	bool any_timestamp : 1;        /* set by the owner: no timestamp, old or missing, keeps a segment out */
	bool fin_sent : 1, fin_acked : 1; /* its own */
	bool text_sent : 1, text_acked : 1; /* text beyond all before it; all of that is acknowledged. In STATE_UNKNOWN only */
	bool fin_came : 1, fin_queued : 1; /* a FIN in its window; one that counts as soon as all before it came */
	bool fin_taken : 1;
	bool text_came : 1, text_taken : 1; /* as text_sent and text_acked */
	bool ecn : 1;                  /* negotiated by the two SYNs (RFC 3168 6.1.1) */
	bool demands_cwr : 1;          /* set by the owner: it says ECE until the other end says CWR (RFC 3168 6.1.3) */
	bool accurate_ecn : 1;         /* set by the owner: it says how many segments said CE (RFC 9768 3.2.2) */
	uint8_t ce_count;              /* set by the owner: those segments, with accurate_ecn */
	uint32_t lives;                /* connections that it has begun, this one included */

	/* What it sends. */
	uint32_t iss, snd_una, snd_nxt;
	uint32_t snd_wnd, max_snd_wnd; /* the window it was offered, scaled; the largest there was (RFC 5961 5.2) */
	uint32_t snd_wl1, snd_wl2;     /* SEQ and ACK of the segment that offered snd_wnd */
	uint32_t fin_seq;              /* of its FIN */

	/* What it gets. */
	uint32_t irs, rcv_nxt;
	uint32_t rcv_wnd;              /* bytes after rcv_nxt that it offered; it should not take an offer back (SHLD-14) */
	uint32_t rcv_taken_back;       /* bytes at the end of rcv_wnd that its last acknowledgment did not offer again */
	uint32_t last_ack_sent;        /* Last.ACK.sent of RFC 7323; before rcv_nxt while it delays an ACK */
	uint32_t held_from, held_to;   /* set by the owner: text behind a gap that it holds and reports; equal: none */
	uint32_t rcv_max;              /* right edge of all that came in its window, taken or not */
	uint32_t their_fin_seq;        /* of the FIN that came */

	/* Negotiated by the two SYNs. */
	bool timestamps, sack;
	uint8_t snd_wscale, rcv_wscale; /* shift of the windows it is offered; of those it offers */
	uint16_t snd_mss, rcv_mss;      /* the most it may send, from the other end's SYN; the most it accepts, by its SYN */
	struct end_syn own_syn;
	struct end_syn their_syn;       /* seen: it came and is not answered yet */

	uint32_t ts_recent;            /* RFC 7323 4.3 */
	uint32_t last_tsval;           /* of its own segments, resets left out */
	uint64_t ts_recent_ns;         /* when ts_recent was taken */
	uint64_t last_tsval_ns;        /* when last_tsval passed */
};

/* An end of which nothing was seen yet: STATE_CLOSED or STATE_LISTEN where that is known, else STATE_UNKNOWN. */
void end_init(struct end *end, enum state state);

/* The end sent this; this reached the end. Times are nanoseconds of one clock that does not go back; they date ts_recent. */
void end_sent(struct end *end, const struct segment *segment, uint64_t time_ns);
void end_got(struct end *end, const struct segment *segment, uint64_t time_ns);

/* True when all of these facts (enum end_fact, OR) are known. */
static inline bool end_knows(const struct end *end, unsigned facts)
{
	return (end->known & facts) == facts;
}

/* A server that has sent nothing of its own, and acknowledged nothing, after its SYN-ACK. */
static inline bool end_only_opened(const struct end *end)
{
	return end->passive && end_knows(end, END_ISS | END_SND_NXT | END_IRS | END_LAST_ACK) &&
	       end->snd_nxt == end->iss + 1 && end->last_ack_sent == end->irs + 1;
}

/* Whole seconds since ts_recent was taken: RFC 7323 5.5 lets it lapse after 24 days, Linux for an RST after TCP_PAWS_MSL. */
static inline uint64_t end_ts_age_s(const struct end *end, uint64_t now_ns)
{
	return now_ns > end->ts_recent_ns ? (now_ns - end->ts_recent_ns) / NSEC_PER_SEC : 0;
}

#endif
