/* option_run.c - the options of commands that send segments or report, and those of all commands. */
#include <string.h>

#include "cases/path/path.h"
#include "cases/yaml_tree.h"
#include "crafter/units.h"
#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"
#include "harness/commands/workers.h"
#include "harness/report/format.h"

/* The formats that this command can write; FORMAT_COUNT: no more. */
static enum format format_at(enum command_id command, size_t number)
{
	unsigned subjects = command < COMMAND_COUNT ? commands_at(command)->formats : ~0U;

	for (enum format format = 0; format < FORMAT_COUNT; format++)
		if (format_subjects(format) & subjects && number-- == 0)
			return format;
	return FORMAT_COUNT;
}

static const char *format_word(const struct option_row *row, enum command_id command, size_t number)
{
	enum format format = format_at(command, number);

	(void)row;
	return format < FORMAT_COUNT ? format_name(format) : NULL;
}

static const char *format_meaning_of(const struct option_row *row, enum command_id command, size_t number)
{
	enum format format = format_at(command, number);

	(void)row;
	return format < FORMAT_COUNT ? format_meaning(format) : NULL;
}

static const char *book_word(const struct option_row *row, enum command_id command, size_t number)
{
	(void)row;
	/* Without a book there would be nothing to tell of a capture, and only the usual ones are asked about it. */
	if (command == COMMAND_DIAGNOSE)
		return number < BOOK_USUAL ? oracle_book_name((enum book)number) : NULL;
	return number == BOOK_COUNT ? "none" : number < BOOK_COUNT ? oracle_book_name((enum book)number) : NULL;
}

static int take_format(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	if (number < 0)
		return -1;
	options->format_given = true;
	options->format = format_at(options->command, (size_t)number);
	return 0;
}

static int take_book(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->expect = (enum book)number; /* "none" is BOOK_COUNT */
	options->expect_given = true;
	return number < 0 ? -1 : 0;
}

int option_take_kernel(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct error inner;

	options->kernel_given = true;
	if (freebsd_is_meant(text) && options->command == COMMAND_DIAGNOSE)
		return fail(error, "--%s=%.40s: what a capture shows is judged by the rules of Linux and the RFCs", row->name,
			    text);
	if (freebsd_is_meant(text)) {
		options->kernel.freebsd = (struct freebsd){ 0 };
		options->expect = options->expect_given ? options->expect : BOOK_FREEBSD;
		return freebsd_choose(text, &options->kernel.freebsd, &inner) == 0 ? 0 :
		       fail(error, "--%s: %s", row->name, inner.text);
	}
	if (kernel_choose(text, &options->kernel, &inner) == 0)
		return 0;
	return fail(error, "--%s: %s", row->name, inner.text);
}

static int take_color(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	static const int values[] = { -1, 1, 0 };
	int number = option_word_number(options, row, text, error);

	if (number < 0)
		return -1;
	options->color = values[number];
	return 0;
}

static int take_rate(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	options->adapts = strcmp(text, "auto") == 0;
	return option_value_rate(row->name, options->adapts ? "max" : text, &options->rate, error);
}

static int take_timeout(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_duration(row->name, text, "100us to 60s", NSEC_PER_MSEC / 10, 60 * NSEC_PER_SEC,
				     &options->timeout_ns, error);
}

static const char *engine_word(const struct option_row *row, enum command_id command, size_t number)
{
	static const char *const words[] = { "lab", "uml", "qemu", "exec:COMMAND" };

	(void)row;
	(void)command;
	return number < sizeof(words) / sizeof(words[0]) ? words[number] : NULL;
}

static const char *engine_meaning(const struct option_row *row, enum command_id command, size_t number)
{
	static const char *const meanings[] = {
		"a namespace of this machine", "a user-mode Linux: starts in a second", "a kernel for a machine, in QEMU",
		"a TCP stack that is a process",
	};

	(void)row;
	(void)command;
	return number < sizeof(meanings) / sizeof(meanings[0]) ? meanings[number] : NULL;
}

static int take_engine(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	static const char exec[] = "exec:";
	bool executes = strncmp(text, exec, strlen(exec)) == 0;
	int number = executes ? ENGINE_EXEC : option_word_number(options, row, text, error);

	options->engine = (enum options_engine)number;
	options->engine_given = true;
	options->engine_command = executes ? text + strlen(exec) : NULL;
	if (executes && !options->engine_command[strspn(options->engine_command, " \t")])
		return fail(error, "--%s=%s: a command is expected, which starts the subject", row->name, text);
	return number < 0 ? -1 : 0;
}

static int take_image(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	if (!*text)
		return fail(error, "--%s: names no file", row->name);
	options->kernel_image = text;
	return 0;
}

