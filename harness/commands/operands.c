/* operands.c - takes the words of a command line that are not options. */
#include "harness/commands/operands.h"

#include <string.h>
#include <unistd.h>

#include "crafter/nearest.h"
#include "crafter/textbuf.h"
#include "harness/commands/command_list.h"
#include "harness/commands/option_values.h"
#include "harness/commands/other_kernel.h"
#include "harness/diagnose/cause.h"

enum { NAMES_SIZE = 160 };

static const struct operand target = {
	.name = "HOST:PORT",
	.help = "The target: a server to probe instead of the lab. It needs root (CAP_NET_RAW), as in: sudo twprobe "
		"--seq-below --ts-above target:8888, or a program that has it (setcap cap_net_raw+ep twprobe). An "
		"IPv6 address is in brackets: [2001:db8::1]:8888.",
	.more = "Without it the subject is the kernel of this machine, in a network namespace created for the run "
		"and removed with it (the lab), which needs root or a kernel that lets users make namespaces.",
};
static const struct operand scenario = {
	.name = "NAME",
	.help = "A scenario that *twprobe list* names, or the path of a file of your own, _-_ for standard input; "
		"docs/scenarios.md describes the format.",
	.kind = OPERAND_SCENARIO,
};
static const struct operand port = {
	.name = "[ADDR:]PORT",
	.help = "Where to listen; without _ADDR_ on all addresses, IPv6 and IPv4.",
};
static const struct operand files = {
	.name = "FILE",
	.help = "Results written with --format=json, plain or compressed by gzip; _-_ is standard input.",
	.kind = OPERAND_FILE,
};
static const struct operand capture = {
	.name = "FILE",
	.help = "A capture: pcap or pcapng, plain or compressed by gzip; with --text, what tcpdump prints. _-_ is standard "
		"input.",
	.kind = OPERAND_FILE,
};
static const struct operand expression = {
	.name = "FILTER",
	.help = "Which frames count, as tcpdump takes it: _host 192.0.2.1 and port 443_ (pcap-filter(7)).",
};
static const struct operand cell = {
	.name = "CELL",
	.help = "A name as in the results: _STATE/SEGMENT/SEQ/TS_[/_CONDITION_...].",
	.kind = OPERAND_CELL,
};
static const struct operand exported_results = {
	.name = "RESULTS",
	.help = "A file of *--format*=_json_: the cells in it are asked again, *--only* chooses among them. Each script says "
		"what the file has, and at the end it is told how many answers are others here.",
	.kind = OPERAND_FILE,
};
static const struct operand finding = {
	.name = "FINDING",
	.help = "Instead of a cell: a name by which *twprobe diagnose* calls what it found; *twprobe list findings* has them "
		"all.",
	.kind = OPERAND_FINDING,
};
static const struct operand list = {
	.name = "LIST",
	.help = "Print the names of one list only, one per line: _states_, _segments_, _matrices_, _scenarios_, _paths_, "
		"_books_, _baselines_ or _findings_.",
	.kind = OPERAND_WORD,
	.word = command_list_word,
};
/* Those that have a name. */
static const char *command_word(size_t number)
{
	return number + 1 < COMMAND_COUNT ? commands_at((enum command_id)(number + 1))->name : NULL;
}

static const struct operand command = {
	.name = "COMMAND",
	.help = "The command to describe.",
	.kind = OPERAND_WORD,
	.word = command_word,
};

/* Names, "time-wait/syn/seq-below/ts-above", instead of the options that say the same; HOST:PORT has no '/'. */
static int take_names(struct options *options, size_t *count, char ***words, struct error *error)
{
	const char *option = options->ipv6 ? "ipv6" : options->ipv4 ? "ipv4" : options->cell_option;
	size_t most = options->command == COMMAND_CELL || options->command == COMMAND_MATRIX ? SIZE_MAX : 1;
	bool ipv6 = true;
	struct cell named;

	options->named = *words;
	for (; *count && strchr((*words)[0], '/'); (*words)++, (*count)--) {
		if (option)
			return fail(error, "'%.120s' names the whole cell; leave out --%s", (*words)[0], option);
		if (options->named_count == most)
			return fail(error, "%s takes one cell; what is '%.120s' for?", commands_at(options->command)->name,
				    (*words)[0]);
		if (cell_parse((*words)[0], &named, error) < 0)
			return -1;
		if (options->named_count++ == 0)
			options->cell = named;
		ipv6 &= named.family == 6;
	}
	options->ipv6 |= options->named_count && ipv6;
	return 0;
}

