/* test_end_numbers.c - windows, acknowledgments, timestamps and options of an end, and what is known of them. */
#include <string.h>

#include "crafter/end.h"

#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)
#define DAY (UINT64_C(86400) * 1000 * MS)

enum { OURS = 1000, THEIRS = 500000 }; /* the first sequence numbers of the end and of the other */

enum option { TS = 1, SCALE = 2, SACK = 4, MSS = 8, ALL = 15 };

static struct segment segment_of(uint8_t flags, uint32_t seq, uint32_t ack, uint16_t window)
{
	return (struct segment){ .flags = flags, .seq = seq, .ack = ack, .window = window };
}

static struct segment stamped(uint8_t flags, uint32_t seq, uint32_t ack, uint16_t window, uint32_t tsval)
{
	struct segment segment = segment_of(flags, seq, ack, window);

	segment_add_option(&segment, OPTION_TIMESTAMPS);
	segment.tsval = tsval;
	return segment;
}

static struct segment with_options(struct segment segment, unsigned options, uint8_t wscale)
{
	if (options & TS)
		segment_add_option(&segment, OPTION_TIMESTAMPS);
	if (options & SCALE)
		segment_add_option(&segment, OPTION_WSCALE);
	if (options & SACK)
		segment_add_option(&segment, OPTION_SACK_PERMITTED);
	if (options & MSS)
		segment_add_option(&segment, OPTION_MSS);
	segment.wscale = wscale;
	segment.mss = 1400;
	segment.tsval = 100;
	return segment;
}

/* A client: its SYN offers 60000, the SYN-ACK 50000; the scales are 7 and 5. Its ACK is still to come. */
static struct end client_of(unsigned own, unsigned their)
{
	struct segment syn = with_options(segment_of(FLAG_SYN, OURS, 0, 60000), own, 7);
	struct segment syn_ack = with_options(segment_of(FLAG_SYN | FLAG_ACK, THEIRS, OURS + 1, 50000), their, 5);
	struct end end;

	end_init(&end, STATE_CLOSED);
	end_sent(&end, &syn, 10);
	end_got(&end, &syn_ack, 20);
	ck_assert_int_eq(end.state, STATE_ESTABLISHED);
	return end;
}

/* The same from the server's side, before the ACK. */
static struct end server_of(unsigned their, unsigned own)
{
	struct segment syn = with_options(segment_of(FLAG_SYN, THEIRS, 0, 60000), their, 7);
	struct segment syn_ack = with_options(segment_of(FLAG_SYN | FLAG_ACK, OURS, THEIRS + 1, 50000), own, 5);
	struct end end;

	end_init(&end, STATE_LISTEN);
	end_got(&end, &syn, 10);
	end_sent(&end, &syn_ack, 20);
	ck_assert_int_eq(end.state, STATE_SYN_RECV);
	return end;
}

static void sends(struct end *end, struct segment segment, uint64_t time_ns)
{
	end_sent(end, &segment, time_ns);
}

static void gets(struct end *end, struct segment segment, uint64_t time_ns)
{
	end_got(end, &segment, time_ns);
}

static struct segment with_text(struct segment segment, uint16_t size)
{
	segment.payload_size = size;
	return segment;
}

/* What only one of the SYNs carries does not count. */
START_TEST(options_are_agreed_upon)
{
	for (unsigned own = 0; own <= ALL; own++) {
		for (unsigned their = 0; their <= ALL; their++) {
			struct end client = client_of(own, their), server = server_of(own, their);
			unsigned both = own & their;

			ck_assert(end_knows(&client, END_TIMESTAMPS | END_OPTIONS));
			ck_assert_int_eq(client.timestamps, (both & TS) != 0);
			ck_assert_int_eq(server.timestamps, (both & TS) != 0);
			ck_assert_int_eq(client.sack, (both & SACK) != 0);
			ck_assert_int_eq(server.sack, (both & SACK) != 0);
			ck_assert_uint_eq(client.snd_wscale, both & SCALE ? 5 : 0);
			ck_assert_uint_eq(client.rcv_wscale, both & SCALE ? 7 : 0);
			ck_assert_uint_eq(server.snd_wscale, both & SCALE ? 7 : 0);
			ck_assert_uint_eq(server.rcv_wscale, both & SCALE ? 5 : 0);
			ck_assert_uint_eq(client.snd_mss, their & MSS ? 1400 : 536);
			ck_assert_uint_eq(client.rcv_mss, own & MSS ? 1400 : 536);
			ck_assert_uint_eq(server.snd_mss, own & MSS ? 1400 : 536);
			ck_assert_int_eq(end_knows(&client, END_TS_RECENT), (both & TS) != 0);
		}
	}
}
END_TEST