static int take_path(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	size_t most = options->command == COMMAND_MATRIX ? OPTIONS_PATHS_MAX : 1;

	if (!*text)
		return fail(error, "--%s: names no path", row->name);
	if (options->path_count == most)
		return fail(error, most == 1 ? "--%s: one path at a time; `twprobe matrix` compares several" : "--%s: too many",
			    row->name);
	options->paths[options->path_count++] = text;
	if (strcmp(text, "-") != 0)
		return 0;
	if (options->path_text)
		return fail(error, "--%s=-: standard input is one path", row->name);
	options->path_text = yaml_read("/dev/stdin", PATH_TEXT_MAX, &options->path_size, error);
	if (!options->path_text)
		return -1;
	if (!options->path_size) /* of a command before it that failed, rather than a router without rules */
		return fail(error, "--%s=-: standard input is empty", row->name);
	return 0;
}

static int take_seed(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_count(row->name, text, 0, UINT64_MAX, &options->seed, error);
}

static int take_trigger(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	size_t size = 0;

	if (option_value_trigger(row->name, text, options->trigger, sizeof(options->trigger), &size, error) < 0)
		return -1;
	options->trigger_size = (uint16_t)size;
	return 0;
}

enum { TAKES_TARGET = TAKES_PROBE }; /* that know targets */

