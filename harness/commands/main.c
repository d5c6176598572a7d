/* main.c - the state that a process begins in, and which command is meant. */
#include <string.h>

#include "harness/commands/engine.h"
#include "harness/commands/help.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/commands/output.h"
#include "harness/engine/guest.h"
#include "harness/lab/privileges.h"
#include "harness/run/exit_code.h"

/* `whole`: the command line with the program's name, which a guest's kernel gets as it is. */
static int run(enum command_id command, int argc, char **argv, int whole_argc, char **whole)
{
	static struct options options;
	struct error error;

	if (options_parse(&options, command, argc, argv, &error) < 0)
		return message_error(error.text, EXIT_USAGE);
	if (options.help)
		help_print(command);
	else if (options.version)
		help_version();
	else if (options.engine != ENGINE_LAB && !guest_engine())
		return engine_run(&options, whole_argc, whole);
	else
		return commands_at(command)->run(&options);
	return EXIT_AGREES;
}

static int dispatch(int argc, char **argv)
{
	enum command_id command = argc > 1 ? commands_find(argv[1]) : COMMAND_COUNT;
	struct error error;

	if (command < COMMAND_COUNT)
		return run(command, argc - 1, argv + 1, argc, argv);
	/* "matrx" was not meant as a host. */
	if (argc > 1 && argv[1][0] && argv[1][strspn(argv[1], "abcdefghijklmnopqrstuvwxyz")] == '\0') {
		fail(&error, "unknown command '%s', and as HOST:PORT the port is missing; see --help", argv[1]);
		return message_error(error.text, EXIT_USAGE);
	}
	return run(COMMAND_CELL, argc, argv, argc, argv);
}

int main(int argc, char **argv)
{
	if (guest_is_here(argc, argv))
		guest_run();
	output_prepare();
	if (privileges_borrowed())
		return message_error("set-uid is refused; give the file the one capability it needs: setcap "
				     "cap_net_raw+ep twprobe", EXIT_CANNOT_RUN);
	return output_finish(dispatch(argc, argv));
}
