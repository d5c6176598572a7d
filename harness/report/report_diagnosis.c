/* report_diagnosis.c - the report of a capture for a person: what was read, then each cause with its examples. */
#include "harness/report/report_diagnosis_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crafter/plain.h"
#include "crafter/segment_text.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/diagnose/details.h"
#include "harness/report/report_internal.h"
#include "harness/run/exit_code.h"

/* SHOWN_LIVE: of each cause in an interval; a flood of one must not bury the others. */
enum { SHOWN_LIVE = 10 };
enum { CAUSES_MAX = 64, EXAMPLES = 3, INDENT = 2, CLOCK_SIZE = 40, LINE_SIZE = 1024, PATH_SIZE = 512, PLURAL_SIZE = 48 };

/* An encounter that is shown. */
struct example {
	struct encounter encounter;
	struct judgement judgement;
	struct tuple tuple;
	struct example *next;
};

struct collected {
	uint64_t count, differ, uncertain;
	uint64_t shown; /* live: in this interval */
	struct example *first, **last;
};

struct report_diagnosis {
	const struct report_diagnosis_facts *facts;
	struct collected causes[CAUSES_MAX];
	uint64_t lost; /* examples that memory had no room for */
	/* Live: */
	struct diagnosis_counts before; /* when the last interval ended */
	uint64_t held_back;             /* in this one */
};

struct report_diagnosis *report_diagnosis_open(const struct report_diagnosis_facts *facts, struct error *error)
{
	struct report_diagnosis *report = calloc(1, sizeof(*report));

	if (!report) {
		fail(error, "out of memory for the report");
		return NULL;
	}
	report->facts = facts;
	for (size_t i = 0; i < CAUSES_MAX; i++)
		report->causes[i].last = &report->causes[i].first;
	if (facts->format == FORMAT_JSON)
		report_diagnosis_json_begin(facts);
	else if (facts->live && !facts->quiet)
		report_diagnosis_live_begin(facts);
	return report;
}

static size_t number_of(const struct cause *cause)
{
	size_t number = 0;

	while (number < CAUSES_MAX - 1 && cause_at(number) != cause)
		number++;
	return number;
}

void report_diagnosis_connection(struct report_diagnosis *report, const struct tracked *connection)
{
	if (report->facts->format == FORMAT_JSON)
		report_diagnosis_json_connection(report->facts, connection);
}

const char *report_diagnosis_clock(uint64_t time_ns, char *buffer, size_t size)
{
	time_t seconds = (time_t)(time_ns / NSEC_PER_SEC);
	char text[CLOCK_SIZE];
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc))
		snprintf(text, sizeof(text), "%lld", (long long)seconds);
	snprintf(buffer, size, "%s.%06luZ", text, (unsigned long)(time_ns % NSEC_PER_SEC / 1000));
	return buffer;
}

const char *report_diagnosis_command(const struct reproduction *reproduction, char *buffer, size_t size)
{
	char name[CELL_NAME_SIZE];

	if (reproduction->why_not)
		return NULL;
	snprintf(buffer, size, "twprobe %s", cell_name(&reproduction->cell, name, sizeof(name)));
	return buffer;
}

/* Numbers as they lie to the subject's own. */
static void add_segment(struct textbuf *line, const struct encounter *encounter, const struct segment *segment, bool of_subject)
{
	const struct end *subject = &encounter->subject;
	const char *snd_nxt = end_knows(subject, END_SND_NXT) ? "snd_nxt" : NULL;
	const char *rcv_nxt = end_knows(subject, END_RCV_NXT) ? "rcv_nxt" : NULL;
	struct segment_base theirs = { rcv_nxt, rcv_nxt ? subject->rcv_nxt : 0 };
	struct segment_base own = { snd_nxt, snd_nxt ? subject->snd_nxt : 0 };
	struct segment_bases bases = { .seq = of_subject ? own : theirs, .ack = of_subject ? theirs : own };
	char text[SEGMENT_TEXT_SIZE];

	if (end_knows(subject, END_TS_RECENT) && subject->timestamps && !of_subject)
		bases.tsval = (struct segment_base){ "ts_recent", subject->ts_recent };
	textbuf_add(line, "%s", segment_text_print(segment, &bases, SEGMENT_TEXT_TIMESTAMPS, text, sizeof(text)));
}

