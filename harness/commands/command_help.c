/* command_help.c - twprobe help [COMMAND]: what --help prints. */
#include "harness/commands/commands.h"
#include "harness/commands/help.h"
#include "harness/commands/options.h"
#include "harness/run/exit_code.h"

int command_help(struct options *options)
{
	help_print(options->topic);
	return EXIT_AGREES;
}
