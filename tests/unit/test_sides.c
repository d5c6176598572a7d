/* test_sides.c - what both sides of a router heard, with segments made up: dropped, answered, rewritten, or nothing to tell. */
#include <stdlib.h>
#include <string.h>

#include "harness/wire/sides.h"

#include "tests/unit/suite.h"

enum { MARK = 7, ISS = 1000, IRS = 5000 };

static struct endpoint at(uint8_t host, uint16_t port)
{
	return (struct endpoint){ .address = { .family = 4, .bytes = { 192, 0, 2, host } }, .port = port };
}

static struct segment make(struct endpoint from, struct endpoint to, uint8_t flags, uint32_t seq, uint32_t ack)
{
	return (struct segment){ .tuple = { from, to }, .flags = flags, .seq = seq, .ack = ack, .window = 100, .ttl = 64 };
}

#define CRAFTED at(10, 30000)
#define SUBJECT at(2, 8888)
#define NATTED at(1, 4242)

static struct side_table *sides;

static void begin_over(bool stranger)
{
	struct endpoint crafted = CRAFTED;

	sides = sides_open(stranger);
	ck_assert_ptr_nonnull(sides);
	sides_begin(sides, &crafted);
}

static void begin(void)
{
	begin_over(false);
}

static void end(void)
{
	sides_close(sides);
}

static void begin_behind_a_strange_path(void)
{
	begin_over(true);
}

/* Behind the router, which lowers the TTL. */
static void heard(const struct segment *segment, bool from_subject, uint64_t time_ns)
{
	struct segment behind = *segment;

	behind.ttl = (uint8_t)(from_subject ? segment->ttl + 1 : segment->ttl - 1);
	sides_heard(sides, &behind, from_subject, time_ns);
}

/* Its SYN comes out as from `source`, and the subject answers. */
static void shake_hands(struct endpoint source)
{
	struct segment syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0), out = make(source, SUBJECT, FLAG_SYN, ISS, 0);
	struct segment answer = make(SUBJECT, source, FLAG_SYN | FLAG_ACK, IRS, ISS + 1);

	sides_sent(sides, &syn, 0);
	heard(&out, false, 0);
	heard(&answer, true, 0);
}

static struct segment stimulus(struct endpoint source)
{
	struct segment segment = make(source, SUBJECT, FLAG_SYN, ISS + 500, 0);

	segment.ip_id = MARK;
	return segment;
}

static struct side_view tell(const struct segment *answer)
{
	struct endpoint crafted = CRAFTED;
	struct segment sent = stimulus(CRAFTED);
	struct side_view view;

	sides_tell(sides, &crafted, &(struct side_exchange){ .sent = &sent, .answer = answer }, UINT64_MAX, &view);
	return view;
}

/* After the handshake. */
static void shake_hands_and_send(const struct segment *sent)
{
	shake_hands(CRAFTED);
	sides_sent(sides, sent, 0);
}

/* The stimulus comes out as it was sent, and the subject answers. */
static void meet_unchanged(const struct segment *sent, const struct segment *answer)
{
	shake_hands_and_send(sent);
	heard(sent, false, 0);
	heard(answer, true, 0);
}

START_TEST(unchanged)
{
	struct segment sent = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	meet_unchanged(&sent, &ack);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_SUBJECT);
	ck_assert_uint_eq(view.stimulus_changes | view.answer_changes, 0);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "");
	ck_assert_str_eq(sides_story(&view, text, sizeof(text)),
			 "the stimulus reached the subject unchanged; the answer is the subject's, unchanged");
}
END_TEST

START_TEST(dropped_on_the_way_there)
{
	struct segment sent = stimulus(CRAFTED);
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	shake_hands_and_send(&sent);
	view = tell(NULL);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_STOPPED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_NOBODY);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "the router dropped the stimulus");
}
END_TEST

