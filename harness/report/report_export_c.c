/* report_export_c.c - moves as a C program: a table of them before the text that plays it, which is report_export_c.txt. */
#include <inttypes.h>

#include "harness/report/report_export.h"

/* What each such program consists of besides its moves: sockets, a namespace, a comparison. */
__asm__(".section .rodata\n"
	"report_export_c_text: .incbin \"harness/report/report_export_c.txt\"\n"
	".byte 0\n"
	".previous");
extern const char report_export_c_text[] __attribute__((visibility("hidden")));

static const char *const kinds[] = {
	[EXPORT_LISTEN] = "LISTEN", [EXPORT_CONNECT] = "CONNECT", [EXPORT_ACCEPT] = "ACCEPT", [EXPORT_CLOSE] = "CLOSE",
	[EXPORT_SHUTDOWN] = "SHUTDOWN", [EXPORT_SYSCTL] = "SYSCTL", [EXPORT_SEND] = "SEND", [EXPORT_EXPECT] = "EXPECT",
};

static const char head[] =
	"#define _GNU_SOURCE\n"
	"#include <arpa/inet.h>\n"
	"#include <errno.h>\n"
	"#include <linux/if_ether.h>\n"
	"#include <linux/if_packet.h>\n"
	"#include <linux/netlink.h>\n"
	"#include <linux/nexthop.h>\n"
	"#include <linux/rtnetlink.h>\n"
	"#include <net/if.h>\n"
	"#include <net/route.h>\n"
	"#include <netinet/in.h>\n"
	"#include <poll.h>\n"
	"#include <sched.h>\n"
	"#include <stdio.h>\n"
	"#include <stdlib.h>\n"
	"#include <string.h>\n"
	"#include <sys/ioctl.h>\n"
	"#include <sys/socket.h>\n"
	"#include <unistd.h>\n"
	"\n";

/* Where they differ: addresses, and the headers before a segment. */
static const char *const ends[] = {
	"#define SUBJECT \"192.0.2.2\"\n#define CRAFTED \"192.0.2.10\"\n\n"
	"enum { FAMILY = AF_INET, END_SIZE = sizeof(struct sockaddr_in), HEADER = 20, ADDRESS = 4, ADDRESSES_AT = 12, "
	"PROTOCOL_AT = 9 };\n",
	"#define SUBJECT \"2001:db8::2\"\n#define CRAFTED \"2001:db8::10\"\n\n"
	"enum { FAMILY = AF_INET6, END_SIZE = sizeof(struct sockaddr_in6), HEADER = 40, ADDRESS = 16, ADDRESSES_AT = 8, "
	"PROTOCOL_AT = 6 };\n",
};

static const char table[] =
	"enum { SUBJECT_PORT = 8888, CRAFTED_PORT = 40000 };\n"
	"enum { LISTEN, CONNECT, ACCEPT, CLOSE, SHUTDOWN, SYSCTL, SEND, EXPECT };\n"
	"enum { SYN = 2, ACK = 16 };              /* of flags */\n"
	"enum { MSS = 1, SACK_OK = 2, TS = 4 }; /* of options */\n"
	"static const unsigned ISS = 1000000000; /* our first number */\n\n"
	"union end {\n\tstruct sockaddr any;\n\tstruct sockaddr_in v4;\n\tstruct sockaddr_in6 v6;\n};\n\n"
	"/* Numbers count from the first one of their end; wait: seconds. */\n"
	"struct move {\n\tint kind;\n\tdouble wait;\n\tunsigned flags, seq, ack, window, payload, options, tsval, tsecr;\n"
	"\tint absolute;\n\tconst char *name, *value;\n};\n\nstatic const struct move moves[] = {\n";

static void print_options(FILE *out, const struct segment *segment)
{
	static const struct {
		uint8_t kind;
		const char *name;
	} known[] = { { OPTION_MSS, "MSS" }, { OPTION_SACK_PERMITTED, "SACK_OK" }, { OPTION_TIMESTAMPS, "TS" } };
	const char *between = ", .options = ";

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (segment_has_option(segment, known[i].kind)) {
			fprintf(out, "%s%s", between, known[i].name);
			between = " | ";
		}
	if (segment_has_option(segment, OPTION_TIMESTAMPS))
		fprintf(out, ", .tsval = %" PRIu32 "U, .tsecr = %" PRIu32 "U", segment->tsval, segment->tsecr);
}

static void print_move(FILE *out, const struct export_move *move)
{
	const struct segment *segment = &move->segment;

	if (move->note)
		fprintf(out, "\t/* %s */\n", move->note);
	fprintf(out, "\t{ .kind = %s", kinds[move->kind]);
	if (move->kind == EXPORT_SYSCTL)
		fprintf(out, ", .name = \"%s\", .value = \"%s\"", move->sysctl->name, move->sysctl->value);
	if (move->kind < EXPORT_SEND) {
		fputs(" },\n", out);
		return;
	}
	if (move->delay_ns)
		fprintf(out, ", .wait = %.3f", (double)move->delay_ns / 1e9);
	fprintf(out, ", .flags = 0x%02x, .seq = %" PRIu32 "U", segment->flags, segment->seq);
	if (segment->flags & FLAG_ACK)
		fprintf(out, ", .ack = %" PRIu32 "U", segment->ack);
	if (move->kind == EXPORT_SEND)
		fprintf(out, ",\n\t  .window = %u, .payload = %" PRIu32, (unsigned)segment->window, segment->payload_size);
	if (move->absolute)
		fputs(", .absolute = 1", out);
	print_options(out, segment);
	fputs(" },\n", out);
}

void report_export_c(FILE *out, const struct export_script *script)
{
	const struct expectation *rule = &script->record->expected[BOOK_LINUX];
	char name[CELL_NAME_SIZE + 8];

	fprintf(out, "/* %s: %s.\n *\n", script->name, script->answer);
	if (rule->citation)
		fprintf(out, " * %s\n", rule->citation);
	if (script->elsewhere[0])
		fprintf(out, " * %s\n", script->elsewhere);
	fprintf(out, " * As Linux %s answered to twprobe %s. To run it, as root or where users may make namespaces:\n"
		" *\n *\tcc -Wall -o reproduce %s && ./reproduce\n *\n"
		" * Exit code 0: the same answer; 1: another one; 4: it could not run. */\n",
		script->kernel ? script->kernel : "(version unknown)", script->tool_version,
		report_export_name(script->name, "c", name, sizeof(name)));
	fputs(head, out);
	fputs(ends[script->record->cell.family == 6], out);
	fputs(table, out);
	for (size_t i = 0; i < script->count; i++)
		print_move(out, &script->moves[i]);
	fputs("};\n", out);
	fputs(report_export_c_text, out);
}
