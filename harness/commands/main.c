/* main.c - the state that a process begins in, and which subcommand is meant. */
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/output.h"
#include "harness/commands/session.h"
#include "harness/lab/privileges.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "matrix", command_matrix },
	{ "map", command_map },
	{ "scenario", command_scenario },
	{ "serve", command_serve },
	{ "compare", command_compare },
	{ "list", command_list },
	{ "explain", command_explain },
	{ "why", command_why },
};

static int dispatch(int argc, char **argv)
{
	struct error error;

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	/* "matrx" was not meant as a host. */
	if (argc > 1 && argv[1][0] && argv[1][strspn(argv[1], "abcdefghijklmnopqrstuvwxyz")] == '\0') {
		fail(&error, "'%s' is no command, and as HOST:PORT the port is missing; see --help", argv[1]);
		return message_error(error.text, EXIT_USAGE);
	}
	return command_cell(argc, argv);
}

int main(int argc, char **argv)
{
	output_prepare();
	if (privileges_borrowed())
		return message_error("set-uid is refused; give the file the one capability that it needs: setcap "
					"cap_net_raw+ep twprobe", EXIT_CANNOT_RUN);
	return output_finish(dispatch(argc, argv));
}
