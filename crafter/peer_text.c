/* peer_text.c - what went wrong with a probe, in words. */
#include <stdio.h>
#include <string.h>

#include "crafter/peer_internal.h"

/* One for each enum peer_trouble. What stands in braces is one of the words below. */
static const char *const texts[] = {
	[TROUBLE_NONE] = "nothing went wrong",
	[TROUBLE_NO_ANSWER] = "no answer to the SYN ({sent} sent){but}",
	[TROUBLE_REFUSED] = "the port is closed: RST to the SYN",
	[TROUBLE_NEVER_CLOSES] = "the server does not close first, so it never gets to {state}; "
				 "--trigger=http or --trigger=send:TEXT may make it",
	[TROUBLE_RESET] = "the server reset the connection on the way to {state}, while {doing}",
	[TROUBLE_CLOSED_EARLY] = "the server closed the connection on the way to {state}: its FIN came while {doing}",
	[TROUBLE_SETUP_LOST] = "{state} was not reached: nothing came while {doing} ({again} segments sent again)",
	[TROUBLE_WRONG_STATE] = "the subject is in {seen}, not in {state}",
	[TROUBLE_NO_TIMESTAMPS] = "the server refused timestamps; --connection-timestamps=off asks without them",
	[TROUBLE_SEND] = "the kernel refused to send: {errno}",
	[TROUBLE_NOT_SEEN] = "the capture never saw the stimulus leave",
	[TROUBLE_AMBIGUOUS] = "the subject's own SYN-ACK retransmission fell into the wait for the answer",
	[TROUBLE_OLD_HALF_OPEN] = "the SYN had to be sent {sent} times, and nobody can tell whether the half-open connection "
				  "outlived the subject's retransmission timer",
	[TROUBLE_RESTLESS] = "the subject never became quiet on the way to {state}",
	[TROUBLE_NOTICED] = "instead of a clear answer came {notices}",
	[TROUBLE_CANCELLED] = "the run ended while {doing}",
};

_Static_assert(sizeof(texts) / sizeof(texts[0]) == TROUBLE_COUNT, "every trouble has its text");

static const char *doing(const struct peer *peer)
{
	const char *words = peer_phase_row(peer->trouble_at)->doing;

	if (words)
		return words;
	/* On the way: the step that it waits for. */
	if (peer->step->what == DOES_FIN)
		return peer->fin_sent ? "waiting for its FIN after ours" : "waiting for its FIN";
	return peer->step->what == DOES_ACK_FIN ? "waiting for the ACK of our FIN" : "completing the handshake";
}

static int put_doing(const struct peer *peer, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%s", doing(peer));
}

static int put_state(const struct peer *peer, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%s", state_name(peer->state));
}

static int put_seen(const struct peer *peer, char *buffer, size_t size)
{
	const char *seen = state_name((enum state)peer->trouble_number);

	return snprintf(buffer, size, "%s", seen ? seen : "an unknown state");
}

static int put_errno(const struct peer *peer, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%s", strerror(peer->trouble_number));
}

static int put_sent(const struct peer *peer, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%u", peer->resent + 1U);
}

static int put_again(const struct peer *peer, char *buffer, size_t size)
{
	return snprintf(buffer, size, "%u", peer->resent);
}

static int put_notices(const struct peer *peer, char *buffer, size_t size)
{
	char text[NOTICE_TEXT_SIZE];
	size_t used = 0;

	for (uint8_t i = 0; i < peer->notice_count && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? "; " : "",
					 notice_text(&peer->notices[i], text, sizeof(text)));
	return (int)used;
}

/* What was noticed on the way explains best why nothing else came. */
static int put_but(const struct peer *peer, char *buffer, size_t size)
{
	static const char but[] = ", but ";
	size_t used = sizeof(but) - 1;

	if (!peer->notice_count)
		return 0;
	snprintf(buffer, size, "%s", but);
	return (int)used + (used < size ? put_notices(peer, buffer + used, size - used) : 0);
}

/* Each appends its part as snprintf does, and returns how long it is. */
static const struct {
	const char *name;
	int (*put)(const struct peer *peer, char *buffer, size_t size);
} words[] = {
	{ "state", put_state }, { "doing", put_doing }, { "seen", put_seen }, { "errno", put_errno }, { "sent", put_sent },
	{ "again", put_again }, { "notices", put_notices }, { "but", put_but },
};

static int put_word(const struct peer *peer, const char *name, size_t length, char *buffer, size_t size)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].name) == length && memcmp(words[i].name, name, length) == 0)
			return words[i].put(peer, buffer, size);
	return snprintf(buffer, size, "{%.*s}", (int)length, name);
}

const char *peer_trouble_text(const struct peer *peer, char *buffer, size_t size)
{
	const char *at = texts[peer->trouble];
	size_t used = 0;

	buffer[0] = '\0';
	while (*at && used < size) {
		size_t plain = strcspn(at, "{"), word = strcspn(at + plain, "}");

		used += (size_t)snprintf(buffer + used, size - used, "%.*s", (int)plain, at);
		at += plain;
		if (*at && used < size)
			used += (size_t)put_word(peer, at + 1, word - 1, buffer + used, size - used);
		at += *at ? word + 1 : 0;
	}
	return buffer;
}
