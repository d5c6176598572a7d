/* peer_text.c - what went wrong with a probe, in words. */
#include <stdio.h>
#include <string.h>

#include "crafter/peer_internal.h"
#include "crafter/textbuf.h"

/* Which step of the plan the peer was at. */
static const char *step(const struct peer *peer)
{
	const struct state_plan *plan = state_plan(peer->state);
	const char *doing = peer_phase_row(peer->trouble_at)->doing;

	if (doing)
		return doing;
	if (plan->awaits_fin && !peer->fin_heard)
		return "waiting for its FIN";
	if (plan->sends_fin && !peer->fin_acked)
		return "waiting for the ACK of our FIN";
	if (plan->fin_after && !peer->fin_heard)
		return "waiting for its FIN after ours";
	return "completing the handshake";
}

/* What was noticed on the way explains best why nothing else came. */
static const char *notices_text(const struct peer *peer, const char *before, char *buffer, size_t size)
{
	char text[NOTICE_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	textbuf_add(&out, "%s", before);
	for (uint8_t i = 0; i < peer->notice_count; i++)
		textbuf_add(&out, "%s%s", i ? "; " : "", notice_text(&peer->notices[i], text, sizeof(text)));
	return buffer;
}

static void no_answer_text(const struct peer *peer, char *buffer, size_t size)
{
	char before[64];

	snprintf(before, sizeof(before), "no answer to the SYN (%u sent)%s", peer->resent + 1U,
		 peer->notice_count ? ", but " : "");
	notices_text(peer, before, buffer, size);
}

const char *peer_trouble_text(const struct peer *peer, char *buffer, size_t size)
{
	const char *state = state_name(peer->state);
	const char *seen;

	switch (peer->trouble) {
	case TROUBLE_NO_ANSWER:
		no_answer_text(peer, buffer, size);
		break;
	case TROUBLE_REFUSED:
		snprintf(buffer, size, "the port is closed: RST to the SYN");
		break;
	case TROUBLE_NEVER_CLOSES:
		snprintf(buffer, size, "the server does not close first, so it never gets to %s; "
			 "--trigger=http or --trigger=send:TEXT may make it", state);
		break;
	case TROUBLE_RESET:
		snprintf(buffer, size, "the server reset the connection on the way to %s, while %s", state, step(peer));
		break;
	case TROUBLE_CLOSED_EARLY:
		snprintf(buffer, size, "the server closed the connection on the way to %s: its FIN came while %s",
			 state, step(peer));
		break;
	case TROUBLE_SETUP_LOST:
		snprintf(buffer, size, "%s was not reached: nothing came while %s (%u segments sent again)", state,
			 step(peer), peer->resent);
		break;
	case TROUBLE_WRONG_STATE:
		seen = state_name((enum state)peer->trouble_number);
		snprintf(buffer, size, "the subject is in %s, not in %s", seen ? seen : "an unknown state", state);
		break;
	case TROUBLE_NO_TIMESTAMPS:
		snprintf(buffer, size, "the server refused timestamps; --connection-timestamps=off probes without them");
		break;
	case TROUBLE_SEND:
		snprintf(buffer, size, "the kernel refused to send: %s", strerror(peer->trouble_number));
		break;
	case TROUBLE_NOT_SEEN:
		snprintf(buffer, size, "the capture never saw the stimulus leave");
		break;
	case TROUBLE_AMBIGUOUS:
		snprintf(buffer, size, "the subject's own SYN-ACK retransmission fell into the wait for the answer");
		break;
	case TROUBLE_OLD_HALF_OPEN:
		snprintf(buffer, size, "the SYN had to be sent %u times, so it is unknown whether the half-open connection "
			 "outlived the subject's retransmission timer", peer->resent + 1U);
		break;
	case TROUBLE_RESTLESS:
		snprintf(buffer, size, "the subject never became quiet on the way to %s", state);
		break;
	case TROUBLE_NOTICED:
		notices_text(peer, "instead of a clear answer came ", buffer, size);
		break;
	case TROUBLE_CANCELLED:
		snprintf(buffer, size, "the run ended while %s", step(peer));
		break;
	case TROUBLE_NONE:
	case TROUBLE_COUNT:
		snprintf(buffer, size, "nothing went wrong");
		break;
	}
	return buffer;
}
