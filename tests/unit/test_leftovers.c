/* test_leftovers.c - what the kernel counts after a run and did not before: its two files, and the wait until they are as they
 * were. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crafter/units.h"
#include "harness/commands/leftovers.h"

#include "tests/unit/suite.h"
#include "tests/unit/text_file.h"

#define FOUR(inuse, orphan, tw, alloc, mem) \
	"sockets: used 9\n" "TCP: inuse " #inuse " orphan " #orphan " tw " #tw " alloc " #alloc " mem " #mem \
	"\nUDP: inuse 7 mem 8\n"
#define SIX(inuse) "TCP6: inuse " #inuse "\nUDP6: inuse 9\n"

static char folder[] = "/tmp/twprobe-leftovers-XXXXXX";
static uint64_t now_ns, clean_ns; /* from clean_ns on the files are as before the run */
static unsigned waits;
static bool interrupted;

static void before(void)
{
	text_file_write(folder, "sockstat", FOUR(2, 1, 0, 6, 100));
	text_file_write(folder, "sockstat6", SIX(2));
}

static void set_up(void)
{
	strcpy(folder, "/tmp/twprobe-leftovers-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	now_ns = NSEC_PER_SEC;
	clean_ns = UINT64_MAX;
	waits = 0;
	interrupted = false;
	before();
}

static void tear_down(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/sockstat", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/sockstat6", folder);
	unlink(path);
	rmdir(folder);
}

static uint64_t fake_now(void *self)
{
	(void)self;
	return now_ns;
}

static int fake_wait(void *self, uint64_t deadline_ns, struct error *error)
{
	(void)self;
	(void)error;
	waits++;
	now_ns = deadline_ns;
	if (now_ns >= clean_ns)
		before();
	return interrupted;
}

static const struct transport transport = { .now = fake_now, .wait = fake_wait };

static void assert_left(bool alone, bool spares, const char *expected)
{
	char text[SOCKSTAT_TEXT_SIZE];
	struct leftovers leftovers;
	struct error error = { "" };

	before();
	ck_assert_msg(leftovers_begin(&leftovers, folder, alone, &error) == 0, "%s", error.text);
	leftovers.before.mem = leftovers.before.mem < 0 ? -1 : 100; /* whatever this machine's processors are */
	leftovers.spares_time_wait = spares;
	text_file_write(folder, "sockstat", FOUR(3, 2, 4, 8, 101));
	text_file_write(folder, "sockstat6", SIX(3));
	ck_assert_msg(leftovers_find(&leftovers, &transport, text, &error) == 0, "%s", error.text);
	ck_assert_str_eq(text, expected);
	leftovers_end(&leftovers);
}

START_TEST(what_is_more_than_before_is_named)
{
	assert_left(false, false, "2 sockets, 4 in TIME_WAIT");
	assert_left(false, true, "2 sockets");
	assert_left(true, true, "2 sockets, 1 orphan, 2 allocated sockets, 1 page of queues");
	ck_assert_uint_ge(waits, 3 * 100);
	ck_assert_uint_le(now_ns, 5 * NSEC_PER_SEC);
}
END_TEST

START_TEST(what_is_closed_a_little_later_is_not_left)
{
	clean_ns = now_ns + 300 * NSEC_PER_MSEC;
	assert_left(true, false, "");
	ck_assert_uint_le(now_ns, clean_ns + 10 * NSEC_PER_MSEC);
}
END_TEST

START_TEST(an_interrupted_wait_claims_nothing)
{
	interrupted = true;
	assert_left(false, false, "");
	ck_assert_uint_eq(waits, 1);
}
END_TEST

START_TEST(numbers_that_are_not_there)
{
	static const char *const texts[] = { "", "TCP:\n", "TCP: inuse", "TCP6: inuse 3\n", "xTCP: inuse 3 tw 4\n", "\n\n" };
	struct sockstat_counts none, some;
	char text[SOCKSTAT_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		sockstat_parse(texts[i], "", &none);
		ck_assert_int_eq(none.inuse, -1);
		ck_assert_int_eq(none.tw, -1);
		ck_assert_int_eq(none.mem, -1);
	}
	sockstat_parse(FOUR(2, 1, 0, 6, 100), "", &some); /* no IPv6 */
	ck_assert_int_eq(some.inuse, 2);
	ck_assert_int_eq(some.mem, 100);
	/* Nothing is said of what was not known before, or is not now; fewer than before is no leak. */
	ck_assert_str_eq(sockstat_left(&none, &some, true, text), "");
	ck_assert_str_eq(sockstat_left(&some, &none, true, text), "");
}
END_TEST

START_TEST(files_that_are_not_there)
{
	struct leftovers leftovers;
	struct error error;

	ck_assert_int_eq(leftovers_begin(&leftovers, "/nowhere", false, &error), -1);
	ck_assert_str_eq(error.text, "cannot read /nowhere/sockstat: No such file or directory");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("leftovers");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_is_more_than_before_is_named);
	tcase_add_test(tcase, what_is_closed_a_little_later_is_not_left);
	tcase_add_test(tcase, an_interrupted_wait_claims_nothing);
	tcase_add_test(tcase, numbers_that_are_not_there);
	tcase_add_test(tcase, files_that_are_not_there);
	return run_suite("leftovers", tcase, NULL);
}
