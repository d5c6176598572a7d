/* commands.c - the table of commands. */
#include "harness/commands/commands.h"

#include <string.h>

#include "harness/commands/operands.h"
#include "harness/commands/option.h"
#include "harness/report/format.h"
#include "harness/run/exit_code.h"

static const struct command_exit cells_exits[] = {
	{ EXIT_AGREES, "every cell agrees with the rule book" },
	{ EXIT_DIFFERS, "some cell differs" },
	{ EXIT_USAGE, "usage error, an invalid case file, or an output file that cannot be created; nothing was sent" },
	{ EXIT_INCONCLUSIVE, "no cell differs, some are inconclusive or mixed" },
	{ EXIT_CANNOT_RUN, "could not run here: no privilege, no memory, no such interface; or the output could not be "
	  "written" },
	{ EXIT_INTERRUPTED, "interrupted by SIGINT, SIGTERM or SIGHUP; what was done is reported" },
	{ 0, NULL },
};
static const struct command_exit matrix_exits[] = {
	{ EXIT_AGREES, "every cell agrees with the rule book" },
	{ EXIT_DIFFERS, "some cell differs from it, or with --baseline from that" },
	{ EXIT_USAGE, "usage error, an invalid case file, or an output file that cannot be created; nothing was sent" },
	{ EXIT_INCONCLUSIVE, "no cell differs, some are inconclusive or mixed, or could not be compared" },
	{ EXIT_CANNOT_RUN, "could not run here: no privilege, no memory, no such interface; or the output could not be "
	  "written" },
	{ EXIT_INTERRUPTED, "interrupted by SIGINT, SIGTERM or SIGHUP; what was done is reported" },
	{ 0, NULL },
};
static const struct command_exit scenarios_exits[] = {
	{ EXIT_AGREES, "every scenario agrees with its file" },
	{ EXIT_DIFFERS, "some scenario differs" },
	{ EXIT_USAGE, "usage error, an invalid scenario file, or an output file that cannot be created; nothing was sent" },
	{ EXIT_INCONCLUSIVE, "no scenario differs, some are inconclusive" },
	{ EXIT_CANNOT_RUN, "could not run here: no privilege, no memory, no such interface; or the output could not be "
	  "written" },
	{ EXIT_INTERRUPTED, "interrupted by SIGINT, SIGTERM or SIGHUP" },
	{ 0, NULL },
};
static const struct command_exit export_exits[] = {
	{ EXIT_AGREES, "every cell is a script" },
	{ EXIT_USAGE, "usage error, an invalid case file, or a folder that cannot be made" },
	{ EXIT_INCONCLUSIVE, "some cell is no script: its answer is not certain, or a script cannot ask it" },
	{ EXIT_CANNOT_RUN, "could not run here: no privilege, no memory; or the scripts could not be written" },
	{ EXIT_INTERRUPTED, "interrupted" },
	{ 0, NULL },
};
static const struct command_exit serve_exits[] = {
	{ EXIT_AGREES, "ended by a signal" },
	{ EXIT_USAGE, "usage error" },
	{ EXIT_CANNOT_RUN, "could not listen, or no memory" },
	{ 0, NULL },
};
static const struct command_exit compare_exits[] = {
	{ EXIT_AGREES, "nothing differs" },
	{ EXIT_DIFFERS, "a cell differs, or is in some files only" },
	{ EXIT_USAGE, "usage error, or files that cannot be read or compared" },
	{ EXIT_INCONCLUSIVE, "nothing differs, but some cell was inconclusive or skipped in some file" },
	{ EXIT_CANNOT_RUN, "no memory, or the output could not be written" },
	{ 0, NULL },
};
static const struct command_exit diagnose_exits[] = {
	{ EXIT_AGREES, "no encounter differs from the rule book" },
	{ EXIT_DIFFERS, "some encounter differs; or with --replay, certainly from what the kernel answers now" },
	{ EXIT_USAGE, "usage error, a file that is not a capture or is damaged (what could be read is reported), or an output "
	  "file that cannot be created" },
	{ EXIT_INCONCLUSIVE, "there are encounters, and all of them are uncertain" },
	{ EXIT_CANNOT_RUN, "no memory; no privilege for -i or --replay, or the interface went away; or the output could "
	  "not be written" },
	{ EXIT_INTERRUPTED, "interrupted while --replay asked" },
	{ 0, NULL },
};
static const struct command_exit texts_exits[] = {
	{ EXIT_AGREES, "printed" },
	{ EXIT_USAGE, "usage error, or a file that cannot be read" },
	{ EXIT_CANNOT_RUN, "no memory, or the output could not be written" },
	{ 0, NULL },
};

