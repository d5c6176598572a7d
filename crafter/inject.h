/* inject.h - puts segments on the wire. The only user of libnet. */
#ifndef TWPROBE_CRAFTER_INJECT_H
#define TWPROBE_CRAFTER_INJECT_H

#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/segment.h"

/* What EAFNOSUPPORT means for AF_PACKET. */
#define INJECT_NO_PACKET_SOCKETS "this kernel has no packet sockets (it is built without CONFIG_PACKET, or the module " \
	"af_packet is not loaded)"

struct inject; /* owns a raw or packet socket per address family */

/* Opens raw sockets for the families named in the mask (1 << 4 | 1 << 6). Needs CAP_NET_RAW now, and
 * never again. NULL with an error that says what privilege is missing. */
struct inject *inject_open(unsigned families, struct error *error);
/* The same for a subject on this namespace's loopback interface, which segments reach by packet sockets: a tenth cheaper, as no
 * route is looked up for each. They come in as from a wire: what the kernel checks of a source (rp_filter) it checks. */
struct inject *inject_open_loopback(unsigned families, struct error *error);

/* Encodes and queues one segment; a full queue is flushed first. 0 or -1. */
int inject_send(struct inject *inject, const struct segment *segment, struct error *error);

/* Hands everything queued to the kernel, in order, with as few system calls as possible. A segment that
 * the kernel refuses (ENETUNREACH, EPERM, ENOBUFS...) is reported through `on_refused` and does not stop the
 * others. Returns the number accepted, or -1 when the socket itself failed. */
typedef void inject_refused(void *context, const struct tuple *tuple, int error_number);
int inject_flush(struct inject *inject, inject_refused *on_refused, void *context, struct error *error);

/* How many segments the kernel has accepted since inject_open. */
uint64_t inject_count(const struct inject *inject);

const char *inject_library_version(void);
void inject_close(struct inject *inject); /* NULL is fine */

#endif