/* Whatever takes 300 ms there and back may yet come. */
START_TEST(on_its_way)
{
	struct segment syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0), sent = stimulus(CRAFTED);
	struct segment syn_ack = make(SUBJECT, CRAFTED, FLAG_SYN | FLAG_ACK, IRS, ISS + 1);
	const uint64_t ms = 1000000;
	const struct { uint64_t upto_ms; enum side_fate fate; bool early; } rows[] = {
		{ 1010, SIDE_FATE_UNKNOWN, true }, { 1599, SIDE_FATE_UNKNOWN, true }, { 1601, SIDE_FATE_STOPPED, false },
	};
	struct endpoint crafted = CRAFTED;
	struct side_view view;

	sides_sent(sides, &syn, 1 * ms);
	heard(&syn, false, 201 * ms);
	heard(&syn_ack, true, 202 * ms);
	sides_came(sides, &syn_ack, 502 * ms);
	ck_assert_uint_eq(sides_patience(sides), 600 * ms);
	sides_sent(sides, &sent, 1000 * ms);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sides_tell(sides, &crafted, &(struct side_exchange){ .sent = &sent }, rows[i].upto_ms * ms, &view);
		ck_assert_int_eq(view.stimulus, rows[i].fate);
		ck_assert_int_eq(view.early, rows[i].early);
	}
}
END_TEST

/* A SYN that was sent twice says nothing of how long one takes, nor does a SYN-ACK that a second one overtook. */
START_TEST(repeated_handshakes_have_no_time)
{
	struct segment syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0);
	struct segment syn_ack = make(SUBJECT, CRAFTED, FLAG_SYN | FLAG_ACK, IRS, ISS + 1);
	const uint64_t ms = 1000000;

	sides_sent(sides, &syn, 1 * ms);
	sides_sent(sides, &syn, 251 * ms);
	heard(&syn, false, 252 * ms);
	heard(&syn_ack, true, 253 * ms);
	heard(&syn_ack, true, 700 * ms);
	sides_came(sides, &syn_ack, 705 * ms);
	ck_assert_uint_eq(sides_patience(sides), 20 * ms);
}
END_TEST

START_TEST(nothing_is_told_of_what_was_missed)
{
	struct segment sent = stimulus(CRAFTED);
	struct side_view view;

	shake_hands_and_send(&sent);
	sides_missed(sides);
	view = tell(NULL);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_UNKNOWN);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_UNKNOWN);
	ck_assert(!view.early);
}
END_TEST

/* Where the connection was never heard, it may have gone another way; so may the answer of a subject that was never heard. */
START_TEST(a_strange_path_may_lead_elsewhere)
{
	struct segment sent = stimulus(CRAFTED), syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0);
	struct segment ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct side_view view;

	sides_sent(sides, &syn, 0);
	sides_sent(sides, &sent, 0);
	ck_assert_int_eq(tell(&ack).stimulus, SIDE_FATE_UNKNOWN);
	heard(&syn, false, 0);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_STOPPED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_UNKNOWN);
}
END_TEST

/* A capture that comes late, from a machine with another clock: what it has not shown yet may still be in it. */
START_TEST(a_late_side_is_waited_for)
{
	struct segment syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0), sent = stimulus(CRAFTED), follow_up = sent;
	struct segment syn_ack = make(SUBJECT, CRAFTED, FLAG_SYN | FLAG_ACK, IRS, ISS + 1);
	struct segment ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	const uint64_t ms = 1000000, theirs = 77777 * ms;
	struct side_view view;

	sides_lag(sides);
	sides_sent(sides, &syn, 1 * ms);
	sides_came(sides, &syn_ack, 3 * ms);
	sides_sent(sides, &sent, 10 * ms);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_UNKNOWN);
	heard(&syn, false, theirs + 1 * ms);
	heard(&syn_ack, true, theirs + 2 * ms);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_UNKNOWN);
	ck_assert(view.early);
	heard(&sent, false, theirs + 11 * ms);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_UNKNOWN);
	ck_assert(view.early);
	/* What was sent much later came out: nothing of the answer is to come. */
	follow_up.seq += 5;
	sides_sent(sides, &follow_up, 310 * ms);
	heard(&follow_up, false, theirs + 311 * ms);
	ck_assert_int_eq(tell(&ack).answerer, SIDE_ANSWERER_ROUTER);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_NOBODY);
}
END_TEST

