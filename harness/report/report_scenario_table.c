/* report_scenario_table.c - a scenario for a person: what it shows, the ladder with both ends' states, the conclusion. */
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_scenario.h"

/* NUMBERS_MAX: of all numbers of a segment on one line; NUMBERS_LEAST: with less the states get a line of their own; LEFT: the
 * time and what is between the columns. */
enum { NUMBERS_MAX = 62, NUMBERS_LEAST = 24, LEFT = 22 };

/* The columns of a ladder: the states as wide as the longest, the numbers what is left. */
struct columns {
	size_t client, numbers; /* client 0: too narrow for states next to the numbers */
};

/* Numbers of the client's side count from rcv_nxt once the state is reached, before that from its ISN (iss); the server's from
 * snd_nxt and its ISN (irs). TSvals of the client count from ts_recent. */
static void format_segment(const struct line *line, char *buffer, size_t size)
{
	const struct segment_base client = line->reached ? (struct segment_base){ "rcv_nxt", line->base.rcv_nxt } :
					   (struct segment_base){ "iss", line->client_isn };
	const struct segment_base server = line->reached ? (struct segment_base){ "snd_nxt", line->base.snd_nxt } :
					   (struct segment_base){ "irs", line->server_isn };
	const struct segment_bases bases = {
		.seq = line->ours ? client : server, .ack = line->ours ? server : client,
		.tsval = { line->ours && line->reached ? "ts_recent" : NULL, line->ours && line->reached ?
			   line->base.ts_recent : 0 },
	};

	segment_text_print(&line->segment, &bases, SEGMENT_TEXT_TIMESTAMPS, buffer, size);
}

static size_t longer(size_t width, const char *text)
{
	return text_width(text) > width ? text_width(text) : width;
}

static struct columns measure(const struct scenario_facts *facts, const struct play *play)
{
	struct columns columns = { .client = strlen("client") };
	size_t server = strlen("server"), all = text_columns(facts->out), taken;

	for (size_t i = 0; i < play->line_count; i++) {
		if (play->lines[i].kind != LINE_SEGMENT)
			continue;
		columns.client = longer(columns.client, play->lines[i].client);
		server = longer(server, play->lines[i].server);
	}
	taken = LEFT + columns.client + server;
	if (all < taken + NUMBERS_LEAST)
		return (struct columns){ 0, all - LEFT };
	columns.numbers = all - taken;
	if (columns.numbers > NUMBERS_MAX)
		columns.numbers = NUMBERS_MAX;
	return columns;
}

/* Takes from `text` as much as fits, "PA rcv_nxt-1000", "ack snd_nxt" or "<TS val 1>" in one piece, and moves it on. */
static int take_numbers(const char **text, size_t width)
{
	const char *end = *text, *at = *text;

	while (*at) {
		const char *next = at + strcspn(at, *at == '<' ? ">" : " ");

		/* A word is followed by its number. */
		next += *next == '>' ? 1 : *next ? 1 + strcspn(next + 1, " ") : 0;
		if (end != *text && (size_t)(next - *text) > width)
			break;
		end = next;
		at = next + strspn(next, " ");
	}
	at = *text;
	*text = end + strspn(end, " ");
	return (int)(end - at);
}

/* The numbers that did not fit next to the first ones, and the note on the segment; the cursor is at `column`. */
static void print_rest(const struct scenario_facts *facts, const struct line *line, const char *numbers, size_t width,
		       size_t column, size_t indent)
{
	char note[LINE_TEXT_SIZE + 4];

	while (*numbers) {
		const char *piece = numbers;
		int length = take_numbers(&numbers, width);

		fprintf(facts->out, "\n%*s%.*s", (int)indent, "", length, piece);
		column = indent + (size_t)length;
	}
	if (!*line->text) {
		fputc('\n', facts->out);
		return;
	}
	snprintf(note, sizeof(note), "(%s)", line->text);
	if (column + 2 + text_width(note) > text_columns(facts->out)) {
		column = indent;
		fprintf(facts->out, "\n%*s", (int)indent, "");
	} else {
		column += (size_t)fprintf(facts->out, "  ");
	}
	text_wrap(facts->out, note, column, indent);
}

/* The states of both ends, on a separate line. */
static void print_ends(const struct scenario_facts *facts, size_t indent, const char *client, const char *server)
{
	char text[2 * ENDPOINT_TEXT_SIZE + 24];

	snprintf(text, sizeof(text), "client %s, server %s", client, server);
	fprintf(facts->out, "%*s", (int)indent, "");
	text_wrap(facts->out, text, indent, indent);
}

