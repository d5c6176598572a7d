/* capture_file.h - the frames of a capture file: pcap or pcapng, of either byte order, plain or compressed by gzip.
 *
 * Not libpcap's reader, because that refuses what merged captures are: interfaces with different link types. Anything may come
 * in: no input makes it assert, abort, or take more memory than CAPTURE_FRAME_MAX. */
#ifndef TWPROBE_LISTENER_CAPTURE_FILE_H
#define TWPROBE_LISTENER_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

enum {
	CAPTURE_FRAME_MAX = 16 << 20,   /* bytes of one frame or block; more is no capture */
	CAPTURE_INTERFACES_MAX = 65536, /* of all sections of a file */
};

struct capture_file;

struct capture_frame {
	uint64_t number;      /* from 1, as Wireshark counts */
	uint64_t time_ns;     /* since 1970, by the clock of the machine that captured it */
	bool has_time;        /* false: the file does not tell (a simple packet block) */
	uint32_t interface;   /* from 0, counted through all sections */
	int link_type;        /* DLT_ */
	const char *interface_name; /* until the next call; NULL or "": the file does not tell */
	size_t length;        /* on the wire */
	size_t size;          /* captured */
	const uint8_t *bytes; /* until the next call */
	const uint8_t *options; /* what else the file says of it (pcapng), until the next call; for capture_frame_comment */
	size_t options_size;
	bool options_little;  /* their byte order */
};

/* Do the first four bytes of a file say that it is a pcap, of any kind, or a pcapng? */
bool capture_file_begins(const uint8_t bytes[4]);

/* "-": standard input. NULL with an error that names the file and says why this is not a capture. */
struct capture_file *capture_file_open(const char *path, struct error *error);

/* One that is still being written, or will be: capture_file_next() gives 0 where there is no more yet, and what came in the
 * meantime when it is called again. A file that is no capture is found out then. */
struct capture_file *capture_file_open_growing(const char *path, struct error *error);
/* Whether somebody may yet write more: a pipe whose other end is open, a file that a process has open for writing. Where the
 * kernel does not tell, true. */
bool capture_file_grows(const struct capture_file *file);

/* 1: the next frame. 0: that was the last one. -1: the file is damaged here; the error names the file, the byte and the field.
 * What came before it is sound. */
int capture_file_next(struct capture_file *file, struct capture_frame *frame, struct error *error);

/* What the file says of a frame in words: the comment at *at, which is 0 for the first one and is moved to the next. False:
 * there are no more. The text ends without a zero, and lives as long as the frame's options. */
bool capture_frame_comment(const struct capture_frame *frame, size_t *at, const char **text, size_t *size);

/* After the last frame: the file breaks off in the middle of a frame, as when its disk was full. */
bool capture_file_cut(const struct capture_file *file);
/* How many interfaces there were so far. */
uint32_t capture_file_interfaces(const struct capture_file *file);
/* How far we are in the file, and its size (0: not known), for a progress line. */
uint64_t capture_file_consumed(const struct capture_file *file);
uint64_t capture_file_size(const struct capture_file *file);

void capture_file_close(struct capture_file *file); /* NULL is fine */

#endif