/* Others talk to the subject, too; what may be the stimulus from another source is in doubt all the same. */
START_TEST(a_strange_path_is_not_ours_alone)
{
	struct segment sent = stimulus(CRAFTED), other = make(at(99, 5), SUBJECT, FLAG_ACK, 77, 78);

	shake_hands_and_send(&sent);
	heard(&other, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_STOPPED);
	other.seq = sent.seq;
	heard(&other, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_UNKNOWN);
}
END_TEST

START_TEST(dropped_on_the_way_back)
{
	struct segment sent = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	meet_unchanged(&sent, &ack);
	view = tell(NULL);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_STOPPED);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "the router dropped what the subject sent (A)");
}
END_TEST

/* The subject's SYN-ACK again is no answer to the stimulus. */
START_TEST(repetition_is_no_answer)
{
	struct segment sent = stimulus(CRAFTED), again = make(SUBJECT, CRAFTED, FLAG_SYN | FLAG_ACK, IRS, ISS + 1);

	meet_unchanged(&sent, &again);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_NOBODY);
}
END_TEST

START_TEST(answered_by_the_router)
{
	struct segment sent = stimulus(CRAFTED), answer = make(SUBJECT, CRAFTED, FLAG_SYN | FLAG_ACK, 77, ISS + 501);
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	shake_hands_and_send(&sent);
	view = tell(&answer);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_STOPPED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_ROUTER);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)),
			 "the router answered the stimulus itself, and the subject never got it");
}
END_TEST

/* What the subject sends later is INVALID to a NAT, which is then whom it is addressed to. */
START_TEST(reset_by_the_router)
{
	struct segment sent = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct segment rst = make(CRAFTED, SUBJECT, FLAG_RST, ISS + 1, 0);
	char text[SIDES_TEXT_SIZE];
	struct side_view view;

	meet_unchanged(&sent, &ack);
	sides_came(sides, &ack, 0);
	heard(&rst, false, 0);
	view = tell(&ack);
	ck_assert(view.reset);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "the router reset the subject's connection itself");
}
END_TEST

START_TEST(reset_by_the_crafted_end)
{
	struct segment sent = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct segment rst = make(CRAFTED, SUBJECT, FLAG_RST, ISS + 1, 0);
	struct side_view view;

	meet_unchanged(&sent, &ack);
	sides_came(sides, &ack, 0);
	sides_sent(sides, &rst, 0);
	heard(&rst, false, 0);
	view = tell(&ack);
	ck_assert(!view.reset);
}
END_TEST

START_TEST(rewritten)
{
	struct segment sent = stimulus(CRAFTED), behind = stimulus(NATTED), answer, before;
	struct endpoint crafted = CRAFTED, known;
	struct side_view view;

	shake_hands(NATTED);
	sides_sent(sides, &sent, 0);
	behind.seq += 40;
	heard(&behind, false, 0);
	answer = make(SUBJECT, NATTED, FLAG_ACK, IRS + 1, ISS + 1);
	before = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 9, ISS + 1);
	heard(&answer, true, 0);
	view = tell(&before);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_uint_eq(view.stimulus_changes, SIDE_ADDRESS | SIDE_PORT | SIDE_SEQ);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_SUBJECT);
	ck_assert_uint_eq(view.answer_changes, SIDE_ADDRESS | SIDE_PORT | SIDE_SEQ);
	known = sides_behind(sides, &crafted);
	ck_assert_uint_eq(known.port, 4242);
}
END_TEST

