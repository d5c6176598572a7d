/* test_kernel.c - versions as text, what each of them has, and the steps between which nothing changes. */
#include <string.h>

#include "cases/books/kernel.h"

#include "tests/unit/suite.h"

#define ANY KERNEL_ANY_PATCH

static const struct {
	const char *release;
	unsigned major, minor, patch;
} releases[] = {
	{ "6.18.44-foo", 6, 18, 44 }, { "5.10.223", 5, 10, 223 }, { "7.3-rc1", 7, 3, 0 },  { "7.3-cloud-amd64", 7, 3, 0 },
	{ "7.2.13+deb14", 7, 2, 13 }, { "", 0, 0, 0 },            { "6", 0, 0, 0 },        { "linux", 0, 0, 0 },
	{ "6.12.0", 6, 12, 0 },       { "6.12.0-rc3", 6, 12, 0 }, { "-1.2.3", 0, 0, 0 },   { "99999.1.1", 0, 0, 0 },
	/* The third number of these is no stable release. */
	{ "6.1.0-37-amd64", 6, 1, ANY }, { "5.15.0-91-generic", 5, 15, ANY }, { "5.14.0-427.el9.x86_64", 5, 14, ANY },
};

START_TEST(of_uname)
{
	struct kernel kernel = { .timestamps = true, .rfc1337 = true };

	kernel_parse(releases[_i].release, &kernel);
	ck_assert_uint_eq(kernel.major, releases[_i].major);
	ck_assert_uint_eq(kernel.minor, releases[_i].minor);
	ck_assert_uint_eq(kernel.patch, releases[_i].patch);
	ck_assert(kernel.timestamps && kernel.rfc1337);
}
END_TEST

START_TEST(of_source)
{
	struct kernel kernel = { .timestamps = true };

	kernel_parse("6.1.0-56-cloud-amd64", &kernel);
	kernel_refine("#1 SMP PREEMPT_DYNAMIC @0", &kernel);
	ck_assert_uint_eq(kernel.patch, ANY);
	kernel_refine("#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-21)", &kernel);
	ck_assert_uint_eq(kernel.major, 6);
	ck_assert_uint_eq(kernel.minor, 1);
	ck_assert_uint_eq(kernel.patch, 192);
	ck_assert(kernel.timestamps);
	/* What names another series is not the source of this one. */
	kernel_refine("#1 SMP Debian 12.2.0-14", &kernel);
	ck_assert_uint_eq(kernel.major, 6);
	ck_assert_uint_eq(kernel.patch, 192);
}
END_TEST

static const struct {
	const char *said, *text; /* NULL: refused */
} choices[] = {
	{ "any", "any" },        { "5.10", "5.10" },     { "6.12.117", "6.12.117" },
	{ "7.3-rc7", "7.3" },    { "3.10", "3.10" },     { "6.1.0-56-amd64", "6.1" },
	{ "6.18.44-fc-v669", "6.18.44" }, { "7.2.13+deb14-cloud-amd64", "7.2.13" },
	{ "", NULL },            { "6", NULL },          { "newest", NULL },   { "6.", NULL },
	{ "6.1x", NULL },        { "6.1.", NULL },       { "6.1.2.3", NULL },  { " 6.1", NULL },
	{ "0.1", NULL },         { "6.99999999999", NULL }, { "any ", NULL },  { "6.1.99999999999", NULL },
};

START_TEST(chosen)
{
	struct kernel kernel = { .major = 9, .timestamps = true };
	struct error error;
	char text[KERNEL_TEXT_SIZE];
	int result = kernel_choose(choices[_i].said, &kernel, &error);

	ck_assert_msg(result == (choices[_i].text ? 0 : -1), "'%s': %d", choices[_i].said, result);
	ck_assert(kernel.timestamps);
	if (choices[_i].text)
		ck_assert_str_eq(kernel_text(&kernel, text), choices[_i].text);
}
END_TEST

