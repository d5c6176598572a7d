/* oracle_internal.h - what the rule books share: a rule, and the stimulus as the subject sees it. */
#ifndef TWPROBE_CASES_BOOKS_ORACLE_INTERNAL_H
#define TWPROBE_CASES_BOOKS_ORACLE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/books/oracle.h"
#include "crafter/icmp_error.h"
#include "crafter/seq.h"

/* rule.after: the state stays what it was. */
#define SAME STATE_COUNT

/* One line of a rule book. Rules are constants, expectations are copies of them. */
struct rule {
	enum answer answer;
	enum isn isn;
	enum state after;
	const char *citation;
	const char *reason;
};

/* The segment in numbers, and the end as far as rules ask for it. Of sequence numbers only distances matter, so their
 * bases are zero: rcv_nxt for seq, end_seq, rcv_wup and snd_wl1, snd_nxt for ack_seq, una and iss. All numbers wrap like the
 * real ones (crafter/seq.h). */
struct arrival {
	enum state state;           /* of the subject when the segment arrives */
	uint32_t facts;             /* enum fact, those that hold */
	uint16_t unseen;            /* enum end_fact, what rules need in this state and was not seen */

	bool syn, ack, rst, fin;
	uint16_t flags;              /* all of them, FLAG_ */
	uint32_t seq, end_seq;      /* end_seq counts SYN and FIN, as TCP_SKB_CB(skb)->end_seq does */
	uint32_t ack_seq;           /* meaningful with ack only */
	uint32_t window;            /* scaled as the subject scales it */
	bool bad_checksum;
	enum icmp_error icmp;       /* no segment: an error that quotes `ack_seq`, a number of the subject itself */
	uint8_t family;
	uint16_t mss;               /* that the sender of the segment offered in its SYN */
	bool md5, old_md5;          /* an MD5 signature that kernels see from CHANGE_AUTH_OPTIONS on; that older ones see */
	bool ao;                    /* a signature of TCP-AO */
	bool bad_options;           /* options that no receiver can read to their end */
	bool bad_auth;              /* options that kernels from CHANGE_AUTH_OPTIONS on refuse, if they look for signatures */
	bool odd_options;           /* one of a length that its kind never has */
	bool two_timestamps;        /* the segment carries the option twice or more; the last counts here */
	bool fast_open;             /* it carries TCP Fast Open's option (RFC 7413 4.1.1), with a cookie or asking for one */
	uint8_t cookie_kind;        /* the option by which a SYN asks for a cookie of Fast Open or shows one; 0: none */
	bool sack_permitted, scales; /* what it offers, in options of the right length */
	bool extends;               /* it has options of what builds on TCP (MPTCP, SMC), or counts of Accurate ECN */
	enum ecn ecn;               /* in the IP header */
	bool ecn_setup;             /* it has ECE and CWR: with SYN alone, an ECN-setup SYN (RFC 3168 6.1.1) */
	uint8_t ace;                /* AE, CWR and ECE as a number, AE its highest bit (RFC 9768 3.1) */
	bool has_timestamp;         /* the segment carries the option */
	uint32_t tsval, tsecr;      /* meaningful with has_timestamp only */

	bool passive;               /* the subject listened */
	uint32_t iss, una;          /* of the subject; una is 0 when all that it sent is acknowledged */
	uint32_t bytes_acked;       /* UINT32_MAX: not known */
	uint32_t snd_wnd, max_window; /* the window that it was offered last; the largest ever (tp->max_window) */
	uint32_t snd_wl1;
	uint32_t rcv_wnd;           /* right edge of the receive window */
	uint32_t rcv_taken_back;    /* bytes before it that the last acknowledgment did not offer again */
	uint32_t rcv_shrunk;        /* bytes after it that were offered once; for certain not any more */
	uint32_t rcv_wup;           /* below 0 while an acknowledgment is delayed */
	bool offers_timestamps;     /* its SYN had them */
	uint32_t syn_tsval;         /* of the first, where it sent several */
	uint32_t last_tsval;        /* the last that it sent at all */
	bool connection_timestamps; /* negotiated when the subject's connection was made */
	uint32_t ts_recent;         /* meaningful with connection_timestamps only */
	uint64_t ts_age_s;          /* seconds since it was taken */

