/* test_formers.c - what comes on a connection that has ended: the answer nobody waited for, or an echo of what was. */
#include "harness/run/formers.h"

#include <string.h>

#include "tests/unit/suite.h"

#define MS UINT64_C(1000000)

enum { IRS = 5000, RCV_NXT = 9000 };

static struct peer silent_peer(uint16_t port)
{
	static const struct peer_rules rules;
	struct peer_task task = {
		.pair = { .crafted = { .address = { .family = 4, .bytes = { 192, 0, 2, 1 } }, .port = port },
			   .subject = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 } },
		.state = STATE_TIME_WAIT,
	};
	struct peer peer;

	peer_init(&peer, &rules, &task);
	peer.seen_ns = 1000 * MS;
	peer.crafted.irs = IRS;
	peer.crafted.fin_taken = true;
	peer.crafted.their_fin_seq = IRS + 1;
	peer.sent.seq = RCV_NXT + 100;
	peer.followed = peer.follow_up_answered = true;
	peer.follow_up.seq = RCV_NXT - 1000;
	peer.follow_up_heard.time_ns = 2000 * MS;
	peer.follow_up_heard.segment.flags = FLAG_ACK;
	peer.follow_up_heard.segment.seq = IRS + 2;
	peer.follow_up_heard.segment.ack = RCV_NXT;
	return peer;
}

static struct segment from(const struct peer *peer, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment = { .flags = flags, .seq = seq, .ack = ack };

	segment.tuple = pair_from_subject(&peer->pair);
	return segment;
}

static struct formers *formers;
static size_t number;
static uint64_t after_ns;

static bool heard(const struct segment *segment, uint64_t time_ns)
{
	return formers_heard(formers, segment, NULL, time_ns, &number, &after_ns);
}

static void open_formers(void)
{
	formers = formers_open(4);
	ck_assert_ptr_nonnull(formers);
}

static void close_formers(void)
{
	formers_close(formers);
}

/* One that nothing had to take back. */
static void add(const struct peer *peer, size_t number_of_entry)
{
	struct peer_actions none = { .send_count = 0 };

	formers_add(formers, peer, number_of_entry, &none, 1);
}

START_TEST(an_answer_after_the_end_is_told)
{
	struct peer peer = silent_peer(40000);
	struct segment late = from(&peer, FLAG_ACK, IRS + 2, RCV_NXT), ours = late;

	add(&peer, 17);
	ck_assert(heard(&late, 3200 * MS));
	ck_assert_uint_eq(number, 17);
	ck_assert_uint_eq(after_ns, 2200 * MS);
	ours.tuple = pair_to_subject(&peer.pair);
	ck_assert(!heard(&ours, 3200 * MS));
}
END_TEST

/* The follow-up opened a connection, and the RSTs that took it back came in another order: the ACK for the one that was not
 * exact acknowledges the follow-up. Where the stimulus has the same number nobody can tell. */
START_TEST(what_the_follow_up_opened_is_no_answer)
{
	struct peer peer = silent_peer(40000);
	struct segment challenge = from(&peer, FLAG_ACK, 77, RCV_NXT - 1000 + 1);

	add(&peer, 17);
	ck_assert(!heard(&challenge, 3200 * MS));
	challenge.ack++;
	ck_assert(heard(&challenge, 3200 * MS));
	challenge.ack--;
	peer.sent.seq = peer.follow_up.seq;
	add(&peer, 17);
	ck_assert(heard(&challenge, 3200 * MS));
}
END_TEST

/* A segment made anew has another TSval: close to the follow-up's answer, but no copy of it. */
START_TEST(an_answer_close_to_the_follow_ups_is_no_copy)
{
	struct peer peer = silent_peer(40000);
	struct segment copy;

	segment_add_option(&peer.follow_up_heard.segment, OPTION_TIMESTAMPS);
	peer.follow_up_heard.segment.tsval = 5000;
	copy = peer.follow_up_heard.segment;
	copy.tuple = pair_from_subject(&peer.pair);
	add(&peer, 17);
	ck_assert(!heard(&copy, 2050 * MS));
	copy.tsval = 4700;
	ck_assert(heard(&copy, 2050 * MS));
}
END_TEST

START_TEST(echoes_are_none)
{
	struct peer peer = silent_peer(40000);
	struct segment copy = from(&peer, FLAG_ACK, IRS + 2, RCV_NXT);
	struct segment syn_ack = from(&peer, FLAG_SYN | FLAG_ACK, IRS, 4);
	struct segment fin = from(&peer, FLAG_FIN | FLAG_ACK, IRS + 1, 4);
	struct segment to_follow_up = from(&peer, FLAG_SYN | FLAG_ACK, 4711, RCV_NXT - 999);
	struct segment challenge = from(&peer, FLAG_ACK, 4712, RCV_NXT - 999);
	struct segment to_stimulus = from(&peer, FLAG_SYN | FLAG_ACK, 4711, RCV_NXT + 101);

	add(&peer, 1);
	ck_assert(!heard(&copy, 2005 * MS)); /* of the follow-up's answer, by the network */
	ck_assert(!heard(&syn_ack, 3000 * MS));
	ck_assert(!heard(&fin, 3000 * MS));
	ck_assert(!heard(&to_follow_up, 3000 * MS)); /* a copy of the follow-up met the listener */
	ck_assert(!heard(&challenge, 3000 * MS)); /* of the connection that it began */
	ck_assert(heard(&to_stimulus, 3000 * MS));
}
END_TEST