/* The first release with a change has it, the one before has not; a series that it was not carried back to has not either. */
static const struct {
	enum kernel_change change;
	const char *with, *without;
} changes[] = {
	{ CHANGE_RST_SYN_RECV, "7.2", "7.1.5" },             { CHANGE_RST_SYN_RECV, "7.1.6", "7.0.99" },
	{ CHANGE_RST_SYN_RECV, "6.18.42", "6.18.41" },       { CHANGE_RST_SYN_RECV, "6.12.105", "6.19.99" },
	{ CHANGE_ACK_BYTES, "6.7.0", "6.5.99" },             { CHANGE_ACK_BYTES, "5.10.204", "5.10.203" },
	{ CHANGE_ACK_BYTES, "any", "5.11" },                 { CHANGE_TW_ISN, "6.10", "6.9" },
	{ CHANGE_ZERO_WINDOW, "6.6", "6.5.13" },             { CHANGE_ZERO_WINDOW, "any", "6.1.192" },
	{ CHANGE_TW_ISN, "any", "6.1.192" },                 { CHANGE_FIN_ZERO_WINDOW, "6.18", "6.18.0" },
};

START_TEST(has)
{
	struct kernel with = { 0 }, without = { 0 };
	struct error error;

	ck_assert_int_eq(kernel_choose(changes[_i].with, &with, &error), 0);
	ck_assert_int_eq(kernel_choose(changes[_i].without, &without, &error), 0);
	ck_assert(kernel_has(&with, changes[_i].change));
	ck_assert(!kernel_has(&without, changes[_i].change));
}
END_TEST

START_TEST(order)
{
	struct kernel kernel = { .major = 6, .minor = 18, .patch = 41 };
	struct kernel unknown = { .timestamps = true };

	ck_assert(kernel_at_least(&kernel, 6, 18));
	ck_assert(kernel_at_least(&kernel, 5, 99));
	ck_assert(!kernel_at_least(&kernel, 6, 19));
	ck_assert(!kernel_at_least(&kernel, 7, 0));
	ck_assert(kernel_at_least(&unknown, 99, 0));
	ck_assert(!kernel_too_old(&kernel) && !kernel_too_old(&unknown));
	ck_assert(kernel_too_old(&(struct kernel){ .major = 5, .minor = 9, .patch = 3 }));
	ck_assert(kernel_too_old(&(struct kernel){ .major = 3, .minor = 10, .patch = ANY }));
}
END_TEST

static uint64_t changes_of(const struct kernel *kernel)
{
	uint64_t set = 0;

	for (int change = 0; change < CHANGE_COUNT; change++)
		set |= (uint64_t)kernel_has(kernel, (enum kernel_change)change) << change;
	return set;
}

/* Every release from 5.10.0 to 7.3.299 has the changes of its step, and of no other kernel between. */
START_TEST(steps)
{
	static const unsigned series[][2] = { { 5, 19 }, { 6, 19 }, { 7, 3 } };

	ck_assert_uint_lt(kernel_step_count(), KERNEL_STEPS_MAX);
	for (size_t i = 0; i < ROWS(series); i++)
		for (unsigned minor = series[i][0] == 5 ? 10 : 0; minor <= series[i][1]; minor++)
			for (unsigned patch = 0; patch < 300; patch++) {
				struct kernel kernel = { .major = series[i][0], .minor = minor, .patch = patch };
				uint64_t set = kernel_steps(&kernel);
				struct kernel first;

				ck_assert_uint_ne(set, 0);
				ck_assert_uint_eq(set & (set - 1), 0);
				first = kernel_at_step(&kernel, (size_t)__builtin_ctzll(set));
				ck_assert_msg(changes_of(&first) == changes_of(&kernel), "%u.%u.%u is not as %u.%u.%u",
					      kernel.major, kernel.minor, kernel.patch, first.major, first.minor, first.patch);
			}
}
END_TEST

static uint64_t steps_with(enum kernel_change change, const char *among)
{
	struct kernel kernel = { 0 };
	struct error error;
	uint64_t set, with = 0;

	ck_assert_int_eq(kernel_choose(among, &kernel, &error), 0);
	set = kernel_steps(&kernel);
	for (size_t step = 0; step < kernel_step_count(); step++) {
		struct kernel at = kernel_at_step(&kernel, step);

		if (set >> step & 1 && kernel_has(&at, change))
			with |= UINT64_C(1) << step;
	}
	return with;
}

