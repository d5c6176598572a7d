/* report_rung.c - one segment of a ladder in columns: first the numbers as they lie to the connection's, below them those on
 * the wire. A terminal of less than RUNG_WIDE columns shows the former alone, and timestamps on a line of their own. */
#include <string.h>

#include "harness/report/report_rung.h"

enum { LEFT_WIDTH = 18, WINDOW_WIDTH = 8, RUNG_WIDE = 80 };

static const int widths[RUNG_FIELDS] = { 15, 15, 17, 15 };
static const struct rung titles = { .near = { "seq", "ack", "TSval", "TSecr" } };

void report_rung_numbers(struct rung *rung, const struct segment *segment, const struct segment_bases *bases)
{
	const uint32_t values[RUNG_FIELDS] = { segment->seq, segment->ack, segment->tsval, segment->tsecr };
	bool timestamps = segment_has_option(segment, OPTION_TIMESTAMPS);
	const bool acks = segment->flags & FLAG_ACK;
	const char *const names[RUNG_FIELDS] = { bases->seq.name, acks ? bases->ack.name : NULL, bases->tsval.name,
						 bases->tsecr.name };
	const struct segment_base *const from[RUNG_FIELDS] = { &bases->seq, &bases->ack, &bases->tsval, &bases->tsecr };
	const bool there[RUNG_FIELDS] = { true, segment->ack || acks, timestamps, timestamps };

	for (size_t i = 0; i < RUNG_FIELDS; i++) {
		char *near = rung->near[i], *far = rung->far[i];

		strcpy(near, "-");
		if (there[i])
			segment_text_number(NULL, values[i], near);
		strcpy(far, near);
		if (there[i] && names[i])
			segment_text_number(from[i], values[i], near);
		/* The distance of a number that is too far away for its column means nothing. */
		if (strlen(near) >= (size_t)widths[i])
			strcpy(near, far);
		if (strcmp(near, far) == 0)
			*far = '\0';
	}
}

/* Some fields, after what is left of them; a line has no blanks at its end. */
static void print_fields(FILE *out, const char *left, const char (*texts)[RUNG_TEXT_SIZE], size_t first, size_t last,
			 const char *window)
{
	int pad = LEFT_WIDTH - (int)text_width(left);
	size_t i;

	fputs(left, out);
	for (i = first; i <= last; i++) {
		int blanks = pad > 0 ? pad : 1; /* many flags reach into the next column */

		if (*texts[i])
			fprintf(out, "%*s%s", blanks, "", texts[i]);
		pad += widths[i] - (*texts[i] ? blanks + (int)strlen(texts[i]) : 0);
	}
	if (*window)
		fprintf(out, "%*s", pad + WINDOW_WIDTH, window);
	fputc('\n', out);
}

static void print_lines(FILE *out, bool color, enum hue hue, const char *left, const struct rung *rung, const char *window)
{
	size_t columns = text_columns(out);
	bool wide = columns >= RUNG_WIDE;

	fputs(report_hue_on(color, hue), out);
	print_fields(out, left, rung->near, RUNG_SEQ, wide ? RUNG_TSECR : RUNG_ACK,
		     columns >= RUNG_WIDE + WINDOW_WIDTH ? window : "");
	fputs(report_hue_off(color, hue), out);
	left = text_width(rung->note) < LEFT_WIDTH ? rung->note : "";
	fputs(report_hue_on(color, *left ? hue : HUE_FAINT), out);
	if (!wide)
		print_fields(out, left, rung->near, RUNG_TSVAL, RUNG_TSECR, "");
	else if (*left || *rung->far[RUNG_SEQ] || *rung->far[RUNG_ACK] || *rung->far[RUNG_TSVAL] || *rung->far[RUNG_TSECR])
		print_fields(out, left, rung->far, RUNG_SEQ, RUNG_TSECR, "");
	fputs(report_hue_off(color, *left ? hue : HUE_FAINT), out);
	if (*rung->note && !*left) {
		fprintf(out, "%*s", LEFT_WIDTH, "");
		text_wrap(out, rung->note, LEFT_WIDTH, LEFT_WIDTH);
	}
}

void report_rung_head(FILE *out, bool color)
{
	print_lines(out, color, HUE_FAINT, "  time us", &titles, "window");
}

void report_rung_print(FILE *out, bool color, const struct rung *rung)
{
	char flags[FLAGS_TEXT_SIZE], left[64], window[16];

	segment_text_flags(rung->flags, flags);
	snprintf(left, sizeof(left), "%9.*f %s %s", rung->time_us < 1e7 ? 1 : 0, rung->time_us, rung->ours ? "-->" : "<--",
		 flags);
	snprintf(window, sizeof(window), "%u", rung->window);
	print_lines(out, color, rung->strong ? HUE_STRONG : HUE_PLAIN, left, rung, window);
}
