/* fuzz_scenario.c - libFuzzer: any bytes as a scenario. It gives an error of one line that begins with the file's name, or a
 * scenario whose steps can be named. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cases/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { "" };
	struct scenario *scenario = scenario_parse("input", (const char *)data, size, &error);
	char text[200];

	if (!scenario) {
		check(strncmp(error.text, "input:", 6) == 0);
		for (const char *c = error.text; *c; c++)
			check((unsigned char)*c >= ' ');
		return 0;
	}
	for (size_t i = 0; i < scenario->part_count; i++)
		for (size_t j = 0; j < scenario->parts[i].step_count; j++)
			check(strlen(scenario_step_format(&scenario->parts[i].steps[j], text, sizeof(text))) > 0);
	for (size_t i = 0; i < scenario->sentence_count; i++)
		for (size_t j = 0; j < scenario->sentences[i].from_count; j++)
			check(scenario_step(scenario, scenario->sentences[i].from[j], NULL) != NULL);
	scenario_free(scenario);
	return 0;
}
