/* why_text.c - the evidence of one cell for a person. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/commands/why.h"
#include "harness/report/text.h"

enum { LINE_SIZE = 512 };

static void show_line(FILE *out, const struct why *why, const struct testimony *told, const char *remark)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%s%s", told->text[0] ? told->text : "(this kernel gives no reason)", remark);
	fprintf(out, "  %+12.1f us  ", ((double)told->time_ns - (double)why->stimulus_ns) / 1e3);
	text_wrap(out, line, 19, 19);
}

/* `missing`: why what the title announces is not there; NULL: it is. False after saying so. */
static bool show_title(FILE *out, const char *title, const char *missing)
{
	fputc('\n', out);
	text_wrap(out, title, 0, 2);
	if (missing) {
		fprintf(out, "  not seen: ");
		text_wrap(out, missing, 12, 4);
	}
	return !missing;
}

static void show_counters(FILE *out, const struct why *why)
{
	if (!show_title(out, "Counters that changed between the stimulus and its answer:", why->no_counters))
		return;
	for (size_t i = 0; i < why->move_count; i++)
		fprintf(out, "  %-32s %+" PRId64 "\n", why->moves[i].name, why->moves[i].by);
	if (why->move_count == 0)
		fprintf(out, "  none\n");
}

static void show_states(FILE *out, const struct why *why)
{
	const struct testimony *list[WHY_TESTIMONY_MAX];
	size_t count;

	if (!show_title(out, "State transitions (sock:inet_sock_set_state):", why->missing[EVIDENCE_STATE]))
		return;
	count = why_testimonies(why, EVIDENCE_STATE, list);
	if (count == 0)
		fprintf(out, "  none\n");
	for (size_t i = 0; i < count; i++)
		show_line(out, why, list[i], "");
	fprintf(out, "  ");
	text_wrap(out, "(TIME_WAIT and FIN_WAIT_2 of a closed descriptor live in a separate small socket, which this "
		  "tracepoint does not see: it shows them as CLOSE)", 2, 3);
}

/* Dropped because no socket takes it, which is also what becomes of an answer: the lab's loopback brings it back. */
static bool met_no_socket(const struct testimony *told)
{
	return told->kind == EVIDENCE_DROP && strncmp(told->text, "NO_SOCKET", 9) == 0;
}

/* What a drop was: TCP drops the answers that come back over IPv4, the IP layer those over IPv6, because it does not forward.
 * Where nobody has the port, the stimulus goes the same way, and before its answer. */
static const char *drop_remark(const struct why *why, const struct testimony *const *list, size_t count, size_t number)
{
	static const char answer[] = " (the answer itself: none of our sockets is there to receive it)";
	size_t before = 0, after = 0;

	if (why->answers && strstr(list[number]->text, "ip6_forward"))
		return answer;
	if (!met_no_socket(list[number]))
		return "";
	for (size_t i = 0; i < count; i++)
		*(i < number ? &before : &after) += i != number && met_no_socket(list[i]);
	if (why->cell.state == STATE_CLOSED && before == 0)
		return why->lost ? "" : " (the stimulus)";
	return why->cell.family == 4 && after < why->answers ? answer : "";
}

static void show_reasons(FILE *out, const struct why *why, enum evidence_kind kind, const char *title)
{
	const struct testimony *list[WHY_TESTIMONY_MAX];
	size_t count;

	if (!show_title(out, title, why->missing[kind]))
		return;
	count = why_testimonies(why, kind, list);
	for (size_t i = 0; i < count; i++)
		show_line(out, why, list[i], drop_remark(why, list, count, i));
	if (count == 0)
		fprintf(out, kind == EVIDENCE_DROP ? "  none seen (work deferred to ksoftirqd is not visible)\n" :
		       "  none\n");
}

static bool is_cited(const struct why *why, uint8_t function)
{
	return why->citation && passage_is_cited(function, why->citation);
}

/* Functions that the rule names and that are not among the calls; helpers that are no functions of ours say nothing. */
static void show_unseen(FILE *out, const struct why *why)
{
	char array[LINE_SIZE];
	struct textbuf list;
	size_t count = 0;

	textbuf_init(&list, array, sizeof(array));
	for (uint8_t function = 0; function < passage_functions(); function++) {
		bool seen = !is_cited(why, function);

		for (size_t i = 0; i < why->passage.call_count && !seen; i++)
			seen = why->passage.calls[i].function == function;
		if (!seen && ++count)
			textbuf_item(&list, ", ", "%s()", passage_name(function));
	}
	if (count == 0)
		return;
	textbuf_add(&list, ", which the rule cites, %s not seen: inlined in this kernel, or not passed",
		    count == 1 ? "was" : "were");
	fprintf(out, "  ");
	text_wrap(out, array, 2, 4);
}