static const struct command_exit who_exits[] = {
	{ EXIT_AGREES, "named: kernels in the rule books give all answers" },
	{ EXIT_DIFFERS, "no kernel in the books does; what was unusual is listed" },
	{ EXIT_USAGE, "usage error" },
	{ EXIT_INCONCLUSIVE, "too few answers, or the same question was not always answered alike: two stacks" },
	{ EXIT_CANNOT_RUN, "no privilege, no lab, no way to the target" },
	{ EXIT_INTERRUPTED, "interrupted" },
	{ 0, NULL },
};

static const char *map_lacks(const struct option_row *row)
{
	if (row->group == GROUP_SEQ || row->group == GROUP_TS)
		return "a map has all of them; --seq-range and --ts-range say which part to draw";
	if (strcmp(row->name, "repeat") == 0)
		return "a point of a map has one colour; repeat the map instead";
	return NULL;
}

static const char *why_lacks(const struct option_row *row)
{
	if (strcmp(row->name, "repeat") == 0 || strcmp(row->name, "no-witness") == 0)
		return "why shows one cell to a person, with its witness";
	return NULL;
}

static const struct command commands[COMMAND_COUNT] = {
	[COMMAND_CELL] = {
		.name = "", .run = command_cell, .synopsis = { "[OPTIONS] [CELL...] [HOST:PORT]" },
		.summary = "one cell; without HOST:PORT in a private lab",
		.text = "Brings the socket of a server (the subject) into a state, sends it one segment (the "
			"stimulus), and reports what came back: the segments in order, the answer, what each rule "
			"book expected, the verdict, and why.",
		.operands = &operands_question, .formats = FORMAT_OF_CELLS | FORMAT_OF_LADDERS, .exits = cells_exits,
		.examples = {
			{ "Does a SYN below rcv_nxt with a newer timestamp reopen TIME_WAIT? At a server that closes first:",
			  "sudo twprobe --seq-below --ts-above target:8888" },
			{ "The same in the lab:", "twprobe --seq-below --ts-above" },
			{ "Does an RST end TIME_WAIT when tcp_rfc1337 is set?",
			  "twprobe --segment=rst --seq-equal --ts-absent --sysctl tcp_rfc1337=1" },
		},
	},
	[COMMAND_MATRIX] = {
		.name = "matrix", .run = command_matrix, .synopsis = { "[OPTIONS] [CELL...] [HOST:PORT]" },
		.summary = "every cell of a matrix",
		.text = "Every cell of one or more matrices, or those named, each on a connection of its own. Cells that need "
			"sysctls of the subject run in the lab only; against a target they are listed as skipped.",
		.operands = &operands_matrix, .formats = FORMAT_OF_CELLS, .exits = matrix_exits,
		.examples = {
			{ "The TIME_WAIT matrix in the lab:", "twprobe matrix" },
			{ "What does this kernel answer differently from the newest 5.10?",
			  "twprobe matrix --matrix=all --baseline=5.10" },
			{ "A web server, which is asked to close first:",
			  "sudo twprobe matrix --trigger=http www.example.net:80" },
			{ "What goes over the wire, while it goes:",
			  "twprobe matrix --pcap=- 2>report.txt | tcpdump -n -r -" },
		},
	},
	[COMMAND_MAP] = {
		.name = "map", .run = command_map, .synopsis = { "-o FILE [OPTIONS] [CELL] [HOST:PORT]" },
		.summary = "the answers over sequence number and timestamp, as a picture",
		.text = "The answers to one segment over all sequence numbers and timestamps, as a picture. Each "
			"pixel is a cell that was asked. Takes the options of a cell, except those of its sequence "
			"number and timestamp.",
		.more = "With *--format*=_json_ the records of all cells are also written to standard output. One "
			"line on standard error tells what was written into _FILE_ (not with *-q*).",
		.operands = &operands_question, .formats = FORMAT_OF_PLANES, .exits = cells_exits, .lacks = map_lacks,
		.examples = {
			{ "The plane of TIME_WAIT, and where the popular rule is wrong:",
			  "twprobe map -o time-wait.png --overlay=folk" },
		},
	},
	[COMMAND_SCENARIO] = {
		.name = "scenario", .run = command_scenario, .synopsis = { "NAME|--all [OPTIONS] [HOST:PORT]" },
		.summary = "a script that shows one thing",
		.text = "Plays a script that shows one thing: the ladder of segments with the states of both ends, "
			"and the conclusion.",
		.more = "A scenario is played in its own order against its own file, so it takes no option of a run "
			"of cells, such as *--repeat*, *--rate*, *--in-flight*, *--expect* or *-v*.",
		.operands = &operands_scenario, .formats = FORMAT_OF_PLAYS, .exits = scenarios_exits,
		.examples = { { "A legal SYN reopens TIME_WAIT:", "twprobe scenario tw-legal-syn" } },
	},
	[COMMAND_WHO] = {
		.name = "who", .run = command_who, .synopsis = { "[OPTIONS] [HOST:PORT]" },
		.summary = "which kernels answer like this one",
		.text = "Asks the cells that tell most about whose TCP this is, one after the other, and says which "
			"versions of Linux and FreeBSD answer like this, and which answer rules out which others. It says "
			"so, too, where none does, and where the same question is not always answered alike, as behind a "
			"load balancer.",
		.more = "At most 60 connections, 20 a second unless *--rate* says otherwise. Any server will do; more is "
			"told of one that closes first (*--trigger*), and most of a *twprobe serve*. A name is what the "
			"rule books know; another stack may answer the same.",
		.operands = &operands_target, .formats = FORMAT_OF_SUSPECTS, .exits = who_exits,
		.examples = {
			{ "A web server:", "sudo twprobe who --trigger=http www.example.net:80" },
			{ "This machine's kernel, in the lab:", "twprobe who" },
		},
	},
	[COMMAND_WHY] = {
		.name = "why", .run = command_why,
		.synopsis = { "[OPTIONS] [CELL]", "[OPTIONS] --far=NS:INTERFACE [CELL] HOST:PORT" },
		.summary = "one cell in the lab, with all that its kernel reports about it",
		.text = "One cell in the lab, with all that the kernel reports about it: the functions that the "
			"stimulus passed and what they returned, the counters that moved, the state transitions, the resets "
			"it sent, the reasons for which it dropped a segment, the timer left on the socket. Tracepoints and "
			"probes of functions need root. With *--far* the subject is a server in a network namespace of this "
			"machine (*ip netns*), behind a path that is heard on both sides.",
		.operands = &operands_why, .formats = FORMAT_OF_EVIDENCE, .exits = cells_exits, .lacks = why_lacks,
		.examples = { { "Why is this SYN not accepted?", "twprobe why --seq-below --ts-below" } },
	},
	[COMMAND_EXPORT] = {
		.name = "export", .run = command_export,
		.synopsis = { "[OPTIONS] CELL...", "[OPTIONS] --matrix=NAME|FILE... -o FOLDER" },
		.summary = "cells as scripts for packetdrill, scapy, or as C programs",
		.text = "Asks the cells in the lab, and writes each as a script with what was sent and what this kernel "
			"answered: for packetdrill, in the manner of the kernel's selftests, as a Python script for scapy, or "
			"as a C program. One script goes to standard output, several into a folder; those of a matrix or of a "
			"file of results there into one folder for each way to set the connection up.",
		.more = "Where an answer has a new initial sequence number, or a cell asks for what a script cannot do, there "
			"is none, with the reason. The scripts do without window scaling. Beside a *defaults.sh* (the "
			"kernel's selftests have one) they run it first.",
		.operands = &operands_exported, .formats = FORMAT_OF_SCRIPTS, .exits = export_exits,
		.examples = {
			{ "A challenge ACK, as a script:", "twprobe export established/rst/seq+1/ts-equal" },
			{ "The same as a program:", "twprobe export established/rst/seq+1/ts-equal --format=c" },
			{ "All of RSTs in TIME_WAIT:", "twprobe export --matrix=time-wait-rst -o scripts" },
			{ "What another kernel was asked, and answered, beside what this one answers:",
			  "twprobe export old.ndjson --only='time-wait/*' -o scripts" },
		},
	},
	[COMMAND_DIAGNOSE] = {
		.name = "diagnose", .run = command_diagnose,
		.synopsis = { "[OPTIONS] FILE|- [FILTER]", "[OPTIONS] -i NAME [FILTER]" },
		.summary = "what a capture shows, and why",
		.text = "Follows both ends of every connection in a capture, and tells where a segment met an end in a "
			"state in which the answer is not routine: a SYN into TIME_WAIT, a reset, a segment outside the "
			"window. Each such encounter is named as a cell, with the answer that the rule books expect, the one "
			"that came, what it means, and what helps. Sends nothing; needs no privilege but for -i.",
		.more = "What the capture does not show, because it began late, lost segments, or has one direction only, "
			"makes an encounter uncertain; it is never guessed.",
		.operands = &operands_capture, .formats = FORMAT_OF_CAPTURES, .exits = diagnose_exits,
		.examples = {
			{ "Why is this server slow to answer?", "twprobe diagnose server.pcapng" },
			{ "One client, from a compressed capture:", "twprobe diagnose old.pcap.gz host 192.0.2.10" },
			{ "The same in Wireshark, as comments:", "twprobe diagnose -w comments.pcapng server.pcapng" },
			{ "What somebody pasted into a thread:", "twprobe diagnose --text thread.txt" },
			{ "Does the kernel of this machine answer in the same way?", "twprobe diagnose --replay old.pcap.gz" },
			{ "On a production server, as it happens:", "sudo twprobe diagnose -i eth0 port 443" },
			{ "While another machine captures:", "ssh router tcpdump -i eth0 -w - tcp | twprobe diagnose -" },
		},
	},
	[COMMAND_SERVE] = {
		.name = "serve", .run = command_serve, .synopsis = { "[OPTIONS] [ADDR:]PORT" },
		.summary = "the subject, on the machine under test",
		.text = "Accepts TCP connections and closes each at once, so that this side closes first and keeps "
			"the TIME_WAIT socket. Then, on another machine: sudo twprobe --seq-below --ts-above "
			"THIS_HOST:PORT. Ctrl-C ends it.\n"
			"A client can request another behaviour through the window of its SYN: 61000 close, 61001 "
			"hold, 61002 half, 61003 eof, 61004 eof-half. twprobe does so automatically: each state needs "
			"its own.\n"
			"Started as root it gives up its privileges once it listens. The unread bytes of all clients "
			"take at most 40 KiB for each held connection: 80 MiB with 2048.",
		.more = "A connection that cannot be held, or is not allowed, is reset at once and counted; none "
			"that is held is closed for a newer one. The line at the end tells how many of each there "
			"were.\n"
			"The machine's memory is bounded: a held connection keeps at most 40 KiB, its unread bytes "
			"included (a receive buffer of 32 KiB that does not grow). Connections that wait in the "
			"accept queue take as much each; twprobe empties it at once unless *--never-accept* is "
			"given. Before Linux 6.17 a segment that only begins within the window is taken whole, so "
			"that one of 64 KiB can come on top, once per connection.",
		.operands = &operands_port, .exits = serve_exits,
		.examples = { { "For clients of one network only:", "twprobe serve --allow=192.0.2.0/24 8888" } },
	},
	[COMMAND_COMPARE] = {
		.name = "compare", .run = command_compare, .synopsis = { "[OPTIONS] FILE FILE...", "--merge FILE..." },
		.summary = "what differs between result files",
		.text = "What differs between result files written with --format=json; or, with --merge, the shards "
			"of one run (--shard) as one result. Files may be compressed (gzip).",
		.operands = &operands_files, .formats = FORMAT_OF_COMPARISONS, .exits = compare_exits,
		.examples = {
			{ "Two kernels, the first as the baseline:", "twprobe compare --baseline=old.ndjson new.ndjson" },
			{ "A kernel whose results ship with twprobe:", "twprobe compare --baseline=6.12 mine.ndjson" },
			{ "A run spread over two machines:", "twprobe compare --merge 1.ndjson 2.ndjson >whole.ndjson" },
		},
	},
	[COMMAND_EXPLAIN] = {
		.name = "explain", .run = command_explain, .synopsis = { "[OPTIONS] CELL", "[--format=json] FINDING" },
		.summary = "what each rule book expects of a cell, and why; what a finding means",
		.text = "What each rule book expects of a cell, why, and where that is written, and which kernel "
			"versions answer what. Or what a finding of *twprobe diagnose* means, and what helps. Sends nothing.",
		.operands = &operands_explained, .formats = FORMAT_OF_EXPLANATIONS, .exits = texts_exits,
		.examples = {
			{ "A SYN in TIME_WAIT:", "twprobe explain time-wait/syn/seq-below/ts-above" },
			{ "An RST there, with a "
				"sysctl:", "twprobe explain "
				"time-wait/rst/seq-equal/ts-absent/tcp_rfc1337=1" },
			{ "What was found in a capture:", "twprobe explain tw-syn-refused" },
		},
	},
	[COMMAND_LIST] = {
		.name = "list", .run = command_list, .synopsis = { "[--format=json] [LIST]", "--rfc [--format=json|markdown]" },
		.summary = "states, segments, matrices, scenarios, paths, rule books, kernels with results, findings",
		.text = "The states, segments, matrices, scenarios, paths, rule books, findings, and kernels whose results "
			"ship with twprobe, that a command line may name.",
		.operands = &operands_list, .formats = FORMAT_OF_REQUIREMENTS | FORMAT_OF_LISTS, .exits = texts_exits,
		.examples = {
			{ "The names of the scenarios, for a script:", "twprobe list scenarios" },
			{ "What of RFC 9293 do the cells ask?", "twprobe list --rfc" },
		},
	},
	[COMMAND_HELP] = {
		.name = "help", .run = command_help, .synopsis = { "[COMMAND]" },
		.summary = "more about a command",
		.text = "The same as *twprobe* _COMMAND_ *--help*; without _COMMAND_, as *twprobe --help*.",
		.operands = &operands_command, .exits = texts_exits,
	},
};

const struct command *commands_at(enum command_id id)
{
	return &commands[id];
}

enum command_id commands_find(const char *name)
{
	enum command_id id = COMMAND_CELL + 1;

	while (id < COMMAND_COUNT && strcmp(commands[id].name, name) != 0)
		id++;
	return id;
}

const char *commands_hint(const char *name, char hint[static NEAREST_HINT_SIZE])
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (enum command_id id = COMMAND_CELL + 1; id < COMMAND_COUNT; id++)
		nearest_offer(&nearest, commands[id].name);
	return nearest_hint(&nearest, "", hint);
}
