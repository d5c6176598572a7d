/* command_explain.c - twprobe explain CELL|FINDING: what each rule book expects of a cell, and why; what diagnose calls by this
 * name. Sends nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cases/matrix/cell_ask.h"
#include "harness/commands/commands.h"
#include "harness/commands/explain.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/report/text.h"
#include "harness/run/exit_code.h"

/* The running kernel's rules, if no others are asked for. */
static void choose_own(struct kernel *kernel)
{
	struct utsname uts;

	uname(&uts);
	kernel_parse(uts.release, kernel);
	kernel_refine(uts.version, kernel);
}

/* INDENT: of a book's prediction, next to its name. */
enum { INDENT = 9, LINE_SIZE = 1200 };

/* "silence, then time-wait" */
static size_t put_answer(const struct expectation *expected, char line[static LINE_SIZE])
{
	const char *isn = oracle_isn_name(expected->isn), *after = state_name(expected->after);

	return (size_t)snprintf(line, LINE_SIZE, "%s%s%s%s%s",
				expected->answer == ANSWER_OPEN ? "leaves it open" : oracle_answer_name(expected->answer),
				isn ? ", ISN " : "", isn ? isn : "", after ? ", then " : "", after ? after : "");
}

static void print_why(const struct expectation *expected)
{
	char line[LINE_SIZE];

	printf("%*s", INDENT, "");
	text_wrap(stdout, expected->reason ? expected->reason : "It makes no prediction here.", INDENT, INDENT);
	snprintf(line, sizeof(line), "[%s]", expected->citation ? expected->citation : "no rule");
	printf("%*s", INDENT, "");
	text_wrap(stdout, line, INDENT, INDENT);
}

/* "seq snd_nxt [function: condition]", one a line. */
static void print_rules(const char *title, const struct explain_rule *rules, size_t count)
{
	char line[LINE_SIZE];

	if (count)
		printf("%*s%s:\n", INDENT, "", title);
	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s %s [%s]", rules[i].name, rules[i].expected, rules[i].rule);
		printf("%*s", INDENT + 2, "");
		text_wrap(stdout, line, INDENT + 2, INDENT + 4);
	}
}

/* All that the question leaves open: which kernel of a series, and so on. */
static void explain(enum book book, const struct explain_question *question)
{
	struct explain_rule rules[EXPLAIN_RULES_MAX];
	struct alternatives alternatives;
	char text[ALTERNATIVE_TEXT_SIZE], line[LINE_SIZE];

	cell_ask_all(book, &question->cell, &question->kernel, NULL, &alternatives);
	for (size_t i = 0; i < alternatives.count; i++) {
		size_t used = put_answer(&alternatives.list[i].expectation, line);

		if (alternatives.count > 1 && *oracle_alternative_text(&alternatives, i, text))
			snprintf(line + used, sizeof(line) - used, " (%s)", text);
		printf("%-*s", INDENT, i ? "" : oracle_book_name(book));
		text_wrap(stdout, line, INDENT, INDENT);
		print_why(&alternatives.list[i].expectation);
		if (book == BOOK_LINUX && alternatives.count == 1) {
			print_rules("fields of that answer", rules,
				    explain_fields(question, alternatives.list[i].expectation.answer, rules));
			print_rules("the lab's socket then", rules, explain_remains(question, rules));
		}
	}
}

/* Which versions answer what, where one kernel was not asked for. */
static void print_versions(const struct explain_question *question)
{
	struct alternatives alternatives;
	char text[ALTERNATIVE_TEXT_SIZE], line[LINE_SIZE];

	if (!explain_versions(question, &alternatives))
		return;
	for (size_t i = 0; i < alternatives.count; i++) {
		if (alternatives.list[i].doubts || !*oracle_alternative_text(&alternatives, i, text))
			continue;
		put_answer(&alternatives.list[i].expectation, line);
		printf("%*s%s: ", INDENT, "", text);
		text_wrap(stdout, line, INDENT + text_width(text) + 2, INDENT + 2);
	}
}

/* Where the cell's own sysctls change what the stimulus meets. */
static void print_limits(const struct explain_question *question)
{
	const char *bar = explain_bar(question);
	char line[LINE_SIZE];

	if (!bar)
		return;
	snprintf(line, sizeof(line), "(%s)", bar);
	text_wrap(stdout, line, 0, 1);
	putchar('\n');
}

static void print_head(const struct explain_question *question)
{
	char name[CELL_NAME_SIZE], kernel[KERNEL_TEXT_SIZE], line[240];

	printf("%s\n", cell_name(&question->cell, name, sizeof(name)));
	if (question->kernel.freebsd.named)
		snprintf(line, sizeof(line), "(rules of %s, and of every Linux from 5.10 on with its defaults)",
			 kernel_text(&question->kernel, kernel));
	else if (kernel_known(&question->kernel))
		snprintf(line, sizeof(line), "(rules of Linux %s, its defaults where the cell sets no sysctl)",
			 kernel_text(&question->kernel, kernel));
	else
		snprintf(line, sizeof(line), "(rules of every Linux from 5.10 on, their defaults "
			 "where the cell sets no sysctl)");
	text_wrap(stdout, line, 0, 1);
	putchar('\n');
	if (kernel_too_old(&question->kernel))
		text_page(stdout, "Note: the linux book was read and run from 5.10 on. Its prediction for an older kernel is "
			  "the one for 5.10, and may be wrong: kernels 3.8 to about 3.18, for example, drop a SYN into an "
			  "existing connection in silence, because it has no ACK flag.\n\n");
}

static int explain_finding(const struct cause *cause)
{
	printf("%s: ", cause->name);
	text_wrap(stdout, cause->title, text_width(cause->name) + 2, 2);
	putchar('\n');
	text_wrap(stdout, cause->says, 0, 0);
	if (cause->advice) {
		fputs("\nWhat helps: ", stdout);
		text_wrap(stdout, cause->advice, sizeof("What helps:"), 0);
	}
	return 0;
}

static void explain_cell(const struct explain_question *question)
{
	print_head(question);
	print_limits(question);
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		explain(book, question);
		if (book == BOOK_LINUX)
			print_versions(question);
	}
}

int command_explain(struct options *options)
{
	struct explain_question question = {
		.cell = options->cell, .kernel = options->kernel, .kernel_given = options->kernel_given,
	};
	bool json = options->format == FORMAT_JSON;
	struct error error;
	int result = 0;

	question.kernel.timestamps = true;
	question.kernel.md5 = true;
	if (!question.kernel_given)
		choose_own(&question.kernel);
	if (options->finding)
		result = json ? explain_finding_json(options->finding, stdout, &error) : explain_finding(options->finding);
	else if (json)
		result = explain_cell_json(&question, stdout, &error);
	else
		explain_cell(&question);
	return result ? message_failed(&error, EXIT_CANNOT_RUN) : EXIT_AGREES;
}