static int take_exported(struct options *options, size_t count, char **words, struct error *error)
{
	(void)error; /* the command looks at each */
	options->named = words;
	options->named_count = count;
	return 0;
}

static int take_target(struct options *options, size_t count, char **words, struct error *error)
{
	if (count > 1)
		return fail(error, "'%s': only one HOST:PORT is expected", words[1]);
	if (count)
		options->target = words[0];
	return 0;
}

/* The lab's kernel tells its reasons, or that of a server in a network namespace here, behind a path that is heard. */
static int take_why(struct options *options, size_t count, char **words, struct error *error)
{
	if (take_names(options, &count, &words, error) < 0)
		return -1;
	if (count && !options->far)
		return fail(error, "why works in the lab, where the kernel under test is this one: leave out HOST:PORT, or say "
			    "with --far=NAMESPACE:INTERFACE where on this machine the server is heard");
	return take_target(options, count, words, error);
}

/* A cell where none is expected: what asks it is told. */
static int refuse_cell(const struct options *options, const char *word, struct error *error)
{
	struct error ignored;
	struct cell named;

	if (!strchr(word, '/') || cell_parse(word, &named, &ignored) < 0)
		return 0;
	return fail(error, "'%.120s' is a cell, and %s takes none; twprobe %.120s asks it", word,
		    commands_at(options->command)->name, word);
}

static int take_target_alone(struct options *options, size_t count, char **words, struct error *error)
{
	return count && refuse_cell(options, words[0], error) < 0 ? -1 : take_target(options, count, words, error);
}

static int take_cells_or_matrices(struct options *options, size_t count, char **words, struct error *error)
{
	if (take_names(options, &count, &words, error) < 0)
		return -1;
	if (options->named_count && options->matrix_count)
		return fail(error, "cells by name, or those of --matrix; not both");
	return take_target(options, count, words, error);
}

static int take_cell_and_target(struct options *options, size_t count, char **words, struct error *error)
{
	if (options->command == COMMAND_CELL && count && commands_find(words[0]) < COMMAND_COUNT)
		return fail(error, "the command comes before its options: twprobe %s ...", words[0]);
	if (count > 1 && !strchr(words[0], '/') && strchr(words[1], '/'))
		return fail(error, "'%.120s': a cell's name comes before HOST:PORT", words[1]);
	if (take_names(options, &count, &words, error) < 0)
		return -1;
	return take_target(options, count, words, error);
}

static int take_scenario(struct options *options, size_t count, char **words, struct error *error)
{
	if (count && refuse_cell(options, words[0], error) < 0)
		return -1;
	if (!options->all && count) {
		options->scenario = option_value_input(words[0]);
		words++;
		count--;
	}
	return take_target(options, count, words, error);
}

static int take_port(struct options *options, size_t count, char **words, struct error *error)
{
	if (count == 0)
		return fail(error, "serve needs the port to listen on, as in: twprobe serve 8888");
	if (count > 1)
		return fail(error, "serve listens on one port; what is '%.60s' for?", words[1]);
	options->serve.address = words[0];
	return 0;
}

static int take_files(struct options *options, size_t count, char **words, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (access(words[i], F_OK) < 0 && refuse_cell(options, words[i], error) < 0)
			return -1;
	options->compare.paths = words;
	options->compare.count = count;
	return 0;
}

static int check_replay(const struct options *options, struct error *error)
{
	if (options->diagnose.replay && options->diagnose.interface)
		return fail(error, "--replay needs a capture: -i gives up all privileges; write a file, then replay that");
	if (options->diagnose.replay)
		return 0;
	if (options->trigger_size || options->timeout_ns || options->rate > 0 || options->path_count ||
	    other_kernel_wanted(options))
		return fail(error, "--trigger, --timeout, --rate, --path and --engine tell how to ask again; give --replay");
	return 0;
}

