/* report_text.c - words and colours that the formats share. */
#include <stdio.h>
#include <string.h>

#include "crafter/seq.h"
#include "harness/report/report_internal.h"

const char *report_hue_on(bool color, enum hue hue)
{
	static const char *const codes[] = {
		[HUE_PLAIN] = "",
		[HUE_GOOD] = "\033[32m",
		[HUE_OTHERWISE] = "\033[33m",
		[HUE_BAD] = "\033[1;31m",
		[HUE_UNSURE] = "\033[35m",
		[HUE_FAINT] = "\033[2m",
		[HUE_STRONG] = "\033[1m",
	};

	return color ? codes[hue] : "";
}

const char *report_hue_off(bool color, enum hue hue)
{
	return color && hue != HUE_PLAIN ? "\033[0m" : "";
}

void report_label(FILE *out, bool color, const char *label)
{
	fprintf(out, "%s%-*s%s", report_hue_on(color, HUE_STRONG), REPORT_LABEL_WIDTH, label,
		report_hue_off(color, HUE_STRONG));
}

const char *report_answer_text(enum answer answer, enum isn isn, char buffer[static ANSWER_TEXT_SIZE])
{
	static const char *const words[ANSWER_COUNT] = {
		[ANSWER_OPEN] = "open",   [ANSWER_SYN_ACK] = "SYN-ACK",   [ANSWER_ACK] = "ACK",
		[ANSWER_RST] = "RST",     [ANSWER_SILENCE] = "silence",   [ANSWER_OTHER] = "other",
	};
	const char *kind = oracle_isn_name(isn);

	snprintf(buffer, ANSWER_TEXT_SIZE, "%s%s%s", words[answer], kind ? " " : "", kind ? kind : "");
	return buffer;
}

static const char *answer_short(enum answer answer, enum isn isn, char buffer[static ANSWER_TEXT_SIZE])
{
	if (answer == ANSWER_SILENCE)
		return strcpy(buffer, "-");
	report_answer_text(answer, ISN_NONE, buffer);
	if (isn == ISN_CONTINUED)
		strcat(buffer, " c");
	return buffer;
}

typedef const char *answer_writer(enum answer answer, enum isn isn, char buffer[static ANSWER_TEXT_SIZE]);

static const char *outcome(const struct record *record, answer_writer *writer, char *buffer)
{
	char after[ANSWER_TEXT_SIZE] = "?";
	size_t length;

	if (record->verdict == VERDICT_MIXED)
		return strcpy(buffer, verdict_name(VERDICT_MIXED));
	if (!record->observed)
		return strcpy(buffer, record->verdict == VERDICT_SKIPPED ? "skipped" : "?");
	writer(record->answer, record->isn, buffer);
	if (record->has_follow_up) {
		if (record->follow_up_conclusive)
			writer(record->follow_up_answer, record->follow_up_isn, after);
		length = strlen(buffer);
		snprintf(buffer + length, ANSWER_TEXT_SIZE - length, ", then %.40s", after);
	}
	return buffer;
}

const char *report_outcome_text(const struct record *record, char buffer[static ANSWER_TEXT_SIZE])
{
	return outcome(record, report_answer_text, buffer);
}

const char *report_outcome_short(const struct record *record, char buffer[static ANSWER_TEXT_SIZE])
{
	return outcome(record, answer_short, buffer);
}

const char *report_otherwise_text(const struct record *record, enum book book, char buffer[static OTHERWISE_SIZE])
{
	const struct expectation *expected = &record->expected[book];
	char answer[ANSWER_TEXT_SIZE];
	struct wrong_field wrong;

	if (record_opinion(record, book) != OPINION_OTHERWISE)
		return strcpy(buffer, "");
	if (expected->answer != record->answer)
		snprintf(buffer, OTHERWISE_SIZE, "%.20s", report_answer_text(expected->answer, ISN_NONE, answer));
	else if (expected->isn != ISN_NONE && expected->isn != record->isn)
		snprintf(buffer, OTHERWISE_SIZE, "ISN %s", oracle_isn_name(expected->isn));
	else if (book == BOOK_LINUX && (record_wrong_field(record, &wrong), wrong.name))
		snprintf(buffer, OTHERWISE_SIZE, "another %s", wrong.name);
	else
		snprintf(buffer, OTHERWISE_SIZE, "%.20s after", state_name(expected->after) ?
			 state_name(expected->after) : "another state");
	return buffer;
}

/* The offset as a user would have written it. */
static struct offset offset_between(uint32_t value, uint32_t base)
{
	struct offset offset = { OFFSET_NUMBER, seq_diff(value, base) };

	if (offset.value == -OFFSET_DEFAULT)
		offset.form = OFFSET_BELOW;
	else if (offset.value == OFFSET_DEFAULT)
		offset.form = OFFSET_ABOVE;
	return offset;
}

const char *report_follow_up_name(const struct record *record, char *buffer, size_t size)
{
	const struct segment *sent = &record->follow_up;
	struct offset seq = offset_between(sent->seq, record->baseline.rcv_nxt);
	struct offset ts = { OFFSET_ABSENT, 0 };
	char seq_text[OFFSET_TEXT_SIZE], ts_text[OFFSET_TEXT_SIZE];

	if (segment_has_option(sent, OPTION_TIMESTAMPS))
		ts = offset_between(sent->tsval, record->baseline.ts_recent);
	snprintf(buffer, size, "%s/seq%s/ts%s", stimulus_kind_name(stimulus_kind_of(sent->flags)),
		 offset_format(&seq, seq_text),
		 offset_format(&ts, ts_text));
	return buffer;
}
