/* oracle_ends.h - ends made by hand, and segments for them. For the tests of the rule books' door. */
#ifndef TWPROBE_TESTS_UNIT_ORACLE_ENDS_H
#define TWPROBE_TESTS_UNIT_ORACLE_ENDS_H

#include <string.h>

#include "cases/books/oracle.h"
#include "crafter/segment_text.h"
#include "tests/unit/oracle_table.h"

/* Of every end here: rcv_nxt is 1000000, its ISN 5000. */
enum { RCV_NXT = 1000000, ISS = 5000, DAYS = 24 * 24 * 60 * 60, WRAP = 2147 };

#define OURS (FACT_LISTENER | FACT_TIMESTAMPS)
#define SECOND UINT64_C(1000000000)

struct subject {
	enum state state;
	uint32_t acked, in_flight; /* bytes that it sent */
	uint32_t rcv_wnd;
	uint32_t taken_back;       /* of it, at its end */
	uint32_t max_wnd, snd_wnd; /* that it was offered */
	uint32_t below_wl1;        /* rcv_nxt - snd_wl1 */
	uint32_t delayed;          /* rcv_nxt - last_ack_sent */
	uint32_t ts_recent;        /* 0: a connection without timestamps */
	uint64_t age_s;            /* of ts_recent */
	bool connected;            /* it did not listen */
};

static inline bool sent_fin(enum state state)
{
	state = state_whole(state);
	return state == STATE_FIN_WAIT_1 || state == STATE_FIN_WAIT_2 || state == STATE_CLOSING || state == STATE_TIME_WAIT ||
	       state == STATE_LAST_ACK;
}

static inline struct end end_of(const struct subject *subject)
{
	struct end end;

	end_init(&end, subject->state);
	end.known = UINT16_MAX;
	end.passive = !subject->connected;
	end.iss = ISS;
	end.snd_una = ISS + 1 + subject->acked;
	end.snd_nxt = end.snd_una + subject->in_flight;
	if (subject->state == STATE_SYN_SENT || subject->state == STATE_SYN_RECV)
		end.snd_una = ISS;
	else if (state_whole(subject->state) == STATE_FIN_WAIT_1 || state_whole(subject->state) == STATE_CLOSING ||
		 state_whole(subject->state) == STATE_LAST_ACK)
		end.snd_nxt++;
	else if (sent_fin(subject->state))
		end.snd_una = ++end.snd_nxt;
	end.rcv_nxt = RCV_NXT;
	end.irs = RCV_NXT - 1;
	end.rcv_wnd = subject->rcv_wnd;
	end.rcv_taken_back = subject->taken_back;
	end.last_ack_sent = RCV_NXT - subject->delayed;
	end.max_snd_wnd = subject->max_wnd;
	end.snd_wnd = subject->snd_wnd;
	end.snd_wl1 = RCV_NXT - subject->below_wl1;
	end.timestamps = subject->ts_recent != 0;
	end.ts_recent = subject->ts_recent;
	end.own_syn.timestamps = true;
	end.own_syn.tsval = 700;
	return end;
}

/* Numbers of a segment count from rcv_nxt and from the ISN. */
static inline struct segment segment_of(const char *text)
{
	static const struct segment_bases bases = { .seq = { .value = RCV_NXT }, .ack = { .value = ISS } };
	static uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct segment segment;
	struct error error = { "" };

	ck_assert_msg(segment_text_parse(text, &bases, &segment, payload, &error) == 0, "%s: %s", text, error.text);
	return segment;
}

/* Above rcv_nxt, in the window of the ends here, and newer than their ts_recent of 90000. */
#define SYN_ABOVE "S 1000 <TS val 90001 ecr 0>"

#define ALL_FACTS 0x3ff

#endif
