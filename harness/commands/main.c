/* main.c - the state that a process begins in, and which command is meant. */
#include <string.h>

#include "crafter/state.h"
#include "crafter/stimulus.h"
#include "harness/commands/help.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/commands/other_kernel.h"
#include "harness/commands/output.h"
#include "harness/diagnose/cause.h"
#include "harness/engine/guest.h"
#include "harness/lab/privileges.h"
#include "harness/run/exit_code.h"

/* `whole`: the command line with the program's name, which a guest's kernel gets as it is. */
static int run(enum command_id command, int argc, char **argv, int whole_argc, char **whole)
{
	static struct options options;
	struct error error;

	if (options_parse(&options, command, argc, argv, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	if (options.help)
		help_print(command);
	else if (options.version)
		help_version();
	else if (other_kernel_wanted(&options) && !guest_engine())
		return other_kernel_run(&options, whole_argc, whole);
	else
		return commands_at(command)->run(&options);
	return EXIT_AGREES;
}

/* "matrx" was not meant as a host, nor was a word that means something elsewhere on a command line. */
static bool is_no_command(const char *word, struct error *error)
{
	char hint[NEAREST_HINT_SIZE];

	if (state_parse(word) != STATE_UNKNOWN)
		fail(error, "'%s' is a state: a cell needs a segment as well, as in %s/syn/seq-above/ts-above, or "
		     "--state=%s", word, word, word);
	else if (stimulus_kind_parse(word) != KIND_COUNT)
		fail(error, "'%s' is a segment: use --segment=%s, or a cell's name, such as "
		     "time-wait/%s/seq-above/ts-above", word, word, word);
	else if (cause_find(word))
		fail(error, "'%s' is a finding: twprobe explain %s", word, word);
	else if (word[0] && word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] == '\0')
		fail(error, "unknown command '%s', and as HOST:PORT the port is missing; see --help%s", word,
		     commands_hint(word, hint));
	else
		return false;
	return true;
}

static int dispatch(int argc, char **argv)
{
	enum command_id command = argc > 1 ? commands_find(argv[1]) : COMMAND_COUNT;
	struct error error;

	if (command < COMMAND_COUNT)
		return run(command, argc - 1, argv + 1, argc, argv);
	if (argc > 1 && is_no_command(argv[1], &error))
		return message_failed(&error, EXIT_USAGE);
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
