/* test_unshown.c - texts, and what in them is certain: a bare ACK without its number makes doubtful what hangs on it, until a
 * segment with a number shows the same. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crafter/textbuf.h"
#include "harness/diagnose/diagnosis.h"

#include "tests/unit/suite.h"

enum { LINES_MAX = 16, TOLD_SIZE = 1024 };

#define C "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags "
#define S "IP 192.0.2.2.80 > 192.0.2.1.40000: Flags "
#define TS(value, echo) "options [nop,nop,TS val " #value " ecr " #echo "], length 0"
#define SYN C "[S], seq 3000000000, win 64240, options [mss 1460,sackOK,TS val 100 ecr 0], length 0"
#define SYN_ACK S "[S.], seq 4000000000, ack 3000000001, win 65160, options [mss 1460,sackOK,TS val 9 ecr 100], length 0"
#define THIRD C "[.], ack 1, win 64240, " TS(100, 9)
#define THIRD_SHOWN C "[.], seq 1, ack 1, win 64240, " TS(100, 9)
#define DATA C "[P.], seq 1:11, ack 1, win 64240, options [nop,nop,TS val 101 ecr 9], length 10"
#define ACKED S "[.], ack 11, win 65160, " TS(10, 101)
#define REPLY S "[P.], seq 1:6, ack 1, win 65160, options [nop,nop,TS val 10 ecr 100], length 5"
#define FIN S "[F.], seq 1, ack 11, win 65160, " TS(11, 101)
#define FIN_ACKED C "[.], ack 2, win 64240, " TS(102, 11)
#define FIN_ACKED_SHOWN C "[.], seq 11, ack 2, win 64240, " TS(102, 11)
#define LAST C "[F.], seq 11, ack 2, win 64240, " TS(103, 11)
#define LAST_ACKED S "[.], ack 12, win 65160, " TS(12, 103)
#define RESET C "[R], seq "

static char told[TOLD_SIZE];

static void take(void *context, const struct diagnosed *diagnosed)
{
	size_t used = strlen(told);

	(void)context;
	snprintf(told + used, sizeof(told) - used, "%u %s%s%s\n", (unsigned)diagnosed->encounter->frame,
		 state_name(diagnosed->encounter->subject.state), diagnosed->judgement->missing ? ": " : "",
		 diagnosed->judgement->missing ? diagnosed->judgement->missing : "");
}

static void diagnose_lines(const char *const *lines, bool times)
{
	struct diagnosis_options options = { .connections = 16, .decides = BOOK_LINUX };
	struct diagnosis_listener listener = { .encounter = take };
	struct diagnosis_counts counts;
	struct error error = { "" };
	char path[64];
	FILE *file;

	told[0] = '\0';
	snprintf(path, sizeof(path), "/tmp/test_unshown.%d", (int)getpid());
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	for (int i = 0; lines[i]; i++) {
		if (times) /* slow enough for two equal ACKs not to be one that came twice */
			fprintf(file, "12:00:00.%06d ", 10000 * i);
		fprintf(file, "%s\n", lines[i]);
	}
	if (times) /* late enough for what is silent to be silent */
		fputs("12:00:09.000000 IP 192.0.2.3.1 > 192.0.2.4.2: Flags [S], seq 1, win 1, length 0\n", file);
	fclose(file);
	ck_assert_msg(diagnosis_run_text(path, &options, &listener, NULL, &counts, &error) == 0, "%s", error.text);
	unlink(path);
}

#define UNSHOWN ": the text does not show the sequence number of an ACK on which this depends; tcpdump -vv does\n"

