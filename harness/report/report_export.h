/* report_export.h - one cell as a script for others: what was sent and came back as moves, and these in the language of
 * packetdrill, or as C. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_EXPORT_H
#define TWPROBE_HARNESS_REPORT_REPORT_EXPORT_H

#include <stdio.h>

#include "harness/run/record.h"

enum export_kind {
	EXPORT_LISTEN,   /* the subject's process: socket, bind, listen */
	EXPORT_CONNECT,  /* the same: socket, connect */
	EXPORT_ACCEPT,
	EXPORT_CLOSE,
	EXPORT_SHUTDOWN, /* SHUT_WR */
	EXPORT_SYSCTL,
	EXPORT_SEND,     /* we */
	EXPORT_EXPECT,   /* the subject */
};

struct export_move {
	enum export_kind kind;
	uint64_t delay_ns;           /* since the move before; of EXPORT_SEND what we waited */
	struct segment segment;      /* numbers count from our first one and the subject's, which are 0 */
	bool absolute;               /* the subject's number is this one, whatever the connection's are */
	const struct sysctl *sysctl;
	const char *note;            /* a comment before it; NULL: none */
};

enum { EXPORT_MOVES_MAX = TRACE_MAX + CONDITIONS_MAX + 8 };

struct export_script {
	char name[CELL_NAME_SIZE];
	char answer[64];             /* "silence, then ACK" */
	const struct record *record;
	const char *tool_version, *kernel;
	char elsewhere[400];         /* what a result file has of the cell; "": there is none */
	bool connects;
	size_t count;
	struct export_move moves[EXPORT_MOVES_MAX];
};

/* The record must have a trace, and live as long. -1 with the reason why this cell cannot be a script. */
int report_export_make(const struct record *record, struct export_script *script, struct error *error);
/* Why packetdrill cannot play it; NULL: it can. */
const char *report_export_packetdrill_lacks(const struct export_script *script);
/* As tools/testing/selftests/net/packetdrill has them. */
void report_export_packetdrill(FILE *out, const struct export_script *script);
/* A program for a network namespace of its own: exit code 0, the same answer; 1, another one; 4, it could not run. */
void report_export_c(FILE *out, const struct export_script *script);
/* The same as a Python script, which sends and reads with scapy. */
void report_export_scapy(FILE *out, const struct export_script *script);
/* "time-wait", "established_opening-active": what the cells of a folder have in common, all but the stimulus. */
const char *report_export_setup(const struct cell *cell, char buffer[static CELL_NAME_SIZE]);
/* "tcp_time-wait_syn_seq-below_ts-above.pkt": the file's name among others. */
const char *report_export_name(const char *cell, const char *ending, char *buffer, size_t size);

#endif
