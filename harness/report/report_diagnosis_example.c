/* report_diagnosis_example.c - one encounter for a person: where, the lines around it, what was expected, how to ask again. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cases/quantity.h"
#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "harness/diagnose/details.h"
#include "harness/report/report_diagnosis_internal.h"
#include "harness/report/report_ends.h"

/* NARROW: with less, the ladder is not indented. TIME_WIDTH: "-999.999 ms". */
enum { INDENT = 2, NARROW = 60, TIME_WIDTH = 11, CLOCK_SIZE = 64, LINE_SIZE = 1024, PLURAL_SIZE = 48 };

/* Numbers count from the subject's own when the encounter came. */
static struct segment_bases bases_of(const struct encounter *encounter, bool of_subject)
{
	const struct end *subject = &encounter->subject;
	const char *snd_nxt = end_knows(subject, END_SND_NXT) ? "snd_nxt" : NULL;
	const char *rcv_nxt = end_knows(subject, END_RCV_NXT) ? "rcv_nxt" : NULL;
	struct segment_base theirs = { rcv_nxt, rcv_nxt ? subject->rcv_nxt : 0 };
	struct segment_base own = { snd_nxt, snd_nxt ? subject->snd_nxt : 0 };
	struct segment_bases bases = { .seq = of_subject ? own : theirs, .ack = of_subject ? theirs : own };

	if (end_knows(subject, END_TS_RECENT) && subject->timestamps && !of_subject)
		bases.tsval = (struct segment_base){ "ts_recent", subject->ts_recent };
	return bases;
}

static void add_segment(struct textbuf *line, const struct encounter *encounter, const struct segment *segment, bool of_subject)
{
	const struct segment_bases bases = bases_of(encounter, of_subject);
	char text[SEGMENT_TEXT_SIZE];

	textbuf_add(line, "%s", segment_text_print(segment, &bases, SEGMENT_TEXT_BRIEF, text, sizeof(text)));
}

void report_diagnosis_add_expected(struct textbuf *out, const char *before, const struct judgement *judgement)
{
	const char *heading = "expected: ";

	for (enum book book = 0; book < BOOK_USUAL; book++) {
		const struct expectation *expectation = &judgement->expected[book].list[0].expectation;
		char text[ANSWER_TEXT_SIZE];

		if (expectation->answer == ANSWER_OPEN)
			continue;
		textbuf_add(out, "%s%s%s: %s", before, heading, oracle_book_name(book),
			    report_answer_text(expectation->answer, expectation->isn, text));
		before = ", ";
		heading = "";
	}
}

/* One line of an example, in as many as it takes. */
static void print_line(FILE *out, struct textbuf *line, size_t indent)
{
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, line->text, indent, indent + INDENT);
	textbuf_init(line, line->text, line->size);
}

/* A time on the first day of 1970 has neither date nor zone: a text without dates, or a machine without a clock. */
static const char *clock_of(const struct encounter *encounter, char *buffer, size_t size)
{
	if (!encounter_has_times(encounter))
		return "time not known";
	report_diagnosis_clock(encounter->time_ns, buffer, size);
	if (strncmp(buffer, "1970-01-01T", 11) != 0)
		return buffer;
	buffer[strcspn(buffer, "Z")] = '\0';
	return buffer + 11;
}

static void print_where(FILE *out, struct textbuf *line, const struct report_example *example)
{
	const struct encounter *encounter = &example->encounter;
	char clock[CLOCK_SIZE], from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];

	textbuf_add(line, "frame %" PRIu64 ", %s, connection %" PRIu64, encounter->frame,
		    clock_of(encounter, clock, sizeof(clock)), encounter->connection);
	if (encounter->incident && encounter->incident != encounter->frame)
		textbuf_add(line, "; follows from frame %" PRIu64, encounter->incident);
	print_line(out, line, INDENT);
	textbuf_add(line, "%s > %s", endpoint_format(&example->tuple.source, from, sizeof(from)),
		    endpoint_format(&example->tuple.target, to, sizeof(to)));
	if (encounter->subject.state != STATE_UNKNOWN)
		textbuf_add(line, ", which is in %s", state_name(encounter->subject.state));
	print_line(out, line, 2 * INDENT);
}