/* Options that are crafted as bytes are heard as a list of kinds. */
START_TEST(crafted_options)
{
	static const uint8_t capable[] = { 30, 4, 1, 1 };
	struct segment sent = stimulus(CRAFTED), behind = stimulus(CRAFTED);
	struct endpoint crafted = CRAFTED;
	struct side_view view;

	for (int stripped = 0; stripped < 2; stripped++) {
		sides_begin(sides, &crafted);
		shake_hands(CRAFTED);
		sent.option_count = sent.raw_size = 0;
		sent.tail_size = sizeof(capable);
		memcpy(sent.raw, capable, sizeof(capable));
		behind.option_count = stripped ? 4 : 1;
		memcpy(behind.options, stripped ? (const uint8_t[]){ 1, 1, 1, 1 } : capable, behind.option_count);
		behind.raw_size = stripped ? 0 : 3;
		memcpy(behind.raw, (const uint8_t[]){ 2, 1, 1 }, 3);
		sides_sent(sides, &sent, 0);
		heard(&behind, false, 0);
		view = tell(NULL);
		ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
		ck_assert_uint_eq(view.stimulus_changes, stripped ? SIDE_OPTIONS : 0);
	}
}
END_TEST

START_TEST(another_port)
{
	struct segment sent = stimulus(CRAFTED), behind = stimulus(at(1, 4343));
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	shake_hands(NATTED);
	sides_sent(sides, &sent, 0);
	heard(&behind, false, 0);
	view = tell(NULL);
	ck_assert_uint_eq(view.source.port, 4343);
	ck_assert_uint_eq(view.before.port, 4242);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)),
			 "the router sent the stimulus on from another port than the connection had");
}
END_TEST

/* Another server of the subject's than the connection's. */
START_TEST(another_server)
{
	struct segment sent = stimulus(CRAFTED), behind = sent;
	struct endpoint crafted = CRAFTED;
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	shake_hands(CRAFTED);
	ck_assert_uint_eq(sides_server(sides, &crafted).port, 8888);
	sides_sent(sides, &sent, 0);
	behind.tuple.target.port = 8891;
	heard(&behind, false, 0);
	view = tell(NULL);
	ck_assert(view.another_server);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)),
			 "the router sent the stimulus to another server than the connection's");
	ck_assert_uint_eq(sides_server(sides, &crafted).port, 8888);
}
END_TEST

/* What the connection tracking had is told of what was stopped, and in the story. */
START_TEST(tracked)
{
	struct side_view view = { .routed = true, .stimulus = SIDE_FATE_STOPPED, .tracked_before = "ESTABLISHED" };
	char text[SIDES_TEXT_SIZE];

	view.tracked_after = view.tracked_before;
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)),
			 "the router dropped the stimulus (conntrack: ESTABLISHED before, the same after)");
	view.tracked_after = "none";
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)),
			 "the router dropped the stimulus (conntrack: ESTABLISHED before, none after)");
	view.stimulus = SIDE_FATE_REACHED;
	view.tracked_after = NULL;
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "");
	ck_assert_msg(strstr(sides_story(&view, text, sizeof(text)), " (conntrack: ESTABLISHED before)") != NULL, "%s", text);
}
END_TEST

/* What came out and belongs to nobody may be the stimulus: nothing is said of it. */
START_TEST(stranger_makes_it_unknown)
{
	struct segment sent = stimulus(CRAFTED), stranger = make(at(1, 9), SUBJECT, FLAG_ACK, 1, 2);

	shake_hands_and_send(&sent);
	heard(&stranger, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_UNKNOWN);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_UNKNOWN);
}
END_TEST

