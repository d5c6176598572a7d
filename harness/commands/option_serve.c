/* option_serve.c - the options of the commands that do not probe: serve, compare, list. */
#include <string.h>

#include "crafter/units.h"
#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

enum { BACKLOG_MAX = 65535, HELD_MOST_MAX = 1 << 20 };

static int take_allowed(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct serve_options *serve = &options->serve;

	if (serve->subject.allowed_count == OPTIONS_ALLOWED_MAX)
		return fail(error, "--%s: at most %d of them", row->name, OPTIONS_ALLOWED_MAX);
	if (prefix_parse(text, &serve->allowed[serve->subject.allowed_count], error) < 0)
		return fail_in(error, "--allow");
	serve->subject.allowed_count++;
	return 0;
}

static const char *manner_word(const struct option_row *row, enum command_id command, size_t number)
{
	(void)row;
	(void)command;
	return number < BEHAVIOUR_COUNT ? behaviour_name((enum behaviour)number) : NULL;
}

static int take_manner(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->serve.subject.behaviour = (enum behaviour)number;
	return number < 0 ? -1 : 0;
}

static int take_hold(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_duration(row->name, text, "1s to 86400s", NSEC_PER_SEC, 86400 * NSEC_PER_SEC,
				     &options->serve.subject.hold_ns, error);
}

static int take_backlog(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	uint64_t value;

	if (option_value_count(row->name, text, row->low, row->high, &value, error) < 0)
		return -1;
	options->serve.subject.backlog = (int)value;
	return 0;
}

static const struct option_row rows[] = {
	{ .name = "allow", .value = "ADDR[/LENGTH]", .commands = TAKES_SERVE, .section = SECTION_SERVE, .take = take_allowed,
	  .help = "Who may connect: an IPv4 or IPv6 address, or a prefix; can be given up to 64 times. All others "
		  "are reset. Without it everybody may.",
	  .more = "A warning says so where *serve* listens on all addresses." },
	{ .name = "manner", .word = manner_word, .commands = TAKES_SERVE, .section = SECTION_SERVE, .take = take_manner,
	  .help = "How to treat a connection whose client does not request a behaviour: _close_ closes it at once "
		  "(the default); _hold_ keeps it open and never reads; _half_ calls shutdown(SHUT_WR) at once, then "
		  "holds it; _eof_ reads until the client closes, then closes." },
	{ .name = "max-held", .value = "N", .commands = TAKES_SERVE, .section = SECTION_SERVE,
	  OPTION_COUNT(serve.subject.held_most, 1, HELD_MOST_MAX),
	  .help = "Connections held at the same time, in all (default 2048); more are reset.",
	  .more = "No more than there are descriptors (*ulimit -n*)." },
	{ .name = "max-held-each", .value = "N", .commands = TAKES_SERVE, .section = SECTION_SERVE,
	  OPTION_COUNT(serve.subject.held_most_each, 1, HELD_MOST_MAX),
	  .help = "The part of them that one client may have (default half). A client is an IPv4 address, or the /64 "
		  "of an IPv6 address." },
	{ .name = "hold", .value = "DURATION", .commands = TAKES_SERVE, .section = SECTION_SERVE, .take = take_hold,
	  .help = "How long a connection is held before it is reset (default _300s_, twice as long as any scenario "
		  "needs)." },
	{ .name = "never-accept", .commands = TAKES_SERVE, .section = SECTION_SERVE, OPTION_FLAG(serve.subject.never_accept),
	  .help = "Leave every connection in the accept queue." },
	{ .name = "calls", .commands = TAKES_SERVE, .section = SECTION_SERVE, OPTION_FLAG(serve.calls),
	  .help = "Connect to whoever may connect here and asks for it, from this port: for cells whose subject connects "
		  "(*--calls* on the other side).",
	  .more = "They ask by a UDP datagram to the same port. The address that it comes from is believed, so where forged "
		  "ones can arrive give *--allow*, too." },
	{ .name = "backlog", .value = "N", .commands = TAKES_SERVE, .section = SECTION_SERVE, .take = take_backlog, .low = 1,
	  .high = BACKLOG_MAX, .help = "The length of that queue (default 4096); net.core.somaxconn limits it." },
	{ .name = "quiet", .letter = 'q', .commands = TAKES_SERVE, .section = SECTION_SERVE, OPTION_FLAG(quiet),
	  .help = "No line at the start and at the end." },
	{ .name = "verbose", .letter = 'v', .commands = TAKES_SERVE, .section = SECTION_SERVE, OPTION_FLAG(verbose),
	  .help = "A line for each connection." },

	{ .name = "fields", .commands = TAKES_COMPARE, .section = SECTION_COMPARE, OPTION_FLAG(compare.fields),
	  .help = "Also compare the fields of the answers: sequence numbers and timestamps relative to the "
		  "connection, window, TOS, TTL, options; "
		  "and what the socket holds afterwards: timer, queues, rcv_nxt, ts_recent." },
	{ .name = "baseline", .value = "VERSION|FILE", .list = "baselines", .commands = TAKES_COMPARE,
	  .section = SECTION_COMPARE, OPTION_INPUT(compare.baseline),
	  .help = "The first column. Report what differs from this file, or from the results of a kernel that ship with "
		  "twprobe: a release (_6.12.118_) or a series (_6.12_: its newest). Exit 1 if anything does.",
	  .more = "*twprobe list baselines* names the kernels. Of their results only the cells count that the other files "
		  "have." },
	{ .name = "all", .commands = TAKES_COMPARE, .section = SECTION_COMPARE, OPTION_FLAG(compare.all),
	  .help = "The results of every kernel that ships with twprobe, the oldest first; then the files, if any." },
	{ .name = "notes", .value = "FILE|-", .commands = TAKES_COMPARE, .section = SECTION_COMPARE,
	  OPTION_INPUT(compare.notes),
	  .help = "Why they differ, for a page (*--format*=_html_): a JSON object a line, with a title, what it says, and "
		  "which cells it is for; docs/records.md describes them." },
	{ .name = "partial", .commands = TAKES_COMPARE, .section = SECTION_COMPARE, OPTION_FLAG(compare.partial),
	  .help = "Accept incomplete runs, cut off or interrupted, and single shards." },
	{ .name = "merge", .commands = TAKES_COMPARE, .section = SECTION_COMPARE, OPTION_FLAG(compare.merge),
	  .help = "Join the shards of one run on standard output; overlaps and gaps are refused.",
	  .more = "Standard error says how many cells of how many shards that were." },

	{ .name = "rfc", .commands = TAKES_LIST, .section = SECTION_LIST, OPTION_FLAG(rfc),
	  .help = "The numbered requirements of RFC 9293 (appendix B), each with the cells and scenarios that ask for it, or "
		  "why there are none; *twprobe matrix --matrix=rfc* asks them." },
};

const struct option_table option_serve_table = OPTION_TABLE(rows);
