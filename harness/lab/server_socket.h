/* server_socket.h - a listening TCP socket, and what it keeps of each client's SYN; one that connects. */
#ifndef TWPROBE_HARNESS_LAB_SERVER_SOCKET_H
#define TWPROBE_HARNESS_LAB_SERVER_SOCKET_H

#include "crafter/fail.h"
#include "crafter/manner.h"
#include "crafter/tuple.h"

enum { SERVER_SOCKET_MPTCP = 262 }; /* IPPROTO_MPTCP, which older headers do not have (Linux 5.6) */

struct server_socket_options {
	int backlog;
	bool shares_port;   /* SO_REUSEPORT */
	bool opens_fast;    /* TCP_FASTOPEN, which means nothing until tcp_fastopen has its bit 2 as well */
	bool mptcp;         /* IPPROTO_MPTCP: keeps no SYN (TCP_SAVE_SYN) */
	int receive_buffer; /* SO_RCVBUF of each connection; 0: the kernel's own, which grows */
};

/* The descriptor, or -1. The wildcard of IPv6 takes IPv4 as well; any other address its own family alone. */
int server_socket_open(const struct endpoint *endpoint, const struct server_socket_options *options, struct error *error);
/* SO_KEEPALIVE with these times; `probes` 0: as many as the kernel likes. -1 with errno. */
int server_socket_keep_alive(int descriptor, uint32_t idle_s, uint32_t interval_s, uint32_t probes);
int server_socket_give_up_after(int descriptor, uint32_t timeout_ms); /* 0: tcp_retries2 decides */
/* Of a socket that listens, or will connect; every part of it can be undone. */
void server_socket_set_manner(int descriptor, const struct manner *manner);
/* A socket bound to `source`, whose port it shares, that has begun to connect to `target`. The descriptor, or -1. */
int server_socket_call(const struct endpoint *source, const struct endpoint *target, const struct manner *manner,
		       struct error *error);
/* The window of the SYN that made this connection; -1 when it is not known. */
int server_socket_syn_window(int connection);
/* It was accepted while its handshake goes on: TCP Fast Open. */
bool server_socket_opens(int connection);

#endif
