/* report_diagnosis_summary.c - how a person's report begins: what was read, how connections ended, what came how often. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cases/quantity.h"
#include "crafter/plain.h"
#include "crafter/textbuf.h"
#include "harness/report/report_diagnosis_internal.h"
#include "harness/report/report_internal.h"

/* ..._WIDTH: of the columns of the table. TABLE_LEAST: with less, each kind is a paragraph. */
enum { INDENT = 2, LINE_SIZE = 1024, PATH_SIZE = 512, PLURAL_SIZE = 48,
       COUNT_WIDTH = 7, CERTAIN_WIDTH = 9, DIFFER_WIDTH = 8, DELAY_WIDTH = 13, TABLE_LEAST = 70 };

void report_diagnosis_fact(FILE *out, size_t indent, const char *format, ...)
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

	report_diagnosis_fact(facts->out, 0, "%s: %s of %s in %.6g s", plain_show(facts->path, path, sizeof(path)),
			      text_plural(counts->tracker.segments, "segment", segments, sizeof(segments)),
			      text_plural(counts->tracker.connections, "connection", connections, sizeof(connections)),
			      counts->ended_ns ? seconds : 0);
}

/* "17 opened, 3 begun before the capture; 15 closed, 1 reset, 4 still open" */
static void print_connections(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	static const char *const words[TRACKED_ENDS] = {
		[TRACKED_CLOSED] = "closed", [TRACKED_RESET] = "reset", [TRACKED_REFUSED] = "refused",
		[TRACKED_UNOPENED] = "with the handshake not completed",
		[TRACKED_UNACKNOWLEDGED] = "with data that nobody acknowledged", [TRACKED_OPEN] = "still open",
	};
	static const enum tracked_end order[] = {
		TRACKED_CLOSED, TRACKED_RESET, TRACKED_REFUSED, TRACKED_UNOPENED, TRACKED_UNACKNOWLEDGED,
		TRACKED_OPEN,
	};
	const struct tracker_counts *tracker = &counts->tracker;
	uint64_t first = tracker->connections - counts->middle;
	char text[LINE_SIZE];
	struct textbuf line;
	const char *between = "; ";

	if (!tracker->connections)
		return;
	textbuf_init(&line, text, sizeof(text));
	if (first)
		textbuf_add(&line, "%" PRIu64 " opened", first);
	if (tracker->incarnations > first)
		textbuf_item(&line, ", ", "%" PRIu64 " opened again", tracker->incarnations - first);
	if (counts->middle)
		textbuf_item(&line, ", ", "%" PRIu64 " begun before the capture", counts->middle);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!counts->ends[order[i]])
			continue;
		textbuf_add(&line, "%s%" PRIu64 " %s", between, counts->ends[order[i]], words[order[i]]);
		between = ", ";
	}
	report_diagnosis_fact(facts->out, INDENT, "%s", text);
}

/* No encounter: a reset is what a closed port answers. But who is on call wants to know which. */
static void print_refusals(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	char port[ENDPOINT_TEXT_SIZE], times[PLURAL_SIZE], others[PLURAL_SIZE];

	if (!counts->refused_count)
		return;
	report_diagnosis_fact(facts->out, INDENT, "refused with a reset, as where nobody listens or a firewall rejects:");
	for (size_t i = 0; i < counts->refused_count; i++) {
		const struct refusals_port *refused = &counts->refused[i];

		report_diagnosis_fact(facts->out, 2 * INDENT, "%s: %s, first in frame %" PRIu64 "%s%s",
				      endpoint_format(&refused->port, port, sizeof(port)),
				      text_plural(refused->count, "time", times, sizeof(times)), refused->first_frame,
				      refused->answers ? "; it answered others: " : "",
				      refused->answers ? text_plural(refused->answers, "SYN", others, sizeof(others)) : "");
	}
	if (counts->refused_more)
		report_diagnosis_fact(facts->out, 2 * INDENT, "other ports: %s",
				      text_plural(counts->refused_more, "time", times, sizeof(times)));
}

