/* report_scenario.c - which format; TAP, JUnit; the last line. */
#include "harness/report/report_scenario.h"

#include "crafter/plain.h"
#include "harness/report/expected_failures.h"
#include "harness/report/report_github.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_junit.h"
#include "harness/run/exit_code.h"

static void tap_line(const struct scenario_facts *facts, size_t number, const struct scenario *scenario,
		     const struct play *play)
{
	const char *known = expected_failures_reason(facts->failures, scenario->name);
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
		fprintf(facts->out, "not ok %zu - %s%s%s\n# %s: %s\n", number, scenario->name, known ? " # TODO " : "",
			known ? known : "", verdict_name(play->verdict), play->reason);
		break;
	}
}

/* Each is a suite of its own: the document is whole up to there, however long the others take. */
static void junit_suite(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	const char *const properties[] = {
		"twprobe", facts->tool_version, "kernel", facts->kernel ? facts->kernel : "not known",
		"target", facts->target, NULL,
	};
	struct junit_suite suite;
	struct error error;
	char text[2048];
	struct junit_case test = {
		.class_name = "scenario", .name = scenario->name, .verdict = play->verdict, .reason = play->reason,
		.answer = play->verdict == VERDICT_AGREES ? play_conclusion(scenario, play, text, sizeof(text)) : "",
		.known = expected_failures_reason(facts->failures, scenario->name),
	};

	if (report_junit_suite_begin(&suite, &error) < 0) {
		report_junit_trouble(facts->out, scenario->name, error.text);
		return;
	}
	report_junit_case(&suite, &test);
	report_junit_suite_end(&suite, facts->out, scenario->name, properties);
}

static bool is_tap(enum format format)
{
	return format == FORMAT_TAP || format == FORMAT_KTAP;
}

void report_scenarios_begin(const struct scenario_facts *facts)
{
	if (is_tap(facts->format))
		fprintf(facts->out, "%s\n1..%zu\n", format_tap_version(facts->format), facts->scenarios);
	else if (facts->format == FORMAT_JUNIT)
		report_junit_begin(facts->out, "scenarios");
	else if (facts->format == FORMAT_JSON)
		report_scenarios_json_begin(facts);
	else if (facts->format == FORMAT_HTML)
		report_scenarios_page_begin(facts);
}

int report_scenario(const struct scenario_facts *facts, size_t number, const struct scenario *scenario,
		    const struct play *play, struct error *error)
{
	int result = 0;

	if (is_tap(facts->format))
		tap_line(facts, number, scenario, play);
	else if (facts->format == FORMAT_JUNIT)
		junit_suite(facts, scenario, play);
	else if (facts->format == FORMAT_GITHUB)
		report_github_annotate(facts->out, play->verdict, facts->file, scenario->name, play->reason,
				       expected_failures_reason(facts->failures, scenario->name));
	else if (facts->format == FORMAT_JSON)
		report_scenario_json(facts, scenario, play);
	else if (facts->format == FORMAT_HTML)
		report_scenario_page(facts, scenario, play);
	else if (format_is_picture(facts->format))
		result = report_scenario_picture(facts, scenario, play, error);
	else
		report_scenario_table(facts, scenario, play);
	fflush(facts->out);
	return result;
}

const char *report_scenarios_total(const struct scenario_tally *tally, char *line, size_t size)
{
	char text[64];

	snprintf(line, size, "%s in %.1f s: %zu agree, %zu differ, %zu inconclusive, %zu skipped%s",
		 text_plural(tally->count, "scenario", text, sizeof(text)),
		 (double)(tally->ended_ns - tally->begun_ns) / 1e9, tally->verdicts[VERDICT_AGREES],
		 tally->verdicts[VERDICT_DIFFERS], tally->verdicts[VERDICT_INCONCLUSIVE],
		 tally->verdicts[VERDICT_SKIPPED], tally->interrupted ? " (interrupted)" : "");
	return line;
}

void report_scenarios_end(const struct scenario_facts *facts, const struct scenario_tally *tally)
{
	char line[256];

	if (is_tap(facts->format) && tally->interrupted)
		fprintf(facts->out, "Bail out! interrupted\n");
	if (facts->format == FORMAT_JUNIT && tally->interrupted)
		report_junit_trouble(facts->out, "interrupted", "interrupted");
	if (facts->format == FORMAT_JUNIT)
		report_junit_end(facts->out);
	if (facts->format == FORMAT_JSON)
		report_scenarios_json_end(facts, tally);
	if (facts->format == FORMAT_HTML)
		report_scenarios_page_end(facts, tally);
	if (facts->format != FORMAT_TABLE || facts->scenarios < 2)
		return;
	text_wrap(facts->out, report_scenarios_total(tally, line, sizeof(line)), 0, 2);
}

int report_scenario_exit(const struct scenario_tally *tally)
{
	if (tally->interrupted)
		return EXIT_INTERRUPTED;
	if (tally->verdicts[VERDICT_DIFFERS] > tally->expected[VERDICT_DIFFERS] || tally->unexpected)
		return EXIT_DIFFERS;
	if (tally->verdicts[VERDICT_INCONCLUSIVE] > tally->expected[VERDICT_INCONCLUSIVE])
		return EXIT_INCONCLUSIVE;
	return tally->count && tally->verdicts[VERDICT_SKIPPED] == tally->count ? EXIT_CANNOT_RUN : EXIT_AGREES;
}
