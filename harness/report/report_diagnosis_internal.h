/* report_diagnosis_internal.h - what the formats of a diagnosis share. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_INTERNAL_H

#include "cases/quantity.h"
#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "harness/diagnose/reproduction.h"
#include "harness/report/report_diagnosis.h"
#include "harness/report/report_ends.h"

/* "2026-11-26T10:00:01.204512Z" */
const char *report_diagnosis_clock(uint64_t time_ns, char *buffer, size_t size);
/* A line about the whole capture, or as many as it takes. */
void report_diagnosis_fact(FILE *out, size_t indent, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What was read, and how the connections ended; which encounters there were. */
void report_diagnosis_read(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts);
/* The file that the frames went to, if any. */
void report_diagnosis_written(const struct report_diagnosis_facts *facts);
void report_diagnosis_kinds(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts);

/* An encounter that is shown. */
struct report_example {
	struct encounter encounter;
	struct judgement judgement;
	struct tuple tuple; /* from the other end to the subject */
	struct ladder_rung rungs[LADDER_MOST];
	size_t rung_count;
	struct report_example *next;
};
void report_diagnosis_example(FILE *out, bool color, const struct report_example *example);
/* The same in parts: where and when; all that is said below the ladder. */
void report_diagnosis_where(FILE *out, const struct report_example *example);
void report_diagnosis_words(FILE *out, bool color, const struct report_example *example);

/* One of its rungs, as texts. `gap`: what is left out before it; "": nothing. */
enum { REPORT_TIME_SIZE = 40 };
struct report_example_rung {
	struct ends_rung rung; /* its texts are below */
	char time[REPORT_TIME_SIZE], numbers[SEGMENT_TEXT_SIZE], gap[64];
};
void report_diagnosis_rung(const struct report_example *example, size_t number, struct report_example_rung *shown);
const char *report_diagnosis_end_name(const struct report_example *example, bool left);

/* How long the longest delay of a kind was; "-": not known of any. */
const char *report_diagnosis_delay(const struct diagnosis_kind *kind, char buffer[static QUANTITY_TEXT_SIZE]);

/* A page for a browser. */
struct report_collected {
	const struct cause *cause;
	uint64_t count, kept;
	const struct report_example *first;
};
void report_diagnosis_html_begin(const struct report_diagnosis_facts *facts);
void report_diagnosis_html_kinds(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts);
void report_diagnosis_html_cause(const struct report_diagnosis_facts *facts, const struct report_collected *collected);
void report_diagnosis_html_replay(const struct report_diagnosis_facts *facts);

/* The command that asks the same question in the lab; NULL: there is none. */
const char *report_diagnosis_command(const struct reproduction *reproduction, char *buffer, size_t size);

void report_diagnosis_live_begin(const struct report_diagnosis_facts *facts);
/* What came since `before`. `held_back`: encounters that were not shown one by one. */
void report_diagnosis_live_interval(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
				    const struct diagnosis_counts *before, uint64_t now_ns, uint64_t held_back);
void report_diagnosis_live_interval_json(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
					 const struct diagnosis_counts *before, uint64_t now_ns);
/* What each book expects: "expected: linux: ACK, rfc: ACK", after `before`. Nothing where no book decides. */
void report_diagnosis_add_expected(struct textbuf *out, const char *before, const struct judgement *judgement);

/* The first hosts, as they will be told; and how many more. */
enum { REPORT_DIAGNOSIS_HOSTS = 5 };
struct report_diagnosis_hosts {
	struct report_diagnosis_host {
		struct host host;
		struct host_evidence evidence[HOSTS_EVIDENCE];
	} list[REPORT_DIAGNOSIS_HOSTS];
	size_t count;
	uint64_t more;
};
void report_diagnosis_hosts_take(struct report_diagnosis_hosts *hosts, const struct host *host);
void report_diagnosis_hosts_print(const struct report_diagnosis_facts *facts, const struct report_diagnosis_hosts *hosts,
				  const struct diagnosis_counts *counts);
void report_diagnosis_json_host(const struct report_diagnosis_facts *facts, const struct host *host);

void report_diagnosis_json_begin(const struct report_diagnosis_facts *facts);
void report_diagnosis_json_encounter(const struct report_diagnosis_facts *facts, const struct diagnosed *diagnosed);
void report_diagnosis_json_name(const struct report_diagnosis_facts *facts, const char *name,
				const struct address *address);
void report_diagnosis_json_connection(const struct report_diagnosis_facts *facts, const struct tracked *connection);
void report_diagnosis_json_end(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
			       const char *damage);

#endif