static void show_call(FILE *out, const struct why *why, size_t number, const char *citation)
{
	const struct passage_call *call = &why->passage.calls[number];
	size_t indent = 2 + 2 * (size_t)(call->depth < 8 ? call->depth : 8);
	const char *value = why->returned[number];
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%s()%s%s%s%s", passage_name(call->function), *value ? " returned " : "", value,
		 call->left ? "" : ", whose return was missed", is_cited(why, call->function) ? " (cited)" : "");
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, line, indent, indent + 4);
	if (!citation)
		return;
	snprintf(line, sizeof(line), "linux: [%s]", citation);
	fprintf(out, "%*s", (int)indent + 4, "");
	text_wrap(out, line, indent + 4, indent + 4);
}

/* tcp_v4_rcv() leaves a segment to the process that is using its socket, if one is (sock_owned_by_user()). */
static bool is_left_for_later(const struct why *why)
{
	for (size_t i = 0; i < why->passage.call_count; i++)
		if (strcmp(passage_name(why->passage.calls[i].function), "tcp_add_backlog") == 0)
			return true;
	return false;
}

static void show_functions(FILE *out, const struct why *why)
{
	const char *citation = why->citation;

	if (!show_title(out, "Functions of the kernel that the stimulus passed:", why_no_passage(why)))
		return;
	for (size_t i = 0; i < why->passage.call_count; i++) {
		bool cited = is_cited(why, why->passage.calls[i].function);

		show_call(out, why, i, cited ? citation : NULL);
		if (cited)
			citation = NULL; /* once */
	}
	if (is_left_for_later(why)) {
		fprintf(out, "  ");
		text_wrap(out, "(its process was using the socket, so the rest happened later, and is not seen)", 2, 3);
	}
	show_unseen(out, why);
	if (why->passage.lost)
		fprintf(out, "  and %zu more\n", why->passage.lost);
}

static void show_lost(FILE *out, const struct why *why)
{
	char line[160];

	if (!why->lost)
		return;
	snprintf(line, sizeof(line), "The kernel had no room for %" PRIu64 " events: anything missing above may be among them.",
		 why->lost);
	fputc('\n', out);
	text_wrap(out, line, 0, 0);
}

static const char *timer_name(uint8_t timer)
{
	static const char *const names[] = { "none", "retransmission", "keepalive or FIN_WAIT_2", "TIME_WAIT",
					     "zero window probe", "delayed ACK" };

	return timer < sizeof(names) / sizeof(names[0]) ? names[timer] : "unknown";
}

static void show_sighting(FILE *out, const char *when, const struct sighting *sighting)
{
	const char *state = state_name(sighting->state);
	char line[160], left[32] = "", queues[48] = "";

	if (sighting->timer)
		snprintf(left, sizeof(left), ", %.3f s left", sighting->expires_ms / 1e3);
	if (sighting_has_queues(sighting))
		snprintf(queues, sizeof(queues), "; Recv-Q %u, Send-Q %u", sighting->recv_queue, sighting->send_queue);
	snprintf(line, sizeof(line), "timer: %s%s%s", timer_name(sighting->timer), left, queues);
	fprintf(out, "  %-7s %-16s ", when, state ? state : "unknown");
	text_wrap(out, line, 27, 27);
}

static void show_timer(FILE *out, const struct why *why)
{
	const struct sighting *before = &why->sighted_before, *after = &why->sighted_after;

	fprintf(out, "\nThe subject's socket:\n");
	if (!why->asked_before || !why->asked_after) {
		fprintf(out, "  not seen: ");
		text_wrap(out, why->no_counters ? why->no_counters : "no witness", 12, 4);
		return;
	}
	show_sighting(out, "before", before);
	show_sighting(out, "after", after);
	if (why->restart == SIGHTING_RESTARTED)
		fprintf(out, "  The stimulus restarted the timer.\n");
	else if (why->restart == SIGHTING_WENT_ON)
		fprintf(out, "  The stimulus did not restart the timer.\n");
}

void why_text(FILE *out, const struct why *why)
{
	fputc('\n', out);
	text_wrap(out, "Times below are relative to the stimulus.", 0, 0);
	show_timer(out, why);
	show_counters(out, why);
	show_functions(out, why);
	show_states(out, why);
	show_reasons(out, why, EVIDENCE_RESET, "Resets it sent (tcp:tcp_send_reset):");
	show_reasons(out, why, EVIDENCE_DROP, "Segments dropped while the stimulus was processed (skb:kfree_skb):");
	show_lost(out, why);
}
