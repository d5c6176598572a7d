/* test_tracepoint.c - format files of tracefs as Linux writes them, and as it never would. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/trace_pipe.h"
#include "harness/lab/tracepoint.h"

#include "tests/unit/suite.h"

/* sock:inet_sock_set_state. */
static const char set_state[] =
	"name: inet_sock_set_state\n"
	"ID: 1602\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:int oldstate;\toffset:16;\tsize:4;\tsigned:1;\n"
	"\tfield:int newstate;\toffset:20;\tsize:4;\tsigned:1;\n"
	"\tfield:__u16 sport;\toffset:24;\tsize:2;\tsigned:0;\n"
	"\tfield:__u16 dport;\toffset:26;\tsize:2;\tsigned:0;\n"
	"\tfield:__u16 family;\toffset:28;\tsize:2;\tsigned:0;\n"
	"\tfield:__u16 protocol;\toffset:30;\tsize:2;\tsigned:0;\n"
	"\tfield:__u8 saddr[4];\toffset:32;\tsize:4;\tsigned:0;\n"
	"\tfield:__u8 daddr[4];\toffset:36;\tsize:4;\tsigned:0;\n"
	"\tfield:__u8 saddr_v6[16];\toffset:40;\tsize:16;\tsigned:0;\n"
	"\tfield:__u8 daddr_v6[16];\toffset:56;\tsize:16;\tsigned:0;\n"
	"\n"
	"print fmt: \"family=%s protocol=%s sport=%hu dport=%hu saddr=%pI4 daddr=%pI4 saddrv6=%pI6c daddrv6=%pI6c "
	"oldstate=%s newstate=%s\", __print_symbolic(REC->family, { 2, \"AF_INET\" }, { 10, \"AF_INET6\" }), "
	"__print_symbolic(REC->protocol, { 6, \"IPPROTO_TCP\" }, { 33, \"IPPROTO_DCCP\" }, { 132, \"IPPROTO_SCTP\" }, "
	"{ 262, \"IPPROTO_MPTCP\" }), REC->sport, REC->dport, REC->saddr, REC->daddr, REC->saddr_v6, REC->daddr_v6, "
	"__print_symbolic(REC->oldstate, { 1, \"TCP_ESTABLISHED\" }, { 2, \"TCP_SYN_SENT\" }, { 3, \"TCP_SYN_RECV\" }, "
	"{ 4, \"TCP_FIN_WAIT1\" }, { 5, \"TCP_FIN_WAIT2\" }, { 6, \"TCP_TIME_WAIT\" }, { 7, \"TCP_CLOSE\" }, "
	"{ 8, \"TCP_CLOSE_WAIT\" }, { 9, \"TCP_LAST_ACK\" }, { 10, \"TCP_LISTEN\" }, { 11, \"TCP_CLOSING\" }, "
	"{ 12, \"TCP_NEW_SYN_RECV\" }), __print_symbolic(REC->newstate, { 1, \"TCP_ESTABLISHED\" }, "
	"{ 7, \"TCP_CLOSE\" }, { 10, \"TCP_LISTEN\" })\n";

/* skb:kfree_skb, its reasons cut short. */
static const char kfree_skb[] =
	"name: kfree_skb\n"
	"ID: 1636\n"
	"format:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n"
	"\tfield:void * skbaddr;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:void * location;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:void * rx_sk;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned short protocol;\toffset:32;\tsize:2;\tsigned:0;\n"
	"\tfield:enum skb_drop_reason reason;\toffset:36;\tsize:4;\tsigned:0;\n"
	"\n"
	"print fmt: \"skbaddr=%p rx_sk=%p protocol=%u location=%pS reason: %s\", REC->skbaddr, REC->rx_sk, REC->protocol, "
	"REC->location, __print_symbolic(REC->reason, { 0, \"SKB_NOT_DROPPED_YET\" }, { 2, \"NOT_SPECIFIED\" }, "
	"{ 3, \"NO_SOCKET\" }, { 37, \"TCP_OLD_SEQUENCE\" })\n";

static const uint8_t record[72] = {
	[8] = 0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, [16] = 4, [20] = 7, [24] = 0xb8, 0x22, [26] = 0x40, 0x9c,
};

