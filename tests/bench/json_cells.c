/* json_cells.c - what the JSON of a cell costs. Prints microseconds of CPU a record: of json_put, and of a tree of jansson that
 * holds the same line, built and written; and the bytes of the line. Usage: json_cells [RECORDS] */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/report/report.h"

#include "tests/unit/sample_record.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* With all that a cell of the lab has: fields, outcomes, what the socket holds afterwards. */
static struct record whole_record(void)
{
	struct record record = sample_record(1000, 1000);
	struct fields *fields = &record.fields;

	fields->said = 1U << FIELD_FLAGS | 1U << FIELD_SEQ | 1U << FIELD_ACK | 1U << FIELD_OPTIONS | 1U << FIELD_TSECR |
		       1U << FIELD_WINDOW | 1U << FIELD_MSS | 1U << FIELD_WSCALE;
	fields->flags = FLAG_SYN | FLAG_ACK;
	fields->seq = SAMPLE_SND_NXT + 65537u;
	fields->ack = record.sent.seq + 1;
	fields->tsecr = SAMPLE_TS + 1000;
	fields->mss = 1460;
	fields->wscale = 7;
	memcpy(fields->options, record.heard[0].segment.options, record.heard[0].segment.option_count);
	fields->option_count = record.heard[0].segment.option_count;
	record.outcome_count = 1;
	record.outcomes[0] = (struct outcome){
		.answer = ANSWER_SYN_ACK, .isn = ISN_CONTINUED, .after = STATE_SYN_RECV, .ttl = 64, .tries = 1,
	};
	record.sighted_after.time_ns = record.sent_ns + 1000000;
	record.sighted_after.state = STATE_SYN_RECV;
	return record;
}

int main(int argc, char **argv)
{
	const size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
	struct run_facts facts = sample_facts();
	struct record record = whole_record();
	static char line[16384];
	FILE *null = fopen("/dev/null", "w"), *one = fmemopen(line, sizeof(line), "w");
	struct report *report = report_open(FORMAT_JSON, false, true, one, &facts, NULL);
	double begun, ours, theirs;
	json_t *tree;
	char *again;

	report_cell(report, &record, NULL);
	report_close(report);
	fclose(one);
	report = report_open(FORMAT_JSON, false, true, null, &facts, NULL);
	begun = now();
	for (size_t i = 0; i < count; i++)
		report_cell(report, &record, NULL);
	ours = now() - begun;
	tree = json_loads(line, 0, NULL);
	begun = now();
	for (size_t i = 0; i < count; i++) {
		json_t *copy = json_deep_copy(tree);

		again = json_dumps(copy, JSON_COMPACT | JSON_REAL_PRECISION(15));
		fputs(again, null);
		free(again);
		json_decref(copy);
	}
	theirs = now() - begun;
	printf("%.2f %.2f %zu\n", ours * 1e6 / (double)count, theirs * 1e6 / (double)count, strlen(line));
	report_close(report);
	json_decref(tree);
	fclose(null);
	return 0;
}
