/* fake_lab.h - a lab beside the fake wire: a test that uses it is linked with these stand-ins for the lab, the witness and
 * the kernel's clients, and asks no kernel. The sockets are those of the fake wire's server, and a model of a Linux client. */
#ifndef TWPROBE_TESTS_FAKE_LAB_H
#define TWPROBE_TESTS_FAKE_LAB_H

#include "harness/play/play.h"
#include "tests/unit/fake_wire.h"

enum { FAKE_BACKLOG = 5, FAKE_WAITING = 2 /* connections in the listener's queue */, FAKE_QUEUED = 3 /* bytes */ };

/* Gives the setup a lab and a witness. The transport is changed so that the clients hear what the capture hears. One lab at a
 * time. The only sysctls that it has not are called tcp_none... */
void fake_lab_open(struct fake_wire *fake, struct transport *transport, struct play_setup *setup);
/* What a sysctl of the lab is now; "" was never set. */
const char *fake_lab_sysctl(const char *name);

#endif
