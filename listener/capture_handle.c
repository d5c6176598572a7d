/* capture_handle.c - opening an interface by libpcap, for whoever reads frames from it. */
#include "listener/capture_handle.h"

#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/inject.h"

/* The kernel looks for the family before it asks for a privilege (net/socket.c, __sock_create()). */
static bool no_packet_sockets(void)
{
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), number = errno;

	if (descriptor >= 0)
		close(descriptor);
	return descriptor < 0 && number == EAFNOSUPPORT;
}

/* Says what pcap_activate found. `name` is the interface; `detail` what else is known of it. */
static int explain(const char *name, int status, const char *detail, struct error *error)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
		return fail(error, "capture on %.60s: no privilege: this needs CAP_NET_RAW; run it as root (sudo), or give the "
			    "program that capability (setcap cap_net_raw+ep twprobe)", name);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return fail(error, "no interface '%.60s' here; `ip link` lists the existing ones", name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return fail(error, "capture on %.60s: the interface is down; `ip link set %.60s up`", name, name);
	default:
		if (no_packet_sockets())
			return fail(error, "capture on %.60s: " INJECT_NO_PACKET_SOCKETS, name);
		return fail(error, "capture on %.60s: %.300s", name, detail);
	}
}

int capture_handle_refused(const char *interface, int number, struct error *error)
{
	static const struct {
		int number, status;
	} known[] = {
		{ EPERM, PCAP_ERROR_PERM_DENIED }, { EACCES, PCAP_ERROR_PERM_DENIED }, { ENODEV, PCAP_ERROR_NO_SUCH_DEVICE },
		{ ENXIO, PCAP_ERROR_NO_SUCH_DEVICE }, { ENETDOWN, PCAP_ERROR_IFACE_NOT_UP },
	};
	int status = PCAP_ERROR;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == number)
			status = known[i].status;
	return explain(interface, status, strerror(number), error);
}

static int explain_status(pcap_t *handle, const char *interface, int status, struct error *error)
{
	char detail[PCAP_ERRBUF_SIZE + 64];

	snprintf(detail, sizeof(detail), "%s: %s", pcap_statustostr(status), pcap_geterr(handle));
	return explain(interface, status, detail, error);
}

static int activate(pcap_t *handle, const char *interface, int snap_length, size_t ring_bytes, struct error *error)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int status;

	pcap_set_snaplen(handle, snap_length);
	pcap_set_promisc(handle, 0);
	pcap_set_immediate_mode(handle, 1);
	pcap_set_buffer_size(handle, ring_bytes > INT_MAX ? INT_MAX : (int)ring_bytes);
	if (pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO))
		return fail(error, "capture on %.60s: no timestamps in nanoseconds", interface);
	status = pcap_activate(handle);
	if (status < 0)
		return explain_status(handle, interface, status, error);
	if (pcap_setnonblock(handle, 1, why))
		return fail(error, "capture on %.60s: %.200s", interface, why);
	return 0;
}

struct pcap *capture_handle_open(const char *interface, int snap_length, size_t ring_bytes, struct error *error)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *handle = pcap_create(interface, why);

	if (!handle) {
		fail(error, "capture on %.60s: %.200s", interface, why);
		return NULL;
	}
	if (activate(handle, interface, snap_length, ring_bytes ? ring_bytes : CAPTURE_HANDLE_RING_BYTES, error) == 0)
		return handle;
	pcap_close(handle);
	return NULL;
}

int capture_handle_filter(struct pcap *handle, const char *expression, struct error *error)
{
	struct bpf_program program;
	int status;

	if (pcap_compile(handle, &program, expression, 1, PCAP_NETMASK_UNKNOWN))
		return fail(error, "%.200s", pcap_geterr(handle));
	status = pcap_setfilter(handle, &program);
	pcap_freecode(&program);
	return status ? fail(error, "%.200s", pcap_geterr(handle)) : 0;
}
