/* held_frames.h - frames on their way into a file, held back while something may still be said about them. */
#ifndef TWPROBE_LISTENER_HELD_FRAMES_H
#define TWPROBE_LISTENER_HELD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "listener/capture_write.h"

/* Enough for two seconds of a gigabit per second; live, where frames are headers only, of 100,000 of them a second. */
enum { HELD_FRAMES_BYTES = 256 << 20, HELD_FRAMES_LIVE_BYTES = 64 << 20 };

struct held_frames;

/* `writer` must live as long. `most`: bytes of memory; frames beyond that are written without waiting, the oldest first. NULL:
 * out of memory. */
struct held_frames *held_frames_open(struct capture_write *writer, size_t most);

/* Frames in the order of their numbers. Nothing more will be said about those numbered below `settled`: they are written. -1
 * with an error. */
int held_frames_take(struct held_frames *held, const struct capture_frame *frame, uint64_t settled, struct error *error);
/* The same without another frame; what was written is in the file then. */
int held_frames_settle(struct held_frames *held, uint64_t settled, struct error *error);
/* The number of a frame that is held, by its place in the file that is written, from 1; 0: it is not held. */
uint64_t held_frames_number(const struct held_frames *held, uint64_t number);
/* One more comment on a frame that is held, by its own number. False: it is not held, or there is no memory. */
bool held_frames_comment(struct held_frames *held, uint64_t number, const char *text);
/* Writes all. */
int held_frames_finish(struct held_frames *held, struct error *error);
void held_frames_close(struct held_frames *held); /* NULL is fine */

#endif
