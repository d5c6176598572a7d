/* command_list.c - twprobe list: the words a command line may use. */
#include <stdio.h>
#include <string.h>

#include "cases/matrix.h"
#include "cases/scenario.h"
#include "crafter/plain.h"
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

/* One that cannot be read is named, and the others are listed all the same. */
static int list_matrices(void)
{
	char names[64][MATRIX_NAME_SIZE];
	size_t count = matrix_list(names, 64);
	int code = EXIT_AGREES;

	printf("\nMatrices (--matrix):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096], name[MATRIX_NAME_SIZE];
		struct error error;
		struct matrix *matrix = matrix_find(names[i], path, sizeof(path), &error) < 0 ?
					NULL : matrix_load(path, &error);

		if (!matrix) {
			code = session_complain(error.text, EXIT_USAGE);
			continue;
		}
		printf("  %-16s %zu cells. ", plain_show(names[i], name, sizeof(name)), matrix_count(matrix));
		plain_put(stdout, matrix_description(matrix));
		putchar('\n');
		matrix_free(matrix);
	}
	return code;
}

static int list_scenarios(void)
{
	char names[64][SCENARIO_NAME_SIZE];
	size_t count = scenario_list(names, 64);
	int code = EXIT_AGREES;

	printf("\nScenarios (twprobe scenario NAME):\n");
	for (size_t i = 0; i < count; i++) {
		char path[4096], name[SCENARIO_NAME_SIZE];
		struct error error;
		struct scenario *scenario = scenario_find(names[i], path, sizeof(path), &error) < 0 ?
					    NULL : scenario_load(path, &error);

		if (!scenario) {
			code = session_complain(error.text, EXIT_USAGE);
			continue;
		}
		printf("  %-24s ", plain_show(names[i], name, sizeof(name)));
		plain_put(stdout, scenario->title);
		puts(scenario_is_slow(scenario) ? " (more with --slow)" : "");
		scenario_free(scenario);
	}
	return code;
}

int command_list(int argc, char **argv)
{
	int matrices, scenarios;

	if (about_only(argc, argv, "list"))
		return EXIT_AGREES;
	if (argc > 1)
		return session_complain("list takes no arguments", EXIT_USAGE);
	list_states();
	list_segments();
	matrices = list_matrices();
	scenarios = list_scenarios();
	printf("\nRule books (--expect):\n"
	       "  linux            the kernel's code, per version where it differs\n"
	       "  rfc              RFC 9293, 5961, 6191, 7323, 1337\n"
	       "  folk             the popular rule: a SYN is legal only if sequence number and timestamp are both greater\n");
	return matrices ? matrices : scenarios;
}
