/* help.c - the texts of --help. */
#include <stdio.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/report/text.h"

static const char usage[] =
	"twprobe - what does this kernel answer to this segment in this TCP state?\n"
	"\n"
	"  twprobe [OPTIONS] [HOST:PORT]          one cell (without HOST:PORT: in a private lab)\n"
	"  twprobe matrix [OPTIONS] [HOST:PORT]   every cell of a matrix\n"
	"  twprobe map -o FILE [HOST:PORT]        the answers over sequence number and timestamp, as a picture\n"
	"  twprobe scenario NAME [HOST:PORT]      a script that shows one thing, with a ladder of both ends' states\n"
	"  twprobe serve [OPTIONS] [ADDR:]PORT    the subject, on the machine under test\n"
	"  twprobe compare RESULTS...             what differs between result files\n"
	"  twprobe list                           states, segments, matrices, scenarios, rule books\n"
	"  twprobe explain [--kernel=V] CELL      what each rule book says of this cell, and why\n"
	"  twprobe why [CELL OPTIONS]             one cell in the lab, with all that its kernel says about it\n"
	"\n"
	"  twprobe COMMAND --help                 more about a command\n";

static const char cell_options[] =
	"\nThe cell (default: a lawful SYN into TIME_WAIT)\n"
	"  --state=NAME                 where the server's socket is brought first (time-wait)\n"
	"  --segment=NAME               what is sent then (syn); `twprobe list` names both\n"
	"  --seq-below[=N] --seq-equal --seq-above[=N] --seq=OFFSET\n"
	"                               its sequence number, against rcv_nxt; N is 1000 by default.\n"
	"                               OFFSET: -1, +1000, +2^30, +2^31-1, wnd, wnd-1 (right window edge)\n"
	"  --ts-below[=N] --ts-equal --ts-above[=N] --ts-absent --ts-zero --ts=OFFSET\n"
	"                               its TSval, against the last one the server saw (ts_recent)\n"
	"  --ack=OFFSET                 its acknowledgment, against snd_nxt (equal)\n"
	"  --connection-timestamps=on|off   timestamps on the old connection (on)\n"
	"  --sysctl NAME=VALUE          the server's sysctl, set before the connection (lab only)\n"
	"  --sysctl-at-probe NAME=VALUE\n"
	"                               the same, set once the state is reached (lab only)\n"
	"  -6, --ipv6                   over IPv6 in the lab\n";

static const char matrix_options[] =
	"\nThe matrix (default: time-wait and time-wait-rst)\n"
	"  --matrix=NAME|FILE           a matrix of `twprobe list`, or a case file; repeatable\n"
	"  --only=GLOB                  only cells whose name matches\n"
	"  --shard=I/N                  the I-th of N shares; `twprobe compare --merge` joins the results\n"
	"  -6, --ipv6                   every cell over IPv6\n";

static const char map_options[] =
	"\nThe map (a cell's options but those of seq and ts, which are its axes)\n"
	"  -o FILE, --output=FILE       .png, .svg, .pdf or .html; - draws with characters on this terminal\n"
	"  --size=WxH                   width x height in cells (512x512; on a terminal as many as fit)\n"
	"  --seq-range=A..B --ts-range=A..B   offsets to draw (the whole circle, -2^31..2^31-1)\n"
	"  --scale=linear|symlog        symlog: fine around 0, coarse far from it, on both axes (linear)\n"
	"  --overlay=linux,rfc,folk     draws the boundaries of these rule books over it, and hatches where they\n"
	"                               disagree with the kernel\n"
	"  --refine                     asks a coarse grid, then along boundaries, and fills in the rest\n"
	"  --format=json                prints the raw answers as well, one JSON object a line\n";

static const char scenario_options[] =
	"\nThe scenario\n"
	"  --all                        every one of `twprobe list`, instead of a NAME\n"
	"  --slow                       also the parts that wait for timers of the kernel (minutes)\n"
	"  --fast                       do not wait where only a real client would\n"
	"  -6, --ipv6                   over IPv6 in the lab\n"
	"NAME may be the path of a file of your own; docs/scenarios.md describes the format.\n";

