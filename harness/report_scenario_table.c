/* report_scenario_table.c - a scenario for a person: what it shows, the ladder with both ends' states, the conclusion. */
#include <stdlib.h>
#include <string.h>

#include "crafter/seq.h"
#include "harness/report_internal.h"
#include "harness/report_scenario.h"

enum { WIDTH = 118, STATE_WIDTH = 12, NUMBERS_WIDTH = 62, NEAR = 100000 };

/* "rcv_nxt-1000"; a number too far away to mean anything stands as it is on the wire. */
static int put_number(char *buffer, size_t size, const char *label, const char *base, uint32_t value, uint32_t from)
{
	int32_t distance = seq_diff(value, from);

	if (!base || abs(distance) > NEAR)
		return snprintf(buffer, size, " %s %u", label, value);
	if (distance == 0)
		return snprintf(buffer, size, " %s %s", label, base);
	return snprintf(buffer, size, " %s %s%+d", label, base, distance);
}

/* Sequence numbers of the client's side count from rcv_nxt once the state is reached, before that from its ISN (iss); the
 * server's from snd_nxt and its ISN (irs). TSvals of the client count from ts_recent. */
static void format_numbers(const struct line *line, char *buffer, size_t size)
{
	const struct segment *segment = &line->segment;
	const char *client = line->reached ? "rcv_nxt" : "iss", *server = line->reached ? "snd_nxt" : "irs";
	uint32_t client_base = line->reached ? line->base.rcv_nxt : line->client_isn;
	uint32_t server_base = line->reached ? line->base.snd_nxt : line->server_isn;
	size_t used = 0;

	used += (size_t)put_number(buffer, size, "seq", line->ours ? client : server, segment->seq,
				   line->ours ? client_base : server_base);
	if (segment->flags & FLAG_ACK)
		used += (size_t)put_number(buffer + used, size - used, "ack", line->ours ? server : client, segment->ack,
					   line->ours ? server_base : client_base);
	if (segment_has_option(segment, OPTION_TIMESTAMPS))
		used += (size_t)put_number(buffer + used, size - used, "TSval", line->ours && line->reached ? "ts_recent" :
					   NULL, segment->tsval, line->base.ts_recent);
	if (segment->payload_size)
		snprintf(buffer + used, size - used, " %u bytes", segment->payload_size);
}

static void print_segment(const struct scenario_facts *facts, const struct line *line, uint64_t begun_ns)
{
	char numbers[160], flags[FLAGS_TEXT_SIZE], text[200];

	format_numbers(line, numbers, sizeof(numbers));
	flags_format(line->segment.flags, flags);
	snprintf(text, sizeof(text), "%s%s", *flags ? flags : "none", numbers);
	fprintf(facts->out, "%11.3f  %-*s %s %-*s %s", (double)(line->time_ns - begun_ns) / 1e6, STATE_WIDTH, line->client,
		line->ours ? "-->" : "<--", NUMBERS_WIDTH, text, line->ours ? "-->" : "<--");
	if (*line->server)
		fprintf(facts->out, " %s", line->server);
	if (*line->text)
		fprintf(facts->out, "%s  (%s)", *line->server ? "" : " ", line->text);
	fputc('\n', facts->out);
}

static void print_head(const struct scenario_facts *facts)
{
	fprintf(facts->out, "%s%11s  %-*s     %-*s     %s%s\n", hue_on(facts->color, HUE_FAINT), "ms", STATE_WIDTH, "client",
		NUMBERS_WIDTH, "segment", "server", hue_off(facts->color, HUE_FAINT));
}

static void print_remark(const struct scenario_facts *facts, const struct line *line, uint64_t begun_ns)
{
	fprintf(facts->out, "%s%11.3f  ", hue_on(facts->color, HUE_FAINT), (double)(line->time_ns - begun_ns) / 1e6);
	text_wrap(facts->out, line->text, 13, 13);
	fputs(hue_off(facts->color, HUE_FAINT), facts->out);
}

static void print_ladder(const struct scenario_facts *facts, const struct play *play)
{
	uint64_t begun_ns = 0;
	size_t connection = 0;

	for (size_t i = 0; i < play->line_count; i++) {
		const struct line *line = &play->lines[i];
		char client[ENDPOINT_TEXT_SIZE], server[ENDPOINT_TEXT_SIZE];

		switch (line->kind) {
		case LINE_PART:
			begun_ns = line->time_ns;
			connection = 0;
			fprintf(facts->out, "\n");
			if (*line->text)
				fprintf(facts->out, "%s%s%s\n", hue_on(facts->color, HUE_STRONG), line->text,
					hue_off(facts->color, HUE_STRONG));
			break;
		case LINE_REMARK:
			print_remark(facts, line, begun_ns);
			break;
		case LINE_SEGMENT:
			if (line->connection != connection) {
				fprintf(facts->out, "  client %s, server %s\n",
					endpoint_format(&line->tuple.source, client, sizeof(client)),
					endpoint_format(&line->tuple.target, server, sizeof(server)));
				print_head(facts);
			}
			connection = line->connection;
			print_segment(facts, line, begun_ns);
			break;
		}
	}
}