START_TEST(what_was_answered_leaves_nothing_open)
{
	struct peer peer = silent_peer(40000);
	struct segment late = from(&peer, FLAG_ACK, IRS + 2, RCV_NXT);

	peer.heard_count = 1;
	peer.heard[0].segment = late;
	add(&peer, 1);
	ck_assert(!heard(&late, 3000 * MS));
}
END_TEST

/* From a stack that answers resets; `port` is the connection's, `seq` the stimulus's. */
static struct segment ended_by_resets(uint16_t port, uint8_t flags, uint32_t seq)
{
	struct peer peer = silent_peer(port);
	struct peer_actions last = { .send_count = 2 };
	struct segment echo = from(&peer, FLAG_RST | FLAG_ACK, 0, RCV_NXT + 100);

	peer.sent.flags = flags;
	peer.sent.seq = seq;
	peer.now_ns = 2000 * MS;
	last.send[0] = (struct segment){ .flags = FLAG_RST, .seq = RCV_NXT };
	last.send[1] = (struct segment){ .flags = FLAG_RST, .seq = RCV_NXT + 100 };
	formers_add(formers, &peer, 1, &last, 2);
	return echo;
}

/* What acknowledges a reset and nothing else of ours answers it. */
START_TEST(an_answer_to_a_reset_is_none)
{
	struct segment echo = ended_by_resets(40000, FLAG_ACK, RCV_NXT + 100), other = echo;

	ck_assert(!heard(&echo, 2001 * MS));
	other.seq = 1;
	ck_assert(heard(&other, 2001 * MS));
	other = echo;
	other.ack++;
	ck_assert(heard(&other, 2001 * MS));
	other = echo;
	other.flags = FLAG_RST;
	ck_assert(heard(&other, 2001 * MS));
}
END_TEST

/* The stimulus had no ACK and the same number: known to answer resets, the subject answers each of the two, and no more. */
START_TEST(an_answer_to_a_reset_or_to_the_stimulus)
{
	struct segment echo = ended_by_resets(40000, 0, RCV_NXT + 100), beyond_doubt;

	ck_assert(heard(&echo, 2001 * MS));
	beyond_doubt = echo;
	beyond_doubt.ack = RCV_NXT;
	for (int i = 0; i < 3; i++) {
		ck_assert(heard(&echo, 2001 * MS));
		ck_assert(!heard(&beyond_doubt, 2001 * MS));
	}
	ck_assert(!heard(&echo, 2001 * MS));
	ck_assert(!heard(&echo, 2001 * MS));
	ck_assert(heard(&echo, 2001 * MS));
	echo = ended_by_resets(40001, 0, RCV_NXT + 100);
	ck_assert(heard(&echo, 2900 * MS)); /* no reset's answer is that late */
}
END_TEST

START_TEST(the_oldest_goes_first_and_a_pair_in_use_is_forgotten)
{
	struct peer peers[6];
	struct segment late;

	for (uint16_t i = 0; i < 6; i++) {
		peers[i] = silent_peer((uint16_t)(40000 + i));
		add(&peers[i], i);
	}
	for (size_t i = 0; i < 6; i++) {
		late = from(&peers[i], FLAG_ACK, IRS + 2, RCV_NXT);
		ck_assert_int_eq(heard(&late, 3000 * MS), i >= 2);
	}
	formers_forget(formers, &peers[5].pair);
	ck_assert(!heard(&late, 3000 * MS));
	add(&peers[4], 40); /* the same ends again: the later one has it */
	late = from(&peers[4], FLAG_ACK, IRS + 2, RCV_NXT);
	ck_assert(heard(&late, 3000 * MS));
	ck_assert_uint_eq(number, 40);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("formers");

	tcase_add_checked_fixture(tests, open_formers, close_formers);
	tcase_add_test(tests, an_answer_after_the_end_is_told);
	tcase_add_test(tests, what_the_follow_up_opened_is_no_answer);
	tcase_add_test(tests, an_answer_close_to_the_follow_ups_is_no_copy);
	tcase_add_test(tests, echoes_are_none);
	tcase_add_test(tests, what_was_answered_leaves_nothing_open);
	tcase_add_test(tests, an_answer_to_a_reset_is_none);
	tcase_add_test(tests, an_answer_to_a_reset_or_to_the_stimulus);
	tcase_add_test(tests, the_oldest_goes_first_and_a_pair_in_use_is_forgotten);
	return run_suite("formers", tests, NULL);
}
