/* explain.c - what a question about a cell leaves open, and what stands in its way. */
#include "harness/commands/explain.h"

#include "cases/matrix/cell_ask.h"
#include "cases/matrix/limits.h"

const char *explain_bar(const struct explain_question *question)
{
	const char *bar = limits_bar(&question->cell, &question->kernel);

	if (!bar && limits_leave_nothing(question->cell.state, &question->cell.conditions, &question->kernel))
		bar = "with these sysctls the kernel keeps no such socket: the listener gets the segment";
	return bar;
}

bool explain_versions(const struct explain_question *question, struct alternatives *alternatives)
{
	struct kernel any = question->kernel;

	any.major = any.minor = any.patch = 0;
	cell_ask_all(BOOK_LINUX, &question->cell, &any, NULL, alternatives);
	return !question->kernel_given && alternatives->count > 1;
}