/* The same numbers without the mark: the connection's own SYN, perhaps. */
/* A NAT that has forgotten the connection, or never knew it, gives it a source that was another's before. */
START_TEST(known_by_its_mark)
{
	struct endpoint other = at(10, 30001), crafted = CRAFTED;
	struct segment others_syn = make(other, SUBJECT, FLAG_SYN, 7000, 0);
	struct segment others_out = make(NATTED, SUBJECT, FLAG_SYN, 7000, 0);
	struct segment sent = make(CRAFTED, SUBJECT, FLAG_ACK, ISS, IRS), out = make(NATTED, SUBJECT, FLAG_ACK, ISS, IRS);
	struct segment reset = make(SUBJECT, NATTED, FLAG_RST, IRS, 0), came = make(SUBJECT, CRAFTED, FLAG_RST, IRS, 0);
	struct side_view view;

	sides_begin(sides, &other);
	sides_sent(sides, &others_syn, 0);
	heard(&others_out, false, 0);
	sent.ip_id = out.ip_id = MARK;
	sides_sent(sides, &sent, 0);
	heard(&out, false, 0);
	heard(&reset, true, 0);
	sides_came(sides, &came, 0);
	sides_tell(sides, &crafted, &(struct side_exchange){ .sent = &sent, .answer = &came }, UINT64_MAX, &view);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_SUBJECT);
	ck_assert(endpoint_equal(&view.source, &out.tuple.source));
}
END_TEST

/* It came out where another connection was before, and nobody knows whose it is. */
START_TEST(changed_at_anothers_source)
{
	struct endpoint other = at(10, 30001), crafted = CRAFTED;
	struct segment others_syn = make(other, SUBJECT, FLAG_SYN, 7000, 0);
	struct segment others_out = make(NATTED, SUBJECT, FLAG_SYN, 7000, 0);
	struct segment sent = make(CRAFTED, SUBJECT, FLAG_ACK, ISS, IRS), out = make(NATTED, SUBJECT, FLAG_ACK, ISS + 9, IRS);
	struct side_view view;

	sides_begin(sides, &other);
	sides_sent(sides, &others_syn, 0);
	heard(&others_out, false, 0);
	sent.ip_id = out.ip_id = MARK;
	sides_sent(sides, &sent, 0);
	heard(&out, false, 0);
	sides_tell(sides, &crafted, &(struct side_exchange){ .sent = &sent }, UINT64_MAX, &view);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_UNKNOWN);
}
END_TEST

/* Something like it was sent before, without a mark, and one of the two came out. */
START_TEST(unmarked_twin_makes_it_unknown)
{
	struct segment sent = stimulus(CRAFTED), twin = stimulus(CRAFTED);
	struct side_view view;

	twin.ip_id = 0;
	shake_hands(CRAFTED);
	sides_sent(sides, &twin, 0);
	sides_sent(sides, &sent, 0);
	heard(&twin, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_UNKNOWN);
	heard(&twin, false, 0);
	view = tell(NULL);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_uint_eq(view.stimulus_changes, SIDE_IP_ID);
}
END_TEST

/* Where marks come through, what has none is the other one: a copy of the network's, perhaps. */
START_TEST(marks_that_come_through)
{
	struct segment sent = stimulus(CRAFTED), twin = stimulus(CRAFTED), first = stimulus(CRAFTED);

	twin.ip_id = 0;
	first.seq = 99;
	shake_hands(CRAFTED);
	sides_sent(sides, &first, 0);
	heard(&first, false, 0);
	sides_sent(sides, &twin, 0);
	sides_sent(sides, &sent, 0);
	heard(&twin, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_STOPPED);
	heard(&twin, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_UNKNOWN);
}
END_TEST