	bool timestamps;            /* the subject's tcp_timestamps when the segment arrives */
	bool rfc1337;               /* its tcp_rfc1337 at that time */
	bool held;                  /* in FIN_WAIT_1, the subject's process still holds the descriptor */
	bool half;                  /* it is known to hold it until the connection is over: states after are "half" as well */
	bool fin_read;              /* it has read ours */
	bool unread;                /* other data waits in sk_receive_queue */
	bool limited;               /* tcp_challenge_ack_limit is reached */
	bool answered;              /* this socket, less than tcp_invalid_ratelimit ago (last_oow_ack_time) */
	enum repetition repetition;
	bool cookie;                /* the listener sent a SYN cookie, so there is no half-open connection */
	bool cookies;               /* a SYN that meets the listener gets a cookie */
	bool no_cookies;            /* nothing gets one */
	bool accept_full, syn_full; /* the listener's queues */
	bool opens_fast;            /* the listener takes what a SYN carries, without a cookie */
	bool aborts;                /* tcp_abort_on_overflow */
	bool defers;                /* TCP_DEFER_ACCEPT */
	bool low_ttl;               /* the segment's TTL is below what the process asks for (IP_MINTTL) */
	bool no_fin_wait_2;         /* TCP_LINGER2 is -1 */
	bool no_time_waits;         /* the subject keeps no TIME_WAIT sockets when the segment arrives */
	bool checks_md5, checks_ao; /* its kernel can */
	bool listener;              /* somebody listens on its port */
	bool gone;                  /* no socket has the four-tuple: `state` is the listener's */
};

/* include/net/tcp.h */
enum {
	TCP_PAWS_WINDOW = 1,                   /* a full socket lets timestamps pass that are this much too old */
	TCP_PAWS_MSL = 60,                     /* seconds after which ts_recent does not hold up an RST */
	TCP_PAWS_24DAYS = 24 * 24 * 60 * 60,   /* and after which it holds up nothing */
	TCP_PAWS_WRAP = INT32_MAX / 1000000,   /* the same since CHANGE_PAWS_WRAP: INT_MAX / USEC_PER_SEC */
};

/* ts_recent - TSval, signed: positive when the timestamp is older than the last one the subject took. */
static inline int32_t oracle_arrival_age(const struct arrival *arrival)
{
	return seq_diff(arrival->ts_recent, arrival->tsval);
}

/* tcp_in_window(seq, end_seq, rcv_nxt, rcv_nxt + window): for a request socket the window is tcp_synack_window(req), for a
 * TIME_WAIT socket tw_rcv_wnd. */
static inline bool oracle_arrival_in_window(const struct arrival *arrival)
{
	uint32_t edge = arrival->rcv_wnd;

	if (arrival->seq == 0)
		return true;
	if (seq_after(arrival->end_seq, 0) && seq_before(arrival->seq, edge))
		return true;
	return arrival->seq == edge && arrival->seq == arrival->end_seq;
}

/* What a receiver makes of the segment's options: has_timestamp, tsval, tsecr, md5, old_md5, ao, bad_options, bad_auth. */
void oracle_options(const struct segment *segment, unsigned facts, struct arrival *arrival);
/* The facts (enum fact) that can make a difference because of its options. */
unsigned oracle_options_facts(const struct segment *segment);

void oracle_arrival(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		    struct arrival *arrival);
/* The same arrival where other facts hold. */
void oracle_arrival_with(const struct end *subject, const struct segment *segment, unsigned facts, struct arrival *arrival);

/* What the book predicts; fields that were not seen are used as they are. */
const struct rule *oracle_rule(enum book book, const struct arrival *arrival, const struct kernel *kernel);
/* What it predicts whatever they may be; NULL if it depends on them. Windows and timestamps only. */
const struct rule *oracle_unseen(enum book book, const struct arrival *arrival, const struct kernel *kernel);
/* The same, whether the end still takes what it offered and has taken back, or not. */
const struct rule *oracle_taken_back(enum book book, const struct arrival *arrival, const struct kernel *kernel);

/* What it predicts for the second of two same segments, where `first` and the state `after` are what it predicts for the first.
 * `second` becomes the arrival that this rule is about. */
const struct rule *oracle_twice(enum book book, const struct arrival *arrival, const struct rule *first, enum state after,
				const struct kernel *kernel, struct arrival *second);

/* The MSS that the cookie of this acknowledgment says; 0: it is none. */
uint16_t oracle_linux_cookie_mss(const struct arrival *arrival);
/* A listener takes what the SYN carries at once: Fast Open without a cookie. */
bool oracle_linux_opens_fast(const struct arrival *arrival);

/* The books: each decides every arrival of which all was seen, in a state that is known. */
const struct rule *oracle_linux_rule(const struct arrival *arrival, const struct kernel *kernel);
const struct rule *oracle_rfc_rule(const struct arrival *arrival);
const struct rule *oracle_folk_rule(const struct arrival *arrival);
const struct rule *oracle_freebsd_rule(const struct arrival *arrival, const struct kernel *kernel);

