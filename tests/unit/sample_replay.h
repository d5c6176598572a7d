/* sample_replay.h - a server in TIME_WAIT that segments reach in a capture, and a kernel that answers the same cells: for tests
 * of what compares the two. */
#ifndef TWPROBE_TESTS_UNIT_SAMPLE_REPLAY_H
#define TWPROBE_TESTS_UNIT_SAMPLE_REPLAY_H

#include <stdio.h>
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "harness/diagnose/replay.h"
#include "tests/unit/written.h"

#define SAMPLE_OLD_SYN "S 0 win 64240 <mss 1460,sackOK,nop,wscale 7>"
#define SAMPLE_NEW_SYN "S 2000 win 64240 <mss 1460,sackOK,nop,wscale 7>"
#define SAMPLE_RESET "R 1000 win 0"
#define SAMPLE_OLD_ACK "A 5000 ack 1000 win 502"
#define SAMPLE_SYN_ACK "SA 90000 ack 2001 win 65160 <mss 1460>"

enum sample_capture {
	SAMPLE_CERTAIN, SAMPLE_UNCERTAIN,
	SAMPLE_UNDECIDED, /* by any book */
	SAMPLE_UNKNOWN,   /* in which state */
};

static inline void sample_time_wait(struct end *end)
{
	end_init(end, STATE_TIME_WAIT);
	end->known = END_ISS | END_IRS | END_SND_NXT | END_SND_UNA | END_SND_WND | END_RCV_NXT | END_RCV_WND |
		     END_LAST_ACK | END_TIMESTAMPS | END_OPTIONS;
	end->passive = end->fin_sent = end->fin_acked = end->fin_came = end->fin_taken = true;
	end->snd_nxt = end->snd_una = 5000;
	end->rcv_nxt = end->rcv_max = end->last_ack_sent = 1000;
	end->rcv_wnd = end->snd_wnd = end->max_snd_wnd = 65535;
}

/* The segment reaches it, and it answers; `answer` NULL: it does not. */
static inline int sample_replay_meet(struct replay *replay, uint64_t frame, const char *line, const char *answer,
				     enum sample_capture capture)
{
	struct encounter encounter = { .kind = ENCOUNTER_SYN_TIME_WAIT, .frame = frame, .from_start = true };
	struct kernel any = { .timestamps = true };
	struct judgement judgement;
	struct diagnosed diagnosed = { .encounter = &encounter, .judgement = &judgement };
	char text[256];

	sample_time_wait(&encounter.subject);
	if (capture == SAMPLE_UNKNOWN)
		encounter.subject.state = STATE_UNKNOWN;
	snprintf(text, sizeof(text), "192.0.2.1:40000 > 192.0.2.2:80 %s", line);
	encounter.segment = written(text);
	snprintf(text, sizeof(text), "192.0.2.2:80 > 192.0.2.1:40000 %s", answer ? answer : "R 0");
	encounter.answer = written(text);
	encounter.answered = answer;
	encounter.subject_speaks = true;
	judgement_make(&encounter, BOOK_LINUX, &any, &judgement);
	/* That somebody still listens, a capture does not show; the sample says so. */
	if (answer && strcmp(line, SAMPLE_NEW_SYN) == 0 && strcmp(answer, SAMPLE_OLD_ACK) == 0) {
		judgement.certain = true;
		judgement.missing = NULL;
		judgement.verdict = VERDICT_DIFFERS;
	}
	if (capture == SAMPLE_UNCERTAIN) {
		judgement.certain = false;
		judgement.missing = "segments are missing";
	}
	for (enum book book = 0; capture == SAMPLE_UNDECIDED && book < BOOK_USUAL; book++)
		judgement.expected[book].list[0].expectation.answer = ANSWER_OPEN;
	return replay_take(replay, &diagnosed);
}

/* A kernel of 6.12 answers the cell of that number. */
static inline void sample_replay_answer(struct replay *replay, size_t number, enum answer what, enum isn isn, bool conclusive)
{
	struct kernel kernel = { .major = 6, .minor = 12, .timestamps = true };
	struct record record = { .number = number, .observed = true, .answer = what, .isn = isn };

	record.before = record.after = STATE_UNKNOWN;
	record.verdict = conclusive ? VERDICT_AGREES : VERDICT_INCONCLUSIVE;
	if (!conclusive)
		snprintf(record.reason, sizeof(record.reason), "too much was lost");
	record.cell = replay_at(replay, number)->cell;
	for (enum book book = 0; book < BOOK_USUAL; book++) {
		cell_ask_all(book, &record.cell, &kernel, NULL, &record.alternatives[book]);
		record.expected[book] = record.alternatives[book].list[0].expectation;
	}
	replay_answer(replay, &record);
}

#endif
