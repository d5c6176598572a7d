/* packed_line.h - bytes on a slow line: compressed on its way, each part whole, so that nothing waits for the next one.
 *
 * A serial line of an emulated machine takes microseconds for a byte, and results compress to a tenth. */
#ifndef TWPROBE_HARNESS_ENGINE_PACKED_LINE_H
#define TWPROBE_HARNESS_ENGINE_PACKED_LINE_H

#include <stddef.h>

struct packed_line; /* one end of a line */

/* Takes what becomes of a part, in pieces. */
typedef void packed_line_put(void *context, const void *bytes, size_t size);

struct packed_line *packed_line_new_sender(void);   /* NULL: out of memory */
struct packed_line *packed_line_new_receiver(void); /* NULL: out of memory */
void packed_line_free(struct packed_line *line);    /* NULL is fine */
/* Any number of bytes, of any part. -1: the receiver got something that no sender sends. */
int packed_line_pass(struct packed_line *line, const void *bytes, size_t size, packed_line_put *put, void *context);

#endif