/* A router that gives packets IP IDs of its own, other TTLs, and takes DF away. */
START_TEST(other_ip_headers)
{
	struct segment sent = stimulus(CRAFTED), syn = make(CRAFTED, SUBJECT, FLAG_SYN, ISS, 0), out = syn, again;
	struct segment ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	sides_sent(sides, &syn, 0);
	out.ip_id = 4711;
	heard(&out, false, 0);
	sides_sent(sides, &sent, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_STOPPED);
	out = sent;
	out.ip_id = 4712;
	out.ttl = 255;
	out.may_fragment = true;
	heard(&out, false, 0);
	heard(&ack, true, 0);
	view = tell(&ack);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_REACHED);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_SUBJECT);
	ck_assert_uint_eq(view.stimulus_changes, SIDE_IP_ID | SIDE_TTL | SIDE_DF);
	ck_assert_str_eq(sides_story(&view, text, sizeof(text)),
			 "the stimulus reached the subject; the answer is the subject's, unchanged; the router changed IP ID, "
			 "DF of the stimulus; the router changed TTL of the stimulus");
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), "the router changed TTL of the stimulus");
	/* The follow-up is like it: the first that comes out was sent first. */
	again = sent;
	sides_sent(sides, &again, 0);
	ck_assert_int_eq(tell(&ack).stimulus, SIDE_FATE_REACHED);
}
END_TEST

/* The follow-up may be the same segment: which of the two came through cannot be said. */
START_TEST(follow_up_like_the_stimulus)
{
	struct segment sent = stimulus(CRAFTED);

	shake_hands_and_send(&sent);
	sides_sent(sides, &sent, 0);
	heard(&sent, false, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_UNKNOWN);
}
END_TEST

/* With another timestamp it can: only the follow-up came. */
START_TEST(follow_up_alone)
{
	struct segment sent = stimulus(CRAFTED), follow_up = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, 9, 9);

	segment_add_timestamps(&follow_up, 1, 0);
	shake_hands_and_send(&sent);
	sides_sent(sides, &follow_up, 0);
	heard(&follow_up, false, 0);
	heard(&ack, true, 0);
	ck_assert_int_eq(tell(NULL).stimulus, SIDE_FATE_STOPPED);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_NOBODY);
}
END_TEST

/* The subject had sent the same numbers before, with another timestamp: the answer is the later one. */
START_TEST(answer_like_an_earlier_one)
{
	struct segment sent = stimulus(CRAFTED), early = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1), late = early;
	struct side_view view;

	segment_add_timestamps(&early, 1, 1);
	segment_add_timestamps(&late, 2, 1);
	shake_hands(CRAFTED);
	heard(&early, true, 0);
	sides_sent(sides, &sent, 0);
	heard(&sent, false, 0);
	heard(&late, true, 0);
	view = tell(&late);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_SUBJECT);
	ck_assert_uint_eq(view.answer_changes, 0);
}
END_TEST

/* What came through was not dropped, although the run does not take it for the answer. */
START_TEST(repetition_that_came)
{
	struct segment sent = stimulus(CRAFTED), fin = make(SUBJECT, CRAFTED, FLAG_FIN | FLAG_ACK, IRS + 1, ISS + 1);

	meet_unchanged(&sent, &fin);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_STOPPED);
	sides_came(sides, &fin, 0);
	ck_assert_int_eq(tell(NULL).answerer, SIDE_ANSWERER_NOBODY);
	ck_assert(!tell(NULL).subject_answered);
}
END_TEST

/* What went into the router a moment ago may yet come out of it. */
START_TEST(too_early_to_say)
{
	struct segment sent = stimulus(CRAFTED), ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 1);
	struct endpoint crafted = CRAFTED;
	struct side_view view;

	shake_hands_and_send(&sent);
	heard(&sent, false, 0);
	heard(&ack, true, 1000000);
	sides_tell(sides, &crafted, &(struct side_exchange){ .sent = &sent }, 2000000, &view);
	ck_assert_int_eq(view.answerer, SIDE_ANSWERER_UNKNOWN);
}
END_TEST

START_TEST(nothing_came)
{
	struct endpoint crafted = CRAFTED;
	struct side_view view;

	sides_tell(sides, &crafted, &(struct side_exchange){ .sent = NULL }, UINT64_MAX, &view);
	ck_assert(view.nothing_came);
	ck_assert_int_eq(view.stimulus, SIDE_FATE_UNKNOWN);
}
END_TEST

