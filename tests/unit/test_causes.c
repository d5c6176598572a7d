/* test_causes.c - stories as tcpdump would have shown them, and the cause that is told of each; what is no encounter, too. */
#include "harness/diagnose/diagnosis.h"

#include <stdio.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/losses.h"

#include "tests/unit/story.h"
#include "tests/unit/suite.h"

enum { LINES_MAX = 20, NAMES_SIZE = 512, DETAILS_KEPT = 1024 };

static struct found {
	char names[NAMES_SIZE]; /* of all causes, "frame:name" each, "?" after those that are not certain */
	char details[DETAILS_KEPT];  /* of all that have some */
	size_t differ, follow; /* follow: encounters of an incident that began with frame 8 */
} found;

static void take(void *context, const struct diagnosed *diagnosed)
{
	size_t used = strlen(found.names), kept = strlen(found.details);

	(void)context;
	snprintf(found.names + used, sizeof(found.names) - used, "%s%u:%s%s", used ? " " : "",
		 (unsigned)diagnosed->encounter->frame, diagnosed->cause->name, diagnosed->judgement->certain ? "" : "?");
	snprintf(found.details + kept, sizeof(found.details) - kept, "%s\n", diagnosed->details);
	found.follow += diagnosed->encounter->incident == 8;
	found.differ += diagnosed->judgement->verdict == VERDICT_DIFFERS;
}

static void tell_line(struct diagnosis *diagnosis, const char *line, uint64_t frame, uint64_t *now_ns)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct diagnosis_sighting where = { .frame = frame, .has_time = true };
	struct error error = { "" };
	struct segment segment;

	story_segment(line, &segment, payload, now_ns);
	where.time_ns = *now_ns;
	ck_assert_int_eq(diagnosis_segment(diagnosis, &segment, &where, &error), 0);
}

/* IS_BUSY: so many segments more that nothing is kept back to learn how well it was captured. */
enum ending { ENDS, GOES_ON, IS_BUSY };
enum { BUSY = LOSSES_NEAR + 1000 };

static void tell(const char *const *lines, enum ending ending)
{
	struct diagnosis_options options = { .connections = 16, .decides = BOOK_LINUX };
	struct diagnosis_listener listener = { .encounter = take };
	struct diagnosis_counts counts;
	struct error error;
	struct diagnosis *diagnosis = diagnosis_open(&options, &listener, &counts, &error);
	uint64_t now_ns = NSEC_PER_SEC, frame = 0;

	ck_assert_ptr_nonnull(diagnosis);
	memset(&found, 0, sizeof(found));
	for (; frame < LINES_MAX && lines[frame]; frame++)
		tell_line(diagnosis, lines[frame], frame + 1, &now_ns);
	for (int i = 0; i < BUSY && ending == IS_BUSY; i++)
		tell_line(diagnosis, "G A 1 ack 1", ++frame, &now_ns);
	for (int i = 0; i < 3 && ending != ENDS; i++)
		tell_line(diagnosis, "5000 G A 1 ack 1", ++frame, &now_ns);
	diagnosis_finish(diagnosis);
	diagnosis_close(diagnosis);
}

/* Frames 1 to 3, and 4 to 5: the server has closed, the client has not. */
#define OPENED "C S 1000 win 64240 <mss 1460>", "S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240"
#define HALF_CLOSED OPENED, "S FA 5001 ack 1001 win 65160", "C A 1001 ack 5002 win 64240"
#define SPOKEN OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65160"
#define CLOSED HALF_CLOSED, "C FA 1001 ack 5002 win 64240", "S A 5002 ack 1002 win 65160"

struct story {
	const char *name;
	const char *lines[LINES_MAX];
	const char *names;      /* as in `found` */
	const char *details[3]; /* parts of the sentences */
};

/* "!" before a text: it must not be there. */
static bool has(const char *text)
{
	return *text == '!' ? !strstr(found.details, text + 1) : strstr(found.details, text) != NULL;
}

static void check(const struct story *story)
{
	tell(story->lines, GOES_ON);
	ck_assert_msg(strcmp(found.names, story->names) == 0, "%s: '%s', not '%s'", story->name, found.names, story->names);
	for (size_t i = 0; i < 3 && story->details[i]; i++)
		ck_assert_msg(has(story->details[i]), "%s: '%s' in\n%s", story->name, story->details[i], found.details);
	ck_assert_msg(found.differ == 0, "%s: differs", story->name);
}

