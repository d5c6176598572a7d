/* frame_filter.h - which frames of a file count: an expression as tcpdump takes it (pcap-filter(7)), for any link type. */
#ifndef TWPROBE_LISTENER_FRAME_FILTER_H
#define TWPROBE_LISTENER_FRAME_FILTER_H

#include "crafter/fail.h"
#include "listener/capture_file.h"

struct frame_filter;

/* NULL with an error that quotes the expression and says what is wrong with it. */
struct frame_filter *frame_filter_open(const char *expression, struct error *error);
/* 1: the frame counts; 0: it does not. -1: the expression asks for something that frames of this link type do not have. */
int frame_filter_takes(struct frame_filter *filter, const struct capture_frame *frame, struct error *error);
void frame_filter_close(struct frame_filter *filter); /* NULL is fine: everything counts */

#endif