static const struct {
	const char *lines[LINES_MAX];
	const char *told;
} rows[] = {
	/* Without its number nothing shows that the third segment was taken, until data comes from either side. */
	{ { SYN, SYN_ACK, THIRD, RESET "3000000001, win 0, length 0" }, "4 established" UNSHOWN },
	{ { SYN, SYN_ACK, THIRD_SHOWN, RESET "3000000001, win 0, length 0" }, "4 established\n" },
	{ { SYN, SYN_ACK, THIRD, DATA, ACKED, RESET "3000000011, win 0, length 0" }, "6 established\n" },
	{ { SYN, SYN_ACK, THIRD, REPLY, RESET "3000000001, win 0, length 0" }, "5 established\n" },
	/* The acknowledgment of a FIN, which the client's own FIN repeats. */
	{ { SYN, SYN_ACK, THIRD, DATA, FIN, FIN_ACKED, RESET "3000000011, win 0, length 0" }, "7 fin-wait-2" UNSHOWN },
	{ { SYN, SYN_ACK, THIRD, DATA, FIN, FIN_ACKED_SHOWN, RESET "3000000011, win 0, length 0" }, "7 fin-wait-2\n" },
	{ { SYN, SYN_ACK, THIRD, DATA, FIN, FIN_ACKED, LAST, LAST_ACKED, RESET "3000000012, win 0, length 0" },
	  "9 time-wait\n" },
	/* A timestamp that only such an ACK has brought: a SYN with an older one may be newer than what the end remembers. */
	{ { SYN, SYN_ACK, THIRD, DATA, FIN, LAST, LAST_ACKED, C "[.], ack 2, win 64240, " TS(200, 12),
	    C "[S], seq 2000000000, win 64240, options [mss 1460,TS val 150 ecr 0], length 0" }, "9 time-wait" UNSHOWN },
	{ { SYN, SYN_ACK, THIRD, DATA, FIN, LAST, LAST_ACKED, C "[.], ack 2, win 64240, " TS(200, 12),
	    C "[S], seq 2000000000, win 64240, options [mss 1460,TS val 250 ecr 0], length 0", S "[S.], seq 1, ack "
	    "2000000001, win 65160, options [mss 1460,TS val 13 ecr 250], length 0" }, "9 time-wait\n" },
	/* An answer that the book does not expect may come from anywhere. An exact reset has none (RFC 5961 3.2). */
	{ { SYN, SYN_ACK, THIRD_SHOWN, RESET "3000000001, win 0, length 0", S "[.], ack 1, win 65160, " TS(10, 100) },
	  "4 established: the text shows no TTL, by which one could tell who sent the answer; tcpdump -v does\n"
	  "5 closed" UNSHOWN },
	/* Data with a newer one shows that it is there. */
	{ { SYN, SYN_ACK, THIRD_SHOWN, C "[.], ack 1, win 64000, " TS(150, 9),
	    C "[P.], seq 1:11, ack 1, win 64240, options [nop,nop,TS val 151 ecr 9], length 10", S "[.], ack 11, win 65160, "
	    TS(10, 151), C "[P.], seq 11:21, ack 1, win 64240, options [nop,nop,TS val 120 ecr 10], length 10",
	    S "[.], ack 11, win 65160, " TS(11, 151) }, "7 established\n" },
};

START_TEST(bare_acks)
{
	diagnose_lines(rows[_i].lines, true);
	ck_assert_str_eq(told, rows[_i].told);
}
END_TEST

START_TEST(without_times)
{
	diagnose_lines(rows[2].lines, false);
	ck_assert_str_eq(told, "6 established: the text does not show when the segments passed\n");
}
END_TEST

/* Before the encounter or after it. */
START_TEST(what_cannot_be_read)
{
	const char *lines[LINES_MAX];
	char wanted[128];
	int count = 0;

	for (int i = 0; i < 7; i++)
		lines[count++] = i == (_i ? 1 : 6) ? C "[x]" : rows[2].lines[_i ? i - (i > 1) : i];
	lines[count] = NULL;
	diagnose_lines(lines, true);
	snprintf(wanted, sizeof(wanted), "%d established: not all packets of the text could be read\n", _i ? 7 : 6);
	ck_assert_str_eq(told, wanted);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("unshown");

	tcase_add_loop_test(tests, bare_acks, 0, ROWS(rows));
	tcase_add_test(tests, without_times);
	tcase_add_loop_test(tests, what_cannot_be_read, 0, 2);
	return run_suite("unshown", tests, NULL);
}
