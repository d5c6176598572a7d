/* trace_pipe.h - events of tracepoints through tracefs, for kernels without perf events (user-mode Linux).
 *
 * An instance of the tracer of our own, removed when it is closed; a process that is killed leaves it in its kernel. */
#ifndef TWPROBE_HARNESS_LAB_TRACE_PIPE_H
#define TWPROBE_HARNESS_LAB_TRACE_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

/* `record` is as the tracepoint's format file says; `time_ns` is CLOCK_MONOTONIC. */
typedef void trace_pipe_event(void *context, uint64_t time_ns, const uint8_t *record, size_t size);

struct trace_pipe;

/* `tracefs`: where it is mounted. NULL, with a message: not there, needs root, or no memory. */
struct trace_pipe *trace_pipe_open(const char *tracefs, struct error *error);
/* Begins with a tracepoint ("skb/kfree_skb"). -1: the kernel does not. */
int trace_pipe_enable(struct trace_pipe *trace_pipe, const char *path, struct error *error);
/* All events since the last call, in the order of each processor. Returns how many times the kernel had no room for some. */
uint64_t trace_pipe_read(struct trace_pipe *trace_pipe, trace_pipe_event *event, void *context);
void trace_pipe_close(struct trace_pipe *trace_pipe); /* NULL is fine */

/* One page of a processor's ring buffer, as trace_pipe_raw gives it (events/header_page; include/linux/ring_buffer.h). What
 * is cut or makes no sense ends it. Returns 1 if the kernel says that events were lost before it, else 0. Pure. */
uint64_t trace_pipe_parse(const uint8_t *page, size_t size, trace_pipe_event *event, void *context);

#endif