/* RFC 5961 3.2 and 4.2, tcp_validate_incoming(): and what the other end does about the challenge. */
static const struct story challenges[] = {
	{ "a challenged reset, and the exact one", /* whose sender had no connection when the challenge came */
	  { OPENED, "C R 1101", "S A 5001 ack 1001 win 65160", "C R 1001" },
	  "4:reset-challenged 5:after-close-reset 6:reset", { "A reset that is exact followed 10 us after the challenge." } },
	{ "a challenged reset, and nothing", { OPENED, "C R 1101", "S A 5001 ack 1001 win 65160" },
	  "4:reset-challenged 5:after-close?", { "No exact reset followed." } },
	{ "a challenged SYN: reset at once, connected after a second",
	  { OPENED, "100 C S 90000 win 64240", "S A 5001 ack 1001 win 65160", "C R 1001", "1029 C S 90000 win 64240",
	    "S SA 70000 ack 90001 win 65160", "C A 90001 ack 70001 win 64240" },
	  "4:live-syn-challenged 5:syn-sent-ack-reset 6:reset",
	  { "reset the old connection 10 us after this answer", "came 1.03 s after this one", "connected after 1.03 s" } },
};

/* RFC 9293 3.10.7.4, fourth: a SYN-ACK is a SYN in the window, or outside it: an ACK. */
static const struct story second_answers[] = {
	{ "two servers behind one address",
	  { OPENED, "100 S SA 90000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240" }, "4:syn-ack-other",
	  { "" } },
	{ "the same one again", { OPENED, "1000 S SA 5000 ack 1001 win 65160 <mss 1460>", "C A 1001 ack 5001 win 64240" },
	  "4:syn-ack-repeated", { "" } },
};

/* Whether a reset had any effect shows in what its receiver does next. */
static const struct story resets[] = {
	{ "none: the server goes on", /* a reset that is not in the window, RFC 9293 3.5.3 */
	  { OPENED, "C R 200001", "500 S PA 5001:5101(100) ack 1001 win 65160" },
	  "4:reset 5:after-close?", { "It had no effect: this side went on with the connection 500 ms later." } },
	{ "what the way may have held is no sign",
	  { OPENED, "C R 1001", "S PA 5001:5101(100) ack 1001 win 65160", "C R 1001" },
	  "4:reset 5:after-close-reset", { "" } },
	{ "it had: the server resets what comes later",
	  { OPENED, "C R 1001", "500 C A 1001 ack 5001 win 64240", "S R 5001" },
	  "4:reset 5:after-close-reset", { "It had its effect: 500 ms later this side answers as if" } },
	{ "that the process resets it, too, is no answer of a stranger's",
	  { OPENED, "C R 200001", "500 S RA 5001 ack 1001" }, "4:reset", { "!It had its effect" } },
	{ "of the handshake: tcp_abort_on_overflow", { OPENED, "S R 5001" }, "4:reset-handshake",
	  { "Its TTL (64) is that of the host's other segments." } },
	{ "the same for the last of several SYN-ACKs, long after the first",
	  { "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "1000 S SA 5000 ack 1001 win 65160",
	    "2050 S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 64240", "S R 5001" }, "6:reset-handshake", { "" } },
	/* tcp_send_active_reset() acknowledges: somebody had accepted it. */
	{ "the process aborts at once", { OPENED, "S RA 5001 ack 1001" }, "4:reset", { "" } },
	{ "what acknowledged data had the connection", /* tcp_conn_request() acknowledges the SYN alone */
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65160",
	    "500 C PA 1011:1021(10) ack 5001 win 64240", "S R 5001" }, "7:reset", { "" } },
	{ "much later it is not of the handshake",
	  { OPENED, "60000 C PA 1001:1011(10) ack 5001 win 64240", "S R 5001" },
	  "5:reset", { "" } },
	{ "of a keepalive",
	  { OPENED, "S PA 5001:5011(10) ack 1001 win 65160", "C A 1001 ack 5011 win 64240",
	    "90000 C A 1000 ack 5011 win 64240", "S R 5011" },
	  "7:reset-keepalive", { "The answer to the first keepalive, after 90 s without a segment." } },
	{ "of the third keepalive",
	  { OPENED, "S PA 5001:5011(10) ack 1001 win 65160", "C A 1001 ack 5011 win 64240", "60000 C A 1000 ack 5011 win 64240",
	    "200 C A 1000 ack 5011 win 64240", "200 C A 1000 ack 5011 win 64240", "S R 5011" },
	  "9:reset-keepalive", { "3 keepalives in 400 ms without another answer" } },
	{ "the prober gives up",
	  { OPENED, "60000 C A 1000 ack 5001 win 64240", "1000 C A 1000 ack 5001 win 64240", "1000 C A 1000 ack 5001 win 64240",
	    "1000 C RA 1001 ack 5001" },
	  "5:keepalive-silent 7:keepalive-given-up",
	  { "2 keepalives in 1 s without an answer", "3 keepalives in 3 s without an answer" } },
	/* tcp_rcv_state_process(): TCPAbortOnData */
	{ "data after close()", { HALF_CLOSED, "300 C PA 1001:1101(100) ack 5002 win 64240", "S R 5002" },
	  "7:reset-half-closed", { "quiet for 300 ms, too short for a time-out", " 100 bytes are lost.", "Its TTL (64)" } },
	/* tcp_time_wait(sk, TCP_FIN_WAIT2, tmo), or nf_conntrack_tcp_timeout_close_wait */
	{ "data after the minute", { HALF_CLOSED, "61000 C PA 1001:1101(100) ack 5002 win 64240", "S R 5002 ttl 60" },
	  "7:reset-half-closed", { "quiet for 61 s: long enough for tcp_fin_timeout", "TTL is 60; that of" } },
	{ "shutdown() and no more", { HALF_CLOSED, "300 C PA 1001:1101(100) ack 5002 win 64240", "S A 5002 ack 1101 win 65160",
	  "C FA 1101 ack 5002 win 64240", "S A 5002 ack 1102 win 65160" }, "", { "" } },
};

