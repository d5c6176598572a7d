/* report_doubt.c - what a report adds where more than one answer was right, because the subject is not fully known. */
#include <stdio.h>
#include <string.h>

#include "harness/report/report_internal.h"

size_t report_doubt_count(const struct record *record, enum book book)
{
	return record->alternatives[book].count > 1 ? record->alternatives[book].count : 0;
}

bool report_doubt_fits(const struct record *record, enum book book, size_t number)
{
	const struct observation seen = record_observation(record);
	char why[RECORD_REASON_SIZE];

	return record->observed && verdict_of(&record->alternatives[book].list[number].expectation, &seen, why,
					      sizeof(why)) == VERDICT_AGREES;
}

const struct expectation *report_doubt_chosen(const struct record *record, enum book book)
{
	for (size_t i = 0; i < report_doubt_count(record, book); i++)
		if (report_doubt_fits(record, book, i))
			return &record->alternatives[book].list[i].expectation;
	return &record->expected[book];
}

const char *report_doubt_line(const struct record *record, enum book book, size_t number,
			      char buffer[static DOUBT_LINE_SIZE])
{
	const struct expectation *expected = &record->alternatives[book].list[number].expectation;
	const char *after = state_name(expected->after);
	char answer[ANSWER_TEXT_SIZE], when[ALTERNATIVE_TEXT_SIZE];

	oracle_alternative_text(&record->alternatives[book], number, when);
	snprintf(buffer, DOUBT_LINE_SIZE, "%s%s%s, %s%s", report_answer_text(expected->answer, expected->isn, answer),
		 after ? ", then " : "", after ? after : "", *when ? when : "as the cell says",
		 report_doubt_fits(record, book, number) ? " (fits)" : "");
	return buffer;
}

static void print_versions(FILE *out, const struct tally *tally)
{
	uint64_t kernels = tally_kernels(tally);
	char text[KERNEL_STEPS_TEXT_SIZE], line[KERNEL_STEPS_TEXT_SIZE + 280];

	if (kernels)
		snprintf(line, sizeof(line), "The exact version of the subject's kernel is unknown, and %zu of these cells "
			 "depend on it. Together they fit kernels %s. --kernel=VERSION selects whose rules judge.",
			 tally->by_version, kernel_steps_text(kernels, text));
	else
		snprintf(line, sizeof(line), "No single kernel's rules give all of these answers, although each fits some "
			 "kernel: there may be several kernels behind one address, or a vendor's kernel. %zu cells depend on "
			 "the version.",
			 tally->by_version);
	text_wrap(out, line, 0, 2);
}

void report_doubt_print(FILE *out, const struct tally *tally, bool quiet)
{
	char line[240], cells[32];

	if (tally->by_version && (!quiet || !tally_kernels(tally)))
		print_versions(out, tally);
	if (!tally->by_process || quiet)
		return;
	snprintf(line, sizeof(line), "In %s more than one answer is right: it depends on what the server's process did with "
		 "its socket, which cannot be seen from here.",
		 text_plural(tally->by_process, "cell", cells, sizeof(cells)));
	text_wrap(out, line, 0, 2);
}
