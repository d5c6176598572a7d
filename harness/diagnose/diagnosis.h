/* diagnosis.h - frames in, encounters with their judgement out, whatever the frames come from. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_DIAGNOSIS_H
#define TWPROBE_HARNESS_DIAGNOSE_DIAGNOSIS_H

#include "harness/diagnose/cause.h"
#include "harness/diagnose/hosts.h"
#include "harness/diagnose/judgement.h"
#include "harness/diagnose/refusals.h"
#include "harness/diagnose/tracker.h"
#include "listener/capture_file.h"

struct diagnosis_options {
	const char *filter;   /* as tcpdump takes it; NULL: everything counts */
	size_t connections;   /* at a time */
	size_t awake;         /* of those (tracker_stay_awake()); 0: as many as is fast */
	enum book decides;
	struct kernel kernel; /* of the subjects, as far as it is known */
};

/* The encounters of one cause. */
struct diagnosis_kind {
	uint64_t count, uncertain, differ;
	uint64_t delayed, worst_delay_ns; /* those whose delay the capture shows (harness/diagnose/delay.h); the longest */
};

struct diagnosis_counts {
	struct tracker_counts tracker;
	uint64_t frames, other;      /* other: not TCP, or not of a connection */
	uint64_t filtered;           /* frames that the filter left out */
	uint64_t unsound, icmp;      /* frames that no host takes; ICMP errors about a connection */
	uint64_t copies;             /* frames that were captured again on another interface */
	uint64_t twins;              /* frames that stand in the capture a second time (harness/diagnose/twins.h) */
	uint64_t unfilled;           /* segments captured before a card filled in their checksums */
	uint64_t cut_headers;        /* frames that were captured only as far as within their headers */
	uint64_t cut_options;        /* segments whose options were not captured whole */
	uint64_t unshown;            /* segments of a text whose sequence numbers it does not show */
	uint64_t unnumbered;         /* such ones of which nothing else tells them, either: not followed */
	uint64_t unread;             /* lines of a text that look like packets, and could not be read */
	char first_unread[200];      /* where the first one is, and what was expected there */
	uint64_t incidents;          /* of which the encounters are part */
	uint64_t encounters, uncertain, verdicts[VERDICT_COUNT];
	uint64_t open;               /* of those that agree: the book that decides leaves them open */
	uint64_t ends[TRACKED_ENDS], middle; /* connections by how they were at the end; those that began before the capture */
	uint64_t one_way;            /* those of which one direction was captured */
	struct refusals_port refused[REFUSALS_TOLD]; /* the ports that refused most connections, at the end; so many: */
	size_t refused_count;
	uint64_t refused_more;       /* refusals of other ports */
	struct diagnosis_kind kinds[CAUSE_MOST]; /* by cause_number() */
	uint64_t kernels;            /* steps of cases/books/kernel.h that give all certain answers that some Linux gives */
	uint64_t hosts_left_out;     /* encounters of hosts that there was no room for */
	uint64_t time_back, time_back_ns; /* how often the capture's time went back, and how far at most */
	uint64_t begun_ns, ended_ns; /* of the first frame and the last one, by the capture's clock */
	bool cut;                    /* the file breaks off in the middle of a frame */
	/* Of a live interface: frames that the kernel had no room for; how often the interface went down, or the wall clock
	 * was set. */
	uint64_t dropped, went_down, set;
};

/* One encounter, in the order of the frames. Valid during the call. */
struct diagnosed {
	const struct encounter *encounter;
	const struct judgement *judgement;
	const struct cause *cause;
	const struct tuple *tuple; /* from the other end to the subject */
	const char *details;       /* sentences about this one, beyond what its cause says; "": none */
	/* The lines around it, of the same connection: harness/diagnose/ladder.h. None where the capture went on for too long
	 * before the encounter was over. */
	const struct ladder_rung *rungs;
	size_t rung_count;
};

struct diagnosis_listener {
	void (*encounter)(void *context, const struct diagnosed *diagnosed);
	/* Each connection as it was at the end, or when it was forgotten. May be NULL. */
	void (*connection)(void *context, const struct tracked *connection);
	/* At the end, of each host whose answers tell something of its kernel, or differ. May be NULL. */
	void (*host)(void *context, const struct host *host);
	/* Each frame that counts, after its segment. No encounter that is still to come has a smaller frame number than
	 * `settled`; UINT64_MAX: nor this frame's. May be NULL. */
	void (*frame)(void *context, const struct capture_frame *frame, uint64_t settled);
	/* Now and then: bytes of the file behind us, and its size; 0: not known. May be NULL. */
	void (*progress)(void *context, uint64_t consumed, uint64_t size);
	void *context;
};

/* Where and when a segment was seen that comes without its bytes. */
struct diagnosis_sighting {
	uint64_t frame, time_ns;
	bool has_time;
	unsigned lacks;          /* enum segment_lack */
	bool several_interfaces; /* the same segment may have been seen on another one; `place` tells them apart */
	uint32_t place;
};

struct diagnosis;

/* `counts` are set to nothing, kept up to date, and must live as long. NULL with an error: the filter is wrong, or there is not
 * enough memory. */
struct diagnosis *diagnosis_open(const struct diagnosis_options *options, const struct diagnosis_listener *listener,
				 struct diagnosis_counts *counts, struct error *error);
/* Frames in the order of the capture, of any link type. `several_interfaces`: the same segment may have been captured on more
 * than one. -1 with an error: out of memory, or the filter asks for something that frames of this link type do not have. */
int diagnosis_frame(struct diagnosis *diagnosis, const struct capture_frame *frame, bool several_interfaces,
		    struct error *error);
/* The same for who has no bytes, but segments: the filter gets bytes that are made of them. */
int diagnosis_segment(struct diagnosis *diagnosis, const struct segment *segment, const struct diagnosis_sighting *where,
		      struct error *error);
/* From a live source, now and then, from its start on: everything until then was handed over. An encounter is told two seconds
 * after it, whether more comes or not. */
void diagnosis_upto(struct diagnosis *diagnosis, uint64_t upto_ns);
/* Between these times something may have passed that was not handed over. Before diagnosis_upto for the latter time. */
void diagnosis_miss(struct diagnosis *diagnosis, uint64_t from_ns, uint64_t to_ns);
/* Nothing more will be told about frames before this one. */
uint64_t diagnosis_settled(const struct diagnosis *diagnosis);
/* That was the last one: hands over what still waits for an answer, and each connection. */
void diagnosis_finish(struct diagnosis *diagnosis);
void diagnosis_close(struct diagnosis *diagnosis); /* NULL is fine */

/* All of a capture file; "-": standard input. -1 with an error: the file cannot be read, or is damaged. What came before the
 * damage was handed over, and is counted. */
int diagnosis_run(const char *path, const struct diagnosis_options *options, const struct diagnosis_listener *listener,
		  struct diagnosis_counts *counts, struct error *error);

/* A host that a text names: `address` takes its place everywhere. */
typedef void diagnosis_name(void *context, const char *name, const struct address *address);
/* All of a text that tcpdump or tshark printed. Hosts are told as they come, with the listener's context; `named` may be NULL.
 * -1 with an error: it cannot be read, or no line of it is a packet. */
int diagnosis_run_text(const char *path, const struct diagnosis_options *options, const struct diagnosis_listener *listener,
		       diagnosis_name *named, struct diagnosis_counts *counts, struct error *error);

#endif