static void print_words(FILE *out, bool color, struct textbuf *line, const struct report_example *example)
{
	const struct judgement *judgement = &example->judgement;
	enum hue hue = judgement->missing ? HUE_UNSURE : HUE_BAD;
	char details[DETAILS_SIZE];

	if (judgement->verdict == VERDICT_DIFFERS || judgement->missing) {
		textbuf_add(line, "%s%s:%s %s", report_hue_on(color, hue), judgement->missing ? "uncertain" : "differs",
			    report_hue_off(color, hue), judgement->missing ? judgement->missing : judgement->why);
		print_line(out, line, 2 * INDENT);
	}
	if (*details_write(&example->encounter, details, sizeof(details))) {
		textbuf_add(line, "%s", details);
		print_line(out, line, 2 * INDENT);
	}
}

static void print_command(FILE *out, struct textbuf *line, const struct encounter *encounter)
{
	char command[CELL_NAME_SIZE + 16];
	struct reproduction reproduction;

	reproduction_make(encounter, &reproduction);
	if (reproduction.why_not) {
		textbuf_add(line, "no command asks this again: %s", reproduction.why_not);
		print_line(out, line, 2 * INDENT);
		return;
	}
	/* To be copied: not broken. */
	fprintf(out, "    ask again: %s\n", report_diagnosis_command(&reproduction, command, sizeof(command)));
	if (*reproduction.lacks)
		textbuf_add(line, "which does not repeat: %s", reproduction.lacks);
	if (!reproduction.same)
		textbuf_add(line, "%s", *reproduction.lacks ? "; the answer may depend on more than it repeats" :
			    "the answer may depend on more than it repeats");
	if (line->length)
		print_line(out, line, 2 * INDENT);
}

/* "+1.032 s" since the encounter: finer than quantity_format(), to tell neighbours apart. */
static const char *format_time(const struct encounter *encounter, uint64_t time_ns, char buffer[static REPORT_TIME_SIZE])
{
	double us = (double)(int64_t)(time_ns - encounter->time_ns) / 1e3;

	if (!encounter_has_times(encounter))
		snprintf(buffer, REPORT_TIME_SIZE, "?");
	else if (time_ns == encounter->time_ns)
		snprintf(buffer, REPORT_TIME_SIZE, "0");
	else if (fabs(us) < 1e3)
		snprintf(buffer, REPORT_TIME_SIZE, "%+.1f us", us);
	else if (fabs(us) < 1e6)
		snprintf(buffer, REPORT_TIME_SIZE, "%+.3f ms", us / 1e3);
	else
		snprintf(buffer, REPORT_TIME_SIZE, "%+.3f s", us / 1e6);
	return buffer;
}

/* The client is on the left; where the capture does not show who that is, the sender of the encounter's segment, as in the line
 * above the ladder. */
static bool subject_is_left(const struct encounter *encounter)
{
	return end_knows(&encounter->subject, END_ISS) && !encounter->subject.passive;
}

static size_t longer(size_t width, enum state state)
{
	const char *name = state_name(state);

	return name && strlen(name) > width ? strlen(name) : width;
}

static void print_numbers(const struct encounter *encounter, const struct ladder_rung *rung, char *buffer, size_t size)
{
	const struct segment_bases bases = bases_of(encounter, rung->of_subject);
	struct segment segment;

	ladder_segment(rung, &segment);
	segment_text_print(&segment, &bases, SEGMENT_TEXT_BRIEF, buffer, size);
}

const char *report_diagnosis_end_name(const struct report_example *example, bool left)
{
	if (end_knows(&example->encounter.subject, END_ISS))
		return left ? "client" : "server";
	return left ? "sender" : "receiver";
}

static struct ends_columns measure(FILE *out, const struct report_example *example)
{
	bool left = subject_is_left(&example->encounter);
	struct ends_columns wanted = {
		.left_name = report_diagnosis_end_name(example, true),
		.right_name = report_diagnosis_end_name(example, false),
		.indent = text_columns(out) < NARROW ? 0 : 2 * INDENT,
		.time = TIME_WIDTH,
	};
	char numbers[SEGMENT_TEXT_SIZE];
	size_t right = 0;

	for (size_t i = 0; i < example->rung_count; i++) {
		const struct ladder_rung *rung = &example->rungs[i];

		wanted.left = longer(wanted.left, left ? rung->subject : rung->other);
		right = longer(right, left ? rung->other : rung->subject);
		print_numbers(&example->encounter, rung, numbers, sizeof(numbers));
		if (strlen(numbers) > wanted.numbers)
			wanted.numbers = strlen(numbers);
	}
	return report_ends_columns(out, &wanted, right);
}

/* A state is told where it changes. */
static const char *state_of(enum state state, enum state before, bool first)
{
	const char *name = state_name(state);

	return name && (first || state != before) ? name : "";
}

static const char *note_of(const struct ladder_rung *rung)
{
	if (rung->is_encounter)
		return "encounter";
	return rung->is_answer ? "answer" : rung->ends_delay ? "ends the delay" : "";
}

