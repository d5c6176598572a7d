/* test_life.c - how long the kernel keeps the subject's socket by itself: by its defaults, and by what a cell sets. */
#include "cases/matrix/life.h"
#include "crafter/units.h"
#include "tests/unit/named_cell.h"

/* 0: for ever. */
static const struct {
	const char *cell;
	uint64_t ms, after_ms;
} rows[] = {
	{ "established/ack/seq-equal/ts-equal", 0, 60000 },
	{ "close-wait/ack/seq-equal/ts-equal", 0, 60000 },
	{ "listen/ack/seq-equal/ts-equal", 0, 60000 },
	{ "time-wait/ack/seq-equal/ts-equal", 60000, 60000 },
	/* 1 + 2 + 4... s: the timer that runs out last sends nothing. */
	{ "syn-recv/ack/seq-equal/ts-equal", 60000, 60000 },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_synack_retries=0", 1000, 60000 },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_synack_retries=2@probe", 7000, 60000 },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_synack_retries=3/tcp_synack_retries=9@probe", 15000, 60000 },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_synack_retries=255", 60000, 60000 },
	{ "listen/syn/seq-above/ts-above/tcp_synack_retries=1", 0, 3000 },
	{ "time-wait/syn/seq-above/ts-above/tcp_synack_retries=1", 60000, 3000 },
	{ "syn-sent/ack/seq-equal/ts-equal", 60000, 60000 },
	{ "syn-sent/ack/seq-equal/ts-equal/tcp_syn_retries=1", 3000, 60000 },
	/* 200 + 400 + 800 ms */
	{ "last-ack/ack/seq-equal/ts-equal", 60000, 60000 },
	{ "last-ack/ack/seq-equal/ts-equal/tcp_orphan_retries=0", 60000, 60000 },
	{ "last-ack/ack/seq-equal/ts-equal/tcp_orphan_retries=2", 1400, 60000 },
	{ "last-ack-half/ack/seq-equal/ts-equal/tcp_orphan_retries=2", 60000, 60000 },
	{ "syn-recv/ack/seq-equal/ts-equal/tcp_orphan_retries=1", 60000, 600 },
	{ "fin-wait-2/ack/seq-equal/ts-equal", 60000, 60000 },
	{ "fin-wait-2/ack/seq-equal/ts-equal/tcp_fin_timeout=3", 3000, 60000 },
	{ "fin-wait-2/ack/seq-equal/ts-equal/tcp_fin_timeout=70", 10000, 60000 },
	{ "fin-wait-2/ack/seq-equal/ts-equal/tcp_fin_timeout=3/linger2=5", 5000, 60000 },
	{ "fin-wait-2-half/ack/seq-equal/ts-equal/tcp_fin_timeout=3", 0, 60000 },
	{ "fin-wait-1/ack/seq-equal/ts-equal/tcp_fin_timeout=3", 60000, 3000 },
	{ "fin-wait-1/ack/seq-equal/ts-equal/linger2=0", 60000, 60000 },
	{ "established/ack/seq-equal/ts-equal/user-timeout=9000", 9000, 9000 },
};

START_TEST(lives)
{
	struct cell cell = named_cell(rows[_i].cell);

	ck_assert_msg(life_ns(&cell) == rows[_i].ms * NSEC_PER_MSEC, "%s: %llu ms", rows[_i].cell,
		      (unsigned long long)(life_ns(&cell) / NSEC_PER_MSEC));
	ck_assert_msg(life_after_ns(&cell) == rows[_i].after_ms * NSEC_PER_MSEC, "%s: %llu ms after it", rows[_i].cell,
		      (unsigned long long)(life_after_ns(&cell) / NSEC_PER_MSEC));
}
END_TEST

/* reqsk_timer_handler(): of a queue that is half full they go sooner. */
START_TEST(a_queue_that_is_full)
{
	struct cell cell = named_cell("syn-recv/ack/seq-equal/ts-equal");

	cell.queue = QUEUE_SYN_FULL;
	ck_assert_uint_eq(life_ns(&cell), 7 * NSEC_PER_SEC);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("life");

	tcase_add_loop_test(tcase, lives, 0, ROWS(rows));
	tcase_add_test(tcase, a_queue_that_is_full);
	return run_suite("life", tcase, NULL);
}
