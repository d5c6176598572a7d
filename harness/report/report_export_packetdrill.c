/* report_export_packetdrill.c - moves in packetdrill's language (its README, and net/packetdrill/parser.y name the parts). */
#include <inttypes.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/textbuf.h"
#include "harness/report/report_export.h"

enum { LINE_SIZE = 512 };

/* It takes only TSecrs that a TSval before was, and counts every sequence number from the first one. */
const char *report_export_packetdrill_lacks(const struct export_script *script)
{
	for (size_t i = 0; i < script->count; i++) {
		const struct export_move *move = &script->moves[i];
		bool echoes = move->kind == EXPORT_SEND && (move->segment.flags & FLAG_ACK) &&
			      segment_has_option(&move->segment, OPTION_TIMESTAMPS);

		if (move->absolute)
			return "packetdrill cannot say that the sequence number of a reset is 0";
		for (size_t j = 0; echoes && j < i; j++)
			if (script->moves[j].kind == EXPORT_EXPECT &&
			    segment_has_option(&script->moves[j].segment, OPTION_TIMESTAMPS) &&
			    script->moves[j].segment.tsval == move->segment.tsecr)
				echoes = false;
		if (echoes)
			return "packetdrill sends no TSecr that was no TSval before";
	}
	return NULL;
}

/* "S.", "F.", "-": letters in the order of tcpdump. */
static void add_flags(struct textbuf *out, uint16_t flags)
{
	static const struct {
		uint16_t flag;
		const char *letter;
	} letters[] = {
		{ FLAG_FIN, "F" }, { FLAG_SYN, "S" }, { FLAG_RST, "R" }, { FLAG_PSH, "P" }, { FLAG_ECE, "E" },
		{ FLAG_CWR, "W" }, { FLAG_AE, "A" }, { FLAG_URG, "U" }, { FLAG_ACK, "." },
	};

	if (!flags)
		textbuf_add(out, "-");
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (flags & letters[i].flag)
			textbuf_add(out, "%s", letters[i].letter);
}

static void add_sack(struct textbuf *out, const struct segment *segment)
{
	textbuf_item(out, ",", "sack");
	for (size_t i = 1; i + 8 <= segment->raw_size; i += 8)
		textbuf_add(out, " %" PRIu32 ":%" PRIu32, bytes_load32(segment->raw + i), bytes_load32(segment->raw + i + 4));
}

/* "<mss 1460,sackOK,TS val 1 ecr 0>". The subject's MSS is that of packetdrill's device, 1500 bytes less the headers. */
static void add_options(struct textbuf *out, const struct segment *segment, bool ours)
{
	char text[LINE_SIZE];
	struct textbuf list;

	textbuf_init(&list, text, sizeof(text));
	for (uint8_t i = 0; i < segment->option_count; i++) {
		switch (segment->options[i]) {
		case OPTION_NOP:
			textbuf_item(&list, ",", "nop");
			break;
		case OPTION_MSS:
			textbuf_item(&list, ",", "mss %u", ours ? segment->mss : 1460U);
			break;
		case OPTION_SACK_PERMITTED:
			textbuf_item(&list, ",", "sackOK");
			break;
		case OPTION_TIMESTAMPS:
			textbuf_item(&list, ",", "TS val %" PRIu32 " ecr %" PRIu32, segment->tsval, segment->tsecr);
			break;
		case OPTION_SACK:
			add_sack(&list, segment);
			break;
		default:
			break;
		}
	}
	if (text[0])
		textbuf_add(out, " <%s>", text);
}

/* "+0 < S 0:0(0) win 64240 <mss 1460>"; without the time. */
static void print_segment(FILE *out, const char *time, const struct export_move *move)
{
	const struct segment *segment = &move->segment;
	bool ours = move->kind == EXPORT_SEND;
	char line[LINE_SIZE];
	struct textbuf text;

	textbuf_init(&text, line, sizeof(line));
	add_flags(&text, segment->flags);
	textbuf_add(&text, " %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")", segment->seq, segment->seq + segment->payload_size,
		    segment->payload_size);
	if (segment->flags & FLAG_ACK)
		textbuf_add(&text, " ack %" PRIu32, segment->ack);
	if (ours)
		textbuf_add(&text, " win %u", (unsigned)segment->window);
	add_options(&text, segment, ours);
	fprintf(out, "%8s %c %s\n", time, ours ? '<' : '>', line);
}

/* Waits that mean something are kept: a rate limit, a timer. */
static const char *time_of(const struct export_move *move, char text[static 32])
{
	double seconds = (double)move->delay_ns / 1e9;

	if (seconds < 0.02)
		return "+0";
	if (move->kind == EXPORT_SEND)
		snprintf(text, 32, "+%.3f", seconds);
	else
		/* Retransmission timers come from round trips that were measured. */
		snprintf(text, 32, "+%.3f~+%.3f", seconds * 0.4, seconds * 2.5 + 0.1);
	return text;
}

static void print_move(FILE *out, const struct export_script *script, const struct export_move *move)
{
	const char *end = script->connects ? "3" : "4";
	char time[32];

	if (move->note)
		fprintf(out, "\n// %s\n", move->note);
	switch (move->kind) {
	case EXPORT_LISTEN:
		fputs("\n      +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
		      "      +0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
		      "      +0 bind(3, ..., ...) = 0\n"
		      "      +0 listen(3, 1) = 0\n\n", out);
		break;
	case EXPORT_CONNECT:
		fputs("\n      +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
		      "      +0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
		      "      +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n\n", out);
		break;
	case EXPORT_ACCEPT:
		fputs("      +0 accept(3, ..., ...) = 4\n", out);
		break;
	case EXPORT_CLOSE:
		fprintf(out, "      +0 close(%s) = 0\n", end);
		break;
	case EXPORT_SHUTDOWN:
		fprintf(out, "      +0 shutdown(%s, SHUT_WR) = 0\n", end);
		break;
	case EXPORT_SYSCTL:
		fprintf(out, "      +0 `sysctl -q %s%s=\"%s\"`\n", strncmp(move->sysctl->name, "net.", 4) ? "net.ipv4." : "",
			move->sysctl->name, move->sysctl->value);
		break;
	case EXPORT_SEND:
	case EXPORT_EXPECT:
		print_segment(out, time_of(move, time), move);
		break;
	}
}

void report_export_packetdrill(FILE *out, const struct export_script *script)
{
	const struct expectation *rule = &script->record->expected[BOOK_LINUX];

	fprintf(out, "// SPDX-License-Identifier: GPL-2.0\n// %s: %s.\n", script->name, script->answer);
	if (rule->reason)
		fprintf(out, "// %s\n", rule->reason);
	if (rule->citation)
		fprintf(out, "// [%s]\n", rule->citation);
	if (script->elsewhere[0])
		fprintf(out, "// %s\n", script->elsewhere);
	fprintf(out, "//\n// As Linux %s answered to twprobe %s. No window scaling: its shift depends on the memory of a "
		"machine.\n\n", script->kernel ? script->kernel : "(version unknown)", script->tool_version);
	/* The kernel's selftests have this file beside their scripts; alone, the kernel's own defaults do. */
	/* A machine that is busy is late. */
	fputs("--tolerance_usecs=100000\n\n`[ ! -e ./defaults.sh ] || ./defaults.sh\n"
	      "sysctl -q net.ipv4.tcp_window_scaling=0`\n", out);
	for (size_t i = 0; i < script->count; i++)
		print_move(out, script, &script->moves[i]);
}
