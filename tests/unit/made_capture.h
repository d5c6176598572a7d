/* made_capture.h - a capture file made of text, and what is said of it. For tests. */
#ifndef TWPROBE_TESTS_UNIT_MADE_CAPTURE_H
#define TWPROBE_TESTS_UNIT_MADE_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "crafter/encode.h"
#include "crafter/segment_text.h"
#include "harness/diagnose/diagnosis.h"
#include "harness/report/report_diagnosis.h"

static char path[64];
static FILE *capture;
static uint32_t now_us;
static uint16_t ip_id; /* of what is put */
static const uint8_t none[1]; /* no link header */

static inline void put32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, capture); /* in the byte order of this machine, as libpcap does */
}

static inline void begin(uint32_t link_type)
{
	snprintf(path, sizeof(path), "/tmp/made_capture.%d", (int)getpid());
	capture = fopen(path, "wb");
	ck_assert_ptr_nonnull(capture);
	put32(0xa1b2c3d4);
	put32(2 | 4 << 16);
	put32(0);
	put32(0);
	put32(262144);
	put32(link_type);
	now_us = 0;
	ip_id = 0;
}

static uint32_t snap = UINT32_MAX; /* so many bytes of a packet are captured */

/* A segment as one line of text, "C ..." from the client, with a link header before it. */
static inline void put(const char *line, const uint8_t *link, uint32_t link_size)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX], packet[PACKET_SIZE_MAX];
	struct error error = { "" };
	struct segment segment;
	char text[256];
	uint32_t size;

	snprintf(text, sizeof(text), "%s %s", *line == 'C' ? "192.0.2.1:40000 > 192.0.2.2:80" :
		 "192.0.2.2:80 > 192.0.2.1:40000", line + 2);
	ck_assert_msg(segment_text_parse(text, NULL, &segment, payload, &error) == 0, "%s: %s", text, error.text);
	segment.ip_id = ip_id;
	size = (uint32_t)encode(&segment, packet, sizeof(packet));
	ck_assert_uint_gt(size, 0);
	now_us += 100;
	put32(1000);
	put32(now_us);
	put32(link_size + (size < snap ? size : snap));
	put32(link_size + size);
	fwrite(link, 1, link_size, capture);
	fwrite(packet, 1, size < snap ? size : snap, capture);
}

static const char *const refused[] = {
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0>",
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 9 ecr 100>",
	"C A 1001 ack 5001 win 64240 <nop,nop,TS val 100 ecr 9>", "S FA 5001 ack 1001 win 65160 <nop,nop,TS val 10 ecr 100>",
	"C FA 1001 ack 5002 win 64240 <nop,nop,TS val 101 ecr 10>", "S A 5002 ack 1002 win 65160 <nop,nop,TS val 11 ecr 101>",
	"C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 65160 <nop,nop,TS val 12 ecr 101>", "C R 5002", NULL,
};

struct seen {
	struct diagnosis_counts counts;
	struct report_diagnosis *report;
	size_t encounters;
	uint64_t frames, settled; /* no encounter with a smaller frame number is to come */
	enum verdict first;
	const char *kernel; /* the one said; NULL: any */
	char cause[32];
};

static inline void take(void *context, const struct diagnosed *diagnosed)
{
	struct seen *seen = context;

	ck_assert_uint_ge(diagnosed->encounter->frame, seen->settled);
	if (seen->encounters++ == 0) {
		seen->first = diagnosed->judgement->verdict;
		snprintf(seen->cause, sizeof(seen->cause), "%s", diagnosed->cause->name);
	}
	if (seen->report)
		report_diagnosis_take(seen->report, diagnosed);
}

static inline void take_frame(void *context, const struct capture_frame *frame, uint64_t settled)
{
	struct seen *seen = context;

	ck_assert_uint_eq(frame->number, ++seen->frames);
	ck_assert_uint_ge(settled, seen->settled);
	seen->settled = settled > frame->number ? frame->number + 1 : settled;
}

static inline void take_connection(void *context, const struct tracked *connection)
{
	struct seen *seen = context;

	if (seen->report)
		report_diagnosis_connection(seen->report, connection);
}

static inline int diagnose(struct seen *seen, const char *filter, enum book decides, struct error *error)
{
	struct diagnosis_options options = {
		.filter = filter, .connections = 16, .decides = decides, .kernel = { .timestamps = true },
	};
	struct diagnosis_listener listener = {
		.encounter = take, .connection = take_connection, .frame = filter ? NULL : take_frame, .context = seen,
	};

	if (seen->kernel)
		kernel_parse(seen->kernel, &options.kernel);
	if (capture)
		fclose(capture);
	capture = NULL;
	return diagnosis_run(path, &options, &listener, &seen->counts, error);
}

static inline void put_all(const char *const *lines, const uint8_t *link, uint32_t size)
{
	for (; *lines; lines++)
		put(*lines, link, size);
}

/* The same with the linux book, and the file is gone. */
static inline void diagnose_all(struct seen *seen)
{
	struct error error = { "" };

	ck_assert_msg(diagnose(seen, NULL, BOOK_LINUX, &error) == 0, "%s", error.text);
	unlink(path);
}

#endif