void report_diagnosis_rung(const struct report_example *example, size_t number, struct report_example_rung *shown)
{
	const struct encounter *encounter = &example->encounter;
	const struct ladder_rung *rung = &example->rungs[number], *before = number ? rung - 1 : rung;
	const char *subject = state_of(rung->subject, before->subject, !number);
	const char *other = state_of(rung->other, before->other, !number);
	bool left = subject_is_left(encounter);

	print_numbers(encounter, rung, shown->numbers, sizeof(shown->numbers));
	shown->rung = (struct ends_rung){
		.time = format_time(encounter, rung->time_ns, shown->time),
		.from_left = rung->of_subject == left,
		.left = left ? subject : other,
		.right = left ? other : subject,
		.numbers = shown->numbers,
		.note = note_of(rung),
		.hue = rung->is_encounter || rung->is_answer ? HUE_STRONG : HUE_PLAIN,
	};
	shown->gap[0] = '\0';
	if (rung->left_out) {
		char count[PLURAL_SIZE];

		snprintf(shown->gap, sizeof(shown->gap), "%s %s", text_plural(rung->left_out, "segment", count, sizeof(count)),
			 number ? "left out" : "before");
	}
}

static void print_ladder(FILE *out, bool color, const struct report_example *example)
{
	struct ends_columns columns = measure(out, example);
	struct report_example_rung shown;

	report_ends_head(out, color, &columns, "time");
	for (size_t i = 0; i < example->rung_count; i++) {
		report_diagnosis_rung(example, i, &shown);
		if (shown.gap[0])
			report_ends_remark(out, color, &columns, "...", shown.gap);
		report_ends_rung(out, color, &columns, &shown.rung);
	}
}

/* The numbers are in the ladder, where there is one. */
static void add_answer(struct textbuf *line, const struct report_example *example)
{
	const struct encounter *encounter = &example->encounter;
	double after_ns = (double)(encounter->answer_ns - encounter->time_ns);
	char time[QUANTITY_TEXT_SIZE], answer[ANSWER_TEXT_SIZE];

	if (!encounter->answered) {
		textbuf_add(line, "no answer");
		return;
	}
	textbuf_add(line, "answered by frame %" PRIu64, encounter->answer_frame);
	if (encounter_has_times(encounter))
		textbuf_add(line, " after %s", quantity_format(UNIT_TIME, after_ns, time, sizeof(time)));
	textbuf_add(line, ": ");
	if (example->rung_count)
		textbuf_add(line, "%s", report_answer_text(encounter_answer(encounter), encounter_isn(encounter), answer));
	else
		add_segment(line, encounter, &encounter->answer, true);
}

/* What answers a segment that is routine is not looked for. */
static void print_answer(FILE *out, struct textbuf *line, const struct report_example *example)
{
	const struct encounter *encounter = &example->encounter;
	char time[QUANTITY_TEXT_SIZE];

	if (!encounter_is_routine(encounter)) {
		add_answer(line, example);
		print_line(out, line, 2 * INDENT);
	}
	if (!encounter->delay_known || encounter->delay_frame == encounter->answer_frame)
		return;
	textbuf_add(line, "delay: %s, until frame %" PRIu64, quantity_format(UNIT_TIME, (double)encounter->delay_ns, time,
									    sizeof(time)), encounter->delay_frame);
	print_line(out, line, 2 * INDENT);
}

void report_diagnosis_where(FILE *out, const struct report_example *example)
{
	char array[LINE_SIZE];
	struct textbuf line;

	textbuf_init(&line, array, sizeof(array));
	print_where(out, &line, example);
}

void report_diagnosis_words(FILE *out, bool color, const struct report_example *example)
{
	const struct encounter *encounter = &example->encounter;
	char array[LINE_SIZE + SEGMENT_TEXT_SIZE];
	struct textbuf line;

	textbuf_init(&line, array, sizeof(array));
	if (!example->rung_count) {
		add_segment(&line, encounter, &encounter->segment, false);
		print_line(out, &line, 2 * INDENT);
	}
	print_answer(out, &line, example);
	report_diagnosis_add_expected(&line, "", &example->judgement);
	if (line.length) /* some book decides */
		print_line(out, &line, 2 * INDENT);
	print_words(out, color, &line, example);
	print_command(out, &line, encounter);
}

void report_diagnosis_example(FILE *out, bool color, const struct report_example *example)
{
	report_diagnosis_where(out, example);
	if (example->rung_count)
		print_ladder(out, color, example);
	report_diagnosis_words(out, color, example);
}
