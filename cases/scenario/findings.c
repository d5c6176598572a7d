/* findings.c - expected against observed. */
#include "cases/scenario/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct finding *append(struct findings *findings, const char *name)
{
	struct finding *finding;

	if (findings->count == findings->room) {
		size_t more = findings->room ? 2 * findings->room : 8;
		struct finding *list = realloc(findings->list, more * sizeof(*list));

		if (!list) {
			findings->lost = true;
			return NULL;
		}
		findings->list = list;
		findings->room = more;
	}
	finding = &findings->list[findings->count++];
	memset(finding, 0, sizeof(*finding));
	snprintf(finding->name, sizeof(finding->name), "%s", name);
	return finding;
}

void findings_free(struct findings *findings)
{
	free(findings->list);
	memset(findings, 0, sizeof(*findings));
}

static struct finding *append_texts(struct findings *findings, const char *name, const char *expected,
				    const char *observed)
{
	struct finding *finding = append(findings, name);

	if (!finding)
		return NULL;
	snprintf(finding->expected, sizeof(finding->expected), "%s", expected);
	snprintf(finding->observed, sizeof(finding->observed), "%s", observed);
	finding->holds = false;
	return finding;
}

static void findings_add(struct findings *findings, const char *name, const char *expected, const char *observed, bool holds)
{
	struct finding *finding = append_texts(findings, name, expected, observed);

	if (finding)
		finding->holds = holds;
}

void findings_fail(struct findings *findings, const char *name, const char *expected, const char *observed)
{
	append_texts(findings, name, expected, observed);
}

bool findings_check_field(struct findings *findings, const char *name, const char *expected, const char *observed)
{
	struct finding *finding = append_texts(findings, name, expected, observed);

	if (finding)
		finding->holds = strcmp(expected, observed) == 0;
	return finding && finding->holds;
}

bool findings_check_range(struct findings *findings, const char *name, const struct range *expected, double observed)
{
	struct finding *finding = append(findings, name);

	if (!finding)
		return false;
	quantity_range_format(expected, finding->expected, sizeof(finding->expected));
	quantity_format(expected->unit, observed, finding->observed, sizeof(finding->observed));
	finding->holds = quantity_range_holds(expected, observed);
	return finding->holds;
}

bool findings_hold(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!findings->list[i].holds)
			return false;
	return !findings->lost;
}

static void check_acks(struct findings *findings, const struct checks *checks, const struct segment *answer,
		       const struct baseline *base)
{
	char expected[OFFSET_TEXT_SIZE + 16], observed[OFFSET_TEXT_SIZE + 16] = "no answer";

	snprintf(expected, sizeof(expected), "rcv_nxt%+lld", (long long)checks->acks.value);
	if (answer && (answer->flags & FLAG_ACK))
		snprintf(observed, sizeof(observed), "rcv_nxt%+d", seq_diff(answer->ack, base->rcv_nxt));
	else if (answer)
		snprintf(observed, sizeof(observed), "no acknowledgment");
	findings_check_field(findings, "the number it acknowledges", expected, observed);
}

static void check_traits(struct findings *findings, const struct checks *checks, const struct segment *answer,
			 const struct baseline *base)
{
	for (enum trait_id id = 0; id < TRAIT_COUNT; id++) {
		char expected[TRAIT_TEXT_SIZE], observed[TRAIT_TEXT_SIZE], name[FINDING_NAME_SIZE];
		struct segment none = { .flags = 0 };
		bool holds;

		if (!checks->traits[id].said)
			continue;
		holds = trait_check_holds(id, &checks->traits[id], answer ? answer : &none, base, expected, observed);
		snprintf(name, sizeof(name), "the answer's %s", trait_name(id));
		findings_add(findings, name, expected, answer ? observed : "no answer", answer && holds);
	}
}

void findings_check_answer(struct findings *findings, const struct checks *checks, const struct segment *answer,
			   size_t answers,
			   const struct baseline *base)
{
	enum answer observed = answer ? verdict_answer(answer) : ANSWER_SILENCE;

	if (checks->answer != ANSWER_OPEN)
		findings_check_field(findings, "answer", oracle_answer_name(checks->answer),
				     oracle_answer_name(observed));
	if (checks->isn != ISN_NONE && answer && observed == ANSWER_SYN_ACK)
		findings_check_field(findings, "ISN", oracle_isn_name(checks->isn),
				     oracle_isn_name(verdict_isn(answer, base->snd_nxt)));
	else if (checks->isn != ISN_NONE)
		findings_check_field(findings, "ISN", oracle_isn_name(checks->isn), answer ? "no SYN-ACK" :
				     "no answer");
	if (checks->acks_said)
		check_acks(findings, checks, answer, base);
	check_traits(findings, checks, answer, base);
	if (checks->answers.said)
		findings_check_range(findings, "number of answers", &checks->answers, (double)answers);
}