static uint64_t number_of(const struct tracepoint *tracepoint, const char *field)
{
	uint64_t value = 0;

	ck_assert_msg(tracepoint_number(tracepoint, field, record, sizeof(record), &value), "no %s", field);
	return value;
}

START_TEST(fields_have_their_places)
{
	struct tracepoint tracepoint;

	ck_assert(tracepoint_parse(set_state, &tracepoint));
	ck_assert_uint_eq(tracepoint.id, 1602);
	ck_assert_uint_eq(tracepoint.field_count, 15);
	ck_assert_uint_eq(number_of(&tracepoint, "skaddr"), UINT64_C(0xfedcba9876543210));
	ck_assert_uint_eq(number_of(&tracepoint, "oldstate"), 4);
	ck_assert_uint_eq(number_of(&tracepoint, "newstate"), 7);
	ck_assert_uint_eq(number_of(&tracepoint, "sport"), 8888);
	ck_assert_uint_eq(number_of(&tracepoint, "dport"), 40000);
	ck_assert_str_eq(tracepoint.fields[13].name, "saddr_v6");
	ck_assert_uint_eq(tracepoint.fields[13].offset, 40);
	ck_assert_uint_eq(tracepoint.fields[13].size, 16);
}
END_TEST

START_TEST(what_is_no_number)
{
	struct tracepoint tracepoint;
	uint64_t value = 42;

	ck_assert(tracepoint_parse(set_state, &tracepoint));
	ck_assert(!tracepoint_number(&tracepoint, "state", record, sizeof(record), &value));
	ck_assert(!tracepoint_number(&tracepoint, "saddr_v6", record, sizeof(record), &value));
	ck_assert(!tracepoint_number(&tracepoint, "newstate", record, 23, &value));
	ck_assert(!tracepoint_number(&tracepoint, "newstate", record, 0, &value));
	ck_assert_uint_eq(value, 42);
	ck_assert(tracepoint_number(&tracepoint, "newstate", record, 24, &value));
}
END_TEST

START_TEST(numbers_have_names)
{
	struct tracepoint states, drops;
	char name[32];

	ck_assert(tracepoint_parse(set_state, &states) && tracepoint_parse(kfree_skb, &drops));
	ck_assert(tracepoint_symbol(&states, "oldstate", 4, name, sizeof(name)));
	ck_assert_str_eq(name, "TCP_FIN_WAIT1");
	ck_assert(tracepoint_symbol(&states, "newstate", 10, name, sizeof(name)));
	ck_assert_str_eq(name, "TCP_LISTEN");
	ck_assert(tracepoint_symbol(&drops, "reason", 37, name, sizeof(name)));
	ck_assert_str_eq(name, "TCP_OLD_SEQUENCE");
	ck_assert(tracepoint_symbol(&drops, "reason", 37, name, 4));
	ck_assert_str_eq(name, "TCP");
}
END_TEST

/* A number of the next list, of a longer number's tail, or of a field without a list is no name. */
START_TEST(what_has_no_name)
{
	struct tracepoint states, drops;
	char name[32] = "as before";

	ck_assert(tracepoint_parse(set_state, &states) && tracepoint_parse(kfree_skb, &drops));
	ck_assert(!tracepoint_symbol(&states, "family", 6, name, sizeof(name)));
	ck_assert(!tracepoint_symbol(&states, "sport", 1, name, sizeof(name)));
	ck_assert(!tracepoint_symbol(&drops, "reason", 7, name, sizeof(name)));
	ck_assert(!tracepoint_symbol(&drops, "reason", UINT64_MAX, name, sizeof(name)));
	ck_assert_str_eq(name, "as before");
}
END_TEST

