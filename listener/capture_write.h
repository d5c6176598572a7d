/* capture_write.h - writes a pcapng file: interfaces, frames in nanoseconds, comments on frames.
 *
 * The same calls make the same bytes on every machine. The first error stays: what comes after it is not written, and each call
 * returns it again. */
#ifndef TWPROBE_LISTENER_CAPTURE_WRITE_H
#define TWPROBE_LISTENER_CAPTURE_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "listener/capture_file.h"

struct capture_write; /* owns its buffer, not the descriptor */

struct capture_write_options {
	int descriptor;          /* where it begins the file that is there is emptied; a pipe is fine */
	const char *name;        /* of the file, for errors */
	const char *application; /* who writes: "twprobe 0.2.0" */
	const char *system;      /* where: "Linux 6.18.44" */
	const char *replaces;    /* a frame's own comments that begin like this are left out; NULL: none */
};

struct capture_comment {
	const char *text; /* UTF-8; more than 65,535 bytes are cut */
	size_t size;
};

/* Writes the section's header. NULL with an error that names the file. The strings of the options must live as long. */
struct capture_write *capture_write_open(const struct capture_write_options *options, struct error *error);

/* Describes the frame's interface, unless that was done before. Each frame's is described when it is written, at the latest;
 * afterwards only `interface` of a frame tells which one it is. -1 with an error. */
int capture_write_interface(struct capture_write *writer, const struct capture_frame *frame, struct error *error);
/* A frame, with its own comments first and then these. One without a time gets that of the frame before it. */
int capture_write_frame(struct capture_write *writer, const struct capture_frame *frame,
			const struct capture_comment *comments, size_t count, struct error *error);
/* What was written so far goes to the file. */
int capture_write_flush(struct capture_write *writer, struct error *error);
/* Frees it; what was not flushed is lost. NULL is fine. */
void capture_write_close(struct capture_write *writer);

#endif
