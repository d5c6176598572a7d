/* test_pace.c - the pace of a run against a model of a way that is long, loses, has a limit or queues, on its own clock. */
#include <stdlib.h>
#include <string.h>

#include "crafter/random.h"
#include "crafter/units.h"
#include "harness/run/pace.h"

#include "tests/unit/suite.h"

#define STEP_NS (NSEC_PER_MSEC / 4)

enum { AWAY_MOST = 1 << 16 };

struct way {
	uint64_t round_trip_ns;
	double loss;         /* share of connections whose SYN or SYN-ACK is lost, whatever the rate */
	double limit;        /* connections a second; 0: none */
	bool queues;         /* what is above the limit waits, instead of being lost */
	double tells;        /* the subject says that it is at a limit above so many a second; 0: never */
	uint64_t jitter_ns;  /* each is late by up to this much */
	uint64_t stall_ns;   /* each second we stand still for so long */
};

struct seen {
	double rate;         /* at the end */
	uint64_t begun, lost, took_ns;
	uint64_t burst;      /* the most that began within 10 ms */
};

struct away {
	uint64_t due_ns, begun_ns;
	uint32_t round;
};

static double chance(uint64_t *random)
{
	*random = random_mix(*random);
	return (double)(*random >> 11) / (double)(UINT64_C(1) << 53);
}

/* `connections` of them over this way. */
static struct seen drive(struct pace *pace, const struct way *way, uint64_t connections, uint64_t seed)
{
	static struct away away[AWAY_MOST];
	struct seen seen = { 0 };
	uint64_t random = seed, now_ns = NSEC_PER_SEC, from_ns = now_ns, window_ns = now_ns, window = 0, next_stall_ns = now_ns;
	size_t first = 0, last = 0;
	double room = 20, busy_until = 0; /* a bucket of what passes; or when the queue is empty */

	pace_open(pace, 0, true, now_ns);
	while (seen.begun < connections) {
		now_ns += STEP_NS;
		if (way->stall_ns && now_ns >= next_stall_ns) {
			now_ns += way->stall_ns;
			next_stall_ns = now_ns + NSEC_PER_SEC;
		}
		room += way->limit * (double)STEP_NS / 1e9;
		room = room > 20 ? 20 : room;
		while (first != last && away[first % AWAY_MOST].due_ns <= now_ns) {
			const struct away *one = &away[first++ % AWAY_MOST];

			pace_answered(pace, one->round, one->due_ns - one->begun_ns);
		}
		if (now_ns - window_ns > 10 * NSEC_PER_MSEC) {
			window_ns = now_ns;
			window = 0;
		}
		while (pace_due(pace, now_ns) && seen.begun < connections) {
			struct away one = { .begun_ns = now_ns, .due_ns = now_ns + way->round_trip_ns };

			one.round = pace_begun(pace, true);
			seen.begun++;
			seen.burst = ++window > seen.burst ? window : seen.burst;
			if (way->tells > 0 && pace_rate(pace) > way->tells)
				pace_limited(pace);
			if (way->limit > 0 && way->queues) {
				busy_until = (busy_until > (double)now_ns ? busy_until : (double)now_ns) + 1e9 / way->limit;
				one.due_ns = (uint64_t)busy_until + way->round_trip_ns;
			} else if (way->limit > 0 && room < 1) {
				seen.lost++;
				continue;
			}
			room -= 1;
			one.due_ns += (uint64_t)(chance(&random) * (double)way->jitter_ns);
			if (chance(&random) < way->loss)
				seen.lost++;
			else
				away[last++ % AWAY_MOST] = one;
		}
	}
	seen.rate = pace_rate(pace);
	seen.took_ns = now_ns - from_ns;
	return seen;
}

START_TEST(a_rate_that_is_given_is_kept)
{
	struct pace pace;
	uint64_t now_ns = 5, begun = 0;

	pace_open(&pace, 200, false, now_ns);
	for (; now_ns < 10 * NSEC_PER_SEC; now_ns += STEP_NS)
		while (pace_due(&pace, now_ns)) {
			ck_assert_uint_eq(pace_begun(&pace, true), 0);
			begun++;
		}
	ck_assert_uint_ge(begun, 1999);
	ck_assert_uint_le(begun, 2001);
	/* What was slept through is lost, but for 20 ms. */
	now_ns += NSEC_PER_SEC;
	for (begun = 0; pace_due(&pace, now_ns); begun++)
		pace_begun(&pace, true);
	ck_assert_uint_ge(begun, 4);
	ck_assert_uint_le(begun, 5);
	ck_assert_uint_eq(pace_predict(200, false, 1000, 0), 5 * NSEC_PER_SEC);
}
END_TEST

