/* test_hosts.c - which kernel a host may have: connections whose answers tell kernels apart, as the table of changes has it. */
#include "harness/diagnose/hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/units.h"
#include "harness/diagnose/diagnosis.h"
#include "harness/report/report_diagnosis.h"

#include "tests/unit/suite.h"

enum { SCRIPT_MAX = 24, FOUND_MAX = 4 };

static struct host found[FOUND_MAX];
static struct host_evidence evidence[FOUND_MAX][HOSTS_EVIDENCE];
static size_t found_count, encounters;
static struct diagnosis_counts counts;

static void on_encounter(void *context, const struct diagnosed *diagnosed)
{
	(void)context;
	(void)diagnosed;
	encounters++;
}

static void on_host(void *context, const struct host *host)
{
	(void)context;
	ck_assert_uint_lt(found_count, FOUND_MAX);
	found[found_count] = *host;
	if (host->evidence_count)
		memcpy(evidence[found_count], host->evidence, host->evidence_count * sizeof(*host->evidence));
	found[found_count].evidence = evidence[found_count];
	found_count++;
}

/* "C1 S 1000 ...": from the client's port 40001; "S1 ...": to it. */
static void pass(struct diagnosis *diagnosis, const char *line, uint64_t frame)
{
	struct diagnosis_sighting where = { .frame = frame, .has_time = true, .time_ns = frame * NSEC_PER_MSEC };
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct error error = { "" };
	struct segment segment;
	char text[256], client[32];

	snprintf(client, sizeof(client), "192.0.2.1:4000%c", line[1]);
	snprintf(text, sizeof(text), "%s > %s %s", *line == 'C' ? client : "192.0.2.2:80",
		 *line == 'C' ? "192.0.2.2:80" : client, line + 3);
	ck_assert_msg(segment_text_parse(text, NULL, &segment, payload, &error) == 0, "%s: %s", text, error.text);
	ck_assert_int_eq(diagnosis_segment(diagnosis, &segment, &where, &error), 0);
}

static void play(const char *const *lines, const char *kernel)
{
	struct diagnosis_listener listener = { .encounter = on_encounter, .host = on_host };
	struct diagnosis_options options = { .connections = 10, .decides = BOOK_LINUX };
	struct diagnosis *diagnosis;
	struct error error;
	uint64_t frame = 0;

	ck_assert_int_eq(kernel_choose(kernel, &options.kernel, &error), 0);
	found_count = encounters = 0;
	diagnosis = diagnosis_open(&options, &listener, &counts, &error);
	ck_assert_ptr_nonnull(diagnosis);
	for (size_t i = 0; i < SCRIPT_MAX && lines[i]; i++)
		pass(diagnosis, lines[i], ++frame);
	/* Long after, so that what has no answer had the time for one. */
	pass(diagnosis, "C9 S 1 win 64240", ++frame + 5000);
	diagnosis_finish(diagnosis);
	diagnosis_close(diagnosis);
}

/* The server closes first, and keeps TIME_WAIT with rcv_nxt 1002 and snd_nxt 5002. Numbers begin with the connection's. */
#define CLOSED(n, options) \
	"C" n " S " n "001000 win 64240" options, "S" n " SA " n "005000 ack " n "001001 win 65160" options, \
	"C" n " A " n "001001 ack " n "005001 win 64240" options, "S" n " FA " n "005001 ack " n "001001 win 65160" options, \
	"C" n " FA " n "001001 ack " n "005002 win 64240" options, "S" n " A " n "005002 ack " n "001002 win 65160" options
#define PLAIN ""
#define STAMPED " <nop,nop,TS val 1000 ecr 1000>"
#define LATE " <nop,nop,TS val 9000000 ecr 9000000>"
#define ACCEPTED(n, syn, isn) "C" n " S " n "090000 win 64240" syn, "S" n " SA " n isn " ack " n "090001 win 65160"
/* tcp_timewait_state_process(): a newer SYN gets snd_nxt + 65537, which got lost before 6.10. */
#define CONTINUED(n) CLOSED(n, PLAIN), ACCEPTED(n, PLAIN, "070539")
#define FRESH(n) CLOSED(n, PLAIN), ACCEPTED(n, PLAIN, "777777")
/* tcp_check_req(): an RST in the window that is not exact, challenged since 7.2 and its backports. */
#define OPENED(n, options) "C" n " S " n "001000 win 64240" options, "S" n " SA " n "005000 ack " n "001001 win 65160" options
#define CHALLENGED(n) OPENED(n, PLAIN), "C" n " R " n "001005", "S" n " A " n "005001 ack " n "001001 win 65160"
/* RFC 9293 3.10.7.4: an old SYN in TIME_WAIT gets an ACK, of every kernel. */
#define OLD(n) CLOSED(n, PLAIN), "C" n " S " n "000500 win 64240"
#define REFUSED(n) OLD(n), "S" n " A " n "005002 ack " n "001002 win 65160"
#define LIVE(n, options) OPENED(n, options), "C" n " A " n "001001 ack " n "005001 win 64240" options
/* tcp_validate_incoming(): an RST with the next number ends the connection, and nobody answers it. */
#define RESET_ACKED(n) LIVE(n, PLAIN), "C" n " R " n "001001", "S" n " A " n "005001 ack " n "001001 win 65160"
/* tcp_validate_incoming(): until 6.14 a bare ACK that is old in its number and its timestamp got a duplicate ACK. */
#define OLD_ACKED(n) \
	LIVE(n, LATE), "C" n " A " n "001000 ack " n "005001 win 64240 <nop,nop,TS val 1 ecr 9000000>", \
	"S" n " A " n "005001 ack " n "001001 win 65160" LATE