/* RFC 1337. */
static const struct story time_wait[] = {
	{ "exact: it ends TIME_WAIT", { CLOSED, "C R 1002", "500 C S 500 win 64240", "S SA 90000 ack 501 win 65160" },
	  "8:reset-time-wait", { "This one ends TIME_WAIT, unless tcp_rfc1337 is 1.",
				 "500 ms later a new connection was accepted on the same ports." } },
	{ "not exact: nothing", { CLOSED, "C R 1001" }, "8:reset-time-wait", { "Linux ignores this one." } },
	{ "tcp_rfc1337=1: the next SYN is still refused",
	  { CLOSED, "C R 1002", "1500 C S 500 win 64240", "S A 5002 ack 1002 win 65160", "C R 1002" },
	  "8:reset-time-wait 10:syn-sent-ack-reset",
	  { "It had no effect: this side went on with the connection 1.5 s later." } },
	/* tcp_v4_rcv(), TCP_TW_SYN: no listener */
	{ "a SYN that could reopen it, and nobody listens any more",
	  { CLOSED, "1500 C S 90000 win 64240", "S A 5002 ack 1002 win 65160", "C R 1002" },
	  "8:tw-syn-refused? 9:syn-sent-ack-reset 10:reset-time-wait", { "" } },
	/* tcp_syn_linear_timeouts: one incident, however often the SYN comes; and what the rest of the capture allows. */
	{ "a SYN that is dropped, and comes again",
	  { CLOSED, "100 C S 2 win 64240", "1000 C S 2 win 64240", "1000 C S 2 win 64240" },
	  "8:tw-syn-dropped?", { "It came 2 more times", "The port answered a SYN 100 ms before, and none meanwhile" } },
};