START_TEST(none_at_all_goes_as_fast_as_it_can)
{
	struct pace pace;

	pace_open(&pace, 0, false, 1);
	for (int i = 0; i < 1000; i++) {
		ck_assert(pace_due(&pace, 1));
		pace_begun(&pace, true);
	}
	pace_ease(&pace, 100);
	ck_assert(pace_rate(&pace) == 100);
	pace_ease(&pace, 0);
	ck_assert(pace_rate(&pace) == 0);
}
END_TEST

/* Doubled each round trip and a round's length; as predicted. */
START_TEST(where_nothing_is_lost_it_doubles)
{
	static const uint64_t away_ms[] = { 1, 50, 200 };

	for (size_t i = 0; i < 3; i++) {
		struct way way = { .round_trip_ns = away_ms[i] * NSEC_PER_MSEC };
		struct pace pace;
		struct seen seen = drive(&pace, &way, 20000, 1);
		uint64_t predicted_ns = pace_predict(0, true, 20000, way.round_trip_ns);

		ck_assert_msg(seen.rate > 3000, "%llu ms away: %.0f a second", (unsigned long long)away_ms[i], seen.rate);
		ck_assert_msg(seen.took_ns < predicted_ns * 5 / 4 && seen.took_ns > predicted_ns * 3 / 4,
			      "%llu ms away: %.2f s, predicted %.2f", (unsigned long long)away_ms[i],
			      (double)seen.took_ns / 1e9, (double)predicted_ns / 1e9);
	}
}
END_TEST

/* One or two in a hundred each way, or one in ten: no fewer are lost at a lower rate. */
START_TEST(what_a_network_loses_anyway_is_no_limit)
{
	static const double losses[] = { 0.01, 0.02, 0.04, 0.10, 0.2 };

	for (size_t i = 0; i < 5; i++)
		for (uint64_t seed = 1; seed <= 20; seed++) {
			struct way way = { .round_trip_ns = 50 * NSEC_PER_MSEC, .loss = losses[i] };
			struct pace pace;
			struct seen seen = drive(&pace, &way, 20000, seed);

			ck_assert_msg(seen.took_ns < 30 * NSEC_PER_SEC, "loss %.2f, seed %llu: %.1f s, %.0f a second",
				      losses[i], (unsigned long long)seed, (double)seen.took_ns / 1e9, seen.rate);
		}
}
END_TEST

/* A queue of SYNs, a policer: what is above is lost. And with the network's own loss besides. */
START_TEST(a_limit_that_loses_is_found)
{
	static const double limits[] = { 50, 300, 1000, 3000 };

	for (size_t i = 0; i < 8; i++)
		for (uint64_t seed = 1; seed <= 10; seed++) {
			double limit = limits[i % 4];
			struct way way = { .round_trip_ns = 50 * NSEC_PER_MSEC, .limit = limit, .loss = i < 4 ? 0 : 0.02 };
			struct pace pace;
			struct seen seen = drive(&pace, &way, (uint64_t)(60 * limit), seed);
			double share = (double)seen.lost / (double)seen.begun, whole = (double)seen.took_ns / 1e9;

			ck_assert_msg(share < 0.12, "limit %.0f, loss %.2f, seed %llu: %.3f lost", limit, way.loss,
				      (unsigned long long)seed, share);
			/* Not much below it, either. */
			ck_assert_msg(whole < 150, "limit %.0f, loss %.2f, seed %llu: %.0f s", limit, way.loss,
				      (unsigned long long)seed, whole);
		}
}
END_TEST

/* Neither does one that delays some more than others; these are no queue. */
START_TEST(jitter_is_no_queue)
{
	struct way way = { .round_trip_ns = 4 * NSEC_PER_MSEC, .jitter_ns = 40 * NSEC_PER_MSEC, .loss = 0.06 };
	struct pace pace;
	struct seen seen = drive(&pace, &way, 20000, 1);

	ck_assert_msg(seen.took_ns < 30 * NSEC_PER_SEC, "%.1f s, %.0f a second", (double)seen.took_ns / 1e9, seen.rate);
}
END_TEST