/* tcp_paws_check() and tcp_paws_reject() of include/net/tcp.h, for a segment whose timestamp counts. */
bool oracle_linux_paws_check(const struct arrival *arrival, const struct kernel *kernel, int32_t window);
bool oracle_linux_paws_reject(const struct arrival *arrival, const struct kernel *kernel);

/* tcp_inbound_hash(): options that the kernel drops a segment for, and never answers with an RST. No signature has a key. */
bool oracle_linux_refuses_options(const struct arrival *arrival, const struct kernel *kernel);

/* The linux book, a function for each kind of socket that can get the stimulus. */
const struct rule *oracle_linux_closed(const struct arrival *arrival);
const struct rule *oracle_linux_icmp(const struct arrival *arrival);
const struct rule *oracle_linux_syn_sent(const struct arrival *arrival);
const struct rule *oracle_linux_listen(const struct arrival *arrival);
const struct rule *oracle_linux_cookie(const struct arrival *arrival);
const struct rule *oracle_linux_syn_recv(const struct arrival *arrival, const struct kernel *kernel);
const struct rule *oracle_linux_full(const struct arrival *arrival, const struct kernel *kernel);
const struct rule *oracle_linux_time_wait(const struct arrival *arrival, const struct kernel *kernel);
const struct rule *oracle_linux_fin_wait_2(const struct arrival *arrival, const struct kernel *kernel);

/* A full socket of the subject, and the segment it gets. */
struct full {
	const struct arrival *arrival;
	const struct kernel *kernel;
	bool unread;          /* something waits in sk_receive_queue: data, or our FIN */
};

/* What tcp_conn_request() does with a SYN; one that comes from TIME_WAIT with its ISN is above the queue of half-open
 * connections, and above cookies. */
enum request { REQUEST_MADE, REQUEST_COOKIE, REQUEST_NO_SYN_ROOM, REQUEST_NO_ACCEPT_ROOM };
enum request oracle_linux_request(const struct arrival *arrival, bool with_isn);
/* An answer that tcp_oow_rate_limited() may hold back; not that to data. */
const struct rule *oracle_linux_dupack(const struct arrival *arrival, const struct rule *rule);
/* The rule of what takes data, and leaves the state as it was. */
bool oracle_linux_takes(const struct rule *rule);
/* What is wrong with the segment keeps all sockets from looking at its numbers: its checksum, its options. */
bool oracle_linux_drops_unread(const struct arrival *arrival, const struct kernel *kernel);

/* How far a full socket lets a segment in. */
enum passes {
	PASSES_NOTHING,  /* tcp_validate_incoming() drops it */
	PASSES_VALIDATE, /* tcp_ack() does */
	PASSES_ALL,
};
enum passes oracle_linux_full_passes(const struct arrival *arrival, const struct kernel *kernel);
/* Whether it is a rule of the new socket that ends a handshake, not of the request before it. */
bool oracle_linux_made_child(const struct rule *rule);

/* A challenge ACK, or none where the host has sent too many (tcp_send_challenge_ack()). */
const struct rule *oracle_linux_challenge(const struct arrival *arrival, const struct rule *rule);
/* tcp_validate_incoming(): NULL when the segment passes. */
const struct rule *oracle_linux_validate(const struct full *full);

/* The rfc book. */
/* RFC 9293 3.10.7.4, first to fifth: RST, SYN in a synchronized state, timestamps, acceptability, the ACK bit. NULL
 * when the segment passes. */
const struct rule *oracle_rfc_entry(const struct arrival *arrival);
/* What comes before all states: the checksum, options, the TTL. NULL when the segment passes. */
const struct rule *oracle_rfc_before_the_state(const struct arrival *arrival);
/* What the state makes of a segment that has passed. */
const struct rule *oracle_rfc_in_state(const struct arrival *arrival);
const struct rule *oracle_rfc_closed(const struct arrival *arrival);
const struct rule *oracle_rfc_icmp(const struct arrival *arrival);
const struct rule *oracle_rfc_syn_sent(const struct arrival *arrival);
const struct rule *oracle_rfc_syn_received(const struct arrival *arrival);
const struct rule *oracle_rfc_synchronized(const struct arrival *arrival);
const struct rule *oracle_rfc_time_wait(const struct arrival *arrival);
/* Its FIN is not the next number that the subject expects, nor one before. */
bool oracle_rfc_fin_lies_ahead(const struct arrival *arrival);

#endif
