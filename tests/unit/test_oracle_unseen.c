/* test_oracle_unseen.c - the rule books asked about ends of which not all was seen, as in a capture that began late. What was
 * not seen is not guessed; said is what holds whatever it may be. */
#include "crafter/random.h"
#include "tests/unit/oracle_ends.h"

static const struct {
	enum state state;
	const char *segment;
	unsigned unseen;
	enum book book;
	enum answer answer;
	enum state after;
} unseen[] = {
	{ STATE_ESTABLISHED, "S 1000", END_RCV_NXT, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_ESTABLISHED, "S 1000", END_SND_NXT, BOOK_RFC, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_ESTABLISHED, "A 0 ack 1", END_SND_UNA, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_SYN_SENT, "S 77", END_SND_NXT, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_LISTEN, "A 5 ack 5", UINT16_MAX, BOOK_LINUX, ANSWER_RST, STATE_LISTEN },
	{ STATE_CLOSED, "R 5", UINT16_MAX, BOOK_RFC, ANSWER_SILENCE, STATE_CLOSED },
	/* A SYN is challenged whatever its place and its timestamp; an exact RST is one in any window. */
	{ STATE_ESTABLISHED, SYN_ABOVE, END_RCV_WND | END_SND_WND | END_TIMESTAMPS | END_TS_RECENT, BOOK_LINUX, ANSWER_ACK,
	  STATE_ESTABLISHED },
	{ STATE_ESTABLISHED, SYN_ABOVE, END_RCV_WND | END_SND_WND | END_TIMESTAMPS | END_TS_RECENT, BOOK_RFC, ANSWER_ACK,
	  STATE_ESTABLISHED },
	{ STATE_ESTABLISHED, "R 0", END_RCV_WND, BOOK_LINUX, ANSWER_SILENCE, STATE_CLOSED },
	{ STATE_ESTABLISHED, "R 1000", END_RCV_WND, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_ESTABLISHED, "R 1000", END_RCV_WND, BOOK_RFC, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_FIN_WAIT_2, "R 1000", END_RCV_WND, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	/* Data gets an ACK, taken or not. A bare FIN is taken into a closed window, too (tcp_data_queue(), from 6.12 on). */
	{ STATE_ESTABLISHED, "PA 0:10(10) ack 1 <TS val 90000 ecr 1>", END_RCV_WND, BOOK_LINUX, ANSWER_ACK, STATE_ESTABLISHED },
	{ STATE_ESTABLISHED, "FA 0:0(0) ack 1 <TS val 90000 ecr 1>", END_RCV_WND, BOOK_LINUX, ANSWER_ACK, STATE_CLOSE_WAIT },
	{ STATE_ESTABLISHED, "FA 0:10(10) ack 1 <TS val 90000 ecr 1>", END_RCV_WND, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_ESTABLISHED, "A 0 ack 1 <TS val 90000 ecr 1>", END_RCV_WND, BOOK_LINUX, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ STATE_ESTABLISHED, "A 0 ack 1 <TS val 90000 ecr 1>", END_TS_RECENT, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_ESTABLISHED, "PA 0:10(10) ack 1 <TS val 90000 ecr 1>", END_TS_RECENT, BOOK_LINUX, ANSWER_ACK,
	  STATE_ESTABLISHED },
	/* tcp_ack(): 500 was offered, or less, or more; before only_bytes_acked that decides. The rfc book asks it always. */
	{ STATE_ESTABLISHED, "A 0 ack 1 <TS val 90000 ecr 1>", END_SND_WND, BOOK_LINUX, ANSWER_SILENCE, STATE_ESTABLISHED },
	{ STATE_ESTABLISHED, "A 0 ack -400 <TS val 90000 ecr 1>", END_SND_WND, BOOK_RFC, ANSWER_OPEN, STATE_UNKNOWN },
	/* tcp_may_update_window() keeps an old timestamp from being forgiven. */
	{ STATE_ESTABLISHED, "A 0 ack 1 win 500 <TS val 89900 ecr 1>", END_SND_WND, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	/* TIME_WAIT: above, a SYN reopens unless its timestamp is older; below, only if it is newer. */
	{ STATE_TIME_WAIT, "S 1000", END_RCV_WND | END_SND_WND | END_TIMESTAMPS, BOOK_LINUX, ANSWER_SYN_ACK, STATE_SYN_RECV },
	{ STATE_TIME_WAIT, SYN_ABOVE, END_RCV_WND | END_SND_WND, BOOK_LINUX, ANSWER_SYN_ACK, STATE_SYN_RECV },
	{ STATE_TIME_WAIT, SYN_ABOVE, END_TS_RECENT, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
	{ STATE_TIME_WAIT, "S -1000", END_TIMESTAMPS, BOOK_LINUX, ANSWER_ACK, STATE_TIME_WAIT },
	{ STATE_TIME_WAIT, "S -1000 <TS val 90001 ecr 0>", END_TIMESTAMPS, BOOK_LINUX, ANSWER_OPEN, STATE_UNKNOWN },
};

START_TEST(what_was_not_seen)
{
	const struct subject subject = {
		.state = unseen[_i].state, .rcv_wnd = 9000, .max_wnd = 500, .snd_wnd = 500, .ts_recent = 90000,
	};
	struct segment segment = segment_of(unseen[_i].segment);
	struct surroundings surroundings = { .facts = OURS };
	struct kernel kernel = kernel_of("6.18.44");
	struct end end = end_of(&subject);
	struct expectation said;

	end.known &= (uint16_t)~unseen[_i].unseen;
	oracle_ask(unseen[_i].book, &end, &segment, &surroundings, &kernel, &said);
	ck_assert_msg(said.answer == unseen[_i].answer && said.after == unseen[_i].after,
		      "%s into %s, %s: says %s/%s (%s)", unseen[_i].segment, state_name(unseen[_i].state),
		      oracle_book_name(unseen[_i].book), oracle_answer_name(said.answer), state_text(said.after),
		      said.citation);
}
END_TEST

/* Any end, any segment: mostly numbers that lie close to one another. */
static uint32_t near_by(uint64_t *seed)
{
	static const uint32_t numbers[] = { 0, 1, 2, 10, 500, 1000, 9000, 1 << 16, 1 << 29 };
	uint64_t random = random_mix(++*seed);

	return numbers[random % (sizeof(numbers) / sizeof(numbers[0]))] + (uint32_t)(random >> 32) % 3;
}

static uint32_t around(uint64_t *seed)
{
	return near_by(seed) - near_by(seed);
}

static void any_subject(uint64_t *seed, struct subject *subject)
{
	*subject = (struct subject){
		.state = (enum state)(random_mix(++*seed) % STATE_UNKNOWN), .acked = near_by(seed), .in_flight = near_by(seed),
		.rcv_wnd = near_by(seed), .max_wnd = near_by(seed), .below_wl1 = around(seed), .delayed = near_by(seed),
		.ts_recent = near_by(seed), .age_s = near_by(seed), .connected = random_mix(++*seed) & 1,
	};
	subject->snd_wnd = random_mix(++*seed) & 1 ? subject->max_wnd : subject->max_wnd / 2;
}

static void any_segment(uint64_t *seed, const struct end *end, struct segment *segment)
{
	memset(segment, 0, sizeof(*segment));
	segment->flags = random_mix(++*seed) & (FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN);
	segment->seq = end->rcv_nxt + around(seed);
	segment->ack = end->snd_nxt + around(seed);
	segment->window = (uint16_t)near_by(seed);
	segment->payload_size = random_mix(++*seed) & 1 ? 10 : 0;
	if (random_mix(++*seed) & 1)
		segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsval = end->ts_recent + around(seed);
	segment->tsecr = 700 + (uint32_t)(random_mix(++*seed) & 1);
}

/* Who saw less of an end says nothing, or the same. */
START_TEST(less_seen_is_never_another_answer)
{
	const unsigned may_lack = END_RCV_WND | END_SND_WND | END_TIMESTAMPS | END_TS_RECENT;
	uint64_t seed = (uint64_t)_i << 32;
	unsigned same = 0;

	for (int i = 0; i < 20000; i++) {
		struct kernel kernel = kernel_of(i % 2 ? "6.18.44" : "5.10.203");
		struct surroundings surroundings = { .facts = random_mix(++seed) & ALL_FACTS };
		enum book book = (enum book)(i / 2 % BOOK_COUNT);
		struct expectation all, less;
		struct subject subject;
		struct segment segment;
		struct end end;

		any_subject(&seed, &subject);
		end = end_of(&subject);
		any_segment(&seed, &end, &segment);
		surroundings.now_ns = subject.age_s * SECOND;
		oracle_ask(book, &end, &segment, &surroundings, &kernel, &all);
		end.known &= (uint16_t)~(random_mix(++seed) & may_lack);
		oracle_ask(book, &end, &segment, &surroundings, &kernel, &less);
		if (less.answer == ANSWER_OPEN)
			continue;
		same++;
		ck_assert_msg(less.answer == all.answer && less.after == all.after && less.isn == all.isn,
			      "seed %d, %d, %s into %s: %s (%s) and not %s (%s)", _i, i, oracle_book_name(book),
			      state_text(subject.state), oracle_answer_name(less.answer), less.citation,
			      oracle_answer_name(all.answer), all.citation);
	}
	ck_assert_uint_gt(same, 1000);
}
END_TEST

static void same_as_each_version(int run, const struct end *end, const struct segment *segment,
				 const struct surroundings *surroundings, const struct alternatives *said)
{
	const struct kernel any = { 0 };
	uint64_t found = 0;

	for (size_t i = 0; i < said->count; i++) {
		const struct expectation *expected = &said->list[i].expectation;

		ck_assert_uint_eq(found & said->list[i].kernels, 0);
		found |= said->list[i].kernels;
		for (size_t step = 0; step < kernel_step_count(); step++) {
			struct kernel kernel = kernel_at_step(&any, step);
			struct expectation own;

			if (!(said->list[i].kernels >> step & 1))
				continue;
			oracle_ask(BOOK_LINUX, end, segment, surroundings, &kernel, &own);
			ck_assert_msg(own.answer == expected->answer && own.isn == expected->isn &&
				      own.after == expected->after,
				      "seed %d, step %zu: %s (%s) and not %s (%s)", run, step, oracle_answer_name(own.answer),
				      own.citation, oracle_answer_name(expected->answer), expected->citation);
		}
	}
	ck_assert_uint_eq(found, kernel_steps(&any));
}

/* A rule is asked for one of the kernels that it cannot tell apart. */
START_TEST(all_versions_at_once)
{
	const struct kernel any = { 0 };
	uint64_t seed = (uint64_t)_i << 40;
	unsigned several = 0;

	for (int i = 0; i < 2000; i++) {
		struct surroundings surroundings = { .facts = random_mix(++seed) & ALL_FACTS };
		struct alternatives said;
		struct subject subject;
		struct segment segment;
		struct end end;

		any_subject(&seed, &subject);
		end = end_of(&subject);
		any_segment(&seed, &end, &segment);
		surroundings.now_ns = subject.age_s * SECOND;
		oracle_ask_all(BOOK_LINUX, &end, &segment, &surroundings, &any, &said);
		same_as_each_version(_i, &end, &segment, &surroundings, &said);
		several += said.count > 1;
	}
	ck_assert_uint_gt(several, 20);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("unseen");

	tcase_add_loop_test(tcase, what_was_not_seen, 0, ROWS(unseen));
	tcase_add_loop_test(tcase, less_seen_is_never_another_answer, 0, 8);
	tcase_add_loop_test(tcase, all_versions_at_once, 0, 4);
	return run_suite("oracle_unseen", tcase, NULL);
}
