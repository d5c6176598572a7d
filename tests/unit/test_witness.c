/* test_witness.c - lines of /proc/net/tcp and /proc/net/tcp6, and the kernel's states in our words. */
#include <endian.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "harness/lab/witness_proc.h"

#include "tests/unit/suite.h"

/* The kernel prints an address as words in its own byte order: these lines are a little-endian machine's. */
static const struct {
	const char *line;
	uint8_t family;
	const char *subject, *crafted;
	uint8_t state, timer, retransmits;
	uint32_t expires_ms, recv_queue, send_queue, inode;
} lines[] = {
	{ "   0: 020200C0:22B8 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4711 1 "
	  "0000000000000000 100 0 0 10 0", 4, "192.0.2.2:8888", "0.0.0.0:0", TCP_LISTEN, 0, 0, 0, 3, 0, 4711 },
	{ "  12: 020200C0:22B8 0A0200C0:4E20 06 00000000:00000000 03:00001770 00000000     0        0 0 3 "
	  "0000000000000000", 4, "192.0.2.2:8888", "192.0.2.10:20000", TCP_TIME_WAIT, 3, 0, 60000, 0, 0, 0 },
	{ " 100: 020200C0:22B8 0A0200C0:EE47 03 00000000:00000000 01:00000064 00000002     0        0 0 1 "
	  "0000000000000000", 4, "192.0.2.2:8888", "192.0.2.10:60999", TCP_SYN_RECV, 1, 2, 1000, 0, 0, 0 },
	{ "1000: 020200C0:22B8 0A0200C0:4E20 04 00000001:0000000A 01:00000014 00000000  1000        0 99 4 "
	  "0000000000000000 20 4 30 10 -1", 4, "192.0.2.2:8888", "192.0.2.10:20000", TCP_FIN_WAIT1, 1, 0, 200, 10, 1,
	  99 },
	{ "   1: B80D0120000000000000000002000000:22B8 B80D012000000000000000000A000000:4E20 08 00000000:00000000 "
	  "00:00000000 00000000     0        0 5 1 0000000000000000 20 4 30 10 -1", 6, "[2001:db8::2]:8888",
	  "[2001:db8::a]:20000", TCP_CLOSE_WAIT, 0, 0, 0, 0, 0, 5 },
	{ "   1: 0000000000000000FFFF0000020200C0:22B8 0000000000000000FFFF00000A0200C0:4E20 01 00000000:00000000 "
	  "00:00000000 00000000     0        0 5 1 0000000000000000 20 4 30 10 -1", 6, "192.0.2.2:8888",
	  "192.0.2.10:20000", TCP_ESTABLISHED, 0, 0, 0, 0, 0, 5 },
};

static const char *const damaged[] = {
	"",
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
	"   0: 020200C0:22B8",
	"   0: 0202:22B8 0A0200C0:4E20 06 00000000:00000000 03:00001770 00000000     0        0 0 3",
	"   0: 020200C0:22B8 0A0200C0 06 00000000:00000000 03:00001770 00000000     0        0 0 3",
	"   0: 020200C0:22B8 0A0200C0:4E20 06 00000000:00000000 03",
	"   0: 020200C0:22B8 0A0200C0:4E20 06 00000000:00000000 03:00001770 00000000",
	"   0: xxxxxxxx:22B8 0A0200C0:4E20 06 00000000:00000000 03:00001770 00000000     0        0 0 3",
};