void report_diagnosis_add_expected(struct textbuf *out, const char *before, const struct judgement *judgement)
{
	const char *heading = "expected: ";

	for (enum book book = 0; book < BOOK_COUNT; book++) {
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

static void print_where(FILE *out, struct textbuf *line, const struct example *example)
{
	const struct encounter *encounter = &example->encounter;
	char clock[CLOCK_SIZE + 16], from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];

	textbuf_add(line, "frame %" PRIu64 ", %s, connection %" PRIu64, encounter->frame,
		    report_diagnosis_clock(encounter->time_ns, clock, sizeof(clock)), encounter->connection);
	print_line(out, line, INDENT);
	textbuf_add(line, "%s > %s, which is in %s", endpoint_format(&example->tuple.source, from, sizeof(from)),
		    endpoint_format(&example->tuple.target, to, sizeof(to)), state_name(encounter->subject.state));
	print_line(out, line, 2 * INDENT);
}

static void print_words(FILE *out, struct textbuf *line, const struct example *example)
{
	const struct judgement *judgement = &example->judgement;
	char details[DETAILS_SIZE];

	if (judgement->verdict == VERDICT_DIFFERS || judgement->missing) {
		textbuf_add(line, "%s", judgement->missing ? judgement->missing : judgement->why);
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

static void print_example(const struct report_diagnosis *report, const struct example *example)
{
	const struct encounter *encounter = &example->encounter;
	const struct judgement *judgement = &example->judgement;
	char array[LINE_SIZE + SEGMENT_TEXT_SIZE];
	FILE *out = report->facts->out;
	struct textbuf line;

	textbuf_init(&line, array, sizeof(array));
	print_where(out, &line, example);
	add_segment(&line, encounter, &encounter->segment, false);
	print_line(out, &line, 2 * INDENT);
	if (encounter->answered) {
		textbuf_add(&line, "answered by frame %" PRIu64 " after %.0f us: ", encounter->answer_frame,
			    (double)(encounter->answer_ns - encounter->time_ns) / 1e3);
		add_segment(&line, encounter, &encounter->answer, true);
	} else {
		textbuf_add(&line, "no answer");
	}
	print_line(out, &line, 2 * INDENT);
	report_diagnosis_add_expected(&line, "", judgement);
	if (line.length) /* some book decides */
		print_line(out, &line, 2 * INDENT);
	print_words(out, &line, example);
	print_command(out, &line, encounter);
}

static void print_meaning(FILE *out, const struct cause *cause)
{
	fprintf(out, "%*s", INDENT, "");
	text_wrap(out, cause->says, INDENT, INDENT);
	if (cause->advice) {
		fputs("  What helps: ", out);
		text_wrap(out, cause->advice, INDENT + 12, INDENT);
	}
}

static void print_cause(const struct report_diagnosis *report, const struct cause *cause, const struct collected *collected)
{
	const struct report_diagnosis_facts *facts = report->facts;
	FILE *out = facts->out;
	uint64_t shown = 0;

	fprintf(out, "\n%s%s: %" PRIu64 " time%s%s\n", report_hue_on(facts->color, HUE_STRONG), cause->title,
		collected->count, collected->count == 1 ? "" : "s", report_hue_off(facts->color, HUE_STRONG));
	print_meaning(out, cause);
	for (const struct example *example = collected->first; example; example = example->next, shown++)
		print_example(report, example);
	if (shown < collected->count)
		fprintf(out, "  and %" PRIu64 " more%s\n", collected->count - shown, facts->live ? "" : " (-v shows all)");
}

/* As it comes; what it means only with the first of its cause. */
static void print_live(struct report_diagnosis *report, const struct cause *cause, struct collected *collected,
		       const struct example *example)
{
	const struct report_diagnosis_facts *facts = report->facts;

	if (collected->shown++ >= SHOWN_LIVE && !facts->every_one) {
		report->held_back++;
		return;
	}
	fprintf(facts->out, "\n%s%s%s\n", report_hue_on(facts->color, HUE_STRONG), cause->title,
		report_hue_off(facts->color, HUE_STRONG));
	if (collected->count == 1)
		print_meaning(facts->out, cause);
	print_example(report, example);
}

/* Live it was told already, and weeks of it must not fill the memory. */
static bool is_kept(const struct report_diagnosis_facts *facts, const struct collected *collected, enum verdict verdict)
{
	if (collected->count <= EXAMPLES)
		return true;
	return !facts->live && (facts->every_one || verdict == VERDICT_DIFFERS);
}

void report_diagnosis_take(struct report_diagnosis *report, const struct diagnosed *diagnosed)
{
	struct collected *collected = &report->causes[number_of(diagnosed->cause)];
	struct example *example, now = { *diagnosed->encounter, *diagnosed->judgement, *diagnosed->tuple, NULL };

	if (report->facts->format == FORMAT_JSON) {
		report_diagnosis_json_encounter(report->facts, diagnosed);
		return;
	}
	collected->count++;
	collected->differ += diagnosed->judgement->verdict == VERDICT_DIFFERS;
	collected->uncertain += !diagnosed->judgement->certain;
	if (report->facts->live)
		print_live(report, diagnosed->cause, collected, &now);
	if (!is_kept(report->facts, collected, diagnosed->judgement->verdict))
		return;
	example = malloc(sizeof(*example));
	if (!example) {
		report->lost++;
		return;
	}
	*example = now;
	*collected->last = example;
	collected->last = &example->next;
}

void report_diagnosis_interval(struct report_diagnosis *report, const struct diagnosis_counts *counts, uint64_t now_ns)
{
	const struct report_diagnosis_facts *facts = report->facts;

	if (facts->format == FORMAT_JSON)
		report_diagnosis_live_interval_json(facts, counts, &report->before, now_ns);
	else if (!facts->quiet)
		report_diagnosis_live_interval(facts, counts, &report->before, now_ns, report->held_back);
	report->before = *counts;
	report->held_back = 0;
	for (size_t i = 0; i < CAUSES_MAX; i++)
		report->causes[i].shown = 0;
}

/* One line about the whole capture. */
__attribute__((format(printf, 3, 4)))
static void print_fact(FILE *out, size_t indent, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(out, "%*s", (int)indent, "");
	text_wrap(out, text, indent, indent + INDENT);
}

static void print_head(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	char path[PATH_SIZE], segments[PLURAL_SIZE], connections[PLURAL_SIZE];
	double seconds = (double)(counts->ended_ns - counts->begun_ns) / 1e9;

	print_fact(facts->out, 0, "%s: %s of %s in %.6g s", plain_show(facts->path, path, sizeof(path)),
		   text_plural(counts->tracker.segments, "segment", segments, sizeof(segments)),
		   text_plural(counts->tracker.connections, "connection", connections, sizeof(connections)),
		   counts->ended_ns ? seconds : 0);
}

static void print_written(FILE *out, const struct report_diagnosis_written *written)
{
	char name[PATH_SIZE], frames[PLURAL_SIZE], encounters[PLURAL_SIZE];

	plain_show(written->name, name, sizeof(name));
	if (written->failed)
		print_fact(out, INDENT, "%s is not whole: %s", name, written->failed);
	else
		print_fact(out, INDENT, "%s: %s, %s in comments", name,
			   text_plural(written->frames, "frame", frames, sizeof(frames)),
			   text_plural(written->commented, "encounter", encounters, sizeof(encounters)));
	if (written->without)
		print_fact(out, INDENT, "%s without a comment there: too many frames came before they were over",
			   text_plural(written->without, "encounter", encounters, sizeof(encounters)));
}

static void print_nat(FILE *out, const struct nat_counts *nat)
{
	const struct tuple *near = &nat->near, *far = &nat->far;
	char a[ENDPOINT_TEXT_SIZE], b[ENDPOINT_TEXT_SIZE], c[ENDPOINT_TEXT_SIZE], d[ENDPOINT_TEXT_SIZE], pairs[PLURAL_SIZE];

	if (!nat->pairs)
		return;
	print_fact(out, INDENT, "%s captured on both sides of a NAT, such as %s > %s, on the other side %s > %s",
		   text_plural(nat->pairs, "connection", pairs, sizeof(pairs)), endpoint_format(&near->source, a, sizeof(a)),
		   endpoint_format(&near->target, b, sizeof(b)), endpoint_format(&far->source, c, sizeof(c)),
		   endpoint_format(&far->target, d, sizeof(d)));
	if (nat->repeats)
		print_fact(out, INDENT, "%" PRIu64 " encounters that both sides show are told once", nat->repeats);
}

static void print_read(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	FILE *out = facts->out;

	print_head(facts, counts);
	if (counts->filtered)
		print_fact(out, INDENT, "%" PRIu64 " of %" PRIu64 " frames left out by the filter", counts->filtered,
			   counts->frames);
	if (counts->other)
		print_fact(out, INDENT, "%" PRIu64 " frames that are not TCP", counts->other);
	if (counts->copies)
		print_fact(out, INDENT, "%" PRIu64 " frames captured a second time on another interface", counts->copies);
	if (counts->unsound)
		print_fact(out, INDENT, "%" PRIu64 " frames that no host takes: fragments, wrong checksums, lengths that "
			   "contradict each other", counts->unsound);
	if (counts->icmp)
		print_fact(out, INDENT, "%" PRIu64 " ICMP errors about connections", counts->icmp);
	if (counts->unfilled)
		print_fact(out, INDENT, "%" PRIu64 " segments were captured before a card filled in their checksums",
			   counts->unfilled);
	if (counts->cut_options)
		print_fact(out, INDENT, "%" PRIu64 " segments whose options the capture cut off; tcpdump -s 128 keeps them",
			   counts->cut_options);
	if (counts->tracker.forgotten)
		print_fact(out, INDENT, "%" PRIu64 " idle connections were forgotten to make room for others; "
			   "--max-connections keeps more", counts->tracker.forgotten);
	print_nat(out, &counts->tracker.nat);
	if (counts->cut)
		print_fact(out, INDENT, "the file breaks off in the middle of a frame");
	if (counts->dropped)
		print_fact(out, INDENT, "%" PRIu64 " frames were dropped, because they were not read in time; a larger "
			   "--buffer may help", counts->dropped);
	if (counts->went_down)
		print_fact(out, INDENT, "the interface went down %" PRIu64 " time%s", counts->went_down,
			   counts->went_down == 1 ? "" : "s");
	if (counts->set)
		print_fact(out, INDENT, "the clock of this machine was set %" PRIu64 " time%s; the times here go on as before",
			   counts->set, counts->set == 1 ? "" : "s");
	if (facts->written)
		print_written(out, facts->written);
}

static void print_kernels(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	char text[KERNEL_STEPS_TEXT_SIZE];

	if (counts->kernels == UINT64_MAX)
		return;
	if (counts->kernels)
		print_fact(facts->out, 0, "Kernels that answer all of them like this: %s.",
			   kernel_steps_text(counts->kernels, text));
	else
		print_fact(facts->out, 0, "No kernel that the linux book knows answers all of them like this.");
}

void report_diagnosis_end(struct report_diagnosis *report, const struct diagnosis_counts *counts, const char *damage)
{
	const struct report_diagnosis_facts *facts = report->facts;
	const struct cause *cause;
	char encounters[PLURAL_SIZE];

	if (facts->format == FORMAT_JSON) {
		report_diagnosis_json_end(facts, counts, damage);
		return;
	}
	print_read(facts, counts);
	if (damage && facts->live)
		print_fact(facts->out, INDENT, "ended early: %s", damage);
	else if (damage)
		print_fact(facts->out, INDENT, "only its beginning could be read");
	print_fact(facts->out, 0, "%s: %" PRIu64 " as the %s book expects, %" PRIu64 " otherwise, %" PRIu64 " uncertain",
		   text_plural(counts->encounters, "encounter", encounters, sizeof(encounters)),
		   counts->verdicts[VERDICT_AGREES], oracle_book_name(facts->decides), counts->verdicts[VERDICT_DIFFERS],
		   counts->uncertain);
	print_kernels(facts, counts);
	for (size_t i = 0; (cause = cause_at(i)) && i < CAUSES_MAX; i++)
		if (report->causes[i].count)
			print_cause(report, cause, &report->causes[i]);
	if (report->lost)
		fprintf(facts->out, "\n%" PRIu64 " encounters are not shown for lack of memory\n", report->lost);
}

void report_diagnosis_close(struct report_diagnosis *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < CAUSES_MAX; i++) {
		while (report->causes[i].first) {
			struct example *next = report->causes[i].first->next;

			free(report->causes[i].first);
			report->causes[i].first = next;
		}
	}
	free(report);
}

int report_diagnosis_exit(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	struct replay_counts replay = { 0 };

	if (facts->replay)
		replay_count(facts->replay, &replay);
	if (facts->written && facts->written->failed)
		return EXIT_CANNOT_RUN;
	if (replay.failed)
		return replay.failed;
	if (counts->verdicts[VERDICT_DIFFERS] || replay.results[REPLAY_DIFFERS])
		return EXIT_DIFFERS;
	return counts->encounters && counts->uncertain == counts->encounters ? EXIT_INCONCLUSIVE : EXIT_AGREES;
}