/* RFC 7323 2.3: 14 at most. */
START_TEST(a_scale_has_a_limit)
{
	struct segment syn = with_options(segment_of(FLAG_SYN, OURS, 0, 60000), ALL, 200);
	struct segment syn_ack = with_options(segment_of(FLAG_SYN | FLAG_ACK, THEIRS, OURS + 1, 50000), ALL, 15);
	struct end end;

	end_init(&end, STATE_CLOSED);
	end_sent(&end, &syn, 0);
	end_got(&end, &syn_ack, 0);
	ck_assert_uint_eq(end.snd_wscale, 14);
	ck_assert_uint_eq(end.rcv_wscale, 14);
}
END_TEST

START_TEST(windows_are_scaled_after_the_syns)
{
	struct end client = client_of(ALL, ALL);

	ck_assert_uint_eq(client.snd_wnd, 50000);
	ck_assert_uint_eq(client.max_snd_wnd, 50000);
	ck_assert_uint_eq(client.rcv_wnd, 60000);
	sends(&client, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	ck_assert_uint_eq(client.rcv_wnd, 1000 << 7);
	gets(&client, stamped(FLAG_ACK, THEIRS + 1, OURS + 1, 3000, 101), 40);
	ck_assert_uint_eq(client.snd_wnd, 3000 << 5);
	ck_assert_uint_eq(client.max_snd_wnd, 3000 << 5);
}
END_TEST

/* What was offered still stands; what was taken is gone from it. */
START_TEST(the_receive_window_keeps_its_edge)
{
	struct end end = client_of(MSS, MSS);

	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 1, 10000), 0);
	ck_assert_uint_eq(end.rcv_wnd, 60000);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 50000), 1000), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1001);
	ck_assert_uint_eq(end.rcv_wnd, 59000);
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 1001, 65000), 0);
	ck_assert_uint_eq(end.rcv_wnd, 65000);
}
END_TEST

/* RFC 9293 3.8.6, SHLD-14: the edge should not go back. Where the last offer does, both edges are known. */
START_TEST(an_offer_is_taken_back)
{
	struct end end = client_of(MSS, MSS);

	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 1, 10000), 0);
	ck_assert_uint_eq(end.rcv_wnd, 60000);
	ck_assert_uint_eq(end.rcv_taken_back, 50000);
	/* What is taken leaves the edges where they are, until the lower one is reached. */
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 50000), 4000), 0);
	ck_assert_uint_eq(end.rcv_wnd, 56000);
	ck_assert_uint_eq(end.rcv_taken_back, 50000);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 4001, OURS + 1, 50000), 7000), 0);
	ck_assert_uint_eq(end.rcv_wnd, 49000);
	ck_assert_uint_eq(end.rcv_taken_back, 49000);
	/* Offered again, in part and then as a whole; an old acknowledgment offers nothing. */
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 11001, 40000), 0);
	ck_assert_uint_eq(end.rcv_taken_back, 9000);
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 1, 1000), 0);
	ck_assert_uint_eq(end.rcv_taken_back, 9000);
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 11001, 49000), 0);
	ck_assert_uint_eq(end.rcv_taken_back, 0);
	ck_assert_uint_eq(end.rcv_wnd, 49000);
}
END_TEST

/* Text beyond the edge is cut off there. With the window closed only the acknowledgment counts. */
START_TEST(the_receive_window_limits_text)
{
	struct end end = client_of(MSS, MSS);

	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 50000), 59000), 0);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 59001, OURS + 1, 50000), 2000), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 60001);
	ck_assert_uint_eq(end.rcv_wnd, 0);
	sends(&end, with_text(segment_of(FLAG_ACK, OURS + 1, THEIRS + 60001, 0), 10), 0);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 60001, OURS + 11, 50000), 1), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 60001);
	ck_assert_uint_eq(end.snd_una, OURS + 11);
}
END_TEST

/* It begins before what was acknowledged and ends beyond the window: what lies in between counts. */
START_TEST(a_segment_may_be_larger_than_the_window)
{
	struct end end = client_of(MSS, MSS);

	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 50000), 59990), 0);
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 59991, 10), 0);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 59981, OURS + 1, 50000), 100), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 60001);
}
END_TEST

