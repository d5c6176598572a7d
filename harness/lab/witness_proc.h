/* witness_proc.h - the witness's other source: /proc/net/tcp and /proc/net/tcp6, read whole (tcp4_seq_show,
 * tcp6_seq_show in the kernel). For kernels without the tcp_diag module. */
#ifndef TWPROBE_HARNESS_LAB_WITNESS_PROC_H
#define TWPROBE_HARNESS_LAB_WITNESS_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/lab/witness.h"

/* One socket as the kernel reports it, in either way. */
struct kernel_socket {
	struct pair pair;     /* subject: the socket itself */
	uint8_t kernel_state; /* TCP_ESTABLISHED ... as in the kernel's include/net/tcp_states.h */
	struct sighting sighting; /* without its state */
};

/* The state in our words, from the kernel's and from who holds the socket; STATE_UNKNOWN for those no subject has. */
enum state witness_state(uint8_t kernel_state, uint32_t inode);

/* Reads one line of the table ("   0: 020200C0:22B8 0A0200C0:4E20 06 ..."); `family` says which table. False when it
 * is not a socket's: the head line, or damaged. Addresses of tcp6 that are mapped IPv4 ones become IPv4. */
bool witness_proc_line(const char *line, uint8_t family, struct kernel_socket *socket);

struct witness_proc; /* owns the two files, opened in the namespace the caller was in */

struct witness_proc *witness_proc_open(struct error *error);
/* 1 when a socket has this pair, 0 when none has. A zero crafted end asks for the listener on the subject's. */
int witness_proc_find(struct witness_proc *proc, const struct pair *pair, struct kernel_socket *socket,
		      struct error *error);
void witness_proc_close(struct witness_proc *proc); /* NULL is fine */

#endif
