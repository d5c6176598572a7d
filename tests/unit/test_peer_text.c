/* test_peer_text.c - every trouble in words. */
#include <errno.h>
#include <string.h>

#include "crafter/peer.h"

#include "tests/unit/suite.h"

static const struct {
	struct peer peer;
	const char *text;
} troubles[] = {
	{ { .trouble = TROUBLE_NONE }, "nothing went wrong" },
	{ { .trouble = TROUBLE_NO_ANSWER, .resent = 3 }, "no answer to the SYN (4 sent)" },
	{ { .trouble = TROUBLE_NO_ANSWER, .notice_count = 2,
	    .notices = { { .kind = NOTICE_FRAGMENT }, { .kind = NOTICE_CHECKSUM } } },
	  "no answer to the SYN (1 sent), but <0>; <1>" },
	{ { .trouble = TROUBLE_REFUSED }, "the port is closed: RST to the SYN" },
	{ { .trouble = TROUBLE_NEVER_CLOSES, .state = STATE_TIME_WAIT },
	  "the server does not close first, so it never gets to time-wait; --trigger=http or "
	  "--trigger=send:TEXT may make it close" },
	{ { .trouble = TROUBLE_RESET, .state = STATE_ESTABLISHED, .trouble_at = PEER_SETTLING },
	  "the server reset the connection on the way to established, while waiting for quiet before the stimulus" },
	{ { .trouble = TROUBLE_CLOSED_EARLY, .state = STATE_CLOSE_WAIT, .trouble_at = PEER_READY },
	  "the server closed the connection on the way to close-wait: its FIN came while waiting for quiet before the "
	  "stimulus" },
	{ { .trouble = TROUBLE_SETUP_LOST, .state = STATE_LISTEN, .trouble_at = PEER_CLEARING, .resent = 2 },
	  "listen was not reached: nothing came while waiting for the listener's RST to an ACK, which shows that it has "
	  "forgotten the first SYN (2 segments sent again)" },
	{ { .trouble = TROUBLE_WRONG_STATE, .state = STATE_CLOSING, .trouble_number = STATE_CLOSED },
	  "the subject is in closed, not in closing" },
	{ { .trouble = TROUBLE_WRONG_STATE, .state = STATE_CLOSING, .trouble_number = STATE_UNKNOWN },
	  "the subject is in an unknown state, not in closing" },
	{ { .trouble = TROUBLE_NO_TIMESTAMPS },
	  "the server refused timestamps; --connection-timestamps=off probes without them" },
	{ { .trouble = TROUBLE_NO_ECN }, "the server did not agree to ECN: its tcp_ecn must not be 0" },
	{ { .trouble = TROUBLE_SEND, .trouble_number = EPERM }, "the kernel refused to send: Operation not permitted" },
	{ { .trouble = TROUBLE_NOT_SEEN }, "the capture never saw the stimulus leave" },
	{ { .trouble = TROUBLE_WINDOW, .receive_window = RECEIVE_WINDOW_SMALL, .subject.rcv_wnd = 65535 },
	  "the subject's receive window is not small: it offers 65535 bytes" },
	{ { .trouble = TROUBLE_LATE },
	  "the second stimulus came so late that the subject's rate limit may have been over" },
	{ { .trouble = TROUBLE_OUTLIVED },
	  "the probe stood still for so long that the subject's socket may have been gone by itself" },
	{ { .trouble = TROUBLE_AMBIGUOUS },
	  "the subject's own SYN-ACK retransmission fell into the wait for the answer" },
	{ { .trouble = TROUBLE_OLD_HALF_OPEN, .resent = 1 },
	  "the SYN had to be sent 2 times, so it is unknown whether the half-open connection outlived the subject's "
	  "retransmission timer" },
	{ { .trouble = TROUBLE_RESTLESS, .state = STATE_LAST_ACK }, "the subject never became quiet on the way to last-ack" },
	{ { .trouble = TROUBLE_NOTICED, .notice_count = 1, .notices = { { .kind = NOTICE_FRAGMENT } } },
	  "instead of a clear answer came <0>" },
	{ { .trouble = TROUBLE_CANCELLED, .trouble_at = PEER_FOLLOWED }, "the run ended while waiting for the answer" },
	{ { .trouble = TROUBLE_CANCELLED, .trouble_at = PEER_OPENING }, "the run ended while waiting for the SYN-ACK" },
};

/* What is expected, with the words of notice N for <N>. */
static void expected(const struct peer *peer, const char *text, char *into)
{
	char words[NOTICE_TEXT_SIZE];

	for (*into = '\0'; *text; text++) {
		if (*text == '<') {
			strcat(into, notice_text(&peer->notices[text[1] - '0'], words, sizeof(words)));
			text += 2;
		} else {
			strncat(into, text, 1);
		}
	}
}

START_TEST(each_in_words)
{
	const struct peer *peer = &troubles[_i].peer;
	char text[512], wanted[1024], small[40];

	expected(peer, troubles[_i].text, wanted);
	ck_assert_str_eq(peer_trouble_text(peer, text, sizeof(text)), wanted);
	/* Too little room cuts it. */
	wanted[sizeof(small) - 1] = '\0';
	ck_assert_str_eq(peer_trouble_text(peer, small, sizeof(small)), wanted);
}
END_TEST

START_TEST(none_is_left_out)
{
	for (enum peer_trouble trouble = 0; trouble < TROUBLE_COUNT; trouble++) {
		int i = 0;

		while (i < ROWS(troubles) && troubles[i].peer.trouble != trouble)
			i++;
		ck_assert_int_lt(i, ROWS(troubles));
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("troubles");

	tcase_add_loop_test(tcase, each_in_words, 0, ROWS(troubles));
	tcase_add_test(tcase, none_is_left_out);
	return run_suite("peer_text", tcase, NULL);
}