/* RFC 9293 3.10.7.4: SND.WL1 and SND.WL2 keep an old segment from setting the window. */
START_TEST(an_old_segment_does_not_set_the_window)
{
	struct end end = client_of(MSS, MSS);

	sends(&end, with_text(segment_of(FLAG_ACK, OURS + 1, THEIRS + 1, 60000), 100), 0);
	gets(&end, segment_of(FLAG_ACK, THEIRS + 1, OURS + 51, 2000), 0);
	ck_assert_uint_eq(end.snd_wnd, 2000);
	gets(&end, segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 9000), 0);   /* acknowledges less */
	ck_assert_uint_eq(end.snd_wnd, 2000);
	gets(&end, segment_of(FLAG_ACK, THEIRS + 1, OURS + 51, 3000), 0);  /* an update */
	ck_assert_uint_eq(end.snd_wnd, 3000);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 51, 4000), 10), 0);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 11, OURS + 51, 500), 10), 0);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 51, 7000), 20), 0); /* sent before that */
	ck_assert_uint_eq(end.snd_wnd, 500);
	ck_assert_uint_eq(end.max_snd_wnd, 50000);
	ck_assert_uint_eq(end.snd_wl1, THEIRS + 11);
	ck_assert_uint_eq(end.snd_wl2, OURS + 51);
}
END_TEST

/* RFC 5961 5.2: what it acknowledged before is as old as the largest window at most. */
START_TEST(an_acknowledgment_has_a_range)
{
	struct end end = client_of(MSS, MSS);
	uint32_t una = OURS + 60001;

	sends(&end, with_text(segment_of(FLAG_ACK, OURS + 1, THEIRS + 1, 60000), 60000), 0);
	gets(&end, segment_of(FLAG_ACK, THEIRS + 1, una, 50000), 0);
	ck_assert_uint_eq(end.snd_una, una);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, una - 50001, 50000), 5), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, una + 1, 50000), 5), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, una - 50000, 50000), 5), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 6);
	ck_assert_uint_eq(end.snd_una, una);
}
END_TEST

/* RFC 7323 4.3: the segment that covers Last.ACK.sent, not those after it while the ACK is delayed. */
START_TEST(ts_recent_is_of_the_earliest_unacknowledged)
{
	struct end end = client_of(ALL, ALL);

	ck_assert_uint_eq(end.ts_recent, 100);
	ck_assert_uint_eq(end.ts_recent_ns, 20);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	ck_assert_uint_eq(end.last_ack_sent, THEIRS + 1);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 1, OURS + 1, 1000, 120), 10), 40);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 11, OURS + 1, 1000, 130), 10), 50);
	ck_assert_uint_eq(end.ts_recent, 120);
	ck_assert_uint_eq(end.ts_recent_ns, 40);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 21, 1000, 102), 60);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 21, OURS + 1, 1000, 140), 10), 70);
	ck_assert_uint_eq(end.ts_recent, 140);
	/* Beyond a hole it does not count; a retransmission that fills it does. */
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 31, 1000, 103), 80);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 41, OURS + 1, 1000, 150), 10), 90);
	ck_assert_uint_eq(end.ts_recent, 140);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 31, OURS + 1, 1000, 160), 10), 100);
	ck_assert_uint_eq(end.ts_recent, 160);
	ck_assert(end_knows(&end, END_LAST_TSVAL));
	ck_assert_uint_eq(end.last_tsval, 103);
	ck_assert_uint_eq(end.last_tsval_ns, 80);
}
END_TEST

/* RFC 7323 5.3, 5.5 and 3.2. */
START_TEST(paws)
{
	struct end end = client_of(ALL, ALL);

	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 1, OURS + 1, 1000, 99), 10), 40);   /* older */
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 1000), 10), 40);    /* none */
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 1, OURS + 1, 1000, 100), 10), 40);  /* equal */
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 11);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 11, 1000, 102), 50);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 11, OURS + 1, 1000, 100u + INT32_MAX), 10), 60);
	ck_assert_uint_eq(end.ts_recent, 100u + INT32_MAX);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 21, 1000, 103), 70);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 21, OURS + 1, 1000, 50), 10), 80);  /* past the end of the circle */
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 31);
	/* After 24 days anything goes. */
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 31, OURS + 1, 1000, 10), 10), 80 + 24 * DAY - 1);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 31);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 31, OURS + 1, 1000, 10), 10), 80 + 24 * DAY);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 41);
	/* A reset needs no timestamp. */
	gets(&end, segment_of(FLAG_RST, THEIRS + 41, 0, 0), 90 + 24 * DAY);
	ck_assert_int_eq(end.state, STATE_CLOSED);
}
END_TEST

