/* capture_handle.h - a handle of libpcap's on an interface: opened, filtered, its errors in words. */
#ifndef TWPROBE_LISTENER_CAPTURE_HANDLE_H
#define TWPROBE_LISTENER_CAPTURE_HANDLE_H

#include <stddef.h>

#include "crafter/fail.h"

struct pcap; /* what libpcap calls pcap_t */

enum { CAPTURE_HANDLE_RING_BYTES = 32 << 20 };

/* Not promiscuous; reads without waiting; each frame is there as soon as the kernel has copied `snap_length` bytes of it;
 * stamps in nanoseconds. `ring_bytes`: what may wait to be read; 0: CAPTURE_HANDLE_RING_BYTES. Needs CAP_NET_RAW. NULL with an
 * error. */
struct pcap *capture_handle_open(const char *interface, int snap_length, size_t ring_bytes, struct error *error);
/* Why a packet socket of our own could not be opened or bound, in the same words. `number` is an errno. -1 with an error. */
int capture_handle_refused(const char *interface, int number, struct error *error);
/* The kernel runs it, so that frames of others cost nothing. -1 with an error: what is wrong with it, in libpcap's words. */
int capture_handle_filter(struct pcap *handle, const char *expression, struct error *error);

#endif
