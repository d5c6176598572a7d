/* command_list.c - twprobe list: the words a command line may use. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix/matrix.h"
#include "cases/scenario/scenario.h"
#include "crafter/plain.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/session.h"
#include "harness/report/text.h"

enum { MEANING = 19, MEANING_SCENARIO = 27 };

/* "  NAME   MEANING" */
static void entry(const char *name, size_t column, const char *meaning)
{
	char term[2 * CASE_FILE_NAME_SIZE + 4];

	strcpy(term, "  ");
	plain_show(name, term + 2, sizeof(term) - 2);
	text_entry(stdout, term, column, meaning);
}

static void list_states(void)
{
	printf("States (--state):\n");
	for (enum state state = 0; state < STATE_COUNT; state++)
		entry(state_name(state), MEANING, state == STATE_LISTEN ? "the subject has no connection" :
		      state == STATE_FIN_WAIT_2_HALF ? "the subject called shutdown(SHUT_WR) and holds the descriptor" :
		      state == STATE_FIN_WAIT_2 ? "the subject closed; the kernel keeps a small socket" :
		      state_plan(state)->awaits_fin ? "the subject closed first" :
		      state == STATE_LAST_ACK ? "the subject closed after us" : "the subject holds the connection");
}

static void list_segments(void)
{
	char flags[FLAGS_TEXT_SIZE], meaning[FLAGS_TEXT_SIZE + 32];

	printf("\nSegments (--segment):\n");
	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++) {
		snprintf(meaning, sizeof(meaning), "flags %s%s", kind == KIND_NULL ? "none" :
			 segment_flags_format(stimulus_kind_flags(kind), flags), kind == KIND_DATA ? ", 10 bytes" : "");
		entry(stimulus_kind_name(kind), MEANING, meaning);
	}
}

/* One that cannot be read is named, and the others are listed all the same. */
static int list_matrices(void)
{
	char names[64][CASE_FILE_NAME_SIZE];
	size_t count = case_file_list(CASE_FILE_MATRIX, names, 64);
	int code = EXIT_AGREES;

	printf("\nMatrices (--matrix):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096], meaning[1024];
		struct error error;
		struct matrix *matrix = case_file_find(CASE_FILE_MATRIX, names[i], path, sizeof(path), &error) < 0 ?
					NULL : matrix_load(path, &error);

		if (!matrix) {
			code = message_error(error.text, EXIT_USAGE);
			continue;
		}
		snprintf(meaning, sizeof(meaning), "%zu cells. %s", matrix_count(matrix), matrix_description(matrix));
		entry(names[i], MEANING, meaning);
		matrix_free(matrix);
	}
	return code;
}

static int list_scenarios(void)
{
	char names[64][CASE_FILE_NAME_SIZE];
	size_t count = case_file_list(CASE_FILE_SCENARIO, names, 64);
	int code = EXIT_AGREES;

	printf("\nScenarios (twprobe scenario NAME):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096], meaning[1024];
		struct error error;
		struct scenario *scenario = case_file_find(CASE_FILE_SCENARIO, names[i], path, sizeof(path), &error) < 0 ?
					    NULL : scenario_load(path, &error);

		if (!scenario) {
			code = message_error(error.text, EXIT_USAGE);
			continue;
		}
		snprintf(meaning, sizeof(meaning), "%s%s", scenario->title,
			 scenario_is_slow(scenario) ? " (more with --slow)" : "");
		entry(names[i], MEANING_SCENARIO, meaning);
		scenario_free(scenario);
	}
	return code;
}

int command_list(int argc, char **argv)
{
	int matrices, scenarios;

	if (help_asked_only(argc, argv, "list"))
		return EXIT_AGREES;
	if (argc > 1)
		return message_error("list takes no arguments", EXIT_USAGE);
	list_states();
	list_segments();
	matrices = list_matrices();
	scenarios = list_scenarios();
	text_page(stdout, "\nRule books (--expect):\n"
		  "  linux            the kernel's code, per version where it differs\n"
		  "  rfc              RFC 9293, 5961, 6191, 7323, 1337\n"
		  "  folk             the popular rule: a SYN is legal only if sequence number and "
		  "timestamp are both greater\n");
	return matrices ? matrices : scenarios;
}