static const struct story silences[] = {
	{ "a keepalive is lost, the next is answered",
	  { OPENED, "60000 C A 1000 ack 5001 win 64240", "75000 C A 1000 ack 5001 win 64240", "S A 5001 ack 1001 win 65160" },
	  "", { "" } },
	{ "a window probe has the same numbers",
	  { "C S 1000 win 64240", "S SA 5000 ack 1001 win 10", "C A 1001 ack 5001 win 64240",
	    "C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 0", "60000 C A 1010 ack 5001 win 64240",
	    "75000 C A 1010 ack 5001 win 64240" },
	  "", { "" } },
	{ "half-closed, forgotten on the way",
	  { HALF_CLOSED, "90000 C PA 1001:1101(100) ack 5002 win 64240", "200 C PA 1001:1101(100) ack 5002 win 64240",
	    "400 C PA 1001:1101(100) ack 5002 win 64240", "800 C PA 1001:1101(100) ack 5002 win 64240" },
	  "8:half-closed-silent", { "quiet for 90 s: long enough for conntrack", "100 bytes are lost" } },
	{ "half-closed, forgotten, with a tail loss probe",
	  { HALF_CLOSED, "90000 C PA 1001:1101(100) ack 5002 win 64240", "200 C PA 1001:1101(100) ack 5002 win 64240",
	    "200 C PA 1001:1101(100) ack 5002 win 64240", "400 C PA 1001:1101(100) ack 5002 win 64240",
	    "800 C PA 1001:1101(100) ack 5002 win 64240" },
	  "9:half-closed-silent", { "quiet for 90 s: long enough for conntrack" } },
	{ "half-closed, and the third time it arrives",
	  { HALF_CLOSED, "90000 C PA 1001:1101(100) ack 5002 win 64240", "200 C PA 1001:1101(100) ack 5002 win 64240",
	    "400 C PA 1001:1101(100) ack 5002 win 64240", "S A 5002 ack 1101 win 65160" },
	  "", { "" } },
	/* tcp_retransmit_timer(): 200 ms, doubled */
	{ "data that nobody acknowledges",
	  { SPOKEN, "C PA 1011:1021(10) ack 5001 win 64240", "200 C PA 1011:1021(10) ack 5001 win 64240",
	    "400 C PA 1011:1021(10) ack 5001 win 64240", "800 C PA 1011:1021(10) ack 5001 win 64240" },
	  "8:data-silent", { "3 segments in 600 ms without an acknowledgment; this one has data" } },
	{ "a FIN that nobody acknowledges",
	  { SPOKEN, "C FA 1011 ack 5001 win 64240", "200 C FA 1011 ack 5001 win 64240", "400 C FA 1011 ack 5001 win 64240" },
	  "8:data-silent", { "this one has a FIN" } },
	/* tcp_v4_syn_recv_sock() drops the ACK where the accept queue is full: the server is in SYN-RECEIVED. */
	{ "data that nobody acknowledges, of a server that has only sent its SYN-ACK",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "200 C PA 1001:1011(10) ack 5001 win 64240",
	    "400 C PA 1001:1011(10) ack 5001 win 64240" }, "6:data-silent?", { "" } },
	{ "a FIN, of such a server",
	  { OPENED, "C FA 1001 ack 5001 win 64240", "200 C FA 1001 ack 5001 win 64240", "400 C FA 1001 ack 5001 win 64240" },
	  "6:data-silent?", { "" } },
	{ "acknowledged at last",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "200 C PA 1001:1011(10) ack 5001 win 64240",
	    "400 C PA 1001:1011(10) ack 5001 win 64240", "S A 5001 ack 1011 win 65160" }, "", { "" } },
};

static const struct story openings[] = {
	{ "simultaneous open", /* RFC 9293 figure 7 */
	  { "C S 1000 win 64240", "S S 5000 win 65160", "C SA 1000 ack 5001 win 64240", "S SA 5000 ack 1001 win 65160",
	    "C A 1001 ack 5001 win 64240" },
	  "2:crossed-syn", { "with a SYN-ACK of its own: a simultaneous open." } },
	{ "simultaneous open after SYNs that were lost: who answers with its own ISS is there", /* not a listener's */
	  { "C S 1000 win 64240", "1000 C S 1000 win 64240", "400 S S 5000 win 65160", "C SA 1000 ack 5001 win 64240",
	    "S A 5001 ack 1001 win 65160" },
	  "3:crossed-syn", { "" } },
	{ "with another one it may have given up, and somebody listens there",
	  { "C S 1000 win 64240", "1000 C S 1000 win 64240", "400 S S 5000 win 65160", "C SA 2000 ack 5001 win 64240",
	    "S A 5001 ack 2001 win 65160" },
	  "3:crossed-syn? 4:handshake-syn?", { "" } },
	{ "a split handshake",
	  { "C S 1000 win 64240", "S S 5000 win 65160", "C SA 1000 ack 5001 win 64240", "S A 5001 ack 1001 win 65160" },
	  "2:crossed-syn", { "with an ACK alone: a split handshake, or" } },
	{ "a split handshake whose ACK comes first",
	  { "C S 1000 win 64240", "S A 5000 ack 1001 win 65160", "S S 5000 win 65160", "C SA 1000 ack 5001 win 64240",
	    "S A 5001 ack 1001 win 65160" },
	  "2:syn-sent-stray 3:crossed-syn", { "with an ACK alone: a split handshake, or" } },
	/* inet_csk_complete_hashdance(), tcp_check_req(): listen_overflow */
	{ "the accept queue is full",
	  { OPENED, "C PA 1001:1011(10) ack 5001 win 64240", "1000 S SA 5000 ack 1001 win 65160", "C A 1011 ack 5001 win 64240",
	    "2000 S SA 5000 ack 1001 win 65160", "C A 1011 ack 5001 win 64240", "500 C PA 1001:1011(10) ack 5001 win 64240",
	    "S A 5001 ack 1011 win 65160" },
	  "5:syn-ack-repeated", { "it is not TCP_DEFER_ACCEPT: a full accept queue, or", "2.5 s later the server had" } },
	{ "the accept queue is full, or TCP_DEFER_ACCEPT", { OPENED, "1000 S SA 5000 ack 1001 win 65160" },
	  "4:syn-ack-repeated", { "sent no data: a full accept queue, TCP_DEFER_ACCEPT, or" } },
	{ "the acknowledgment was lost before the capture",
	  { "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "1000 S SA 5000 ack 1001 win 65160",
	    "C A 1001 ack 5001 win 64240" }, "", { "" } },
};