/* Its owner takes what comes, whatever clock the other end has. */
START_TEST(any_timestamp)
{
	struct end end = client_of(ALL, ALL);

	end.any_timestamp = true;
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS + 1, OURS + 1, 1000, 99), 10), 40);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 11, OURS + 1, 1000), 10), 40);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 21);
	ck_assert_uint_eq(end.ts_recent, 100);
	sends(&end, segment_of(FLAG_SYN, 77, 0, 30000), 40);
	ck_assert(end.any_timestamp);
}
END_TEST

START_TEST(the_age_of_ts_recent)
{
	struct end end = { .ts_recent_ns = 5000 * MS };

	ck_assert_uint_eq(end_ts_age_s(&end, 65000 * MS), 60);
	ck_assert_uint_eq(end_ts_age_s(&end, 5999 * MS), 0);
	ck_assert_uint_eq(end_ts_age_s(&end, 4000 * MS), 0);
}
END_TEST

/* The rules drop the FIN for its lack of a timestamp; a stack that takes it says so. */
START_TEST(what_the_end_says_counts_more_than_the_rules)
{
	struct end end = client_of(ALL, ALL);

	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	gets(&end, with_text(segment_of(FLAG_FIN | FLAG_ACK, THEIRS + 1, OURS + 1, 1000), 10), 40);
	ck_assert_int_eq(end.state, STATE_ESTABLISHED);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 11, 1000, 102), 50); /* the text, but not the FIN */
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 11);
	ck_assert_int_eq(end.state, STATE_ESTABLISHED);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 12, 1000, 103), 60);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 12);
	ck_assert_int_eq(end.state, STATE_CLOSE_WAIT);
	/* But nobody has taken what never came. */
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1012, 1000, 104), 70);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 12);
}
END_TEST

/* Queued beyond a hole: when that is filled, the end's ACK covers both. */
START_TEST(text_beyond_a_hole)
{
	struct end end = client_of(MSS, MSS);

	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 11, OURS + 1, 50000), 10), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1);
	ck_assert_uint_eq(end.rcv_max, THEIRS + 21);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 50000), 10), 0);
	sends(&end, segment_of(FLAG_ACK, OURS + 1, THEIRS + 21, 60000), 0);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 21);
}
END_TEST

/* TCP Fast Open (RFC 7413): the SYN's text counts as far as the SYN-ACK acknowledges it. */
START_TEST(text_in_the_syn)
{
	for (uint16_t taken = 0; taken <= 20; taken += 10) {
		struct segment syn = with_text(segment_of(FLAG_SYN, THEIRS, 0, 60000), 20);
		struct end end;

		end_init(&end, STATE_LISTEN);
		end_got(&end, &syn, 0);
		sends(&end, segment_of(FLAG_SYN | FLAG_ACK, OURS, THEIRS + 1u + taken, 50000), 0);
		ck_assert_uint_eq(end.irs, THEIRS);
		ck_assert_uint_eq(end.rcv_nxt, THEIRS + 1u + taken);
	}
}
END_TEST

