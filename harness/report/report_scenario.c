/* report_scenario.c - which format; TAP; the last line. */
#include "harness/report/report_scenario.h"

#include "crafter/plain.h"
#include "harness/report/report_internal.h"
#include "harness/run/exit_code.h"

static void tap_line(const struct scenario_facts *facts, size_t number, const struct scenario *scenario,
		     const struct play *play)
{
	char text[2048];

	switch (play->verdict) {
	case VERDICT_AGREES:
		fprintf(facts->out, "ok %zu - %s\n# ", number, scenario->name);
		plain_put(facts->out, play_conclusion(scenario, play, text, sizeof(text)));
		fputc('\n', facts->out);
		break;
	case VERDICT_SKIPPED:
		fprintf(facts->out, "ok %zu - %s # SKIP %s\n", number, scenario->name, play->reason);
		break;
	default:
		/* Inconclusive is not a success: a scenario that showed nothing must not turn a build green. */
		fprintf(facts->out, "not ok %zu - %s\n# %s: %s\n", number, scenario->name, verdict_name(play->verdict),
			play->reason);
		break;
	}
}

void report_scenarios_begin(const struct scenario_facts *facts)
{
	if (facts->format == FORMAT_TAP)
		fprintf(facts->out, "TAP version 13\n1..%zu\n", facts->scenarios);
	else if (facts->format == FORMAT_JSON)
		report_scenarios_json_begin(facts);
}

void report_scenario(const struct scenario_facts *facts, size_t number, const struct scenario *scenario,
		     const struct play *play)
{
	if (facts->format == FORMAT_TAP)
		tap_line(facts, number, scenario, play);
	else if (facts->format == FORMAT_JSON)
		report_scenario_json(facts, scenario, play);
	else
		report_scenario_table(facts, scenario, play);
	fflush(facts->out);
}

void report_scenarios_end(const struct scenario_facts *facts, const struct scenario_tally *tally)
{
	char text[64], line[256];

	if (facts->format == FORMAT_TAP && tally->interrupted)
		fprintf(facts->out, "Bail out! interrupted\n");
	if (facts->format == FORMAT_JSON)
		report_scenarios_json_end(facts, tally);
	if (facts->format != FORMAT_TABLE || facts->scenarios < 2)
		return;
	snprintf(line, sizeof(line), "%s in %.1f s: %zu agree, %zu differ, %zu inconclusive, %zu skipped%s",
		 text_plural(tally->count, "scenario", text, sizeof(text)),
		 (double)(tally->ended_ns - tally->begun_ns) / 1e9, tally->verdicts[VERDICT_AGREES],
		 tally->verdicts[VERDICT_DIFFERS], tally->verdicts[VERDICT_INCONCLUSIVE],
		 tally->verdicts[VERDICT_SKIPPED], tally->interrupted ? " (interrupted)" : "");
	text_wrap(facts->out, line, 0, 2);
}

int report_scenario_exit(const struct scenario_tally *tally)
{
	if (tally->interrupted)
		return EXIT_INTERRUPTED;
	if (tally->verdicts[VERDICT_DIFFERS])
		return EXIT_DIFFERS;
	if (tally->verdicts[VERDICT_INCONCLUSIVE])
		return EXIT_INCONCLUSIVE;
	return tally->count && tally->verdicts[VERDICT_SKIPPED] == tally->count ? EXIT_CANNOT_RUN : EXIT_AGREES;
}