/* As tcpdump does: the words of the filter may be one argument or several. */
static int take_capture(struct options *options, size_t count, char **words, struct error *error)
{
	char *filter = options->diagnose.filter;
	bool live = options->diagnose.interface != NULL;
	size_t used = 0;

	if (check_replay(options, error) < 0)
		return -1;
	if (count == 0 && !live)
		return fail(error, "diagnose needs a capture, as in: twprobe diagnose capture.pcapng; - is standard input");
	if (!live && !*words[0])
		return fail(error, "the name of the capture is empty; - is standard input");
	if (other_kernel_wanted(options) && strcmp(words[0], "-") == 0)
		return fail(error, "--engine: the kernel that is started reads files, not standard input; give the capture's "
			    "name");
	if (!live)
		options->diagnose.path = words[0];
	for (size_t i = live ? 0 : 1; i < count; i++) {
		size_t length = strlen(words[i]);

		if (used + length + 2 > OPTIONS_FILTER_SIZE)
			return fail(error, "the filter is longer than %d characters", OPTIONS_FILTER_SIZE - 2);
		memcpy(filter + used, words[i], length);
		used += length;
		filter[used++] = ' ';
	}
	filter[used ? used - 1 : 0] = '\0';
	return 0;
}

static int unknown_finding(const char *text, struct error *error)
{
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;

	nearest_begin(&nearest, text);
	for (size_t i = 0; cause_at(i); i++)
		nearest_offer(&nearest, cause_at(i)->name);
	return fail(error, "explain: '%.60s' is neither a cell's name, such as time-wait/syn/seq-below/ts-above, nor a finding "
		    "(see: twprobe list findings)%s", text, nearest_hint(&nearest, "", hint));
}

static int take_cell_or_finding(struct options *options, size_t count, char **words, struct error *error)
{
	if (count != 1)
		return fail(error, "explain: expected one cell name, such as time-wait/syn/seq-below/ts-above, or one finding");
	if (strchr(words[0], '/'))
		return cell_parse(words[0], &options->cell, error);
	options->finding = cause_find(words[0]);
	if (!options->finding)
		return unknown_finding(words[0], error);
	return options->kernel_given ? fail(error, "--kernel says whose rules judge a cell; leave it out for a finding") : 0;
}

static int unknown_list(const char *text, struct error *error)
{
	char names[NAMES_SIZE], hint[NEAREST_HINT_SIZE];
	struct nearest nearest;
	struct textbuf out;

	textbuf_init(&out, names, sizeof(names));
	nearest_begin(&nearest, text);
	for (size_t i = 0; command_list_word(i); i++) {
		textbuf_item(&out, ", ", "%s", command_list_word(i));
		nearest_offer(&nearest, command_list_word(i));
	}
	return fail(error, "list: unknown list '%.60s': there are %s%s", text, names, nearest_hint(&nearest, "", hint));
}

static int take_list(struct options *options, size_t count, char **words, struct error *error)
{
	if (count > 1)
		return fail(error, "list: expected one list at most; what is '%.60s' for?", words[1]);
	if (count && options->rfc)
		return fail(error, "--rfc is a list of its own; leave out '%.60s'", words[0]);
	if (!options->rfc && !(format_subjects(options->format) & FORMAT_OF_LISTS))
		return fail(error, "--format=%s is one of the requirements of an RFC; give --rfc",
			    format_name(options->format));
	for (size_t i = 0; count && command_list_word(i); i++)
		if (strcmp(words[0], command_list_word(i)) == 0)
			options->list = command_list_word(i);
	return !count || options->list ? 0 : unknown_list(words[0], error);
}

static int take_command(struct options *options, size_t count, char **words, struct error *error)
{
	char hint[NEAREST_HINT_SIZE];

	if (count > 1)
		return fail(error, "help: expected one command at most; what is '%.60s' for?", words[1]);
	options->topic = count ? commands_find(words[0]) : COMMAND_CELL;
	return options->topic < COMMAND_COUNT ? 0 : fail(error, "help: unknown command '%.60s'; see --help%s", words[0],
							 commands_hint(words[0], hint));
}

const struct operands operands_why = { { &cell, &target }, take_why };
const struct operands operands_question = { { &cell, &target }, take_cell_and_target };
const struct operands operands_matrix = { { &cell, &target }, take_cells_or_matrices };
const struct operands operands_target = { { &target }, take_target_alone };
const struct operands operands_scenario = { { &scenario, &target }, take_scenario };
const struct operands operands_port = { { &port }, take_port };
const struct operands operands_files = { { &files }, take_files };
const struct operands operands_capture = { { &capture, &expression }, take_capture };
const struct operands operands_explained = { { &cell, &finding }, take_cell_or_finding };
const struct operands operands_exported = { { &cell, &exported_results }, take_exported };
const struct operands operands_list = { { &list }, take_list };
const struct operands operands_command = { { &command }, take_command };
