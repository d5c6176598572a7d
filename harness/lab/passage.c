/* passage.c - the functions a segment may pass, and how their calls become a passage. */
#include "harness/lab/passage.h"

#include <ctype.h>
#include <string.h>

#include "crafter/bytes.h"

/* Those that decide about a segment, or carry the decision out, in the kernel's files. A version that lacks one, or an
 * architecture that has it inlined, shows the others. Roots come first. */
static const struct {
	const char *name;
	bool root;
} functions[] = {
	/* net/ipv4/tcp_ipv4.c */
	{ "tcp_v4_rcv", true }, { "tcp_v4_do_rcv", false }, { "tcp_v4_conn_request", false },
	{ "tcp_v4_syn_recv_sock", false }, { "tcp_v4_send_reset", false }, { "tcp_v4_send_ack", false },
	{ "tcp_v4_reqsk_send_ack", false }, { "tcp_v4_timewait_ack", false }, { "tcp_v4_send_synack", false },
	{ "tcp_add_backlog", false },
	/* net/ipv6/tcp_ipv6.c */
	{ "tcp_v6_rcv", true }, { "tcp_v6_do_rcv", false }, { "tcp_v6_conn_request", false },
	{ "tcp_v6_syn_recv_sock", false }, { "tcp_v6_send_reset", false }, { "tcp_v6_send_response", false },
	{ "tcp_v6_reqsk_send_ack", false }, { "tcp_v6_timewait_ack", false }, { "tcp_v6_send_synack", false },
	/* net/ipv4/tcp_minisocks.c */
	{ "tcp_timewait_state_process", false }, { "tcp_timewait_check_oow_rate_limit", false },
	{ "tcp_time_wait", false }, { "tcp_check_req", false }, { "tcp_child_process", false },
	/* net/ipv4/tcp_input.c */
	{ "tcp_rcv_state_process", false }, { "tcp_rcv_established", false }, { "tcp_rcv_synsent_state_process", false },
	{ "tcp_conn_request", false }, { "tcp_validate_incoming", false }, { "tcp_disordered_ack", false },
	{ "tcp_disordered_ack_check", false }, { "tcp_sequence", false }, { "tcp_reset", false }, { "tcp_fin", false },
	{ "tcp_ack", false }, { "tcp_data_queue", false }, { "tcp_data_queue_ofo", false }, { "tcp_send_dupack", false },
	{ "tcp_send_challenge_ack", false }, { "tcp_oow_rate_limited", false }, { "tcp_reqsk_send_challenge_ack", false },
	{ "tcp_finish_connect", false },
	/* net/ipv4/tcp_output.c */
	{ "tcp_send_ack", false }, { "__tcp_send_ack", false }, { "tcp_send_synack", false }, { "tcp_rtx_synack", false },
	/* net/ipv4/tcp.c, inet_timewait_sock.c, inet_connection_sock.c, syncookies.c */
	{ "tcp_done", false }, { "inet_twsk_deschedule_put", false }, { "__inet_twsk_schedule", false },
	{ "inet_csk_reqsk_queue_drop", false }, { "cookie_v4_check", false }, { "cookie_v6_check", false },
};

enum { FUNCTIONS = sizeof(functions) / sizeof(functions[0]), COOKIE_LEAVE = 256 };

size_t passage_functions(void)
{
	return FUNCTIONS;
}

const char *passage_name(uint8_t function)
{
	return functions[function].name;
}

bool passage_is_root(uint8_t function)
{
	return functions[function].root;
}

uint64_t passage_cookie(uint8_t function, enum passage_side side)
{
	return function | (side == PASSAGE_LEAVE ? COOKIE_LEAVE : 0u);
}

static bool is_word(char character)
{
	return isalnum((unsigned char)character) || character == '_';
}

bool passage_is_cited(uint8_t function, const char *text)
{
	const char *name = functions[function].name;

	for (const char *at = text; (at = strstr(at, name)); at++)
		if ((at == text || !is_word(at[-1])) && at[strlen(name)] == '(')
			return true;
	return false;
}

static struct passage *open_passage(struct passage *list, size_t count, uint64_t cpu)
{
	while (count > 0)
		if (list[--count].cpu == cpu && !list[count].ended && !list[count].broken)
			return &list[count];
	return NULL;
}

static void enter(struct passage *passage, uint8_t function)
{
	if (passage->call_count < PASSAGE_CALLS_MAX && passage->depth < UINT8_MAX)
		passage->calls[passage->call_count++] = (struct passage_call){
			.function = function, .depth = passage->depth++,
		};
	else
		passage->lost++;
}

/* The innermost call of this function that has not been left: those within it, whose end nobody saw, have ended, too. */
static void leave(struct passage *passage, uint8_t function, uint64_t value)
{
	for (size_t i = passage->call_count; i > 0; i--) {
		struct passage_call *call = &passage->calls[i - 1];

		if (call->function != function || call->left || call->depth >= passage->depth)
			continue;
		call->left = true;
		call->value = value;
		passage->depth = call->depth;
		passage->ended = call->depth == 0;
		return;
	}
}

size_t passage_take(struct passage *list, size_t count, size_t room, const uint8_t *event, size_t size)
{
	struct passage_event told;
	struct passage *passage;
	uint8_t function;

	if (size < sizeof(told))
		return count;
	memcpy(&told, event, sizeof(told));
	function = (uint8_t)(told.cookie & (COOKIE_LEAVE - 1));
	if (function >= FUNCTIONS || told.cookie >= 2 * COOKIE_LEAVE)
		return count;
	passage = open_passage(list, count, told.cpu);
	if (told.cookie & COOKIE_LEAVE) {
		if (passage)
			leave(passage, function, told.value);
		return count;
	}
	if (functions[function].root) {
		if (passage)
			passage->broken = true;
		if (count == room)
			return count;
		passage = &list[count++];
		*passage = (struct passage){
			.time_ns = told.time_ns, .cpu = (uint32_t)told.cpu, .crafted_port = bytes_load16(told.tcp),
			.subject_port = bytes_load16(told.tcp + 2), .seq = bytes_load32(told.tcp + 4),
		};
	}
	if (passage)
		enter(passage, function);
	return count;
}
