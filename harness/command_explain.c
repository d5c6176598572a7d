/* command_explain.c - twprobe explain CELL: what each rule book says of a cell, and why. Sends nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "harness/commands.h"
#include "harness/session.h"

static void explain(enum book book, const struct cell *cell, const struct kernel *kernel)
{
	struct expectation expected;
	const char *isn, *after;

	oracle_ask(book, cell, kernel, &expected);
	printf("%-6s %s", book_name(book), expected.answer == ANSWER_OPEN ? "leaves it open" : answer_name(expected.answer));
	isn = isn_name(expected.isn);
	after = state_name(expected.after);
	if (isn)
		printf(", ISN %s", isn);
	if (after)
		printf(", then %s", after);
	printf("\n       %s\n       [%s]\n", expected.reason ? expected.reason : "It does not speak of this.",
	       expected.citation ? expected.citation : "no rule");
}

int command_explain(int argc, char **argv)
{
	struct kernel kernel = { 0 };
	struct utsname uts;
	struct cell cell;
	struct error error;
	char name[CELL_NAME_SIZE];

	if (about_only(argc, argv, "explain"))
		return EXIT_AGREES;
	if (argc != 2)
		return session_complain("explain: expected one cell name, such as time-wait/syn/seq-below/ts-above",
					EXIT_USAGE);
	if (cell_parse(argv[1], &cell, &error) < 0)
		return session_complain(error.text, EXIT_USAGE);
	uname(&uts);
	kernel_parse(uts.release, &kernel);
	kernel_refine(uts.version, &kernel);
	kernel.timestamps = true;
	printf("%s\n(rules of Linux %u.%u, its defaults where the cell sets no sysctl)\n\n",
	       cell_name(&cell, name, sizeof(name)), kernel.major, kernel.minor);
	for (enum book book = 0; book < BOOK_COUNT; book++)
		explain(book, &cell, &kernel);
	return EXIT_AGREES;
}
