/* late_close.h - a descriptor whose closing the kernel finishes in its own time.
 *
 * Who closes the last descriptor of a packet socket waits for the kernel's grace periods: 10 to 30 ms. So the socket gets one
 * more reference, as a message that waits in a socket which only waits in itself: what nobody can reach any more once
 * late_close_end() or the end of the process has let go of it. The release of its other end, which comes last, wakes the
 * kernel's collector of such sockets (unix_release(), net/unix/garbage.c): it drops the message, and with it the last
 * reference, in a thread of its own (from 6.8 on; before, and where the kernel refuses, whoever closes waits as ever).
 * Nothing stays behind. */
#ifndef TWPROBE_CRAFTER_LATE_CLOSE_H
#define TWPROBE_CRAFTER_LATE_CLOSE_H

/* In this order, in which the end of a process closes them. -1: `descriptor` will be closed as any. */
struct late_close {
	int holder, waker;
};

struct late_close late_close_begin(int descriptor);
/* After `descriptor` itself was closed. */
void late_close_end(const struct late_close *kept);

#endif
