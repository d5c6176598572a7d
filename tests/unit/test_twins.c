/* test_twins.c - frames that stand in a capture twice. */
#include "harness/diagnose/twins.h"

#include "crafter/units.h"

#include "tests/unit/suite.h"

static struct twins twins;

static struct segment segment_of(uint8_t family, uint16_t id, uint32_t seq)
{
	return (struct segment){
		.tuple = { { { .family = family, .bytes = { 192, 0, 2, 1 } }, 40000 },
			   { { .family = family, .bytes = { 192, 0, 2, 2 } }, 80 } },
		.flags = FLAG_ACK, .ip_id = id, .seq = seq, .window = 500,
	};
}

static void setup(void)
{
	twins = (struct twins){ 0 };
}

static const struct {
	const char *name;
	uint8_t family;
	uint16_t id, next_id;
	uint64_t apart_ns;
	unsigned view;
} pairs[] = {
	{ "the same time", 4, 7, 7, 0, TWINS_EXACT },
	{ "the same time, no IP ID", 4, 0, 0, 0, TWINS_EXACT },
	{ "the same time, IPv6", 6, 9, 9, 0, TWINS_EXACT },
	{ "a mirror port", 4, 7, 7, 300000, TWINS_NEAR },
	{ "two resets of a control socket", 4, 0, 0, 300000, TWINS_SINGLE },
	{ "two ACKs with one flow label", 6, 9, 9, 300000, TWINS_SINGLE },
	{ "sent again", 4, 7, 8, 0, TWINS_SINGLE },
	{ "much later", 4, 7, 7, 5 * NSEC_PER_MSEC, TWINS_SINGLE },
};

START_TEST(a_pair)
{
	struct segment one = segment_of(pairs[_i].family, pairs[_i].id, 1), other = one;

	other.ip_id = pairs[_i].next_id;
	ck_assert_uint_eq(twins_note(&twins, &one, NSEC_PER_SEC), TWINS_SINGLE);
	ck_assert_msg(twins_note(&twins, &other, NSEC_PER_SEC + pairs[_i].apart_ns) == pairs[_i].view, "%s", pairs[_i].name);
}
END_TEST

/* What else tells two frames of one time apart. */
START_TEST(other_headers)
{
	struct segment one = segment_of(4, 7, 1), others[] = { one, one, one, one };

	others[0].seq++;
	others[1].window++;
	others[2].raw[0] = 1; /* an untyped option, or a SACK block */
	others[2].raw_size = 1;
	others[3].payload_size = 1;
	twins_note(&twins, &one, 1);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(twins_note(&twins, &others[i], 1), TWINS_SINGLE);
}
END_TEST

/* Where every frame stands twice, that is said; where only some do, it is not. */
START_TEST(always)
{
	unsigned view = TWINS_SINGLE;

	for (uint16_t i = 1; i <= 100; i++) {
		struct segment segment = segment_of(4, i, i);

		ck_assert_uint_eq(twins_note(&twins, &segment, i * NSEC_PER_SEC), TWINS_SINGLE);
		if (_i == 0 || i % 4 == 0)
			view = twins_note(&twins, &segment, i * NSEC_PER_SEC);
	}
	ck_assert_uint_eq(view, _i == 0 ? TWINS_EXACT | TWINS_ALWAYS : TWINS_EXACT);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("twins");

	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_loop_test(tests, a_pair, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_test(tests, other_headers);
	tcase_add_loop_test(tests, always, 0, 2);
	return run_suite("twins", tests, NULL);
}
