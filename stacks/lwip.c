/* lwip.c - lwIP as a subject: on the tap and the addresses that the environment names, it does with each connection what the
 * window of its SYN asks for (docs/stacks.md).
 *
 * lwIP shows its application that window: when a connection is accepted, its send window is still the SYN's
 * (tcp_listen_input()), because that of the ACK is taken after the call (tcp_process()). */
#include <lwip/init.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/tcpip.h>
#include <netif/tapif.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CLOSE = 61000, HOLD, HALF, EOF_, EOF_HALF };

static struct netif netif;

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	if (!value) {
		fprintf(stderr, "%s is not set; start it with twprobe --engine=exec\n", name);
		exit(2);
	}
	return value;
}

/* NULL: its FIN came. What is not read stays in the window, as it would in a socket's queue. */
static err_t received(void *asked, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
	intptr_t behaviour = (intptr_t)asked;

	(void)error;
	if (data) {
		if (behaviour == EOF_ || behaviour == EOF_HALF)
			tcp_recved(pcb, data->tot_len);
		pbuf_free(data);
	} else if (behaviour == EOF_) {
		tcp_close(pcb);
	} else if (behaviour == EOF_HALF) {
		tcp_shutdown(pcb, 0, 1);
	}
	return ERR_OK;
}

static err_t accepted(void *unused, struct tcp_pcb *pcb, err_t error)
{
	intptr_t behaviour = pcb ? (intptr_t)pcb->snd_wnd : CLOSE;

	(void)unused;
	if (error != ERR_OK || !pcb)
		return ERR_VAL;
	tcp_arg(pcb, (void *)behaviour);
	tcp_recv(pcb, received);
	if (behaviour < CLOSE || behaviour > EOF_HALF || behaviour == CLOSE)
		tcp_close(pcb);
	else if (behaviour == HALF)
		tcp_shutdown(pcb, 0, 1);
	return ERR_OK;
}

static void start(void *unused)
{
	ip4_addr_t address, mask, gateway;
	struct tcp_pcb *pcb = tcp_new();

	(void)unused;
	ip4addr_aton(setting("TWPROBE_ADDRESS"), &address);
	ip4addr_aton(setting("TWPROBE_NETMASK"), &mask);
	ip4addr_aton(setting("TWPROBE_GATEWAY"), &gateway);
	netif_add(&netif, &address, &mask, &gateway, NULL, tapif_init, tcpip_input);
	netif_set_default(&netif);
	netif_set_up(&netif);
	if (tcp_bind(pcb, IP_ADDR_ANY, (u16_t)atoi(setting("TWPROBE_PORT"))) != ERR_OK) {
		fprintf(stderr, "lwIP cannot bind its port\n");
		exit(1);
	}
	pcb = tcp_listen_with_backlog(pcb, 255);
	tcp_accept(pcb, accepted);
}

int main(void)
{
	setenv("PRECONFIGURED_TAPIF", setting("TWPROBE_TAP"), 1); /* what lwIP's port looks at */
	tcpip_init(start, NULL);
	for (;;)
		pause();
}
