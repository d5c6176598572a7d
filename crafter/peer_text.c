/* peer_text.c - what went wrong with a probe, in words. */
#include <inttypes.h>
#include <string.h>

#include "crafter/peer_internal.h"
#include "crafter/textbuf.h"

/* One for each enum peer_trouble. What is in braces is one of the parts below. */
static const char *const texts[] = {
	[TROUBLE_NONE] = "nothing went wrong",
	[TROUBLE_NO_ANSWER] = "no answer to the SYN ({sent} sent){but}",
	[TROUBLE_REFUSED] = "the port is closed: RST to the SYN",
	[TROUBLE_NEVER_CLOSES] = "the server does not close first, so it never gets to {state}; "
				 "--trigger=http or --trigger=send:TEXT may make it close",
	[TROUBLE_RESET] = "the server reset the connection on the way to {state}, while {doing}",
	[TROUBLE_CLOSED_EARLY] = "the server closed the connection on the way to {state}: its FIN came while {doing}",
	[TROUBLE_SETUP_LOST] = "{state} was not reached: nothing came while {doing} ({again} segments sent again)",
	[TROUBLE_WRONG_STATE] = "the subject is in {seen}, not in {state}",
	[TROUBLE_NO_ECN] = "the server did not agree to ECN: its tcp_ecn must not be 0",
	[TROUBLE_NO_TIMESTAMPS] = "the server refused timestamps; --connection-timestamps=off probes without them",
	[TROUBLE_SEND] = "the kernel refused to send: {errno}",
	[TROUBLE_NOT_SEEN] = "the capture never saw the stimulus leave",
	[TROUBLE_WINDOW] = "the subject's receive window is not {wanted}: it offers {window}",
	[TROUBLE_LATE] = "the second stimulus came so late that the subject's rate limit may have been over",
	[TROUBLE_OUTLIVED] = "the probe stood still for so long that the subject's socket may have been gone by itself",
	[TROUBLE_AMBIGUOUS] = "the subject's own SYN-ACK retransmission fell into the wait for the answer",
	[TROUBLE_OLD_HALF_OPEN] = "the SYN had to be sent {sent} times, so it is unknown whether the half-open connection "
				  "outlived the subject's retransmission timer",
	[TROUBLE_RESTLESS] = "the subject never became quiet on the way to {state}",
	[TROUBLE_NOTICED] = "instead of a clear answer came {notices}",
	[TROUBLE_CANCELLED] = "the run ended while {doing}",
};

_Static_assert(sizeof(texts) / sizeof(texts[0]) == TROUBLE_COUNT, "every trouble has its text");

static const char *doing(const struct peer *peer)
{
	const char *words = peer_phase_row(peer->trouble_at)->doing;

	if (peer->trouble_at == PEER_OPENING && peer->step && peer->step->what == DOES_SYN)
		return "waiting for its SYN";

	if (words)
		return words;
	/* On the way: the step that it waits for. */
	if (peer->step->what == DOES_FIN)
		return peer->crafted.fin_sent ? "waiting for its FIN after ours" : "waiting for its FIN";
	if (peer->step->what == DOES_ACK_DATA)
		return "waiting for the ACK of our data";
	return peer->step->what == DOES_ACK_FIN ? "waiting for the ACK of our FIN" : "completing the handshake";
}

static void put_doing(const struct peer *peer, struct textbuf *out)
{
	textbuf_add(out, "%s", doing(peer));
}

static void put_state(const struct peer *peer, struct textbuf *out)
{
	textbuf_add(out, "%s", state_name(peer->state));
}

static void put_seen(const struct peer *peer, struct textbuf *out)
{
	const char *seen = state_name((enum state)peer->trouble_number);

	textbuf_add(out, "%s", seen ? seen : "an unknown state");
}

static void put_errno(const struct peer *peer, struct textbuf *out)
{
	textbuf_add(out, "%s", strerror(peer->trouble_number));
}

static void put_sent(const struct peer *peer, struct textbuf *out)
{
	textbuf_add(out, "%u", peer->resent + 1U);
}

static void put_again(const struct peer *peer, struct textbuf *out)
{
	textbuf_add(out, "%u", peer->resent);
}

static void put_notices(const struct peer *peer, struct textbuf *out)
{
	char text[NOTICE_TEXT_SIZE];

	for (uint8_t i = 0; i < peer->notice_count; i++)
		textbuf_add(out, "%s%s", i ? "; " : "", notice_text(&peer->notices[i], text, sizeof(text)));
}

static void put_wanted(const struct peer *peer, struct textbuf *out)
{
	static const char *const words[] = { RECEIVE_WINDOW_WORDS };

	textbuf_add(out, "%s", words[peer->receive_window]);
}

static void put_window(const struct peer *peer, struct textbuf *out)
{
	const struct end *subject = &peer->subject;

	textbuf_add(out, "%" PRIu32 " bytes", subject->rcv_wnd - subject->rcv_taken_back);
	if (peer->receive_window == RECEIVE_WINDOW_SHRUNK)
		textbuf_add(out, ", and took %" PRIu32 " back", subject->rcv_taken_back);
}

/* What was noticed on the way explains best why nothing else came. */
static void put_but(const struct peer *peer, struct textbuf *out)
{
	if (peer->notice_count)
		textbuf_add(out, ", but ");
	put_notices(peer, out);
}

static const struct {
	const char *name;
	void (*put)(const struct peer *peer, struct textbuf *out);
} parts[] = {
	{ "{state}", put_state }, { "{doing}", put_doing }, { "{seen}", put_seen }, { "{errno}", put_errno },
	{ "{sent}", put_sent }, { "{again}", put_again }, { "{notices}", put_notices }, { "{but}", put_but },
	{ "{wanted}", put_wanted }, { "{window}", put_window },
};

/* The part that the text begins with; returns what comes after it. */
static const char *put_part(const struct peer *peer, const char *text, struct textbuf *out)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t length = strlen(parts[i].name);

		if (strncmp(text, parts[i].name, length) == 0) {
			parts[i].put(peer, out);
			return text + length;
		}
	}
	textbuf_add(out, "%c", *text);
	return text + 1;
}

const char *peer_trouble_text(const struct peer *peer, char *buffer, size_t size)
{
	const char *text = texts[peer->trouble];
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	while (*text) {
		size_t plain = strcspn(text, "{");

		textbuf_add(&out, "%.*s", (int)plain, text);
		text += plain;
		if (*text)
			text = put_part(peer, text, &out);
	}
	return buffer;
}
