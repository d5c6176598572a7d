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
#include "harness/report/html.h"
#include "harness/report/report_names.h"
#include "harness/report/report_internal.h"
#include "harness/run/exit_code.h"

/* SHOWN_LIVE: of each cause in an interval; a flood of one must not bury the others. */
enum { SHOWN_LIVE = 10 };
/* EXAMPLES: of each cause, and as many that differ. KEPT_MAX: of all of them. */
enum { EXAMPLES = 2, KEPT_MAX = 50000, INDENT = 2, CLOCK_SIZE = 40, PLURAL_SIZE = 48 };

struct collected {
	uint64_t count;
	uint64_t kept, kept_differing; /* of them */
	uint64_t shown;                /* live: in this interval */
	struct report_example *first, **last;
};

struct report_diagnosis {
	const struct report_diagnosis_facts *facts;
	struct collected causes[CAUSE_MOST];
	struct report_diagnosis_hosts hosts;
	uint64_t kept; /* examples */
	struct report_names names;
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
	for (size_t i = 0; i < CAUSE_MOST; i++)
		report->causes[i].last = &report->causes[i].first;
	if (facts->format == FORMAT_JSON)
		report_diagnosis_json_begin(facts);
	else if (facts->format == FORMAT_HTML)
		report_diagnosis_html_begin(facts);
	else if (facts->live && !facts->quiet)
		report_diagnosis_live_begin(facts);
	return report;
}

void report_diagnosis_host(struct report_diagnosis *report, const struct host *host)
{
	if (report->facts->format == FORMAT_JSON)
		report_diagnosis_json_host(report->facts, host);
	else
		report_diagnosis_hosts_take(&report->hosts, host);
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
	char times[PLURAL_SIZE];

	fputc('\n', out);
	report_diagnosis_fact(out, 0, "%s%s: %s%s", report_hue_on(facts->color, HUE_STRONG), cause->title,
			      text_plural(collected->count, "time", times, sizeof(times)),
			      report_hue_off(facts->color, HUE_STRONG));
	print_meaning(out, cause);
	for (const struct report_example *example = collected->first; example; example = example->next)
		report_diagnosis_example(out, facts->color, example);
	if (collected->kept < collected->count)
		report_diagnosis_fact(out, INDENT, "and %" PRIu64 " more%s", collected->count - collected->kept, facts->live ?
				      "" : facts->every_one ? " (--format=json has all)" : " (-v shows all)");
}

/* As it comes; what it means only with the first of its cause. */
static void print_live(struct report_diagnosis *report, const struct cause *cause, struct collected *collected,
		       const struct report_example *example)
{
	const struct report_diagnosis_facts *facts = report->facts;

	if (collected->shown++ >= SHOWN_LIVE && !facts->every_one) {
		report->held_back++;
		return;
	}
	fputc('\n', facts->out);
	report_diagnosis_fact(facts->out, 0, "%s%s%s", report_hue_on(facts->color, HUE_STRONG), cause->title,
			      report_hue_off(facts->color, HUE_STRONG));
	if (collected->count == 1)
		print_meaning(facts->out, cause);
	report_diagnosis_example(report->facts->out, report->facts->color, example);
}

/* Some of each kind, and some that differ. Live they were told already, and weeks of them must not fill the memory. */
static bool is_kept(const struct report_diagnosis *report, const struct collected *collected, bool differs)
{
	if (report->facts->every_one && !report->facts->live)
		return report->kept < KEPT_MAX;
	return collected->kept < EXAMPLES || (differs && collected->kept_differing < EXAMPLES);
}

static void keep(struct report_diagnosis *report, struct collected *collected, const struct report_example *example)
{
	struct report_example *kept = malloc(sizeof(*kept));

	if (!kept)
		return;
	*kept = *example;
	*collected->last = kept;
	collected->last = &kept->next;
	collected->kept++;
	collected->kept_differing += example->judgement.verdict == VERDICT_DIFFERS;
	report->kept++;
}

static void make_example(const struct diagnosed *diagnosed, struct report_example *example)
{
	*example = (struct report_example){
		.encounter = *diagnosed->encounter,
		.judgement = *diagnosed->judgement,
		.tuple = *diagnosed->tuple,
		.rung_count = diagnosed->rung_count,
	};
	if (diagnosed->rung_count)
		memcpy(example->rungs, diagnosed->rungs, diagnosed->rung_count * sizeof(*diagnosed->rungs));
}