/* A new connection knows nothing of the one before. */
START_TEST(a_new_incarnation)
{
	struct end end = client_of(ALL, ALL);

	sends(&end, with_text(stamped(FLAG_FIN | FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 10), 30);
	sends(&end, segment_of(FLAG_SYN, 77, 0, 30000), 40);
	ck_assert_int_eq(end.state, STATE_SYN_SENT);
	ck_assert_uint_eq(end.known, END_ISS | END_SND_UNA | END_SND_NXT);
	ck_assert_uint_eq(end.snd_nxt, 78);
	ck_assert_uint_eq(end.max_snd_wnd, 0);
	ck_assert(!end.fin_sent && !end.timestamps);
	ck_assert_uint_eq(end.lives, 2);
}
END_TEST

/* A capture that began in the middle: each segment shows something. */
START_TEST(the_middle_of_a_connection)
{
	struct end end;

	end_init(&end, STATE_UNKNOWN);
	ck_assert_uint_eq(end.known, 0);
	gets(&end, with_text(stamped(FLAG_ACK, THEIRS, OURS, 500, 7), 10), 10);
	ck_assert_uint_eq(end.known, END_RCV_NXT | END_SND_NXT | END_SND_UNA | END_TIMESTAMPS | END_TS_RECENT);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 10);
	ck_assert_uint_eq(end.snd_una, OURS);
	ck_assert(end.timestamps);
	sends(&end, with_text(stamped(FLAG_ACK, OURS, THEIRS + 10, 500, 900), 20), 20);
	ck_assert_uint_eq(end.snd_nxt, OURS + 20);
	ck_assert_uint_eq(end.last_ack_sent, THEIRS + 10);
	ck_assert(!end_knows(&end, END_RCV_WND));  /* nobody knows the scales */
	ck_assert(!end_knows(&end, END_SND_WND));
	ck_assert_int_eq(end.state, STATE_UNKNOWN);
	/* Both FINs show in which order the two closed. */
	sends(&end, stamped(FLAG_FIN | FLAG_ACK, OURS + 20, THEIRS + 10, 500, 901), 30);
	ck_assert_int_eq(end.state, STATE_UNKNOWN);
	gets(&end, stamped(FLAG_FIN | FLAG_ACK, THEIRS + 10, OURS + 20, 500, 8), 40);
	ck_assert_int_eq(end.state, STATE_CLOSING);
	gets(&end, stamped(FLAG_ACK, THEIRS + 11, OURS + 21, 500, 9), 50);
	ck_assert_int_eq(end.state, STATE_TIME_WAIT);
}
END_TEST

START_TEST(the_middle_seen_from_what_is_sent)
{
	struct end end;

	end_init(&end, STATE_UNKNOWN);
	sends(&end, stamped(FLAG_ACK, OURS, 0x90000000, 500, 900), 0);
	ck_assert_uint_eq(end.known, END_SND_NXT | END_RCV_NXT | END_LAST_ACK | END_TIMESTAMPS | END_LAST_TSVAL);
	ck_assert(end.timestamps);
	ck_assert_uint_eq(end.rcv_nxt, 0x90000000);
	ck_assert_uint_eq(end.rcv_max, 0x90000000);
}
END_TEST

START_TEST(the_middle_seen_from_who_closes_last)
{
	struct end end;

	end_init(&end, STATE_UNKNOWN);
	sends(&end, segment_of(FLAG_ACK, OURS, THEIRS, 500), 0);
	gets(&end, segment_of(FLAG_FIN | FLAG_ACK, THEIRS, OURS, 500), 0);
	ck_assert_int_eq(end.state, STATE_UNKNOWN);
	sends(&end, segment_of(FLAG_FIN | FLAG_ACK, OURS, THEIRS + 1, 500), 0);
	ck_assert_int_eq(end.state, STATE_LAST_ACK);
	gets(&end, segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 500), 0);
	ck_assert_int_eq(end.state, STATE_CLOSED);
}
END_TEST

/* A capture that missed the SYN: the SYN-ACK shows what it took up of it. */
START_TEST(the_syn_was_missed)
{
	struct segment syn_ack = with_options(segment_of(FLAG_SYN | FLAG_ACK, THEIRS, OURS + 1, 50000), ALL, 5);
	struct end client, server;

	end_init(&client, STATE_UNKNOWN);
	end_init(&server, STATE_UNKNOWN);
	end_sent(&server, &syn_ack, 10);
	end_got(&client, &syn_ack, 10);
	ck_assert_int_eq(server.state, STATE_SYN_RECV);
	ck_assert_uint_eq(server.irs, OURS);
	ck_assert(end_knows(&server, END_IRS | END_RCV_NXT | END_RCV_WND | END_TIMESTAMPS));
	ck_assert_uint_eq(server.rcv_wnd, 50000);
	ck_assert_uint_eq(server.rcv_nxt, OURS + 1);
	ck_assert(server.timestamps && !end_knows(&server, END_OPTIONS) && !end_knows(&server, END_SND_WND));
	ck_assert_int_eq(client.state, STATE_ESTABLISHED);
	ck_assert_uint_eq(client.iss, OURS);
	ck_assert_uint_eq(client.rcv_nxt, THEIRS + 1);
	ck_assert_uint_eq(client.snd_wnd, 50000);
	ck_assert_uint_eq(client.ts_recent, 100);
	gets(&server, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 500, 101), 20);
	ck_assert_int_eq(server.state, STATE_ESTABLISHED);
	ck_assert_uint_eq(server.ts_recent, 101);
}
END_TEST

