/* test_sighting.c - whether a timer was set anew, as far as its times tell. */
#include "crafter/sighting.h"
#include "crafter/units.h"

#include "tests/unit/suite.h"

#define MS NSEC_PER_MSEC
#define T0 (100 * NSEC_PER_SEC)

static const struct {
	const char *what;
	struct sighting before, after;
	uint64_t since_ns;
	enum sighting_restart restart;
} rows[] = {
	{ "nobody looked", { .timer = 3, .expires_ms = 59000 }, { .timer = 3, .expires_ms = 60000 }, T0,
	  SIGHTING_RESTART_UNKNOWN },
	{ "it had run for a while", { STATE_TIME_WAIT, false, 3, 0, 59700, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 59990, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTARTED },
	{ "and goes on", { STATE_TIME_WAIT, false, 3, 0, 59700, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 59690, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_WENT_ON },
	{ "it had just begun: both look alike", { STATE_TIME_WAIT, false, 3, 0, 60000, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 59992, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "a few jiffies are nothing", { STATE_TIME_WAIT, false, 3, 0, 59970, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 59996, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "we stood still while we asked", { STATE_TIME_WAIT, false, 3, 0, 59700, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 59690, 0, 0, 0, T0 + 10 * MS, 400 * MS }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "another timer", { STATE_ESTABLISHED, false, 2, 0, 100, 0, 0, 0, T0, 0 },
	  { STATE_ESTABLISHED, false, 1, 0, 200, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "no timer", { STATE_ESTABLISHED, false, 0, 0, 0, 0, 0, 0, T0, 0 },
	  { STATE_ESTABLISHED, false, 0, 0, 0, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "a keepalive timer", { STATE_ESTABLISHED, false, 2, 0, 500, 0, 0, 0, T0, 0 },
	  { STATE_ESTABLISHED, false, 2, 0, 990, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTARTED },
	{ "whose full time nobody knows", { STATE_ESTABLISHED, false, 2, 0, 500, 0, 0, 0, T0, 0 },
	  { STATE_ESTABLISHED, false, 2, 0, 490, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
	{ "it was cut short", { STATE_TIME_WAIT, false, 3, 0, 59700, 0, 0, 0, T0, 0 },
	  { STATE_TIME_WAIT, false, 3, 0, 30000, 0, 0, 0, T0 + 10 * MS, 0 }, T0 + 5 * MS, SIGHTING_RESTART_UNKNOWN },
};

START_TEST(what_its_times_tell)
{
	ck_assert_msg(sighting_restart(&rows[_i].before, rows[_i].since_ns, &rows[_i].after) == rows[_i].restart, "%s",
		      rows[_i].what);
}
END_TEST

START_TEST(its_name)
{
	ck_assert_str_eq(sighting_timer_name(SIGHTING_NO_TIMER), "none");
	ck_assert_str_eq(sighting_timer_name(SIGHTING_DELAYED_ACK), "delayed-ack");
	ck_assert_str_eq(sighting_timer_name(SIGHTING_TIMER_COUNT), "unknown");
}
END_TEST

/* A time that has passed leaves nothing, not four billion. */
START_TEST(a_time_that_has_passed)
{
	const struct sighting before = { .expires_ms = 5, .time_ns = T0 }, after = { .time_ns = T0 + 500 * MS };
	struct sighting_span span = sighting_untouched(&before, &after);

	ck_assert_uint_eq(span.least_ms, 0);
	ck_assert_uint_eq(span.most_ms, 0);
	span = sighting_set(100, T0 + 600 * MS, &after);
	ck_assert_uint_eq(span.least_ms, 50);
	ck_assert_uint_eq(span.most_ms, 150);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sighting");

	tcase_add_loop_test(tcase, what_its_times_tell, 0, ROWS(rows));
	tcase_add_test(tcase, its_name);
	tcase_add_test(tcase, a_time_that_has_passed);
	return run_suite("sighting", tcase, NULL);
}