START_TEST(reads_lines)
{
	char subject[ENDPOINT_TEXT_SIZE], crafted[ENDPOINT_TEXT_SIZE];
	struct kernel_socket socket;

	ck_assert(witness_proc_line(lines[_i].line, lines[_i].family, &socket));
	ck_assert_str_eq(endpoint_format(&socket.pair.subject, subject, sizeof(subject)), lines[_i].subject);
	ck_assert_str_eq(endpoint_format(&socket.pair.crafted, crafted, sizeof(crafted)), lines[_i].crafted);
	ck_assert_uint_eq(socket.kernel_state, lines[_i].state);
	ck_assert_uint_eq(socket.sighting.timer, lines[_i].timer);
	ck_assert_uint_eq(socket.sighting.retransmits, lines[_i].retransmits);
	ck_assert_uint_eq(socket.sighting.expires_ms, lines[_i].expires_ms);
	ck_assert_uint_eq(socket.sighting.recv_queue, lines[_i].recv_queue);
	ck_assert_uint_eq(socket.sighting.send_queue, lines[_i].send_queue);
	ck_assert_uint_eq(socket.sighting.inode, lines[_i].inode);
}
END_TEST

START_TEST(passes_damage_over)
{
	struct kernel_socket socket;

	ck_assert(!witness_proc_line(damaged[_i], 4, &socket));
}
END_TEST

/* Every beginning of a good line is damaged, but for those that only lack what we do not read. */
START_TEST(cut_lines)
{
	struct kernel_socket socket;
	char text[256];

	for (size_t length = 0; length < 90; length++) {
		snprintf(text, sizeof(text), "%.*s", (int)length, lines[0].line);
		ck_assert_msg(!witness_proc_line(text, 4, &socket) || length >= 80, "taken: %s", text);
	}
}
END_TEST

static const struct {
	uint8_t kernel_state;
	uint32_t inode;
	enum state state;
} states[] = {
	{ TCP_ESTABLISHED, 1, STATE_ESTABLISHED }, { TCP_ESTABLISHED, 0, STATE_ESTABLISHED },
	{ TCP_SYN_RECV, 0, STATE_SYN_RECV },       { 12, 0, STATE_SYN_RECV },
	{ TCP_FIN_WAIT1, 0, STATE_FIN_WAIT_1 },    { TCP_FIN_WAIT1, 7, STATE_FIN_WAIT_1_HALF },
	{ TCP_CLOSING, 7, STATE_CLOSING_HALF },    { TCP_LAST_ACK, 7, STATE_LAST_ACK_HALF },
   { TCP_FIN_WAIT2, 0, STATE_FIN_WAIT_2 },
	{ TCP_FIN_WAIT2, 7, STATE_FIN_WAIT_2_HALF }, { TCP_CLOSING, 0, STATE_CLOSING },
	{ TCP_TIME_WAIT, 0, STATE_TIME_WAIT },     { TCP_CLOSE_WAIT, 7, STATE_CLOSE_WAIT },
	{ TCP_LAST_ACK, 0, STATE_LAST_ACK },       { TCP_CLOSE, 7, STATE_CLOSED },
	{ TCP_LISTEN, 7, STATE_CLOSED },           { TCP_SYN_SENT, 7, STATE_SYN_SENT },
	{ 0, 0, STATE_UNKNOWN },                   { 255, 0, STATE_UNKNOWN },
};

START_TEST(names_states)
{
	ck_assert_int_eq(witness_state(states[_i].kernel_state, states[_i].inode), states[_i].state);
}
END_TEST

/* A listener has no socket of the four-tuple: the peer takes "closed" for it. */
START_TEST(every_state_of_a_cell_is_seen)
{
	bool seen[STATE_COUNT] = { [STATE_LISTEN] = true };

	for (int i = 0; i < ROWS(states); i++)
		if ((int)states[i].state < STATE_COUNT)
			seen[states[i].state] = true;
	for (enum state state = 0; state < STATE_COUNT; state++)
		ck_assert_msg(seen[state], "the witness never sees %s", state_name(state));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("witness");

	if (htole32(1) == 1) {
		tcase_add_loop_test(tests, reads_lines, 0, ROWS(lines));
		tcase_add_test(tests, cut_lines);
	}
	tcase_add_loop_test(tests, passes_damage_over, 0, ROWS(damaged));
	tcase_add_loop_test(tests, names_states, 0, ROWS(states));
	tcase_add_test(tests, every_state_of_a_cell_is_seen);
	return run_suite("witness", tests, NULL);
}