static const struct option_row rows[] = {
	{ .name = "ipv4", .letter = '4', .commands = TAKES_PROBE, .section = SECTION_PROBE, .group = GROUP_FAMILY,
	  OPTION_FLAG(ipv4) },
	{ .name = "ipv6", .letter = '6', .commands = TAKES_PROBE, .section = SECTION_PROBE, .group = GROUP_FAMILY,
	  OPTION_FLAG(ipv6),
	  .help = "Use only IPv4, or only IPv6: in the lab for each cell, and of a target's name this address (default: in "
		  "the lab what the cells say; of a name the first address that has a route)." },
	{ .name = "trigger", .value = "wait|http|send:TEXT", .commands = TAKES_PROBE | TAKES_DIAGNOSE, .section = SECTION_PROBE,
	  .take = take_trigger,
	  .help = "What makes a server close first: nothing, it closes without being asked (_wait_, the default); a "
		  "GET with \"Connection: close\" (_http_); these bytes (_send:TEXT_, which may contain \\\\r \\\\n"
		  " \\\\t \\\\\\\\ \\\\xHH)." },
	{ .name = "timeout", .value = "DURATION", .commands = TAKES_PROBE | TAKES_EXPORT | TAKES_DIAGNOSE,
	  .section = SECTION_PROBE,
	  .take = take_timeout,
	  .help = "How long an answer may take before it counts as silence, such as _300ms_ or _2s_ (default _300ms_ "
		  "in the lab, _100ms_ there for a scenario, _1s_ with a target).",
	  .more = "Never less than two round trips." },
	{ .name = "calls", .commands = TAKES_RUN, .section = SECTION_PROBE, OPTION_FLAG(calls),
	  .help = "The target is *twprobe serve --calls*: ask it to connect to us in cells whose subject connects (_syn-sent_, "
		  "*--opening*).",
	  .more = "It is asked by UDP datagrams to the target's port." },
	{ .name = "source", .value = "ADDR", .commands = TAKES_TARGET, .section = SECTION_PROBE, OPTION_TEXT(source) },
	{ .name = "interface", .letter = 'i', .value = "NAME", .commands = TAKES_TARGET, .section = SECTION_PROBE,
	  OPTION_TEXT(interface), .help = "Where to send from, instead of where the routing table says." },
	{ .name = "far", .value = "INTERFACE|FILE", .commands = TAKES_RUN | TAKES_SCENARIO | TAKES_WHY,
	  .section = SECTION_PROBE, OPTION_TEXT(far),
	  .help = "Where the path to a target can be heard once more, beyond its firewall, NAT or balancer: an interface, "
		  "one in a network namespace of *ip netns* (_NAMESPACE:INTERFACE_), or a capture (_FILE.pcap_, a FIFO, or "
		  "_-_ for standard input) that grows meanwhile, is finished after the last cell, or is only there then.",
	  .more = "Both sides are matched by their numbers, through a NAT too, and reports say whether the stimulus "
		  "reached the subject, who answered, and what was rewritten." },
	{ .name = "engine", .value = "lab|uml|qemu|exec:COMMAND", .commands = TAKES_PROBE | TAKES_EXPORT | TAKES_DIAGNOSE,
	  .section = SECTION_PROBE, .take = take_engine, .word = engine_word, .meaning = engine_meaning,
	  .help = "Which kernel is asked where no target is named: this machine's (_lab_, the default), or another "
		  "one that is started for it, as a user-mode Linux (_uml_) or in QEMU (_qemu_). Neither needs root. Or a "
		  "TCP stack that is a process: _COMMAND_ is started with a tap device (_exec_).",
	  .more = "A user-mode Linux is a process of the user's, with this machine's files. A guest in QEMU has a copy "
		  "of what the command line names, and what it writes there, such as _--pcap_, is written here when it "
		  "ends; its clock leaps over idle times unless KVM can be used. Debian's packages are *user-mode-linux* "
		  "and *qemu-system-x86*. What _exec:COMMAND_ finds in its environment, and what is expected of it, is in "
		  "docs/stacks.md; it needs _/dev/net/tun_." },
	{ .name = "kernel-image", .value = "FILE|TREE", .commands = TAKES_PROBE | TAKES_EXPORT | TAKES_DIAGNOSE,
	  .section = SECTION_PROBE, .take = take_image,
	  .help = "The kernel to start: a user-mode Linux (default _linux.uml_), a bzImage for QEMU (with "
		  "*--engine*=_qemu_ by default this machine's, in /boot), or a kernel tree in which one of them was "
		  "built (*make ARCH=um linux* or *make bzImage*). The file says which engine it is for.",
	  .more = "Modules are looked for beside it, in the tree, and in /lib/modules." },
	{ .name = "path", .value = "NAME|FILE|-", .list = "paths", .commands = TAKES_PROBE | TAKES_DIAGNOSE,
	  .section = SECTION_PROBE, .take = take_path,
	  .help = "What stands before the subject in the lab: a router with this nftables rule set (_FILE.nft_) or path file "
		  "(_FILE.yaml_), or a path that *twprobe list* names (default _direct_: nothing). Of another file, and of "
		  "standard input (_-_), the first line tells which of both it is.",
	  .more = "The lab is then three network namespaces, and both sides of the router are heard. Rules need libnftables "
		  "(Debian's package is *libnftables1*). For a matrix several can be given: each cell is asked over each of "
		  "them, and those whose answer a path changes are told." },
	{ .name = "seed", .value = "N", .commands = TAKES_PROBE | TAKES_EXPORT, .section = SECTION_PROBE, .take = take_seed,
	  .help = "Choose sequence numbers, timestamps and ports by this number; the answers must not depend on it." },
	{ .name = "no-witness", .commands = TAKES_TARGET & ~TAKES_WHY, .section = SECTION_PROBE, OPTION_FLAG(no_witness),
	  .help = "Do not ask the kernel for the state of the subject's socket. Faster; states are not reported then." },

	{ .name = "repeat", .value = "N", .commands = TAKES_CELL | TAKES_MATRIX, .section = SECTION_RUN,
	  OPTION_COUNT(repeat, 1, 1000000000), .help = "Ask each cell _N_ times." },
	{ .name = "in-flight", .value = "N", .commands = TAKES_RUN, .section = SECTION_RUN,
	  OPTION_COUNT(in_flight, 1, IN_FLIGHT_MAX),
	  .help = "At most _N_ probes at the same time (default 1024 in the lab and with *--rate=auto*, 32 with a target)." },
	{ .name = "workers", .letter = 'j', .value = "N", .commands = TAKES_RUN | TAKES_SCENARIO,
	  .section = SECTION_RUN, OPTION_COUNT(workers, 1, WORKERS_MAX),
	  .help = "Ask in _N_ labs at the same time, each with processes of its own (default: one for each processor that has "
		  "enough to do). One report, in the same order.",
	  .more = "Not with a target, *--pcap*, *-w*, *--refine* or a page (_html_). Each takes the memory of one run. "
		  "*--rate* is that of all together, *--in-flight* of each. Of scenarios (*--all*) eight play at the same "
		  "time, as they mostly wait; one on a kernel before 6.1. With a user-mode Linux (*--engine*=_uml_) each lab "
		  "is in a kernel of its own, which keeps to one processor." },
	{ .name = "rate", .value = "N|max|auto", .commands = TAKES_RUN | TAKES_DIAGNOSE | TAKES_WHO,
	  .section = SECTION_RUN, .take = take_rate,
	  .help = "Begin at most _N_ connections per second (default _max_ in the lab, 100 with a target). _auto_: as many as "
		  "the way to the target and the target bear.",
	  .more = "A cell of a target takes three of them or more (see _mixed_ in *twprobe*(1)). _auto_ begins with 100 and "
		  "doubles that as long as no more SYNs stay unanswered than at lower rates and answers do not queue; it "
		  "halves it where they do, or where the target reaches a limit (of SYNs that wait, of challenge ACKs)." },

	{ .name = "kernel", .value = "VERSION|any", .commands = (TAKES_PROBE & ~TAKES_WHO) | TAKES_EXPLAIN,
	  .section = SECTION_REPORT, .take = option_take_kernel,
	  .help = "Which kernel's rules judge: a series (_5.10_), a release (_6.12.117_), or _any_ from 5.10 on "
		  "(default: the kernel of this machine; with a target elsewhere _any_).",
	  .more = "What *uname -r* prints there is taken too. Where the rules of several versions are possible, an "
		  "answer agrees if it is that of one version, and the report says which versions fit the whole run. "
		  "Kernels that a distribution numbers itself (_6.1.0-56-amd64_) are taken for their series. A "
		  "vendor's kernel with changes of its own may fit no version.\n"
		  "_freebsd_, _freebsd-14_ or _freebsd-14.1_ is FreeBSD, by the freebsd book, which decides then; after "
		  "it may come its sysctls of net.inet.tcp that are not as usual: _freebsd-14,drop_synfin=1,blackhole=2_ "
		  "(also insecure_rst, insecure_syn, insecure_ack)." },
	{ .name = "expect", .word = book_word, .commands = TAKES_RUN | TAKES_WHY | TAKES_DIAGNOSE,
		.section = SECTION_REPORT, .take = take_book,
	  .help = "The rule book that decides the verdict (default _linux_)." },
	{ .name = "format", .word = format_word, .meaning = format_meaning_of,
		.commands = TAKES_PROBE | TAKES_COMPARE | TAKES_DIAGNOSE | TAKES_LIST | TAKES_EXPLAIN | TAKES_EXPORT,
	  .section = SECTION_REPORT, .take = take_format, .help = "How to print it." },
	{ .name = "expected-failures", .value = "FILE|-",
	  .commands = TAKES_CELL | TAKES_MATRIX | TAKES_SCENARIO | TAKES_COMPARE,
	  .section = SECTION_REPORT, OPTION_INPUT(expected_failures),
	  .help = "What is known to fail, one a line: a name or a shell pattern of names, and a reason. It does not count for "
		  "the exit code. One that passes is told, and counts as a failure.",
	  .more = "Lines that begin with # are comments. TAP marks them with TODO, annotations are notices." },
	{ .name = "dry-run", .commands = TAKES_CELL | TAKES_MATRIX | TAKES_SCENARIO | TAKES_WHY | TAKES_EXPORT,
	  .section = SECTION_RUN,
	  OPTION_FLAG(dry_run), .help = "Print what would be asked, and send nothing. Needs no privilege." },
	{ .name = "pcap", .value = "FILE|-", .commands = TAKES_PROBE, .section = SECTION_REPORT, OPTION_TEXT(pcap),
	  .help = "Write every segment sent and received. A pipe gets each as it comes; with _-_ that is standard "
		  "output, and the report goes to standard error.",
	  .more = "_FILE_ may be a FIFO: then twprobe waits until somebody reads it (*wireshark -k -i* _FIFO_). A "
		  "slow reader slows down the run." },
	{ .name = "write", .letter = 'w', .value = "FILE|-", .commands = TAKES_PROBE, .section = SECTION_REPORT,
	  OPTION_TEXT(write),
	  .help = "Write every segment sent and received as pcapng, with a comment on each stimulus, answer and follow-up: its "
		  "cell, the verdict, the rule. With _-_ that is standard output, and the report goes to standard error.",
	  .more = OPTION_COMMENTS_SHOWN "Frames wait for what is said about them, in 256 MiB of memory at most; in a "
		  "longer run the oldest are written as they are. The file is whole when the run ends." },
	{ .name = "color", .value = "auto|always|never", .commands = TAKES_PROBE | TAKES_DIAGNOSE,
		.section = SECTION_REPORT, .take = take_color,
	  .help = "Default _auto_: colour on a terminal, unless NO_COLOR is set or TERM is _dumb_." },
	{ .name = "quiet", .letter = 'q', .commands = TAKES_PROBE | TAKES_EXPORT, .section = SECTION_REPORT, OPTION_FLAG(quiet),
	  .help = "Print less: exceptions and totals only, and no progress line." },
	{ .name = "verbose", .letter = 'v', .commands = TAKES_EXPORT | TAKES_RUN | TAKES_WHY, .section = SECTION_REPORT,
	  OPTION_FLAG(verbose),
	  .help = "Print more: every cell that a reason holds for, by name; more about the run, on standard error." },

	{ .name = "help", .letter = 'h', .commands = TAKES_ALL, .section = SECTION_GENERAL, OPTION_FLAG(help),
	  .help = "Print help." },
	{ .name = "version", .letter = 'V', .commands = TAKES_ALL, .section = SECTION_GENERAL, OPTION_FLAG(version),
	  .help = "Print the version." },
};

const struct option_table option_run_table = OPTION_TABLE(rows);