/* A server that takes text from a SYN answers and closes before the handshake is over (RFC 7413 4.2): nothing is missing. What
 * follows in TIME_WAIT is answered by a SYN-ACK that acknowledges the text as well. */
#define OPENED_FAST "C S 1000:1050(50) win 64240", "S SA 5000 ack 1051 win 65160", "S PA 5001:5101(100) ack 1051 win 65160", \
		    "S FA 5101 ack 1051 win 65160", "60 C A 1051 ack 5001 win 64240", "C FA 1051 ack 5102 win 64240", \
		    "S A 5102 ack 1052 win 65160"
static const struct story fast_open[] = {
	{ "the SYN again, without text", { "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "1000 C S 1000 win 64240",
			    "S SA 5000 ack 1001 win 65160", "60 C A 1001 ack 5001 win 64240" }, "", { "" } },
	{ "its SYN-ACK is lost",
	  { "C S 1000:1050(50) win 64240", "S SA 5000 ack 1051 win 65160", "1000 C S 1000:1050(50) win 64240",
	    "S SA 5000 ack 1051 win 65160", "60 C A 1051 ack 5001 win 64240" }, "", { "" } },
	{ "its SYN-ACK is lost, and the SYN comes again without text",
	  { "C S 1000:1050(50) win 64240", "S SA 5000 ack 1051 win 65160", "1000 C S 1000 win 64240",
	    "S SA 5000 ack 1051 win 65160", "60 C A 1051 ack 5001 win 64240" }, "", { "" } },
	{ "its SYN-ACK and an answer are lost",
	  { "C S 1000:1050(50) win 64240", "S SA 5000 ack 1051 win 65160", "S PA 5001:5101(100) ack 1051 win 65160",
	    "1000 C S 1000 win 64240", "S SA 5000 ack 1051 win 65160", "60 C A 1051 ack 5001 win 64240" }, "", { "" } },
	{ "its SYN-ACK and a FIN are lost",
	  { "C S 1000:1050(50) win 64240", "S SA 5000 ack 1051 win 65160", "S FA 5001 ack 1051 win 65160",
	    "1000 C S 1000 win 64240", "S SA 5000 ack 1051 win 65160", "60 C A 1051 ack 5001 win 64240" }, "", { "" } },
	{ "as it should be", { OPENED_FAST }, "", { "" } },
	{ "again, from the same port", { OPENED_FAST, "C S 9000:9050(50) win 64240", "S SA 70639 ack 9051 win 65160",
					 "S PA 70640:70740(100) ack 9051 win 65160", "C A 9051 ack 70640 win 64240" },
	  "8:tw-syn-accepted", { "" } },
	{ "again, and its text is not taken", { OPENED_FAST, "C S 9000:9050(50) win 64240", "S SA 70639 ack 9001 win 65160",
						"C PA 9001:9051(50) ack 70640 win 64240" },
	  "8:tw-syn-accepted", { "" } },
	{ "a reset that is not exact", { OPENED_FAST, "D S 1000:1050(50) win 64240", "T SA 5000 ack 1051 win 65160",
					 "T PA 5001:5101(100) ack 1051 win 65160", "60 D A 1051 ack 5101 win 64240",
					 "D R 1151", "T A 5101 ack 1051 win 65160" },
	  "12:reset-challenged 13:after-close?", { "" } },
};

