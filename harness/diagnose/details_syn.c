/* details_syn.c - the sentences about a SYN without an answer: what the rest of the capture allows, and what it excludes. */
#include "harness/diagnose/details_internal.h"

#include "crafter/notice.h"

/* How near the capture was taken decides what may have been lost: tcpdump sees a SYN before netfilter drops it. */
enum { AT_SERVER_NS = 200000, AWAY_NS = 1000000 };

/* How long ago the port answered somebody, or did not. */
static void add_port(const struct encounter *encounter, struct textbuf *text)
{
	const struct encounter_syn *syn = &encounter->syn;
	char ago[DETAILS_SPAN_SIZE];

	if (syn->meanwhile)
		textbuf_item(text, " ", "Meanwhile the port answered %u other SYN%s: the host is there and "
			     "somebody listens. What remains: a queue that is full now and then, a limit or filter "
			     "for this client, or losses.", syn->meanwhile, syn->meanwhile == 1 ? "" : "s");
	else if (syn->answer_ns)
		textbuf_item(text, " ", "The port answered a SYN %s before, and none meanwhile. What remains: a "
			     "full queue, a host or path that has failed since, or a filter.",
			     details_span(syn->answer_ns, encounter->time_ns, ago));
	else if (syn->refusals)
		textbuf_item(text, " ", "The host has refused SYNs to this port with a reset, so nobody listened "
			     "then. What remains: a limit on its resets, or a filter.");
	else if (encounter->subject_speaks)
		textbuf_item(text, " ", "The host sends other segments, but the port never answered a SYN, not "
			     "even with a reset, as a closed one does. What remains: a filter that drops, or a "
			     "queue that is always full.");
	else if (syn->host_silent)
		textbuf_item(text, " ", "The capture shows nothing at all from this host. What remains: it does "
			     "not exist or is down, a filter drops everything, or its answers take a way that was "
			     "not captured.");
	else if (syn->host_asks)
		textbuf_item(text, " ", "The capture shows only SYNs or resets of this host: a filter may have left out "
			     "its answers.");
	else
		textbuf_item(text, " ", "Whether the host sends anything else is not known: the capture has too many hosts.");
}

/* How near to the server the capture was taken. */
static void add_place(const struct encounter_syn *syn, struct textbuf *text)
{
	char ago[DETAILS_SPAN_SIZE];

	if (syn->delay_ns && syn->delay_ns < AT_SERVER_NS)
		textbuf_item(text, " ", "The port answers within %s, so the capture was taken on the server's "
			     "machine or next to it, where the SYN probably arrived.", details_span(0, syn->delay_ns, ago));
	else if (syn->delay_ns > AWAY_NS)
		textbuf_item(text, " ", "The capture was not taken at the server (its quickest answer took %s), so "
			     "the SYN or its answer may have been lost on the way.",
			     details_span(0, syn->delay_ns, ago));
}

/* Linux sends it again without (tcp_send_syn_data()), so that an answer to a later one alone may be a loss of the first. */
static void add_fast_open(const struct encounter *encounter, struct textbuf *text)
{
	const struct encounter_syn *syn = &encounter->syn;
	bool answered = encounter->kind == ENCOUNTER_SYN_LATE;

	if (!syn->fast)
		return;
	if (syn->plain_again && !answered)
		textbuf_item(text, " ", "The first one used TCP Fast Open, a later one did not: that is not the cause.");
	else if (syn->plain_again)
		textbuf_item(text, " ", "The first one used TCP Fast Open, a later one did not. Where this comes again, "
			     "something on the way drops SYNs with data or with that option (RFC 7413 7.1): "
			     "net.ipv4.tcp_fastopen=0 at the client.");
	else
		textbuf_item(text, " ", "It uses TCP Fast Open each time; something on the way may drop SYNs with data or "
			     "with that option (RFC 7413 7.1). Try net.ipv4.tcp_fastopen=0 at the client.");
}

static void add_causes(const struct encounter *encounter, struct textbuf *text)
{
	const struct encounter_syn *syn = &encounter->syn;
	char ago[DETAILS_SPAN_SIZE];

	if (syn->again_ns)
		textbuf_item(text, " ", "Its SYN-ACKs came again though they had been acknowledged, which points "
			     "to a full accept queue: then Linux drops SYNs, too.");
	if (syn->newer_ns && syn->takes_older)
		textbuf_item(text, " ", "Its timestamp is older than another's, but the port answers such SYNs, "
			     "too: it is not tcp_tw_recycle (kernels before 4.12).");
	else if (syn->newer_ns)
		textbuf_item(text, " ", "The SYN's timestamp is older than that of another SYN from the same "
			     "address %s before: a kernel before 4.12 with net.ipv4.tcp_tw_recycle=1 would drop it.",
			     details_span(0, syn->newer_ns, ago));
	else if (syn->answers && syn->has_timestamps)
		textbuf_item(text, " ", "No SYN of this address had a newer timestamp, so nothing points to "
			     "tcp_tw_recycle (kernels before 4.12).");
	else if (syn->answers)
		textbuf_item(text, " ", "It has no timestamp, so it is not tcp_tw_recycle (kernels before 4.12).");
	add_fast_open(encounter, text);
	add_place(syn, text);
}

static void add_icmp(const struct encounter_syn *syn, struct textbuf *text)
{
	const struct notice notice = {
		.kind = NOTICE_ICMP, .icmp_type = syn->icmp_type, .icmp_code = syn->icmp_code, .from = syn->icmp_from,
	};
	char words[NOTICE_TEXT_SIZE];

	textbuf_add(text, "%s.", notice_text(&notice, words, sizeof(words)));
}

void details_unreachable(const struct encounter *encounter, struct textbuf *text)
{
	if (!encounter->syn.icmp_ns)
		return;
	textbuf_item(text, " ", "Somebody says why: ");
	add_icmp(&encounter->syn, text);
}

void details_syn(const struct encounter *encounter, struct textbuf *text)
{
	const struct encounter_syn *syn = &encounter->syn;
	char during[DETAILS_SPAN_SIZE];

	if (syn->sent == 1)
		textbuf_item(text, " ", "It came once.");
	else
		textbuf_item(text, " ", "It came %u times in %s.", syn->sent,
			     details_span(encounter->time_ns, syn->last_ns, during));
	if (encounter->kind == ENCOUNTER_SYN_UNREACHABLE) {
		textbuf_item(text, " ", "After %s: ", details_span(encounter->time_ns, syn->icmp_ns, during));
		add_icmp(syn, text);
		return;
	}
	if (encounter->kind == ENCOUNTER_SYN_LATE)
		textbuf_item(text, " ", "The answer came after %s.",
			     details_span(encounter->time_ns, encounter->answer_ns, during));
	else
		add_port(encounter, text);
	add_causes(encounter, text);
}

void details_syn_dropped(const struct encounter *encounter, struct textbuf *text)
{
	if (encounter->sequel.repeats)
		textbuf_item(text, " ", "It came %u more time%s in the next seconds.", encounter->sequel.repeats,
			     encounter->sequel.repeats == 1 ? "" : "s");
	add_port(encounter, text);
	add_place(&encounter->syn, text);
}
