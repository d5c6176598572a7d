/* sample_record.h - records made by hand, for the tests of what is made from records. */
#ifndef TWPROBE_TESTS_SAMPLE_RECORD_H
#define TWPROBE_TESTS_SAMPLE_RECORD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/report.h"

#include "tests/unit/has.h"
#include "tests/unit/suite.h"

#define SAMPLE_SND_NXT 4000000000u
enum { SAMPLE_RCV_NXT = 1000000, SAMPLE_TS = 50000, SAMPLE_SENT_NS = 1000000000 };

static inline void sample_pair(struct pair *pair)
{
	static const struct pair sample = {
		.crafted = { { 4, { 192, 0, 2, 1 }, 0 }, 40000 },
		.subject = { { 4, { 192, 0, 2, 2 }, 0 }, 8888 },
	};

	*pair = sample;
}

static inline void sample_syn_ack(struct segment *segment, uint32_t ack)
{
	static const uint8_t options[] = { OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_NOP,
					   OPTION_WSCALE };

	memset(segment, 0, sizeof(*segment));
	segment->flags = FLAG_SYN | FLAG_ACK;
	segment->ttl = 64;
	segment->window = 65160;
	segment->seq = SAMPLE_SND_NXT + 65537u;
	segment->ack = ack;
	memcpy(segment->options, options, sizeof(options));
	segment->option_count = sizeof(options);
	segment->mss = 1460;
	segment->wscale = 7;
	segment->tsval = 777;
	segment->tsecr = SAMPLE_TS + 1000;
}

/* time-wait/syn at these offsets, answered with a SYN-ACK that continues the ISN; linux and rfc expect just that, folk an
 * ACK. */
static inline struct record sample_record(int64_t seq, int64_t ts)
{
	struct record record;
	struct tuple sent;
	size_t book;

	memset(&record, 0, sizeof(record));
	cell_default(&record.cell);
	record.cell.stimulus.seq = (struct offset){ OFFSET_NUMBER, seq };
	record.cell.stimulus.ts = (struct offset){ OFFSET_NUMBER, ts };
	record.verdict = VERDICT_AGREES;
	record.observed = true;
	record.answer = ANSWER_SYN_ACK;
	record.isn = ISN_CONTINUED;
	for (book = 0; book < BOOK_USUAL; book++) {
		record.expected[book] = (struct expectation){
			.answer = ANSWER_SYN_ACK, .isn = ISN_NONE, .after = STATE_UNKNOWN,
			.citation = "the citation", .reason = "The reason",
		};
	}
	record.expected[BOOK_LINUX].isn = ISN_CONTINUED;
	record.expected[BOOK_FOLK].answer = ANSWER_ACK;
	record.before = STATE_TIME_WAIT;
	record.after = STATE_SYN_RECV;
	record.has_baseline = true;
	record.baseline = (struct baseline){ SAMPLE_RCV_NXT, SAMPLE_SND_NXT, SAMPLE_TS, 65000, 700, true, false, 0 };
	sample_pair(&record.pair);
	record.has_sent = true;
	record.sent_ns = SAMPLE_SENT_NS;
	sent = pair_to_subject(&record.pair);
	stimulus_segment(&record.cell.stimulus, &record.baseline, &sent, &record.sent);
	record.heard_count = 1;
	sample_syn_ack(&record.heard[0].segment, record.sent.seq + 1);
	record.heard[0].time_ns = SAMPLE_SENT_NS + 23449;
	record.tries = 1;
	return record;
}

/* The same cell, answered with silence as linux expects; rfc leaves it open. */
static inline struct record sample_silence(int64_t seq, int64_t ts)
{
	struct record record = sample_record(seq, ts);

	record.answer = ANSWER_SILENCE;
	record.isn = ISN_NONE;
	record.heard_count = 0;
	record.expected[BOOK_LINUX].answer = ANSWER_SILENCE;
	record.expected[BOOK_LINUX].isn = ISN_NONE;
	record.expected[BOOK_RFC].answer = ANSWER_OPEN;
	return record;
}

static inline void sample_verdict(struct record *record, enum verdict verdict, const char *reason)
{
	record->verdict = verdict;
	if (verdict == VERDICT_SKIPPED || verdict == VERDICT_INCONCLUSIVE || verdict == VERDICT_MIXED) {
		record->observed = false;
		record->answer = ANSWER_OPEN;
		record->isn = ISN_NONE;
		record->heard_count = 0;
		record->after = STATE_UNKNOWN;
	}
	snprintf(record->reason, sizeof(record->reason), "%s", reason);
}

static inline struct run_facts sample_facts(void)
{
	static const struct sysctl sysctls[] = { { "tcp_timestamps", "1", false }, { "tcp_rfc1337", "0", false } };

	return (struct run_facts){
		.tool_version = "0.1.0", .kernel = "6.18.44", .local_kernel = "6.18.44", .matrix = "time-wait",
		.target = "lab", .libpcap = "1.10.3", .libnet = "1.1.6", .expect = "linux", .seed = 42,
		.started_ns = 1700000000000000000u, .cells = 4, .sysctl_count = 2, .sysctls = sysctls,
	};
}

/* The whole report on these records, as text; the caller frees it. */
static inline char *sample_report(enum format format, bool color, bool quiet, const struct run_facts *facts,
				  const struct record *records, size_t count)
{
	struct tally tally = { .begun_ns = 1000, .ended_ns = 2000001000, .segments_sent = 40, .segments_heard = 30 };
	struct report *report;
	struct error error = { "" };
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	int failed;

	report = report_open(format, color, quiet, out, facts, &error);
	failed = !report || report_begin(report, &error);
	for (i = 0; i < count && !failed; i++) {
		failed = report_cell(report, &records[i], &error);
		tally_add(&tally, &records[i]);
	}
	failed = failed || report_end(report, &tally, &error);
	report_close(report);
	fclose(out);
	if (failed) {
		fprintf(stderr, "report: %s\n", error.text);
		abort();
	}
	return text;
}

/* seq {-1, 1} x ts {-1, 1}: a SYN-ACK, a silence, an inconclusive cell and one that differs. */
static inline void sample_four(struct record records[4])
{
	records[0] = sample_record(-1, -1);
	records[1] = sample_silence(-1, 1);
	records[2] = sample_record(1, -1);
	sample_verdict(&records[2], VERDICT_INCONCLUSIVE, "the capture dropped 3 segments");
	records[3] = sample_record(1, 1);
	sample_verdict(&records[3], VERDICT_DIFFERS, "linux expects ACK, the kernel answers SYN-ACK");
	records[3].expected[BOOK_LINUX].answer = ANSWER_ACK;
	for (size_t i = 0; i < 4; i++)
		records[i].number = i;
}

#endif
