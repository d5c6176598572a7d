/* boot.h - the first seconds of a kernel, in which its TIME_WAIT forgets timestamps.
 *
 * ktime_get_seconds() is 0 then. A TIME_WAIT socket notes that as the time of its last timestamp (tw_ts_recent_stamp), and
 * tcp_timewait_state_process() reads it as "had none": true of no kernel a second later. */
#ifndef TWPROBE_HARNESS_COMMANDS_BOOT_H
#define TWPROBE_HARNESS_COMMANDS_BOOT_H

#include <stdbool.h>
#include <stdint.h>

/* How long a kernel with that uptime (CLOCK_MONOTONIC) must not be probed yet. Pure. */
uint64_t boot_wait_ns(uint64_t up_ns);
/* Where the kernel under test is this one: waits, before the first connection, with a note unless `quiet`. */
void boot_wait(bool quiet);

#endif