/* Each cut of the text, at the end of a block of its own, so that ASan sees a step over it. */
static void check_cuts(const char *text)
{
	size_t size = strlen(text);

	for (size_t cut = 0; cut <= size; cut++) {
		struct tracepoint tracepoint;
		char *copy = strndup(text, cut), name[16];
		uint64_t value;

		ck_assert_ptr_nonnull(copy);
		if (tracepoint_parse(copy, &tracepoint)) {
			ck_assert_uint_gt(tracepoint.field_count, 0);
			tracepoint_number(&tracepoint, "newstate", record, sizeof(record), &value);
			tracepoint_symbol(&tracepoint, "newstate", 1, name, sizeof(name));
			tracepoint_symbol(&tracepoint, "reason", 37, name, sizeof(name));
		} else {
			ck_assert_uint_lt(cut, strstr(text, "common_flags") ? 140 : 120);
		}
		free(copy);
	}
}

START_TEST(every_cut_is_survived)
{
	check_cuts(set_state);
	check_cuts(kfree_skb);
}
END_TEST

static const struct {
	const char *text;
	uint8_t fields; /* 0: it is no format file */
} hostile[] = {
	{ "", 0 },
	{ "ID: 5\n\tfield:int a;\toffset:0;\tsize:4;\n", 0 }, /* an ID has a line before it */
	{ "\nID: 5\n", 0 },
	{ "name: x\n\tfield:int a;\toffset:0;\tsize:4;\n", 0 },
	{ "\nID: 5\n\tfield:int a\n", 0 },
	{ "\nID: 5\n\tfield:int a;\toffset:x;\tsize:4;\n", 0 },
	{ "\nID: 5\n\tfield:int a;\toffset:4;\n", 0 },
	{ "\nID: 5\n\tfield:int a_name_that_is_longer_than_any_name_of_the_kernel;\toffset:4;\tsize:4;\n", 0 },
	{ "\nID: 5\n\tfield:;\toffset:4;\tsize:4;\n\tfield:int b;\toffset:8;\tsize:4;\n", 2 },
	{ "\nID: 5\n\tfield:int a[;\toffset:4;\tsize:4;\n", 1 },
	{ "\nID: 5\n\tfield:char *name[8];\toffset:4;\tsize:4;\n", 1 },
};

START_TEST(hostile_text)
{
	struct tracepoint tracepoint;
	bool read = tracepoint_parse(hostile[_i].text, &tracepoint);

	ck_assert_msg(read == (hostile[_i].fields > 0), "%s", hostile[_i].text);
	ck_assert_uint_eq(tracepoint.field_count, hostile[_i].fields);
}
END_TEST

/* A place beyond 64 KiB must not come back as a place within the record. */
START_TEST(a_place_out_of_bounds)
{
	static const char *const texts[] = {
		"\nID: 5\n\tfield:int a;\toffset:70;\tsize:4;\n",
		"\nID: 5\n\tfield:int a;\toffset:65536;\tsize:4;\n",
		"\nID: 5\n\tfield:int a;\toffset:4294967295;\tsize:4;\n",
		"\nID: 5\n\tfield:int a;\toffset:0;\tsize:65540;\n",
	};
	uint64_t value;

	for (size_t i = 0; i < ROWS(texts); i++) {
		struct tracepoint tracepoint;

		ck_assert_msg(!tracepoint_parse(texts[i], &tracepoint) ||
			      !tracepoint_number(&tracepoint, "a", record, sizeof(record), &value), "%s", texts[i]);
	}
}
END_TEST

START_TEST(more_fields_than_we_keep)
{
	char text[8192] = "\nID: 5\n";
	struct tracepoint tracepoint;
	size_t used = strlen(text);

	for (int i = 0; i < 2 * TRACEPOINT_FIELDS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "\tfield:int f%d;\toffset:%d;\tsize:4;\n", i, 4 * i);
	ck_assert(tracepoint_parse(text, &tracepoint));
	ck_assert_uint_eq(tracepoint.field_count, TRACEPOINT_FIELDS_MAX);
	ck_assert_str_eq(tracepoint.fields[TRACEPOINT_FIELDS_MAX - 1].name, "f31");
}
END_TEST