void report_diagnosis_take(struct report_diagnosis *report, const struct diagnosed *diagnosed)
{
	struct collected *collected = &report->causes[cause_number(diagnosed->cause)];
	bool kept = is_kept(report, collected, diagnosed->judgement->verdict == VERDICT_DIFFERS);
	struct report_example example;

	if (report->facts->format == FORMAT_JSON) {
		report_diagnosis_json_encounter(report->facts, diagnosed);
		return;
	}
	collected->count++;
	if (!report->facts->live && !kept) /* almost every one */
		return;
	make_example(diagnosed, &example);
	if (report->facts->live)
		print_live(report, diagnosed->cause, collected, &example);
	if (kept)
		keep(report, collected, &example);
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
	for (size_t i = 0; i < CAUSE_MOST; i++)
		report->causes[i].shown = 0;
}

void report_diagnosis_name(struct report_diagnosis *report, const char *name, const struct address *address)
{
	if (report->facts->format == FORMAT_JSON)
		report_diagnosis_json_name(report->facts, name, address);
	else
		report_names_add(&report->names, name, address);
}

/* What was read, which encounters there were, which kernels answered. */
static void print_summary(const struct report_diagnosis *report, const struct report_diagnosis_facts *facts,
			  const struct diagnosis_counts *counts, const char *damage)
{
	report_diagnosis_read(facts, counts);
	report_names_print(&report->names, facts->out);
	if (damage && facts->live)
		report_diagnosis_fact(facts->out, INDENT, "ended early: %s", damage);
	else if (damage)
		report_diagnosis_fact(facts->out, INDENT, "only its beginning could be read");
	report_diagnosis_written(facts);
	fputc('\n', facts->out);
	report_diagnosis_kinds(facts, counts);
	report_diagnosis_hosts_print(facts, &report->hosts, counts);
}

static void write_page(const struct report_diagnosis *report, const struct diagnosis_counts *counts, const char *damage)
{
	struct report_diagnosis_facts facts = *report->facts;
	const struct cause *cause;
	struct html_lines lines;

	if (html_lines_begin(&lines) == 0) {
		facts.out = lines.out;
		print_summary(report, &facts, counts, damage);
		html_lines_end(&lines, report->facts->out);
	}
	report_diagnosis_html_kinds(report->facts, counts);
	for (size_t i = 0; (cause = cause_at(i)) && i < CAUSE_MOST; i++) {
		const struct collected *collected = &report->causes[i];

		if (collected->count)
			report_diagnosis_html_cause(report->facts, &(struct report_collected){
				cause, collected->count, collected->kept, collected->first });
	}
	if (facts.replay)
		report_diagnosis_html_replay(report->facts);
}

void report_diagnosis_end(struct report_diagnosis *report, const struct diagnosis_counts *counts, const char *damage)
{
	const struct report_diagnosis_facts *facts = report->facts;
	const struct cause *cause;

	if (facts->format == FORMAT_JSON) {
		report_diagnosis_json_end(facts, counts, damage);
		return;
	}
	if (facts->format == FORMAT_HTML) {
		write_page(report, counts, damage);
		return;
	}
	if (facts->live)
		fputc('\n', facts->out);
	print_summary(report, facts, counts, damage);
	for (size_t i = 0; (cause = cause_at(i)) && i < CAUSE_MOST; i++)
		if (report->causes[i].count)
			print_cause(report, cause, &report->causes[i]);
}

void report_diagnosis_close(struct report_diagnosis *report)
{
	if (!report)
		return;
	report_names_free(&report->names);
	for (size_t i = 0; i < CAUSE_MOST; i++) {
		while (report->causes[i].first) {
			struct report_example *next = report->causes[i].first->next;

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
	if (!counts->tracker.segments && counts->cut_headers) /* nothing is known of what they were */
		return EXIT_INCONCLUSIVE;
	return counts->encounters && counts->uncertain == counts->encounters ? EXIT_INCONCLUSIVE : EXIT_AGREES;
}