/* What was not used, or is in doubt. */
static void print_left_out(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	const struct {
		uint64_t count;
		const char *noun, *one, *many;
	} rows[] = {
		{ counts->other, "frame", "that is not TCP", "that are not TCP" },
		{ counts->copies, "frame", "captured a second time on another interface",
		  "captured a second time on another interface" },
		{ counts->twins, "frame", "that stands in the capture twice", "that stand in the capture twice" },
		{ counts->unsound, "frame",
		  "that no host takes: a fragment, a wrong checksum, lengths that contradict each other",
		  "that no host takes: fragments, wrong checksums, lengths that contradict each other" },
		{ counts->icmp, "ICMP error", "about a connection", "about connections" },
		{ counts->unfilled, "segment", "captured before a card filled in its checksums",
		  "captured before a card filled in their checksums" },
		{ counts->cut_headers, "frame", "of which the capture has not even the TCP header; tcpdump -s 128 keeps it",
		  "of which the capture has not even the TCP header; tcpdump -s 128 keeps it" },
		{ counts->cut_options, "segment", "whose options the capture cut off; tcpdump -s 128 keeps them",
		  "whose options the capture cut off; tcpdump -s 128 keeps them" },
		{ counts->unshown + counts->unnumbered, "segment",
		  "without a sequence number in the text; tcpdump -vv shows it",
		  "without a sequence number in the text; tcpdump -vv shows it" },
		{ counts->one_way, "connection", "of which only one direction was captured",
		  "of which only one direction was captured" },
		{ counts->tracker.gaps, "gap", "in the capture: an acknowledgment of what was not captured",
		  "in the capture: acknowledgments of what was not captured" },
		{ counts->tracker.forgotten, "idle connection",
		  "forgotten to make room for others; --max-connections keeps more",
		  "forgotten to make room for others; --max-connections keeps more" },
		{ counts->dropped, "frame", "dropped, because it was not read in time; a larger --buffer may help",
		  "dropped, because they were not read in time; a larger --buffer may help" },
	};
	char text[PLURAL_SIZE];

	if (counts->filtered)
		report_diagnosis_fact(facts->out, INDENT, "%" PRIu64 " of %s left out by the filter", counts->filtered,
				      text_plural(counts->frames, "frame", text, sizeof(text)));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].count)
			report_diagnosis_fact(facts->out, INDENT, "%s %s",
					      text_plural(rows[i].count, rows[i].noun, text, sizeof(text)),
					      rows[i].count == 1 ? rows[i].one : rows[i].many);
	if (counts->unread)
		report_diagnosis_fact(facts->out, INDENT, "%s not understood, though like a packet; the first: %s",
				      text_plural(counts->unread, "line", text, sizeof(text)), counts->first_unread);
	if (counts->cut)
		report_diagnosis_fact(facts->out, INDENT, "the file breaks off in the middle of a frame");
	if (counts->went_down)
		report_diagnosis_fact(facts->out, INDENT, "the interface went down %s",
				      text_plural(counts->went_down, "time", text, sizeof(text)));
	if (counts->set)
		report_diagnosis_fact(facts->out, INDENT, "the clock of this machine was set %s; the times here go on as "
				      "before", text_plural(counts->set, "time", text, sizeof(text)));
}

static void print_nat(FILE *out, const struct nat_counts *nat)
{
	const struct tuple *near = &nat->near, *far = &nat->far;
	char a[ENDPOINT_TEXT_SIZE], b[ENDPOINT_TEXT_SIZE], c[ENDPOINT_TEXT_SIZE], d[ENDPOINT_TEXT_SIZE], text[PLURAL_SIZE];

	if (!nat->pairs)
		return;
	text_plural(nat->pairs, "connection", text, sizeof(text));
	if (!near->source.address.family)
		report_diagnosis_fact(out, INDENT, "%s captured on both sides of a NAT", text);
	else
		report_diagnosis_fact(out, INDENT, "%s captured on both sides of a NAT, such as %s > %s, on the other side "
				      "%s > %s", text, endpoint_format(&near->source, a, sizeof(a)),
				      endpoint_format(&near->target, b, sizeof(b)),
				      endpoint_format(&far->source, c, sizeof(c)),
				      endpoint_format(&far->target, d, sizeof(d)));
	if (nat->repeats)
		report_diagnosis_fact(out, INDENT, "%s that both sides show %s told once",
				      text_plural(nat->repeats, "encounter", text, sizeof(text)),
				      nat->repeats == 1 ? "is" : "are");
}

void report_diagnosis_read(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	char times[PLURAL_SIZE];

	print_head(facts, counts);
	print_connections(facts, counts);
	print_refusals(facts, counts);
	print_left_out(facts, counts);
	print_nat(facts->out, &counts->tracker.nat);
	if (counts->time_back)
		report_diagnosis_fact(facts->out, INDENT, "time goes back %s, by %.3g s at most: a clock that was set, several "
				      "captures in one, or interfaces with clocks of their own; what is around it is uncertain",
				      text_plural(counts->time_back, "time", times, sizeof(times)),
				      (double)counts->time_back_ns / 1e9);
}

