/* report_scenario_walk.c - what the numbers of a scenario's segments count from, and when they were sent. */
#include "harness/report/report_scenario_walk.h"

#include <stdio.h>

/* Numbers of the client's side count from rcv_nxt once the state is reached, before that from its ISN (iss); the server's from
 * snd_nxt and its ISN (irs). TSvals of the client count from ts_recent. */
static void format_segment(const struct line *line, char *buffer, size_t size)
{
	bool counts = line->reached && !line->base.syn_sent;
	/* What was sent into SYN_SENT need not have begun with a SYN of ours. */
	uint32_t iss = line->reached ? line->base.rcv_nxt : line->client_isn;
	const struct segment_base client = counts ? (struct segment_base){ "rcv_nxt", line->base.rcv_nxt } :
					   (struct segment_base){ "iss", iss };
	const struct segment_base server = counts ? (struct segment_base){ "snd_nxt", line->base.snd_nxt } :
					   (struct segment_base){ "irs", line->server_isn };
	const struct segment_bases bases = {
		.seq = line->ours ? client : server, .ack = line->ours ? server : client,
		.tsval = { line->ours && line->reached ? "ts_recent" : NULL, line->ours && line->reached ?
			   line->base.ts_recent : 0 },
	};

	segment_text_print(&line->segment, &bases, SEGMENT_TEXT_BRIEF, buffer, size);
}

void report_scenario_walk_begin(struct scenario_walk *walk, const struct play *play)
{
	*walk = (struct scenario_walk){ .play = play };
}

static void take_segment(struct scenario_walk *walk, const struct line *line)
{
	walk->named = line->connection != walk->connection;
	walk->connection = line->connection;
	/* Where the subject connected, the crafted end is the server, on the left all the same. */
	walk->left_name = line->calls ? "server" : "client";
	walk->right_name = line->calls ? "client" : "server";
	endpoint_format(&line->tuple.source, walk->client, sizeof(walk->client));
	endpoint_format(&line->tuple.target, walk->server, sizeof(walk->server));
	format_segment(line, walk->numbers, sizeof(walk->numbers));
	walk->rung = (struct ends_rung){ .time = walk->time, .from_left = line->ours, .left = line->client,
					 .right = line->server, .numbers = walk->numbers, .note = line->text };
}

const struct line *report_scenario_walk_next(struct scenario_walk *walk)
{
	const struct line *line;

	if (walk->at == walk->play->line_count)
		return NULL;
	line = &walk->play->lines[walk->at++];
	if (line->kind == LINE_PART) {
		walk->begun_ns = line->time_ns;
		walk->connection = 0;
	}
	snprintf(walk->time, sizeof(walk->time), "%.3f", (double)(line->time_ns - walk->begun_ns) / 1e6);
	if (line->kind == LINE_SEGMENT)
		take_segment(walk, line);
	return line;
}
