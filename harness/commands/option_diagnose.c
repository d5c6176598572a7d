/* option_diagnose.c - the options of `twprobe diagnose`, and what others mean to it. */
#include "crafter/units.h"
#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

static int take_duration(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_duration(row->name, text, "1s to 10000000s", NSEC_PER_SEC, 10000000 * NSEC_PER_SEC,
				     &options->diagnose.duration_ns, error);
}

static int take_every(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_duration(row->name, text, "1s to 86400s", NSEC_PER_SEC, 86400 * NSEC_PER_SEC,
				     &options->diagnose.every_ns, error);
}

static int take_replay(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	if (text && !*text)
		return fail(error, "--%s=: expected HOST:PORT; without it the lab is asked", row->name);
	options->diagnose.replay = true;
	options->target = text;
	return 0;
}

static const struct option_row rows[] = {
	{ .name = "text", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE, OPTION_FLAG(diagnose.text),
	  .help = "_FILE_ is text that _tcpdump_ or _tshark_ printed, as people paste it into a thread: of any version, with "
		  "or without _-S_, _-n_, _-v_, _-e_, _-t_, quoted, indented or with broken lines.",
	  .more = "What the text does not show makes encounters uncertain; _tcpdump -n -S -vv -tttt_ shows most. A filter is "
		  "asked about packets that are made of the text, whose payload is not there." },
	{ .name = "interface", .letter = 'i', .value = "NAME", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_TEXT(diagnose.interface),
	  .help = "Listen on this interface of this machine (_any_: on all of them) instead of reading _FILE_. Needs root or "
		  "CAP_NET_RAW. Ctrl-C ends it with the report.",
	  .more = "Encounters are told two seconds after they began. Only the headers are captured, never promiscuously; the "
		  "kernel runs the filter." },
	{ .name = "duration", .value = "TIME", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  .take = take_duration, .help = "With _-i_: end after this time (_3600s_)." },
	{ .name = "every", .value = "TIME", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  .take = take_every, .help = "With _-i_: a line of summary after each _TIME_ (default 60s)." },
	{ .name = "buffer", .value = "KIB", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_COUNT(diagnose.buffer, 1, 2000000),
	  .help = "With _-i_: let so many KiB of frames wait to be read (default 32768). Raise it if the summary says that "
		  "frames were dropped." },
	{ .name = "max-connections", .value = "N", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_COUNT(diagnose.connections, 1, 100000000),
	  .help = "Keep at most _N_ connections in memory (default 200000); those idle longest are forgotten first, and the "
		  "report says how many.",
	  .more = "A connection takes about 1.5 KB." },
	{ .name = "replay", .value = "HOST:PORT", .optional = true, .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  .take = take_replay,
	  .help = "Ask the cells of all encounters again, each once: in the lab, which needs root or a kernel that lets users "
		  "make namespaces, or at _HOST:PORT_, which needs root; and show both answers side by side.",
	  .more = "At most 10000 different cells are asked. The report says which encounters are left out, and what a cell "
		  "does not repeat." },
	{ .name = "write", .letter = 'w', .value = "FILE|-", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_TEXT(write),
	  .help = "Write the frames to _FILE_ as pcapng, those that the filter takes, with a comment on each segment that "
		  "matters and on what answers it. With _-_ that is standard output, and the report goes to standard error.",
	  .more = OPTION_COMMENTS_SHOWN "Comments and interface names of a pcapng are kept, its other options are not. "
		  "Frames wait some seconds for what is said about them, in 256 MiB of memory at most, with *-i* in "
		  "64 MiB; if that is not enough, encounters have no comment, and the report says how many." },

	{ .name = "kernel", .value = "VERSION|any", .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT,
	  .take = option_take_kernel,
	  .help = "Which kernel's rules judge: a series (_5.10_), a release (_6.12.117_), or _any_ from 5.10 on (the "
		  "default: the kernels of a capture are unknown)." },
	{ .name = "quiet", .letter = 'q', .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT, OPTION_FLAG(quiet),
	  .help = "No progress line. With _-i_: no lines of summary." },
	{ .name = "verbose", .letter = 'v', .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT, OPTION_FLAG(verbose),
	  .help = "Show every encounter, not only the first two of each kind, and the first two of it that differ." },
};

const struct option_table option_diagnose_table = OPTION_TABLE(rows);