static void print_nothing_odd(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	char handshakes[PLURAL_SIZE];
	bool opened = counts->tracker.connections > counts->middle;

	if (!counts->tracker.connections) {
		report_diagnosis_fact(facts->out, 0, counts->cut_headers ? "No segment could be read." :
				      "No TCP connection was seen.");
		return;
	}
	if (counts->ends[TRACKED_UNOPENED])
		report_diagnosis_fact(facts->out, 0, "No encounter, but %s not completed: the capture ends, or "
				      "has one direction only, or the connection was forgotten.",
				      text_plural(counts->ends[TRACKED_UNOPENED], "handshake", handshakes, sizeof(handshakes)));
	else
		report_diagnosis_fact(facts->out, 0, "Nothing odd%s.", !opened ? "" : counts->ends[TRACKED_REFUSED] ?
				      ": every SYN was answered" : ": all handshakes were completed");
}

const char *report_diagnosis_delay(const struct diagnosis_kind *kind, char buffer[static QUANTITY_TEXT_SIZE])
{
	if (!kind->delayed)
		return "-";
	return quantity_format(UNIT_TIME, (double)kind->worst_delay_ns, buffer, QUANTITY_TEXT_SIZE);
}

static void print_table_head(FILE *out, bool color)
{
	fprintf(out, "%s%*s%*s%*s%*s  what came%s\n", report_hue_on(color, HUE_FAINT), COUNT_WIDTH, "count", CERTAIN_WIDTH,
		"certain", DIFFER_WIDTH, "differ", DELAY_WIDTH, "worst delay", report_hue_off(color, HUE_FAINT));
}

static void print_row(FILE *out, bool color, const struct cause *cause, const struct diagnosis_kind *kind)
{
	size_t column = COUNT_WIDTH + CERTAIN_WIDTH + DIFFER_WIDTH + DELAY_WIDTH + INDENT;
	enum hue hue = kind->differ ? HUE_BAD : HUE_PLAIN;
	char delay[QUANTITY_TEXT_SIZE];

	fprintf(out, "%*" PRIu64 "%*" PRIu64 "%s%*" PRIu64 "%s%*s%*s", COUNT_WIDTH, kind->count, CERTAIN_WIDTH,
		kind->count - kind->uncertain, report_hue_on(color, hue), DIFFER_WIDTH, kind->differ,
		report_hue_off(color, hue), DELAY_WIDTH, report_diagnosis_delay(kind, delay), INDENT, "");
	text_wrap(out, cause->title, column, column);
}

static void print_paragraph(FILE *out, const struct cause *cause, const struct diagnosis_kind *kind)
{
	char delay[QUANTITY_TEXT_SIZE], text[PLURAL_SIZE];

	report_diagnosis_fact(out, INDENT, "%s: %s, %" PRIu64 " certain, %" PRIu64 " differ%s%s", cause->title,
			      text_plural(kind->count, "time", text, sizeof(text)), kind->count - kind->uncertain, kind->differ,
			      kind->delayed ? ", worst delay " : "", kind->delayed ? report_diagnosis_delay(kind, delay) : "");
}

void report_diagnosis_kinds(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	FILE *out = facts->out;
	bool table = text_columns(out) >= TABLE_LEAST;
	char encounters[PLURAL_SIZE], incidents[PLURAL_SIZE], of[PLURAL_SIZE + 8] = "", open[PLURAL_SIZE] = "";
	const struct cause *cause;

	if (!counts->encounters) {
		print_nothing_odd(facts, counts);
		return;
	}
	if (counts->open)
		snprintf(open, sizeof(open), "%" PRIu64 " that it leaves open, ", counts->open);
	if (counts->incidents < counts->encounters)
		snprintf(of, sizeof(of), " in %s", text_plural(counts->incidents, "incident", incidents, sizeof(incidents)));
	report_diagnosis_fact(out, 0, "%s%s: %" PRIu64 " as the %s book expects, %" PRIu64 " otherwise, %s%" PRIu64
			      " uncertain", text_plural(counts->encounters, "encounter", encounters, sizeof(encounters)), of,
			      counts->verdicts[VERDICT_AGREES] - counts->open, oracle_book_name(facts->decides),
			      counts->verdicts[VERDICT_DIFFERS], open, counts->uncertain);
	if (facts->format == FORMAT_HTML)
		return; /* its table is one of the page's */
	if (table)
		print_table_head(out, facts->color);
	for (size_t i = 0; (cause = cause_at(i)); i++) {
		const struct diagnosis_kind *kind = &counts->kinds[i];

		if (kind->count && table)
			print_row(out, facts->color, cause, kind);
		else if (kind->count)
			print_paragraph(out, cause, kind);
	}
}