/* tcp_ack(): an ACK of what was never sent is challenged since 7.1 and its backports. */
#define UNSENT_ACKED(n) \
	LIVE(n, PLAIN), "C" n " A " n "001001 ack 9" n "005001 win 64240", "S" n " A " n "005001 ack " n "001001 win 65160"

#define NEWER "6.1.191+, 6.6.153+, 6.12.105+, 6.18.42+, from 7.1.6 on"

static const struct {
	const char *lines[SCRIPT_MAX], *kernel;
	const char *fits, *best; /* NULL: the host is not told; there is a kernel for all */
	uint64_t answers, telling, strange, differ;
	const char *evidence[HOSTS_EVIDENCE];
} rows[] = {
	{ { CONTINUED("1") }, "any", "from 6.10 on", NULL, 1, 1, 0, 0, { "7 x1 from 6.10 on" } },
	/* tcp_time_wait(): where there was no room for TIME_WAIT, a listener of any kernel gives a fresh ISN. */
	{ { FRESH("1") }, "any", "from 5.10 on", NULL, 1, 1, 0, 0, { "7 x1 from 5.10 on (5.10 to 6.9)" } },
	{ { FRESH("1"), OLD_ACKED("2") }, "any", "5.10 to 6.13", NULL, 2, 2, 0, 0,
	  { "7 x1 from 5.10 on (5.10 to 6.9)", "12 x1 5.10 to 6.13" } },
	{ { CHALLENGED("1") }, "any", NEWER, NULL, 1, 1, 0, 0, { "3 x1 " NEWER } },
	{ { CONTINUED("1"), CHALLENGED("2"), CONTINUED("3") }, "any", "6.12.105+, 6.18.42+, from 7.1.6 on", NULL, 3, 3, 0, 0,
	  { "7 x2 from 6.10 on", "11 x1 " NEWER } },
	/* What every kernel does tells nothing, nor does a silence. */
	{ { REFUSED("1") }, "any", NULL, NULL, 0, 0, 0, 0, { NULL } },
	{ { OPENED("1", PLAIN), "C1 R 1001005" }, "any", NULL, NULL, 0, 0, 0, 0, { NULL } },
	/* No one kernel: each is named, and what most of them fit. */
	{ { OLD_ACKED("1"), UNSENT_ACKED("2"), OLD_ACKED("3") }, "any", "none", "5.10 to 6.13", 3, 3, 0, 0,
	  { "4 x2 5.10 to 6.13", "9 x1 6.18.33+, from 7.0.10 on" } },
	/* One answer that no Linux gives does not empty the set. */
	{ { CONTINUED("1"), RESET_ACKED("2"), REFUSED("3") }, "any", "from 6.10 on", NULL, 3, 1, 1, 1,
	  { "7 x1 from 6.10 on", "12 x1 none" } },
	/* A SYN that TIME_WAIT refuses is accepted where there is none. */
	{ { OLD("1"), "S1 SA 1777777 ack 1000501 win 65160" }, "any", NULL, NULL, 0, 0, 0, 0, { NULL } },
	/* What the user said of the kernel decides what differs, and not what fits. */
	{ { OLD_ACKED("1") }, "6.18.44", "5.10 to 6.13", NULL, 1, 1, 0, 1, { "4 x1 5.10 to 6.13" } },
	{ { OLD_ACKED("1") }, "6.12", "5.10 to 6.13", NULL, 1, 1, 0, 0, { "4 x1 5.10 to 6.13" } },
	/* tcp_timewait_state_process() sees no timestamps where tcp_timestamps is 0 by now: the numbers decide alone. */
	{ { CLOSED("1", STAMPED), ACCEPTED("1", " <nop,nop,TS val 10 ecr 0>", "070539") }, "any",
	  "from 6.10 on", NULL, 1, 1, 0, 0, { "7 x1 from 6.10 on, if its tcp_timestamps is 0" } },
};