/* An acknowledgment of what the capture missed is not one of what was never sent. */
static const struct story unseen[] = {
	{ "the sender goes on behind it",
	  { OPENED, "C A 1001 ack 6001 win 64240", "S PA 6001:6101(100) ack 1001 win 65160", "C A 1001 ack 6101 win 64240" },
	  "", { "" } },
	{ "the sender goes on where it was",
	  { OPENED, "C A 1001 ack 6001 win 64240", "S PA 5001:5101(100) ack 1001 win 65160", "C A 1001 ack 5101 win 64240" },
	  "4:ack-unsent?", { "" } },
	/* A filter that leaves out SYNs leaves out those that come later, too. */
	{ "its SYN",
	  { "S SA 5000 ack 1001 win 65160", "C A 1001 ack 5001 win 64240", "C R 1002", "S A 5001 ack 1001 win 65160",
	    "5000 D S 1 win 64240", "2 T SA 5 ack 2 win 65160", "D A 2 ack 6 win 64240" },
	  "3:reset-challenged? 4:after-close?", { "" } },
};

/* tcp_conn_request() drops SYNs without a word; what else may have, the rest of the capture says. */
static const struct story unanswered[] = {
	{ "the port answers others", /* from elsewhere: 2 ms */
	  { "D S 1 win 64240", "2 T SA 5 ack 2 win 65160", "D A 2 ack 6 win 64240", "C S 1000 win 64240", "500 E S 7 win 64240",
	    "2 U SA 9 ack 8 win 65160", "E A 8 ack 10 win 64240", "500 C S 1000 win 64240", "2000 C S 1000 win 64240" },
	  "4:syn-unanswered", { "It came 3 times in 3 s. Meanwhile the port answered 1 other SYN: the host is there",
				"no timestamp, so it is not tcp_tw_recycle", "its quickest answer took 2.01 ms" } },
	{ "the capture is at the server, whose accept queue is full",
	  { "D S 1 win 64240", "T SA 5 ack 2 win 65160", "D A 2 ack 6 win 64240", "1000 T SA 5 ack 2 win 65160",
	    "D A 2 ack 6 win 64240", "C S 1000 win 64240", "1000 C S 1000 win 64240" },
	  "4:syn-ack-repeated 6:syn-unanswered",
	  { "The port answered a SYN 1 s before, and none meanwhile.",
	    "points to a full accept queue", "where the SYN probably arrived." } },
	{ "nothing from this host", { "C S 1000 win 64240", "1000 C S 1000 win 64240", "2000 C S 1000 win 64240" },
	  "1:syn-unanswered?", { "It came 3 times in 3 s. The capture shows nothing at all from this host." } },
	{ "a capture of SYNs alone, of both hosts", /* tcp[13]==2 */
	  { "T S 5 win 64240", "C S 1000 win 64240", "5000 T S 5 win 64240" },
	  "1:syn-unanswered? 2:syn-unanswered?", { "a filter may have left out its answers" } },
	{ "of SYNs and resets", /* tcp[13]==2 or tcp[13]&4!=0 */
	  { "D S 5 win 64240", "T RA 0 ack 6 win 0", "C S 1000 win 64240" },
	  "3:syn-unanswered?", { "refused SYNs to this port with a reset" } },
	{ "of SYNs and FINs", /* tcp[13]==2 or tcp[13]&1!=0: nobody acknowledges in SYN_SENT */
	  { "C S 1000 win 64240", "S FA 77 ack 1005 win 65160", "C FA 1005 ack 78 win 64240" },
	  "2:syn-sent-stray?", { "" } },
	{ "one SYN, and no more",
	  { "E S 7 win 64240", "U SA 9 ack 8 win 65160", "E A 8 ack 10 win 64240", "C S 1000 win 64240" },
	  "4:syn-unanswered?", { "It came once." } },
	/* RFC 7413 4.2, 7.1; Linux sends a SYN again without data (tcp_send_syn_data()). */
	{ "Fast Open each time", { "C S 1000:1050(50) win 64240", "1000 C S 1000:1050(50) win 64240", "E S 7 win 64240",
				   "U SA 9 ack 8 win 65160", "E A 8 ack 10 win 64240", "3000 E A 8 ack 10 win 64240" },
	  "1:syn-unanswered", { "It uses TCP Fast Open each time; something on the way may drop" } },
	{ "Fast Open at first", { "C S 1000:1050(50) win 64240", "1000 C S 1000 win 64240", "E S 7 win 64240",
				  "U SA 9 ack 8 win 65160", "E A 8 ack 10 win 64240", "3000 E A 8 ack 10 win 64240" },
	  "1:syn-unanswered", { "a later one did not: that is not the cause." } },
	{ "Fast Open at first, and the third SYN is answered",
	  { "C S 1000:1050(50) win 64240", "1000 C S 1000 win 64240", "2000 C S 1000 win 64240", "S SA 5 ack 1001 win 65160",
	    "C A 1001 ack 6 win 64240" },
	  "1:syn-late", { "a later one did not. Where this comes again, something on the way drops" } },
	{ "another port of the host is silent",
	  { "C S 1 win 64240", "S SA 5 ack 2 win 65160", "C A 2 ack 6 win 64240", "F S 77 win 64240", "1000 F S 77 win 64240" },
	  "4:syn-unanswered", { "the port never answered a SYN, not even with a reset" } },
	/* tcp_peer_is_proven() before 4.12 */
	{ "a timestamp that goes back",
	  { "D S 1 win 64240 <mss 1460,sackOK,TS val 9000 ecr 0>", "T SA 5 ack 2 win 65160", "D A 2 ack 6 win 64240",
	    "3000 C S 1000 win 64240 <mss 1460,sackOK,TS val 4000 ecr 0>", "1000 C S 1000 win 64240 <TS val 4100 ecr 0>" },
	  "4:syn-unanswered", { "older than that of another SYN from the same address 3 s before: a kernel before 4.12" } },
	{ "a timestamp that goes back, as others did that were answered", /* each connection has another offset */
	  { "F S 1 win 64240 <mss 1460,sackOK,TS val 9000 ecr 0>", "V SA 5 ack 2 win 65160", "F A 2 ack 6 win 64240",
	    "D S 1 win 64240 <mss 1460,sackOK,TS val 8000 ecr 0>", "T SA 5 ack 2 win 65160", "D A 2 ack 6 win 64240",
	    "3000 C S 1000 win 64240 <mss 1460,sackOK,TS val 4000 ecr 0>" },
	  "7:syn-unanswered?", { "the port answers such SYNs, too: it is not tcp_tw_recycle" } },
	{ "told late, and in its place",
	  { "C S 1000 win 64240", "D S 1 win 64240", "T SA 5 ack 2 win 65160",
	    "D A 2 ack 6 win 64240", "T RA 6 ack 2" }, "1:syn-unanswered? 5:reset", { "answered 1 other SYN" } },
	{ "it is given up, and another one comes",
	  { "E A 1 ack 1", "U A 1 ack 1", "C S 1000 win 64240", "5000 C S 9000 win 64240", "S SA 5000 ack 9001 win 65160" },
	  "3:syn-unanswered?", { "It came once." } },
	{ "late",
	  { "C S 1000 win 64240", "1000 C S 1000 win 64240", "2000 C S 1000 win 64240", "S SA 5000 ack 1001 win 65160" },
	  "1:syn-late", { "It came 3 times in 3 s. The answer came after 3 s." } },
	/* What is no encounter. */
	{ "lost once", { "C S 1000 win 64240", "1000 C S 1000 win 64240", "S SA 5000 ack 1001 win 65160" }, "", { "" } },
	{ "the SYN-ACK is lost, and comes again",
	  { "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160", "1000 C S 1000 win 64240", "S SA 5000 ack 1001 win 65160",
	    "C A 1001 ack 5001 win 64240" }, "", { "" } },
	{ "refused", { "C S 1000 win 64240", "S RA 0 ack 1001" }, "", { "" } },
	{ "one direction of a connection",
	  { "C S 1000 win 64240", "C A 1001 ack 5001 win 64240", "C FA 1001 ack 5001 win 64240" },
	  "", { "" } },
	{ "copies at once",
	  { "C S 1000 win 64240", "C S 1000 win 64240", "C S 1000 win 64240", "S SA 5000 ack 1001 win 65160" },
	  "", { "" } },
};