/* Nothing is lost, and all is late. */
START_TEST(a_queue_is_found_before_it_loses)
{
	static const double limits[] = { 300, 1000, 3000 };

	for (size_t i = 0; i < 3; i++) {
		struct way way = { .round_trip_ns = 50 * NSEC_PER_MSEC, .limit = limits[i], .queues = true };
		struct pace pace;
		struct seen seen = drive(&pace, &way, (uint64_t)(60 * limits[i]), 1);

		ck_assert_msg(seen.rate < 1.5 * limits[i], "limit %.0f: %.0f a second", limits[i], seen.rate);
		ck_assert_msg(pace.usual_ns < 500 * NSEC_PER_MSEC, "limit %.0f: answers take %.0f ms", limits[i],
			      (double)pace.usual_ns / 1e6);
		ck_assert_msg(seen.took_ns < 120 * NSEC_PER_SEC, "limit %.0f: %.0f s", limits[i], (double)seen.took_ns / 1e9);
	}
}
END_TEST

START_TEST(a_limit_that_the_subject_tells_halves_it)
{
	struct way way = { .round_trip_ns = 20 * NSEC_PER_MSEC, .tells = 1000 };
	struct pace pace;
	struct seen seen = drive(&pace, &way, 60000, 1);

	ck_assert_msg(seen.rate > 400 && seen.rate < 1100, "%.0f a second", seen.rate);
	ck_assert_msg(seen.took_ns > 60 * NSEC_PER_SEC && seen.took_ns < 110 * NSEC_PER_SEC, "%.0f s",
		      (double)seen.took_ns / 1e9);
}
END_TEST

/* A machine that others use: what it sleeps through is neither made up for in a burst, nor a limit. */
START_TEST(stalls_are_no_limit_and_no_burst)
{
	struct way way = { .round_trip_ns = 50 * NSEC_PER_MSEC, .stall_ns = 300 * NSEC_PER_MSEC };
	struct pace pace;
	struct seen seen = drive(&pace, &way, 20000, 1);

	ck_assert_msg(seen.took_ns < 20 * NSEC_PER_SEC, "%.1f s", (double)seen.took_ns / 1e9);
	ck_assert_msg((double)seen.burst <= 0.032 * seen.rate + 2, "%llu at once at %.0f a second",
		      (unsigned long long)seen.burst, seen.rate);
}
END_TEST

/* A round that the rate did not hold back shows nothing of a higher one. */
START_TEST(what_is_not_used_does_not_grow)
{
	struct pace pace;
	uint64_t now_ns = 1;

	pace_open(&pace, 0, true, now_ns);
	for (int i = 0; i < 5000; i++, now_ns += 50 * NSEC_PER_MSEC)
		if (pace_due(&pace, now_ns))
			pace_answered(&pace, pace_begun(&pace, true), NSEC_PER_MSEC);
	ck_assert_msg(pace_rate(&pace) <= 100, "%.0f a second", pace_rate(&pace));
	/* Nor does what is asked at ease; afterwards it goes on as before. */
	pace_ease(&pace, 50);
	for (int i = 0; i < 5000; i++, now_ns += 5 * NSEC_PER_MSEC)
		while (pace_due(&pace, now_ns))
			pace_answered(&pace, pace_begun(&pace, true), NSEC_PER_MSEC);
	ck_assert(pace_rate(&pace) == 50);
	pace_ease(&pace, 0);
	ck_assert(pace_rate(&pace) == 100);
}
END_TEST

/* Cells that send no SYN have no answer that could be missed. */
START_TEST(what_asks_nothing_is_not_missed)
{
	struct pace pace;
	uint64_t now_ns = 1;

	pace_open(&pace, 0, true, now_ns);
	for (int i = 0; i < 20000; i++, now_ns += NSEC_PER_MSEC)
		if (pace_due(&pace, now_ns))
			ck_assert_uint_eq(pace_begun(&pace, false), 0);
	ck_assert(pace_rate(&pace) == 100);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("pace");

	tcase_add_test(tests, a_rate_that_is_given_is_kept);
	tcase_add_test(tests, none_at_all_goes_as_fast_as_it_can);
	tcase_add_test(tests, where_nothing_is_lost_it_doubles);
	tcase_add_test(tests, what_a_network_loses_anyway_is_no_limit);
	tcase_add_test(tests, a_limit_that_loses_is_found);
	tcase_add_test(tests, jitter_is_no_queue);
	tcase_add_test(tests, a_queue_is_found_before_it_loses);
	tcase_add_test(tests, a_limit_that_the_subject_tells_halves_it);
	tcase_add_test(tests, stalls_are_no_limit_and_no_burst);
	tcase_add_test(tests, what_is_not_used_does_not_grow);
	tcase_add_test(tests, what_asks_nothing_is_not_missed);
	return run_suite("pace", tests, NULL);
}