START_TEST(a_reset_of_what_is_not_known)
{
	struct end end;

	end_init(&end, STATE_UNKNOWN);
	gets(&end, segment_of(FLAG_RST, 0, 0, 0), 0);
	ck_assert_int_eq(end.state, STATE_UNKNOWN);
	gets(&end, segment_of(FLAG_ACK, THEIRS, OURS, 500), 0);
	gets(&end, segment_of(FLAG_RST, THEIRS, 0, 0), 0);
	ck_assert_int_eq(end.state, STATE_CLOSED);
}
END_TEST

/* What a SYN said does not count for the next connection where the SYN was reset. */
START_TEST(a_syn_that_was_reset)
{
	struct segment syn = with_options(segment_of(FLAG_SYN, THEIRS, 0, 60000), ALL, 7);

	for (int by_itself = 0; by_itself < 2; by_itself++) {
		struct segment reset = segment_of(FLAG_RST, THEIRS + 1, 0, 0);
		struct end end;

		end_init(&end, STATE_LISTEN);
		end_got(&end, &syn, 0);
		ck_assert(end.their_syn.seen);
		(by_itself ? end_sent : end_got)(&end, &reset, 0);
		ck_assert(!end.their_syn.seen);
		sends(&end, segment_of(FLAG_SYN, OURS, 0, 60000), 0);
		ck_assert_int_eq(end.state, STATE_SYN_SENT);
	}
}
END_TEST

/* Found by fuzz_end. */
START_TEST(what_cannot_be)
{
	struct end end;

	/* The first acknowledgment that is seen is of what was never sent. */
	end_init(&end, STATE_UNKNOWN);
	sends(&end, segment_of(FLAG_ACK, OURS, THEIRS, 500), 0);
	gets(&end, segment_of(FLAG_ACK, THEIRS, OURS + 10, 500), 0);
	ck_assert(!end_knows(&end, END_SND_UNA));
	/* Text beyond a FIN, which the rules drop for its lack of a timestamp. */
	end = client_of(ALL, ALL);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 1, 1000, 101), 30);
	gets(&end, segment_of(FLAG_FIN | FLAG_ACK, THEIRS + 1, OURS + 1, 1000), 40);
	gets(&end, with_text(segment_of(FLAG_ACK, THEIRS + 1, OURS + 1, 1000), 10), 50);
	sends(&end, stamped(FLAG_ACK, OURS + 1, THEIRS + 11, 1000, 102), 60);
	ck_assert_uint_eq(end.rcv_nxt, THEIRS + 11);
	ck_assert_uint_eq(end.last_ack_sent, THEIRS + 11);
	ck_assert_int_eq(end.state, STATE_ESTABLISHED);
}
END_TEST

int main(void)
{
	TCase *numbers = tcase_create("numbers"), *unknown = tcase_create("unknown");

	tcase_add_test(numbers, options_are_agreed_upon);
	tcase_add_test(numbers, a_scale_has_a_limit);
	tcase_add_test(numbers, windows_are_scaled_after_the_syns);
	tcase_add_test(numbers, the_receive_window_keeps_its_edge);
	tcase_add_test(numbers, the_receive_window_limits_text);
	tcase_add_test(numbers, an_offer_is_taken_back);
	tcase_add_test(numbers, a_segment_may_be_larger_than_the_window);
	tcase_add_test(numbers, an_old_segment_does_not_set_the_window);
	tcase_add_test(numbers, an_acknowledgment_has_a_range);
	tcase_add_test(numbers, ts_recent_is_of_the_earliest_unacknowledged);
	tcase_add_test(numbers, paws);
	tcase_add_test(numbers, any_timestamp);
	tcase_add_test(numbers, the_age_of_ts_recent);
	tcase_add_test(numbers, what_the_end_says_counts_more_than_the_rules);
	tcase_add_test(numbers, text_beyond_a_hole);
	tcase_add_test(numbers, text_in_the_syn);
	tcase_add_test(numbers, a_new_incarnation);
	tcase_add_test(numbers, a_syn_that_was_reset);
	tcase_add_test(numbers, what_cannot_be);
	tcase_add_test(unknown, the_middle_of_a_connection);
	tcase_add_test(unknown, a_reset_of_what_is_not_known);
	tcase_add_test(unknown, the_middle_seen_from_what_is_sent);
	tcase_add_test(unknown, the_middle_seen_from_who_closes_last);
	tcase_add_test(unknown, the_syn_was_missed);
	return run_suite("end_numbers", numbers, unknown, NULL);
}