/* The capture ends before an answer can come. */
START_TEST(the_end_is_no_silence)
{
	static const char *const lines[] = { "C S 1000 win 64240", "1000 C S 1000 win 64240", NULL };

	tell(lines, ENDS);
	ck_assert_str_eq(found.names, "");
}
END_TEST

#define TEXT_BOTH_WAYS "C PA 1001:1011(10) ack 5001 win 100", "S PA 5001:5011(10) ack 1011 win 100", "C A 1011 ack 5011 win 100"

/* What was acknowledged in both directions shows an open connection; the rest of it stays uncertain. */
static const struct story middles[] = {
	{ "a reset that is not exact", { TEXT_BOTH_WAYS, "C R 1111", "S A 5011 ack 1011 win 100" },
	  "4:reset-challenged?", { "No exact reset followed." } },
	{ "half-closed", { TEXT_BOTH_WAYS, "C PA 1011:1021(10) ack 5011 win 100", "S FA 5011 ack 1021 win 100",
			   "C A 1021 ack 5012 win 100", "300 C PA 1021:1121(100) ack 5012 win 100", "S R 5012" },
	  "8:reset-half-closed?", { "100 bytes are lost" } },
	{ "text in one direction", { "C PA 1001:1011(10) ack 5001 win 100", "S A 5001 ack 1011 win 100",
				     "C PA 1011:1021(10) ack 5001 win 100", "S A 5001 ack 1021 win 100", "C R 1111" },
	  "", { "" } },
	{ "text that is not acknowledged",
	  { "C PA 1001:1011(10) ack 5001 win 100", "S PA 5001:5011(10) ack 1001 win 100", "C R 1111" },
	  "", { "" } },
	{ "after a FIN",
	  { "S FA 5001 ack 1001 win 100", "C PA 1001:1011(10) ack 5002 win 100", "S A 5002 ack 1011 win 100", "C R 1111" },
	  "", { "" } },
};