static void print_segment(const struct scenario_facts *facts, const struct line *line, struct columns columns,
			  uint64_t begun_ns)
{
	char text[SEGMENT_TEXT_SIZE];
	const char *arrow = line->ours ? "-->" : "<--", *rest = text;
	double ms = (double)(line->time_ns - begun_ns) / 1e6;
	size_t right = LEFT + columns.client + columns.numbers;
	int length;

	format_segment(line, text, sizeof(text));
	length = take_numbers(&rest, columns.numbers);
	if (!columns.client) {
		fprintf(facts->out, "%10.3f %s %.*s", ms, arrow, length, text);
		print_rest(facts, line, rest, columns.numbers, 15 + (size_t)length, 17);
		if (*line->client || *line->server)
			print_ends(facts, 17, *line->client ? line->client : "-", *line->server ? line->server : "-");
		return;
	}
	fprintf(facts->out, "%10.3f  %-*s %s %-*.*s %s%s%s", ms, (int)columns.client, line->client, arrow,
		(int)columns.numbers, length, text, arrow, *line->server ? " " : "", line->server);
	print_rest(facts, line, rest, columns.numbers - 2, *line->server ? right + strlen(line->server) : right - 1,
		   LEFT - 3 + columns.client);
}

static void print_head(const struct scenario_facts *facts, struct columns columns)
{
	if (!columns.client)
		return;
	fprintf(facts->out, "%s%10s  %-*s     %-*s     %s%s\n", report_hue_on(facts->color, HUE_FAINT), "ms",
		(int)columns.client,
		"client", (int)columns.numbers, "segment", "server", report_hue_off(facts->color, HUE_FAINT));
}

static void print_remark(const struct scenario_facts *facts, const struct line *line, uint64_t begun_ns)
{
	fprintf(facts->out, "%s%10.3f  ", report_hue_on(facts->color, HUE_FAINT),
		(double)(line->time_ns - begun_ns) / 1e6);
	text_wrap(facts->out, line->text, 12, 12);
	fputs(report_hue_off(facts->color, HUE_FAINT), facts->out);
}

static void print_strong(const struct scenario_facts *facts, const char *text)
{
	fputs(report_hue_on(facts->color, HUE_STRONG), facts->out);
	text_wrap(facts->out, text, 0, 2);
	fputs(report_hue_off(facts->color, HUE_STRONG), facts->out);
}

static void print_ladder(const struct scenario_facts *facts, const struct play *play)
{
	struct columns columns = measure(facts, play);
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
				print_strong(facts, line->text);
			break;
		case LINE_REMARK:
			print_remark(facts, line, begun_ns);
			break;
		case LINE_SEGMENT:
			if (line->connection != connection) {
				print_ends(facts, 2, endpoint_format(&line->tuple.source, client, sizeof(client)),
					   endpoint_format(&line->tuple.target, server, sizeof(server)));
				print_head(facts, columns);
			}
			connection = line->connection;
			print_segment(facts, line, columns, begun_ns);
			break;
		}
	}
}

/* "SYN-ACK continued; folk expects ACK" */
static void cell_words(const struct record *record, char *line, size_t size)
{
	char text[ANSWER_TEXT_SIZE];
	struct textbuf out;
	size_t others = 0;

	textbuf_init(&out, line, size);
	textbuf_add(&out, "%s", report_outcome_text(record, text));
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		const struct expectation *expected = &record->expected[book];

		if (record_opinion(record, book) == OPINION_OTHERWISE)
			textbuf_add(&out, "%s %s expects %s", others++ ? "," : ";", oracle_book_name(book),
				    report_answer_text(expected->answer, expected->isn, text));
	}
	if (!others)
		textbuf_add(&out, "%s%s", record->observed ? ", as expected" : ": ",
			    record->observed ? "" : record->reason);
}

/* The table of a step's cells: what was seen, and which rule book disagrees. A name too long for its column has a line
 * of its own. */
static void print_cells(const struct scenario_facts *facts, const struct play *play)
{
	char line[RECORD_REASON_SIZE + 256], name[CELL_NAME_SIZE];
	size_t width = 0, most = text_columns(facts->out), rest = strlen("SYN-ACK continued; folk expects ACK") + 2;

	if (!play->cell_count)
		return;
	for (size_t i = 0; i < play->cell_count; i++)
		width = longer(width, cell_name(&play->cells[i].record.cell, name, sizeof(name)));
	if (width + rest > most)
		width = most - rest;
	fprintf(facts->out, "\n%s%-*s  %s%s\n", report_hue_on(facts->color, HUE_FAINT), (int)width, "cell", "answer",
		report_hue_off(facts->color, HUE_FAINT));
	for (size_t i = 0; i < play->cell_count; i++) {
		cell_words(&play->cells[i].record, line, sizeof(line));
		text_entry(facts->out, cell_name(&play->cells[i].record.cell, name, sizeof(name)), width + 2, line);
	}
}