/* The table of a step's cells: what was seen, and which rule book says otherwise. */
static void print_cells(const struct scenario_facts *facts, const struct play *play)
{
	char text[ANSWER_TEXT_SIZE], name[CELL_NAME_SIZE];

	if (!play->cell_count)
		return;
	fprintf(facts->out, "\n%s%-72s %-20s %s%s\n", hue_on(facts->color, HUE_FAINT), "cell", "answer", "rule books",
		hue_off(facts->color, HUE_FAINT));
	for (size_t i = 0; i < play->cell_count; i++) {
		const struct record *record = &play->cells[i].record;
		size_t others = 0;

		fprintf(facts->out, "%-72s %-20s ", cell_name(&record->cell, name, sizeof(name)), outcome_text(record, text));
		for (enum book book = 0; book < BOOK_COUNT; book++)
			if (record_opinion(record, book) == OPINION_OTHERWISE)
				fprintf(facts->out, "%s%s says %s", others++ ? ", " : "", book_name(book),
					answer_text(record->expected[book].answer, record->expected[book].isn, text));
		fprintf(facts->out, "%s\n", others ? "" : record->observed ? "as expected" : record->reason);
	}
}

static void print_label(const struct scenario_facts *facts, const char *label)
{
	fprintf(facts->out, "%s%-12s%s", hue_on(facts->color, HUE_STRONG), label, hue_off(facts->color, HUE_STRONG));
}

/* The steps whose checks lacked just these needs, on one line. */
static void print_checks_left_out(const struct scenario_facts *facts, const struct play *play, unsigned needs)
{
	char text[512], words[160];
	size_t used = 0, count = 0;

	for (size_t i = 0; i < play->step_count && used < sizeof(text); i++) {
		if (!play->steps[i].played || play->steps[i].findings.left_out != needs)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu", count++ ? ", " : "checks of step ", i + 1);
	}
	if (!count || used >= sizeof(text))
		return;
	snprintf(text + used, sizeof(text) - used, ", for want of %s", needs_format(needs, words, sizeof(words)));
	print_label(facts, "left out:");
	text_wrap(facts->out, text, 12, 12);
}

static void print_left_out(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char text[512];

	for (size_t i = 0; i < play->part_count; i++) {
		if (!*play->parts_left_out[i])
			continue;
		snprintf(text, sizeof(text), "%s: %s", scenario->parts[i].title ? scenario->parts[i].title : "the only part",
			 play->parts_left_out[i]);
		print_label(facts, "left out:");
		text_wrap(facts->out, text, 12, 12);
	}
	for (unsigned needs = 1; needs < 2 * NEED_LAB; needs++)
		print_checks_left_out(facts, play, needs);
}

static size_t count_checks(const struct play *play)
{
	size_t count = 0;

	for (size_t i = 0; i < play->cell_count; i++)
		count += play->cells[i].record.verdict != VERDICT_SKIPPED;
	for (size_t i = 0; i < play->step_count; i++)
		count += play->steps[i].findings.count;
	return count;
}

static void print_verdict(const struct scenario_facts *facts, const struct play *play)
{
	static const enum hue hues[VERDICT_COUNT] = { HUE_GOOD, HUE_BAD, HUE_UNSURE, HUE_FAINT };
	char checks[32], text[RECORD_REASON_SIZE + 64];
	size_t column = 12 + strlen(verdict_name(play->verdict)) + 2;

	print_label(facts, "verdict:");
	fprintf(facts->out, "%s%s%s: ", hue_on(facts->color, hues[play->verdict]), verdict_name(play->verdict),
		hue_off(facts->color, hues[play->verdict]));
	snprintf(text, sizeof(text), "%s%s%s", play->reason, *play->reason ? "" :
		 text_plural(count_checks(play), "check", checks, sizeof(checks)), *play->reason ? "" : ", all as expected");
	text_wrap(facts->out, text, column, 12);
	if (play->tries > 1)
		fprintf(facts->out, "%12splayed %u times: its limits begin anew each second\n", "", play->tries);
	if (play->weak)
		fprintf(facts->out, "%12sits silences were seen in two plays; the server's counters, which would prove them,\n"
			"%12sare out of reach\n", "", "");
}

void report_scenario_table(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char conclusion[2048];

	if (facts->quiet) {
		fprintf(facts->out, "%-14s%s%s%s\n", verdict_name(play->verdict), scenario->name, *play->reason ? ": " : "",
			play->reason);
		return;
	}
	fprintf(facts->out, "%s%s: %s%s\n", hue_on(facts->color, HUE_STRONG), scenario->name, scenario->title,
		hue_off(facts->color, HUE_STRONG));
	text_wrap(facts->out, scenario->shows, 0, 0);
	print_ladder(facts, play);
	print_cells(facts, play);
	fputc('\n', facts->out);
	print_left_out(facts, scenario, play);
	play_conclusion(scenario, play, conclusion, sizeof(conclusion));
	if (*conclusion) {
		print_label(facts, "conclusion:");
		text_wrap(facts->out, conclusion, 12, 12);
	}
	print_verdict(facts, play);
	fputc('\n', facts->out);
}