/* A set-up that hangs: what the crafted end has heard decides whether something of the subject's was dropped. */
static const struct hung {
	const char *name;
	struct side_progress progress;
	bool shakes, acks;
	bool stopped;
	const char *cause;
} hung[] = {
	{ "its SYN-ACK never came", { .snd_una = ISS }, true, false, true, "the router dropped what the subject sent (SA)" },
	{ "its ACK never came", { true, IRS, IRS + 1, ISS + 1 }, true, true, true,
	  "the router dropped what the subject sent (A)" },
	{ "all of it came", { true, IRS, IRS + 1, ISS + 2 }, true, true, false, "" },
	{ "it sent nothing more", { true, IRS, IRS + 1, ISS + 1 }, true, false, false, "" },
	{ "a SYN proxy has numbers of its own", { true, IRS + 77, IRS + 78, ISS + 1 }, true, true, false, "" },
	{ "nothing came out", { .snd_una = ISS }, false, false, false, "nothing of the connection came out of the router" },
};

START_TEST(a_set_up_that_hangs)
{
	const struct hung *row = &hung[_i];
	struct segment ack = make(SUBJECT, CRAFTED, FLAG_ACK, IRS + 1, ISS + 2);
	struct endpoint crafted = CRAFTED;
	struct side_view view;
	char text[SIDES_TEXT_SIZE];

	if (row->shakes)
		shake_hands(CRAFTED);
	if (row->acks)
		heard(&ack, true, 0);
	sides_tell(sides, &crafted, &(struct side_exchange){ .progress = &row->progress }, UINT64_MAX, &view);
	ck_assert_msg((view.answerer == SIDE_ANSWERER_STOPPED) == row->stopped, "%s", row->name);
	ck_assert_str_eq(sides_cause(&view, text, sizeof(text)), row->cause);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all"), *strange = tcase_create("strange");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, unchanged);
	tcase_add_test(tcase, dropped_on_the_way_there);
	tcase_add_test(tcase, dropped_on_the_way_back);
	tcase_add_test(tcase, repetition_is_no_answer);
	tcase_add_test(tcase, answered_by_the_router);
	tcase_add_test(tcase, reset_by_the_router);
	tcase_add_test(tcase, reset_by_the_crafted_end);
	tcase_add_test(tcase, rewritten);
	tcase_add_test(tcase, crafted_options);
	tcase_add_test(tcase, another_port);
	tcase_add_test(tcase, another_server);
	tcase_add_test(tcase, tracked);
	tcase_add_test(tcase, stranger_makes_it_unknown);
	tcase_add_test(tcase, known_by_its_mark);
	tcase_add_test(tcase, changed_at_anothers_source);
	tcase_add_test(tcase, unmarked_twin_makes_it_unknown);
	tcase_add_test(tcase, marks_that_come_through);
	tcase_add_test(tcase, other_ip_headers);
	tcase_add_test(tcase, follow_up_like_the_stimulus);
	tcase_add_test(tcase, follow_up_alone);
	tcase_add_test(tcase, answer_like_an_earlier_one);
	tcase_add_test(tcase, repetition_that_came);
	tcase_add_test(tcase, too_early_to_say);
	tcase_add_test(tcase, nothing_came);
	tcase_add_loop_test(tcase, a_set_up_that_hangs, 0, sizeof(hung) / sizeof(hung[0]));
	tcase_add_test(tcase, on_its_way);
	tcase_add_test(tcase, repeated_handshakes_have_no_time);
	tcase_add_test(tcase, nothing_is_told_of_what_was_missed);
	tcase_add_checked_fixture(strange, begin_behind_a_strange_path, end);
	tcase_add_test(strange, a_strange_path_may_lead_elsewhere);
	tcase_add_test(strange, a_strange_path_is_not_ours_alone);
	tcase_add_test(strange, a_late_side_is_waited_for);
	return run_suite("sides", tcase, strange, NULL);
}