static const char probe_options[] =
	"\nHow it is asked\n"
	"  --trigger=wait|http|send:TEXT    what makes a server that is not ours close first (wait).\n"
	"                               http: GET / with Connection: close; TEXT may contain \\r \\n \\t \\\\ \\xHH\n"
	"  --timeout=DURATION           how long an answer may take: 300ms, 2s (lab: 300ms, for a scenario\n"
	"                               100ms; target: 1s)\n"
	"  --source=ADDR --interface=NAME   overrides the routing table\n"
	"  --seed=N                     the same sequence numbers again\n"
	"  --no-witness                 do not ask this kernel for the socket's state\n"
	"\nWhat is reported\n"
	"  --kernel=VERSION|any         whose rules: 5.10, 6.12.117 (the lab's own; of a target any)\n"
	"  --format=table|json|tap      for a person; one JSON object a line; TAP 13\n"
	"  --pcap=FILE|-                every segment sent and received; a FIFO or - (standard output) gets each when it\n"
	"                               comes, and with - the report goes to standard error\n"
	"  --color=auto|always|never    (NO_COLOR is honoured)\n"
	"  -q, --quiet                  exceptions and sums alone\n"
	"  -h, --help, -V, --version\n";

static const char run_options[] =
	"\nHow many, how fast, against what\n"
	"  --repeat=N                   everything N times\n"
	"  --in-flight=N                probes at the same time (lab: 256, target: 32)\n"
	"  --rate=N|max                 cells begun a second (lab: max, target: 100)\n"
	"  --expect=linux|rfc|folk|none     the rule book that decides the verdict (linux)\n"
	"  -v, --verbose                every cell that has a reason; more about the run, on standard error\n";

static const char cells_exit[] =
	"\n"
	"Exit: 0 every cell agrees with the rule book, 1 some cell differs, 2 usage error, 3 none differs but some are\n"
	"inconclusive, 4 could not run here, 130 interrupted.\n";

static const char scenario_exit[] =
	"\nExit: 0 every scenario agrees with its file, 1 some differ, 2 usage error, 3 none differs but some are\n"
	"inconclusive, 4 could not run here, 130 interrupted.\n";

static const char needs[] =
	"\n"
	"A HOST:PORT needs root (CAP_NET_RAW), as in: sudo twprobe --seq-below --ts-above target:8888,\n"
	"or a program that has it (setcap cap_net_raw+ep twprobe).\n"
	"\n"
	"The lab needs root or a kernel that lets users make namespaces.\n";

static const char explain[] =
	"twprobe explain [--kernel=VERSION|any] CELL - what each rule book says of this cell, and why, and which kernels "
	"answer what; sends nothing\n"
	"\n"
	"CELL is a name as in the results: STATE/SEGMENT/SEQ/TS[/CONDITION...], for instance\n"
	"  twprobe explain time-wait/syn/seq-below/ts-above\n"
	"  twprobe explain time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1\n";

enum { PAGES_MAX = 6 };

static const struct {
	const char *command, *head;
	const char *pages[PAGES_MAX];
} helps[] = {
	{ "", usage, { cell_options, probe_options, run_options, cells_exit, needs } },
	{ "matrix", "twprobe matrix [OPTIONS] [HOST:PORT] - every cell of one or more matrices\n",
	  { matrix_options, probe_options, run_options, cells_exit, needs } },
	{ "map", "twprobe map [OPTIONS] [HOST:PORT] -o FILE - the answers over sequence number and timestamp\n",
	  { map_options, cell_options, probe_options, run_options, cells_exit, needs } },
	{ "scenario", "twprobe scenario NAME|--all [OPTIONS] [HOST:PORT] - a script that shows one thing: the ladder with "
		      "both ends' states, and the conclusion\n", { scenario_options, probe_options, scenario_exit, needs } },
	{ "why", "twprobe why [CELL OPTIONS] - one cell in the lab, with the counters that moved, the state transitions, "
		 "the resets sent, the drop reasons and the timer left on the socket. Tracepoints need root.\n",
	  { cell_options } },
	{ "list", "twprobe list - the states, segments, matrices, scenarios and rule books that a command line may name\n",
	  { NULL } },
	{ "explain", explain, { NULL } },
};

static void help_print(const char *command)
{
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++) {
		if (strcmp(helps[i].command, command ? command : "") != 0)
			continue;
		text_page(stdout, helps[i].head);
		for (size_t page = 0; page < PAGES_MAX && helps[i].pages[page]; page++)
			text_page(stdout, helps[i].pages[page]);
	}
}

void help_version(void)
{
	printf("twprobe %s\n", TWPROBE_VERSION);
}

bool help_asked(const struct options *options, const char *command)
{
	if (options->help)
		help_print(command);
	else if (options->version)
		help_version();
	return options->help || options->version;
}

bool help_asked_only(int argc, char **argv, const char *command)
{
	struct options options = { 0 };

	if (argc == 2) {
		options.help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
		options.version = strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0;
	}
	return help_asked(&options, command);
}
