/* finding.c - expected against observed. */
#include "cases/finding.h"

#include <stdio.h>
#include <string.h>

static struct finding *append(struct findings *findings, const char *name)
{
	struct finding *finding;

	/* A step has fewer checks than this; were it otherwise, the last one stands for the rest. */
	if (findings->count < STEP_FINDINGS_MAX)
		findings->count++;
	finding = &findings->list[findings->count - 1];
	snprintf(finding->name, sizeof(finding->name), "%s", name);
	return finding;
}

static struct finding *append_texts(struct findings *findings, const char *name, const char *expected,
				    const char *observed)
{
	struct finding *finding = append(findings, name);

	snprintf(finding->expected, sizeof(finding->expected), "%s", expected);
	snprintf(finding->observed, sizeof(finding->observed), "%s", observed);
	finding->holds = false;
	return finding;
}

void findings_fail(struct findings *findings, const char *name, const char *expected, const char *observed)
{
	append_texts(findings, name, expected, observed);
}

bool check_field(struct findings *findings, const char *name, const char *expected, const char *observed)
{
	struct finding *finding = append_texts(findings, name, expected, observed);

	finding->holds = strcmp(expected, observed) == 0;
	return finding->holds;
}

bool check_range(struct findings *findings, const char *name, const struct range *expected, double observed)
{
	struct finding *finding = append(findings, name);

	range_format(expected, finding->expected, sizeof(finding->expected));
	quantity_format(expected->unit, observed, finding->observed, sizeof(finding->observed));
	finding->holds = range_holds(expected, observed);
	return finding->holds;
}

bool findings_hold(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!findings->list[i].holds)
			return false;
	return true;
}

static void check_acks(struct findings *findings, const struct checks *checks, const struct segment *answer,
		       const struct baseline *base)
{
	int32_t distance = seq_diff(answer->ack, base->rcv_nxt);
	char expected[OFFSET_TEXT_SIZE + 16], observed[OFFSET_TEXT_SIZE + 16];

	snprintf(expected, sizeof(expected), "rcv_nxt%+lld", (long long)checks->acks.value);
	snprintf(observed, sizeof(observed), "rcv_nxt%+d", distance);
	check_field(findings, "the number it acknowledges", expected, observed);
}

void check_answer(struct findings *findings, const struct checks *checks, const struct segment *answer, size_t answers,
		  const struct baseline *base)
{
	enum answer observed = answer ? answer_of(answer) : ANSWER_SILENCE;

	if (checks->answer != ANSWER_OPEN)
		check_field(findings, "answer", answer_name(checks->answer), answer_name(observed));
	if (checks->isn != ISN_NONE && observed == ANSWER_SYN_ACK)
		check_field(findings, "ISN", isn_name(checks->isn), isn_name(isn_of(answer, base->snd_nxt)));
	if (checks->acks_said && answer)
		check_acks(findings, checks, answer, base);
	if (checks->answers.said)
		check_range(findings, "number of answers", &checks->answers, (double)answers);
}