START_TEST(steps_in_words)
{
	struct kernel any = { 0 };
	uint64_t all = kernel_steps(&any);
	char text[KERNEL_STEPS_TEXT_SIZE];

	ck_assert_str_eq(kernel_steps_text(0, text), "none");
	ck_assert_str_eq(kernel_steps_text(all, text), "from 5.10 on");
	ck_assert_str_eq(kernel_steps_text(steps_with(CHANGE_TW_ISN, "any"), text), "from 6.10 on");
	ck_assert_str_eq(kernel_steps_text(all & ~steps_with(CHANGE_TW_ISN, "any"), text), "5.10 to 6.9");
	ck_assert_str_eq(kernel_steps_text(steps_with(CHANGE_RST_SYN_RECV, "any"), text),
			 "6.1.191+, 6.6.153+, 6.12.105+, 6.18.42+, from 7.1.6 on");
	ck_assert_str_eq(kernel_steps_text(all & ~steps_with(CHANGE_RST_SYN_RECV, "any"), text),
			 "5.10 to 6.1.190, 6.2 to 6.6.152, 6.7 to 6.12.104, 6.13 to 6.18.41, 6.19 to 7.1.5");
	ck_assert_str_eq(kernel_steps_text(steps_with(CHANGE_RST_SYN_RECV, "6.1"), text), "6.1.191+");
	/* 6.19 is the last of its major. */
	ck_assert_str_eq(kernel_steps_text(all & ~steps_with(CHANGE_FIN_ZERO_WINDOW, "any"), text),
			 "5.10 to 6.18.15, 6.19 to 6.19.5");
}
END_TEST

/* Kernels that a rule cannot tell apart, from what it asked. */
START_TEST(steps_alike)
{
	const uint32_t pair = UINT32_C(1) << CHANGE_TW_ISN | UINT32_C(1) << CHANGE_PAWS_SYN;
	struct kernel any = { 0 };
	uint64_t with = steps_with(CHANGE_TW_ISN, "any"), paws = steps_with(CHANGE_PAWS_SYN, "any");
	uint32_t asked = 0;

	ck_assert_uint_eq(kernel_steps_like(0, 0), kernel_steps(&any));
	ck_assert_uint_eq(kernel_steps_like(kernel_step_count() - 1, UINT32_C(1) << CHANGE_TW_ISN), with);
	ck_assert_uint_eq(kernel_steps_like(0, UINT32_C(1) << CHANGE_TW_ISN), kernel_steps(&any) & ~with);
	ck_assert_uint_eq(kernel_steps_like(0, pair), kernel_steps(&any) & ~with & ~paws);
	any.asked = &asked;
	kernel_has(&any, CHANGE_TW_ISN);
	kernel_has(&any, CHANGE_PAWS_SYN);
	ck_assert_uint_eq(asked, pair);
}
END_TEST

START_TEST(series)
{
	struct kernel kernel = { 0 };
	struct error error;

	ck_assert_int_eq(kernel_choose("6.1", &kernel, &error), 0);
	ck_assert_int_eq(__builtin_popcountll(kernel_steps(&kernel)), 6); /* 6.1, .68, .110, .130, .167, .191 */
	ck_assert_int_eq(kernel_choose("6.16", &kernel, &error), 0);
	ck_assert_int_eq(__builtin_popcountll(kernel_steps(&kernel)), 1);
	ck_assert_int_eq(kernel_choose("3.10", &kernel, &error), 0);
	ck_assert_uint_eq(kernel_steps(&kernel), 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("kernel");

	tcase_add_loop_test(tcase, of_uname, 0, ROWS(releases));
	tcase_add_test(tcase, of_source);
	tcase_add_loop_test(tcase, chosen, 0, ROWS(choices));
	tcase_add_loop_test(tcase, has, 0, ROWS(changes));
	tcase_add_test(tcase, order);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, steps_in_words);
	tcase_add_test(tcase, steps_alike);
	tcase_add_test(tcase, series);
	return run_suite("kernel", tcase, NULL);
}