static void evidence_is(const struct host *host, const char *const *expected)
{
	for (size_t i = 0; i < host->evidence_count; i++) {
		const struct host_evidence *found_one = &host->evidence[i];
		char text[2 * KERNEL_STEPS_TEXT_SIZE + 80], kernels[KERNEL_STEPS_TEXT_SIZE];
		char usual[KERNEL_STEPS_TEXT_SIZE + 8] = "";

		if (found_one->usual != found_one->kernels)
			snprintf(usual, sizeof(usual), " (%s)", kernel_steps_text(found_one->usual, kernels));
		snprintf(text, sizeof(text), "%d x%d %s%s%s%s", (int)found_one->frame, (int)found_one->count,
			 kernel_steps_text(found_one->kernels, kernels), usual, found_one->settings ? ", " : "",
			 oracle_doubt_text(found_one->settings, found_one->settings & FACT_RFC1337));
		ck_assert_ptr_nonnull(expected[i]);
		ck_assert_str_eq(text, expected[i]);
	}
	ck_assert(host->evidence_count == HOSTS_EVIDENCE || !expected[host->evidence_count]);
}

START_TEST(answers)
{
	char text[KERNEL_STEPS_TEXT_SIZE];

	play(rows[_i].lines, rows[_i].kernel);
	ck_assert_uint_gt(encounters, 0);
	ck_assert_uint_eq(found_count, rows[_i].fits != NULL);
	if (!rows[_i].fits)
		return;
	ck_assert_str_eq(address_format(&found[0].address, text, sizeof(text)), "192.0.2.2");
	ck_assert_str_eq(kernel_steps_text(found[0].fits, text), rows[_i].fits);
	if (rows[_i].best)
		ck_assert_str_eq(kernel_steps_text(found[0].best, text), rows[_i].best);
	ck_assert_uint_eq(found[0].answers, rows[_i].answers);
	ck_assert_uint_eq(found[0].telling, rows[_i].telling);
	ck_assert_uint_eq(found[0].strange, rows[_i].strange);
	ck_assert_uint_eq(found[0].differ, rows[_i].differ);
	evidence_is(&found[0], rows[_i].evidence);
}
END_TEST

/* An answer of the kind that tells, with these kernels. */
static void take(struct hosts *hosts, uint32_t number, uint64_t kernels)
{
	struct address address = {
		.family = 4, .bytes = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number },
	};
	struct judgement judgement = {
		.tells = true, .kernels = kernels, .usual = kernels, .books = 1 << BOOK_LINUX, .certain = true,
	};
	struct encounter encounter = { .kind = ENCOUNTER_RESET, .frame = number + 1 };

	hosts_take(hosts, &address, &encounter, cause_of(&encounter), &judgement);
}

/* Each is told once, in order; those that there is no room for are counted. */
START_TEST(many_hosts)
{
	struct hosts *hosts = hosts_open();
	struct host host;
	size_t number = 0;

	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < HOSTS_MAX + 10; i++)
			take(hosts, i, i % 2 ? 1 : kernel_steps(&(struct kernel){ 0 }));
	for (uint32_t i = 1; i < HOSTS_MAX; i += 2) {
		ck_assert(hosts_next(hosts, &number, &host));
		ck_assert_uint_eq(host.evidence[0].frame, i + 1);
		ck_assert_uint_eq(host.evidence[0].count, 2);
		ck_assert_uint_eq(host.answers, 2);
		ck_assert_uint_eq(host.address.bytes[3], i & 255);
	}
	ck_assert(!hosts_next(hosts, &number, &host));
	ck_assert_uint_eq(hosts_left_out(hosts), 20);
	hosts_close(hosts);
}
END_TEST

/* More kinds of evidence than are kept: they count all the same. */
START_TEST(much_evidence)
{
	struct hosts *hosts = hosts_open();
	struct host host;
	size_t number = 0;

	for (unsigned i = 0; i < HOSTS_EVIDENCE + 4; i++)
		take(hosts, 5, UINT64_C(1) << 20 | UINT64_C(1) << i);
	ck_assert(hosts_next(hosts, &number, &host));
	ck_assert_uint_eq(host.evidence_count, HOSTS_EVIDENCE);
	ck_assert_uint_eq(host.telling, HOSTS_EVIDENCE + 4);
	ck_assert_uint_eq(host.fits, UINT64_C(1) << 20);
	ck_assert_uint_eq(host.best_count, HOSTS_EVIDENCE + 4);
	hosts_close(hosts);
}
END_TEST

