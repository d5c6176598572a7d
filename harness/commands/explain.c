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

size_t explain_fields(const struct explain_question *question, enum answer answer,
		      struct explain_rule rules[static EXPLAIN_RULES_MAX])
{
	struct field_bases bases;
	struct fields fields;
	size_t count = 0;

	cell_ask_fields(&question->cell, &question->kernel, answer, &fields, &bases);
	for (enum field field = 0; field < FIELD_COUNT; field++) {
		struct explain_rule *rule = &rules[count];

		if (!(fields.said >> field & 1))
			continue;
		rule->name = oracle_field_name(field);
		rule->expected = oracle_field_expected(&fields, field, &bases, rule->text);
		rule->rule = fields.rules[field];
		count++;
	}
	return count;
}

size_t explain_remains(const struct explain_question *question, struct explain_rule rules[static EXPLAIN_RULES_MAX])
{
	struct remains remains;
	size_t count = 0;

	cell_ask_remains(&question->cell, &question->kernel, &remains);
	for (enum remain remain = 0; remain < REMAIN_COUNT; remain++) {
		struct explain_rule *rule = &rules[count];

		if (!(remains.said >> remain & 1))
			continue;
		rule->name = oracle_remain_name(remain);
		rule->expected = oracle_remain_expected(&remains, remain, NULL, rule->text);
		rule->rule = remains.rules[remain];
		count++;
	}
	return count;
}
