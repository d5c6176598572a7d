/* report_export_scapy.c - moves as a Python script for scapy: a list of them before what plays it, report_export_scapy.txt. */
#include <inttypes.h>
#include <string.h>

#include "harness/report/report_export.h"

__asm__(".section .rodata\n"
	"report_export_scapy_text: .incbin \"harness/report/report_export_scapy.txt\"\n"
	".byte 0\n"
	".previous");
extern const char report_export_scapy_text[] __attribute__((visibility("hidden")));

static const char *const kinds[] = {
	[EXPORT_LISTEN] = "listen", [EXPORT_CONNECT] = "connect", [EXPORT_ACCEPT] = "accept", [EXPORT_CLOSE] = "close",
	[EXPORT_SHUTDOWN] = "shutdown", [EXPORT_SYSCTL] = "sysctl", [EXPORT_SEND] = "send", [EXPORT_EXPECT] = "expect",
};

/* As scapy names them, in their order. */
static void print_options(FILE *out, const struct segment *segment)
{
	fputs(", options=[", out);
	for (uint8_t i = 0; i < segment->option_count; i++) {
		fputs(i ? ", " : "", out);
		switch (segment->options[i]) {
		case OPTION_MSS:
			fprintf(out, "(\"MSS\", %u)", (unsigned)segment->mss);
			break;
		case OPTION_SACK_PERMITTED:
			fputs("(\"SAckOK\", b\"\")", out);
			break;
		case OPTION_TIMESTAMPS:
			fprintf(out, "(\"Timestamp\", (%" PRIu32 ", %" PRIu32 "))", segment->tsval, segment->tsecr);
			break;
		default: /* others are in no script (report_export_make) */
			fputs("(\"NOP\", None)", out);
			break;
		}
	}
	fputc(']', out);
}

/* Scapy's letters are ours, but for AE, whose bit was NS. */
static const char *scapy_flags(uint16_t flags, char buffer[static FLAGS_TEXT_SIZE])
{
	char *last = strchr(segment_flags_format(flags, buffer), FLAG_LETTERS[FLAG_COUNT - 1]);

	if (last)
		*last = 'N';
	return buffer;
}

static void print_move(FILE *out, const struct export_move *move)
{
	const struct segment *segment = &move->segment;
	char flags[FLAGS_TEXT_SIZE];

	if (move->note)
		fprintf(out, "    # %s\n", move->note);
	fprintf(out, "    dict(kind=\"%s\"", kinds[move->kind]);
	if (move->kind == EXPORT_SYSCTL)
		fprintf(out, ", name=\"%s\", value=\"%s\"", move->sysctl->name, move->sysctl->value);
	if (move->kind >= EXPORT_SEND)
		fprintf(out, ", wait=%.3f, flags=\"%s\", seq=%" PRIu32 ", ack=%" PRIu32, (double)move->delay_ns / 1e9,
			scapy_flags(segment->flags, flags), segment->seq,
			segment->flags & FLAG_ACK ? segment->ack : 0);
	if (move->kind == EXPORT_SEND) {
		fprintf(out, ", window=%u,\n         payload=%" PRIu32, (unsigned)segment->window, segment->payload_size);
		print_options(out, segment);
	} else if (move->kind == EXPORT_EXPECT) {
		fprintf(out, ", absolute=%s, tsval=%" PRIu32, move->absolute ? "True" : "False", segment->tsval);
	}
	fputs("),\n", out);
}

void report_export_scapy(FILE *out, const struct export_script *script)
{
	const struct expectation *rule = &script->record->expected[BOOK_LINUX];
	char name[CELL_NAME_SIZE + 8];

	fprintf(out, "#!/usr/bin/env python3\n\"\"\"%s: %s.\n\n", script->name, script->answer);
	if (rule->citation)
		fprintf(out, "%s\n", rule->citation);
	if (script->elsewhere[0])
		fprintf(out, "%s\n\n", script->elsewhere);
	fprintf(out, "As Linux %s answered to twprobe %s. To run it, as root or where users may make namespaces:\n\n"
		"    python3 %s\n\nIt needs scapy and iproute2. Exit code 0: the same answer; 1: another one; 4: it could not "
		"run.\"\"\"\n", script->kernel ? script->kernel : "(version unknown)", script->tool_version,
		report_export_name(script->name, "py", name, sizeof(name)));
	fprintf(out, "FAMILY = %u\n# Numbers count from the first one of their end; wait: seconds.\nMOVES = [\n",
		(unsigned)script->record->cell.family);
	for (size_t i = 0; i < script->count; i++)
		print_move(out, &script->moves[i]);
	fputs("]\n", out);
	fputs(report_export_scapy_text, out);
}