/* A refused SYN, the ACK that its client did not expect, and the reset that this sends: one incident. What comes on another
 * connection, or later, is none of it. */
START_TEST(one_incident)
{
	static const char *const lines[] = { CLOSED, "C S 2 win 64240", "S A 5002 ack 1002 win 65160", "C R 1002",
					     "D S 1000 win 64240", "T SA 5 ack 1001 win 65160", "D A 1001 ack 6 win 64240",
					     "T RA 6 ack 1001", NULL };

	tell(lines, GOES_ON);
	ck_assert_str_eq(found.names, "8:tw-syn-refused 9:syn-sent-ack-reset? 10:reset-time-wait? 14:reset");
	ck_assert_uint_eq(found.follow, 3);
}
END_TEST

/* However busy the capture is, and however long it takes: in the order of the frames. */
START_TEST(each_in_its_place)
{
	static const char *const lines[] = { "C S 1000 win 64240", "D S 1 win 64240", "T SA 5 ack 2 win 65160",
					     "D A 2 ack 6 win 64240", "T RA 6 ack 2", NULL };

	tell(lines, IS_BUSY);
	ck_assert_str_eq(found.names, "1:syn-unanswered? 5:reset");
}
END_TEST

#define CHECK_ALL(test, stories) \
	START_TEST(test) \
	{ \
		check(&(stories)[_i]); \
	} \
	END_TEST

CHECK_ALL(what_followed_a_challenge, challenges)
CHECK_ALL(two_answers_to_a_syn, second_answers)
CHECK_ALL(whose_reset, resets)
CHECK_ALL(resets_into_time_wait, time_wait)
CHECK_ALL(who_is_silent, silences)
CHECK_ALL(handshakes, openings)
CHECK_ALL(with_fast_open, fast_open)
CHECK_ALL(missed_by_the_capture, unseen)
/* tcp[13]&2!=0: SYN-ACKs show, but not the resets that refuse. */
START_TEST(a_capture_of_all_with_a_syn)
{
	static const char *const lines[LINES_MAX] = { "F S 1 win 64240", "V SA 5 ack 2 win 65160", "1000 C S 1000 win 64240",
						      "5000 G S 7 win 64240" };

	tell(lines, ENDS);
	ck_assert_str_eq(found.names, "3:syn-unanswered?");
	ck_assert(has("a filter may have left out its answers"));
}
END_TEST

CHECK_ALL(syns_without_answer, unanswered)
CHECK_ALL(from_the_middle, middles)

int main(void)
{
	TCase *tests = tcase_create("causes");

	tcase_add_loop_test(tests, what_followed_a_challenge, 0, ROWS(challenges));
	tcase_add_loop_test(tests, two_answers_to_a_syn, 0, ROWS(second_answers));
	tcase_add_loop_test(tests, whose_reset, 0, ROWS(resets));
	tcase_add_loop_test(tests, resets_into_time_wait, 0, ROWS(time_wait));
	tcase_add_loop_test(tests, who_is_silent, 0, ROWS(silences));
	tcase_add_loop_test(tests, handshakes, 0, ROWS(openings));
	tcase_add_loop_test(tests, with_fast_open, 0, ROWS(fast_open));
	tcase_add_loop_test(tests, missed_by_the_capture, 0, ROWS(unseen));
	tcase_add_test(tests, a_capture_of_all_with_a_syn);
	tcase_add_loop_test(tests, syns_without_answer, 0, ROWS(unanswered));
	tcase_add_test(tests, the_end_is_no_silence);
	tcase_add_test(tests, each_in_its_place);
	tcase_add_test(tests, one_incident);
	tcase_add_loop_test(tests, from_the_middle, 0, ROWS(middles));
	return run_suite("causes", tests, NULL);
}
