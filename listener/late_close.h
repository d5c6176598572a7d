/* late_close.h - a descriptor whose closing the kernel finishes in its own time.
 *
 * Who closes the last descriptor of a packet socket waits for the kernel's grace periods: 10 to 30 ms. So the socket gets one
 * more reference, as a message that waits in a socket which only waits in itself: what nobody can reach any more. When
 * late_close_end() or the end of the process lets go of that, the kernel's collector of such sockets (net/unix/garbage.c) finds
 * them and drops the message, and with it the last reference, in a thread of its own (from 6.8 on; before, and where the kernel
 * refuses, whoever closes waits as ever). Nothing stays behind. */
#ifndef TWPROBE_LISTENER_LATE_CLOSE_H
#define TWPROBE_LISTENER_LATE_CLOSE_H

/* Returns a descriptor for late_close_end(), or -1: `descriptor` will be closed as any. */
int late_close_begin(int descriptor);
/* After `descriptor` itself was closed. -1 is fine. */
void late_close_end(int keeper);

#endif
