/* play_conclusion.c - the sentences at the end: only those that rest on steps that were seen to be as expected. */
#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/play/play.h"

static const struct step_result *result_of(const struct scenario *scenario, const struct play *play, const char *id)
{
	size_t number;

	return scenario_step(scenario, id, &number) ? &play->steps[number - 1] : NULL;
}

static bool follows(const struct scenario *scenario, const struct play *play, const struct sentence *sentence)
{
	for (size_t i = 0; i < sentence->from_count; i++) {
		const struct step_result *result = result_of(scenario, play, sentence->from[i]);
		unsigned missing = sentence->wire ? (unsigned)NEED_SYSCTLS : ~0U;

		if (!result || !result->played || (result->findings.left_out & missing) ||
		    !findings_hold(&result->findings))
			return false;
	}
	return true;
}

/* Copies the sentence with each {ID} replaced by what was observed there. */
static void fill_in(const struct scenario *scenario, const struct play *play, const char *text, struct textbuf *out)
{
	for (const char *c = text; *c; c++) {
		char id[STEP_ID_SIZE] = "";
		const struct step_result *result = NULL;

		if (*c == '{' && sscanf(c, "{%23[^}]}", id) == 1)
			result = result_of(scenario, play, id);
		if (!result) {
			textbuf_add(out, "%c", *c);
			continue;
		}
		textbuf_add(out, "%s", result->observed);
		c += strlen(id) + 1;
	}
}

const char *play_conclusion(const struct scenario *scenario, const struct play *play, char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	if (play->verdict != VERDICT_AGREES && play->verdict != VERDICT_DIFFERS)
		return buffer;
	for (size_t i = 0; i < scenario->sentence_count; i++) {
		if (!scenario_sentence_applies(&scenario->sentences[i], &play->kernel) ||
		    !follows(scenario, play, &scenario->sentences[i]))
			continue;
		textbuf_item(&out, " ", "%s", "");
		fill_in(scenario, play, scenario->sentences[i].text, &out);
	}
	return buffer;
}