/* A page of a ring buffer (include/linux/ring_buffer.h): the words of what follows its head, and what that tells. */
static const struct page_row {
	uint64_t commit;  /* added to the length of the words */
	uint32_t words[8];
	size_t count;
	const char *told; /* "TIME+SIZE:FIRST BYTE" of each event; the page begins at 1000 */
	uint64_t lost;
} pages[] = {
	{ 0, { 0 }, 0, "", 0 },
	/* Two events of two words, 5 and 7 ns after what was before. */
	{ 0, { 5 << 5 | 2, 0x11, 0x22, 7 << 5 | 2, 0x33, 0x44 }, 6, "1005+8:11 1012+8:33 ", 0 },
	/* One whose length stands in a word of its own: itself, and eight bytes. */
	{ 0, { 3 << 5, 12, 0x55, 0x66 }, 4, "1003+8:55 ", 0 },
	/* Time goes on by 2^27 + 1; a padding of that length, with the events behind it; a time stamp. */
	{ 0, { 1 << 5 | 30, 1, 1 << 5 | 1, 0x77 }, 4, "134218730+4:77 ", 0 },
	{ 0, { 1 << 5 | 29, 4, 1 << 5 | 1, 0x77 }, 4, "1001+4:77 ", 0 },
	{ 0, { 9 << 5 | 31, 2, 1 << 5 | 1, 0x77 }, 4, "268435466+4:77 ", 0 },
	/* The page's end: a padding without time. */
	{ 0, { 1 << 5 | 1, 0x77, 29, 8, 1 << 5 | 1, 0x77 }, 6, "1001+4:77 ", 0 },
	/* The kernel had no room for some. */
	{ UINT64_C(1) << 31, { 5 << 5 | 1, 0x11 }, 2, "1005+4:11 ", 1 },
	/* Longer than what is there; shorter than its own word; a length behind the page's end. */
	{ 0, { 5 << 5 | 3, 0x11, 0x22 }, 3, "", 0 },
	{ 0, { 3 << 5, 3, 0x55 }, 3, "", 0 },
	{ 0, { 3 << 5, UINT32_MAX, 0x55 }, 3, "", 0 },
	{ 0, { 1 << 5 | 29, UINT32_MAX, 0x55 }, 3, "", 0 },
	{ 4096, { 5 << 5 | 1, 0x11 }, 2, "1005+4:11 ", 0 },
};

static void tell_event(void *context, uint64_t time_ns, const uint8_t *event, size_t size)
{
	char *told = context;

	snprintf(told + strlen(told), 128 - strlen(told), "%llu+%zu:%x ", (unsigned long long)time_ns, size, event[0]);
}

START_TEST(pages_of_a_ring_buffer)
{
	const struct page_row *row = &pages[_i];
	const uint64_t time_ns = 1000, commit = row->commit + row->count * 4;
	const size_t size = 16 + row->count * 4;
	uint8_t page[64];
	char told[128] = "";

	memcpy(page, &time_ns, 8);
	memcpy(page + 8, &commit, 8);
	memcpy(page + 16, row->words, row->count * 4);
	ck_assert_uint_eq(trace_pipe_parse(page, size, tell_event, told), row->lost);
	ck_assert_str_eq(told, row->told);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *part = malloc(cut + 1); /* its end is watched */

		memcpy(part, page, cut);
		told[0] = '\0';
		trace_pipe_parse(part, cut, tell_event, told);
		ck_assert_int_eq(strncmp(told, row->told, strlen(told)), 0);
		free(part);
	}
}
END_TEST

START_TEST(no_tracefs)
{
	struct error error;

	ck_assert_ptr_null(trace_pipe_open("/nonexistent", &error));
	ck_assert_str_eq(error.text, "an instance of the tracer: No such file or directory");
	trace_pipe_close(NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("format files");

	tcase_add_test(tcase, fields_have_their_places);
	tcase_add_test(tcase, what_is_no_number);
	tcase_add_test(tcase, numbers_have_names);
	tcase_add_test(tcase, what_has_no_name);
	tcase_add_test(tcase, every_cut_is_survived);
	tcase_add_loop_test(tcase, hostile_text, 0, ROWS(hostile));
	tcase_add_test(tcase, a_place_out_of_bounds);
	tcase_add_test(tcase, more_fields_than_we_keep);
	tcase_add_loop_test(tcase, pages_of_a_ring_buffer, 0, ROWS(pages));
	tcase_add_test(tcase, no_tracefs);
	return run_suite("tracepoint", tcase, NULL);
}