/* The steps whose checks lacked just these needs, on one line. */
static void print_checks_left_out(const struct scenario_facts *facts, const struct play *play, unsigned needs)
{
	char text[512], words[160];
	struct textbuf out;
	size_t count = 0;

	textbuf_init(&out, text, sizeof(text));
	for (size_t i = 0; i < play->step_count; i++)
		if (play->steps[i].played && play->steps[i].findings.left_out == needs)
			textbuf_add(&out, "%s%zu", count++ ? ", " : "checks of step ", i + 1);
	if (!count || out.cut)
		return;
	textbuf_add(&out, ", which need %s", scenario_needs_format(needs, words, sizeof(words)));
	report_label(facts->out, facts->color, "left out:");
	text_wrap(facts->out, text, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_left_out(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char text[512];

	for (size_t i = 0; i < play->part_count; i++) {
		if (!*play->parts_left_out[i])
			continue;
		snprintf(text, sizeof(text), "%s: %s", scenario->parts[i].title ? scenario->parts[i].title : "the only part",
			 play->parts_left_out[i]);
		report_label(facts->out, facts->color, "left out:");
		text_wrap(facts->out, text, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
	for (unsigned needs = 1; needs <= NEED_ALL; needs++)
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

/* Only if they ended differently: otherwise there is nothing to report. */
static void print_plays(const struct scenario_facts *facts, const struct play *play)
{
	unsigned agree = play->plays[VERDICT_AGREES], differ = play->plays[VERDICT_DIFFERS],
		 inconclusive = play->plays[VERDICT_INCONCLUSIVE];

	if ((agree != 0) + (differ != 0) + (inconclusive != 0) > 1)
		fprintf(facts->out, "%*s%u plays: %u agreed, %u differed, %u inconclusive\n", REPORT_LABEL_WIDTH, "",
			agree + differ + inconclusive, agree, differ, inconclusive);
}

static void print_verdict(const struct scenario_facts *facts, const struct play *play)
{
	char checks[32], text[RECORD_REASON_SIZE + 64];
	size_t column = REPORT_LABEL_WIDTH + strlen(verdict_name(play->verdict)) + 2;

	report_label(facts->out, facts->color, "verdict:");
	fprintf(facts->out, "%s%s%s: ", report_hue_on(facts->color, report_verdict_hue(play->verdict)),
		verdict_name(play->verdict),
		report_hue_off(facts->color, report_verdict_hue(play->verdict)));
	snprintf(text, sizeof(text), "%s%s%s", play->reason, *play->reason ? "" :
		 text_plural(count_checks(play), "check", checks, sizeof(checks)), *play->reason ? "" : ", all as expected");
	text_wrap(facts->out, text, column, REPORT_LABEL_WIDTH);
	if (play->tries > 1)
		fprintf(facts->out, "%*splayed %u times: its limits are reset every second\n", REPORT_LABEL_WIDTH, "",
			play->tries);
	print_plays(facts, play);
	if (play->weak && play->verdict == VERDICT_AGREES) {
		fprintf(facts->out, "%*s", REPORT_LABEL_WIDTH, "");
		text_wrap(facts->out, "its silences were seen in two plays; the server's counters, which would prove them, are "
			  "out of reach", REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
}

void report_scenario_table(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char conclusion[2048];

	if (facts->quiet) {
		snprintf(conclusion, sizeof(conclusion), "%s%s%s", scenario->name, *play->reason ? ": " : "", play->reason);
		fprintf(facts->out, "%-14s", verdict_name(play->verdict));
		text_wrap(facts->out, conclusion, 14, 14);
		return;
	}
	snprintf(conclusion, sizeof(conclusion), "%s: %s", scenario->name, scenario->title);
	print_strong(facts, conclusion);
	text_wrap(facts->out, scenario->shows, 0, 0);
	print_ladder(facts, play);
	print_cells(facts, play);
	fputc('\n', facts->out);
	print_left_out(facts, scenario, play);
	play_conclusion(scenario, play, conclusion, sizeof(conclusion));
	if (*conclusion) {
		report_label(facts->out, facts->color, "conclusion:");
		text_wrap(facts->out, conclusion, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
	print_verdict(facts, play);
	fputc('\n', facts->out);
}
