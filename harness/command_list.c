/* command_list.c - twprobe list: the words a command line may use. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix.h"
#include "cases/scenario.h"
#include "harness/commands.h"
#include "harness/session.h"

static void list_states(void)
{
	printf("States (--state):\n");
	for (enum state state = 0; state < STATE_COUNT; state++)
		printf("  %-16s the subject %s\n", state_name(state), state == STATE_LISTEN ? "has no connection" :
		       state == STATE_FIN_WAIT_2_HALF ? "called shutdown(SHUT_WR) and holds the descriptor" :
		       state == STATE_FIN_WAIT_2 ? "closed; the kernel keeps a small socket" :
		       state_plan(state)->awaits_fin ? "closed first" :
		       state == STATE_LAST_ACK ? "closed after us" : "holds the connection");
}

static void list_segments(void)
{
	char flags[FLAGS_TEXT_SIZE];

	printf("\nSegments (--segment):\n");
	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++)
		printf("  %-16s flags %s%s\n", kind_name(kind),
		       kind == KIND_NULL ? "none" : flags_format(kind_flags(kind), flags),
		       kind == KIND_DATA ? ", 10 bytes" : "");
}

static int list_matrices(struct error *error)
{
	char names[64][MATRIX_NAME_SIZE];
	size_t count = matrix_list(names, 64);

	printf("\nMatrices (--matrix):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096];
		struct matrix *matrix = matrix_find(names[i], path, sizeof(path), error) < 0 ?
					NULL : matrix_load(path, error);

		if (!matrix)
			return -1;
		printf("  %-16s %zu cells. %s\n", names[i], matrix_count(matrix), matrix_description(matrix));
		matrix_free(matrix);
	}
	return 0;
}

static int list_scenarios(struct error *error)
{
	char names[64][SCENARIO_NAME_SIZE];
	size_t count = scenario_list(names, 64);

	printf("\nScenarios (twprobe scenario NAME):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096];
		struct scenario *scenario = scenario_find(names[i], path, sizeof(path), error) < 0 ?
					    NULL : scenario_load(path, error);

		if (!scenario)
			return -1;
		printf("  %-24s %s%s\n", names[i], scenario->title,
		       scenario_is_slow(scenario) ? " (more with --slow)" : "");
		scenario_free(scenario);
	}
	return 0;
}

int command_list(int argc, char **argv)
{
	struct error error;

	if (about_only(argc, argv, "list"))
		return EXIT_AGREES;
	if (argc > 1)
		return session_complain("list takes no arguments", EXIT_USAGE);
	list_states();
	list_segments();
	if (list_matrices(&error) < 0 || list_scenarios(&error) < 0)
		return session_complain(error.text, EXIT_CANNOT_RUN);
	printf("\nRule books (--expect):\n"
	       "  linux            the kernel's code, per version where it differs\n"
	       "  rfc              RFC 9293, 5961, 6191, 7323, 1337\n"
	       "  folk             the popular rule: a SYN is legal only if sequence number and timestamp are both greater\n");
	return EXIT_AGREES;
}
