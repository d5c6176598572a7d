/* diagnosis_live.h - an interface as the source of a diagnosis, until a signal, the end of its time, or its own end. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_DIAGNOSIS_LIVE_H
#define TWPROBE_HARNESS_DIAGNOSE_DIAGNOSIS_LIVE_H

#include "harness/diagnose/diagnosis.h"

struct diagnosis_live_options {
	const char *interface;  /* "any": all of them */
	size_t ring_bytes;      /* frames that wait to be read; 0: a default */
	uint64_t duration_ns;   /* 0: until a signal */
	uint64_t interval_ns;   /* between two calls of `interval` */
};

struct diagnosis_live_listener {
	void (*interval)(void *context, uint64_t now_ns);
	/* After each turn, in which encounters may have been told. Nothing more will be told about frames before `settled`. -1
	 * with an error: nobody hears of them; it ends. */
	int (*turn)(void *context, uint64_t settled, struct error *error);
	void *context;
};

struct diagnosis_live;

/* Opens what needs CAP_NET_RAW, and reads nothing. From here on SIGINT, SIGTERM and SIGHUP end diagnosis_live_run. `options`
 * must live as long. NULL with an error. */
struct diagnosis_live *diagnosis_live_open(const struct diagnosis_live_options *options, struct error *error);
/* As tcpdump takes it; NULL: all TCP. The kernel runs it. -1 with an error: it cannot be used. */
int diagnosis_live_filter(struct diagnosis_live *live, const char *filter, struct error *error);
/* Hands all frames to the diagnosis, whose counts it keeps, and finishes it. -1 with an error: the capture cannot go on, as
 * when the interface has gone. What came before was handed over. */
int diagnosis_live_run(struct diagnosis_live *live, struct diagnosis *diagnosis, struct diagnosis_counts *counts,
		       const struct diagnosis_live_listener *listener, struct error *error);
void diagnosis_live_close(struct diagnosis_live *live); /* NULL is fine */

#endif