/* The report of a play, as far as it is about hosts; for the JSON that of the first one. */
static char *reported(const char *const *lines, const char *kernel, enum format format)
{
	char *text = NULL;
	size_t size;
	struct report_diagnosis_facts facts = {
		.out = open_memstream(&text, &size), .format = format, .path = "x", .tool_version = "1", .decides = BOOK_LINUX,
	};
	struct report_diagnosis *report;
	struct error error;

	play(lines, kernel);
	ck_assert_int_eq(kernel_choose(kernel, &facts.kernel, &error), 0);
	report = report_diagnosis_open(&facts, &error);
	ck_assert_ptr_nonnull(report);
	for (size_t i = 0; i < found_count; i++)
		report_diagnosis_host(report, &found[i]);
	report_diagnosis_end(report, &counts, NULL);
	report_diagnosis_close(report);
	fclose(facts.out);
	return text;
}

static const struct {
	const char *lines[SCRIPT_MAX], *kernel, *wanted;
	enum format format;
} words[] = {
	{ { CONTINUED("1"), CHALLENGED("2"), CONTINUED("3") }, "any",
	  "\nWhich kernels, by the answers that tell them apart:\n"
	  "  192.0.2.2: answers like Linux 6.12.105+, 6.18.42+, from 7.1.6 on\n"
	  "    frame 7 and 1 more: SYN-ACK continued in time-wait (a SYN into TIME_WAIT,\n"
	  "      accepted): from 6.10 on\n", FORMAT_TABLE },
	{ { OLD_ACKED("1"), UNSENT_ACKED("2"), OLD_ACKED("3") }, "any",
	  "  192.0.2.2: no one kernel gives all of its answers, so several hosts may share\n"
	  "    this address; 2 of 3 answers that tell kernels apart fit Linux 5.10 to 6.13\n"
	  "    frame 4 and 1 more: ", FORMAT_TABLE },
	{ { CONTINUED("1"), RESET_ACKED("2") }, "any",
	  "  192.0.2.2: does not answer like a Linux from 5.10 on: 1 of 2 certain answers;\n"
	  "    the others fit from 6.10 on\n", FORMAT_TABLE },
	{ { RESET_ACKED("1") }, "any",
	  "    frame 4: ACK in established (a reset that was answered): Linux: silence\n", FORMAT_TABLE },
	{ { FRESH("1") }, "any",
	  "  192.0.2.2: answers like Linux 5.10 to 6.9, unless its tcp_max_tw_buckets is\n"
	  "    reached\n"
	  "    frame 7: SYN-ACK fresh in time-wait (a SYN into TIME_WAIT, accepted): 5.10\n"
	  "      to 6.9, unless its tcp_max_tw_buckets is reached\n", FORMAT_TABLE },
	{ { OLD_ACKED("1") }, "6.18.44",
	  "  192.0.2.2: answers like Linux 5.10 to 6.13, not like 6.18.44; 1 encounter not\n"
	  "    as the linux book expects, the first with frame 4\n", FORMAT_TABLE },
	{ { OLD_ACKED("1") }, "any",
	  "{\"record\":\"host\",\"address\":\"192.0.2.2\",\"answers\":1,\"telling\":1,\"strange\":0,\"differs\":0,"
	  "\"kernels\":\"5.10 to 6.13\",\"usual\":\"5.10 to 6.13\",\"best\":null,"
	  "\"books\":[\"linux\",\"rfc\",\"folk\"],"
	  "\"evidence\":[{\"frame\":4,\"count\":1,"
	  "\"finding\":\"paws\",\"state\":\"established\",\"answer\":\"ack\",\"isn\":null,"
	  "\"expected\":[\"ack\",\"silence\"],"
	  "\"kernels\":\"5.10 to 6.13\",\"usual\":\"5.10 to 6.13\",\"setting\":null}]}\n", FORMAT_JSON },
};

START_TEST(in_words)
{
	char *text = reported(words[_i].lines, words[_i].kernel, words[_i].format);

	ck_assert_msg(strstr(text, words[_i].wanted) != NULL, "no '%s' in:\n%s", words[_i].wanted, text);
	free(text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hosts");

	tcase_add_loop_test(tcase, answers, 0, ROWS(rows));
	tcase_add_loop_test(tcase, in_words, 0, ROWS(words));
	tcase_add_test(tcase, many_hosts);
	tcase_add_test(tcase, much_evidence);
	return run_suite("hosts", tcase, NULL);
}
