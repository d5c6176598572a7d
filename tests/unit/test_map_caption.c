/* test_map_caption.c - the words of a map: what was asked, of whom, with which command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/map_caption.h"

#include "tests/unit/suite.h"

static struct options options;
static struct picture picture;
static struct map map;
static struct run_facts facts;
static struct tally tally;
static const struct sysctl sysctls[] = { { "tcp_timestamps", "1", false }, { "tcp_rfc1337", "0", false } };

/* "twprobe map WORDS...", as the command would have read them; every cell asked but the last four. */
static void write_caption(const char *words)
{
	static char line[256];
	static char *argv[16];
	struct error error = { "" };
	int argc = 0;

	snprintf(line, sizeof(line), "map %s", words);
	for (char *word = strtok(line, "|"); word; word = strtok(NULL, "|"))
		argv[argc++] = word;
	argv[0] = line; /* "map " and the first word */
	memmove(argv + 1, argv, (size_t)argc * sizeof(argv[0]));
	argv[0] = (char *)"map";
	argv[1] += strlen("map ");
	ck_assert_msg(options_parse(&options, COMMAND_MAP, argc + 1, argv, &error) == 0, "%s", error.text);
	ck_assert_int_eq(map_open(&map, &options.map.seq, &options.map.ts, NULL), 0);
	for (size_t i = 0; i + 4 < map.cells; i++)
		map_put(&map, i, i == 0 ? SHADE_INCONCLUSIVE : SHADE_ACK);
	picture.map = &map;
	map_count(&map, &picture.counts);
	map_caption_write(&(struct map_caption){ &options, argc + 1, argv }, &picture, &facts, &tally);
}

static void set_up(void)
{
	memset(&picture, 0, sizeof(picture));
	facts = (struct run_facts){ .tool_version = "0.1.0", .kernel = "6.18.44", .target = "lab", .sysctl_count = 2,
				    .sysctls = sysctls };
	tally = (struct tally){ .cells = 300, .begun_ns = 1000000000, .ended_ns = 3000000000 };
}

static void tear_down(void)
{
	map_close(&map);
}

static bool says(const char *part)
{
	for (size_t i = 0; i < picture.caption_count; i++)
		if (strstr(picture.captions[i], part))
			return true;
	return false;
}

START_TEST(in_the_lab)
{
	write_caption("--size=16x8|-o|x.png");
	ck_assert_str_eq(picture.title, "SYN in TIME-WAIT: what Linux 6.18.44 answers");
	ck_assert_str_eq(picture.subtitle, "with timestamps on the connection");
	ck_assert_ptr_nonnull(strstr(picture.seq_label, "rcv_nxt"));
	ck_assert_ptr_nonnull(strstr(picture.ts_label, "ts_recent"));
	ck_assert(says("Kernel 6.18.44 (lab). tcp_timestamps=1 tcp_rfc1337=0"));
	ck_assert(says("16 x 8 pixels, 124 cells probed"));
	ck_assert(says("1 inconclusive."));
	ck_assert(!says("Refined"));
	ck_assert(!says("Interrupted"));
	/* 300 cells in 2 s. */
	ck_assert(says(", 2.0 s, 150 cells/s, twprobe 0.1.0"));
	ck_assert(says("twprobe map --size=16x8 -o x.png"));
	/* The whole circle is drawn: its edges are one. */
	ck_assert(says("the opposite edge follow"));
}
END_TEST

/* A part of the circle has no opposite edge, nor have characters a margin. */
START_TEST(no_repetition)
{
	write_caption(_i ? "--size=16x8" : "--size=16x8|-o|x.png|--seq-range=-1000..1000|--ts-range=-1000..1000");
	ck_assert(!says("the opposite edge"));
}
END_TEST

START_TEST(of_a_target)
{
	facts.kernel = NULL;
	facts.target = "192.0.2.2:80";
	write_caption("--size=16x8|192.0.2.2:80");
	ck_assert_str_eq(picture.title, "SYN in TIME-WAIT: what 192.0.2.2:80 answers");
	ck_assert(says("Target 192.0.2.2:80."));
}
END_TEST

/* What all points have in common; a cell's own sysctl overrides what the lab began with. */
START_TEST(conditions)
{
	write_caption("--size=16x8|--segment=ack|--ack=+5|--sysctl=tcp_rfc1337=1|-6|--connection-timestamps=off");
	ck_assert_str_eq(picture.title, "ACK in TIME-WAIT: what Linux 6.18.44 answers");
	ck_assert_ptr_nonnull(strstr(picture.subtitle, "without timestamps on the connection"));
	ck_assert_ptr_nonnull(strstr(picture.subtitle, "ack+5"));
	ck_assert_ptr_nonnull(strstr(picture.subtitle, "tcp_rfc1337=1"));
	ck_assert(says("tcp_timestamps=1 tcp_rfc1337=1"));
	ck_assert_ptr_null(strstr(picture.ts_label, "ts_recent"));
}
END_TEST

START_TEST(refined_and_interrupted)
{
	tally.interrupted = true;
	tally.verdicts[VERDICT_MIXED] = 2;
	write_caption("--size=16x8|--refine|it's");
	ck_assert(says("Refined: "));
	ck_assert(says(" of 128 cells were filled in, not probed."));
	ck_assert(says(", 2 of them because their tries had different results"));
	ck_assert(says("Interrupted: 4 cells are not known."));
}
END_TEST

/* Nothing of a command line steers the terminal; what a shell would take apart is quoted. */
START_TEST(odd_words)
{
	write_caption("--size=16x8|--trigger=send:\033[2J a b");
	ck_assert(!says("\033"));
	ck_assert(says("'--trigger="));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("caption");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, in_the_lab);
	tcase_add_loop_test(tcase, no_repetition, 0, 2);
	tcase_add_test(tcase, of_a_target);
	tcase_add_test(tcase, conditions);
	tcase_add_test(tcase, refined_and_interrupted);
	tcase_add_test(tcase, odd_words);
	return run_suite("map caption", tcase, NULL);
}
