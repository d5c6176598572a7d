/* capture.c - hears every segment between us and the subject: libpcap, its ring, the savefile, and the link's state. */
#include "listener/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/late_close.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "listener/capture_handle.h"
#include "listener/ear.h"
#include "listener/link.h"
#include "listener/packet_socket.h"

enum {
	SNAP_LENGTH = 256, /* all headers, and a little */
	FILTER_SIZE = 1024,
	BATCH = 4096, /* frames between two looks at whether there are more */
};

struct capture {
	pcap_t *pcap;    /* where there is a socket, a handle without an interface: for filter and savefile */
	struct packet_socket *socket; /* NULL: frames come by libpcap's ring */
	struct late_close kept;
	pcap_dumper_t *savefile;
	const char *savefile_name;
	bool streams;    /* the savefile is not a file, and somebody may be watching */
	capture_keep *keep;
	void *keep_context;
	char interface[64];
	int save_errno;  /* of the first frame that could not be written */
	struct link *link;
	int link_type;
	uint64_t frames;
	struct clock_offset offset; /* CLOCK_REALTIME to CLOCK_MONOTONIC */
	uint64_t last_ns;           /* of the last frame; no later one is older */
	/* Of the capture_receive under way. */
	capture_sink *sink;
	void *context;
};

enum { PORTS_TEXT_SIZE = 32 };

/* "port 80"; "portrange 80-83" */
static const char *ports_text(const struct capture_options *options, char buffer[static PORTS_TEXT_SIZE])
{
	unsigned first = options->target.port, last = options->last_port;

	if (last > first)
		snprintf(buffer, PORTS_TEXT_SIZE, "portrange %u-%u", first, last);
	else
		snprintf(buffer, PORTS_TEXT_SIZE, "port %u", first);
	return buffer;
}

/* What is about a connection without being a segment of it: ICMP errors that quote one of ours, and ours that
 * quote one of the subject's (a quoted IP header of 20 or 40 bytes; then the ports), fragments, and IPv6 packets with
 * headers before TCP. `host`: "" for any. */
static void write_odd_filter(const char *host, uint8_t family, const struct capture_options *options, struct textbuf *out)
{
	unsigned port = options->target.port, last = options->last_port > port ? options->last_port : port;
	char from[ADDRESS_TEXT_SIZE + 16] = "", icmp[128] = "", icmp6[128] = "";

	if (*host)
		snprintf(from, sizeof(from), " and src host %s", host);
	if (port) {
		snprintf(icmp, sizeof(icmp), " and ((icmp[28:2] >= %u and icmp[28:2] <= %u) or (icmp[30:2] >= %u and "
			 "icmp[30:2] <= %u))", port, last, port, last);
		snprintf(icmp6, sizeof(icmp6), " and ((ip6[88:2] >= %u and ip6[88:2] <= %u) or (ip6[90:2] >= %u and "
			 "ip6[90:2] <= %u))", port, last, port, last);
	}
	if (family != 6)
		textbuf_add(out, " or (ip proto 6 and ip[6:2] & 0x3fff != 0%s) or (icmp and ip[6:2] & "
			    "0x1fff = 0%s)", from, icmp);
	if (family != 4)
		textbuf_add(out, " or ((ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60)%s) or "
			    "(ip6[6] = 58 and ip6[40] < 128%s)", from, icmp6);
}

/* The kernel runs it, so that frames of others cost nothing. */
static void write_filter(const struct capture_options *options, char text[static FILTER_SIZE])
{
	const struct endpoint *target = &options->target;
	struct address address = target->address;
	char host[ADDRESS_TEXT_SIZE] = "", ports[PORTS_TEXT_SIZE];
	unsigned port = target->port;
	struct textbuf out;

	ports_text(options, ports);
	textbuf_init(&out, text, FILTER_SIZE);
	address.scope = 0; /* libpcap's language has none */
	if (address.family)
		address_format(&address, host, sizeof(host));
	if (options->marked_only)
		textbuf_add(&out, "tcp src %s or (tcp dst %s and ((ip and ip[4:2] != 0) or (ip6 and ip6[2:2] != 0)))", ports,
			    ports);
	else if (address.family == 0 && port == 0)
		textbuf_add(&out, "tcp");
	else if (address.family == 0)
		textbuf_add(&out, "tcp %s", ports);
	else if (port == 0)
		textbuf_add(&out, "(tcp and host %s)", host);
	else
		textbuf_add(&out, "(tcp and ((src host %s and src %s) or (dst host %s and dst %s)))", host, ports, host, ports);
	write_odd_filter(host, address.family, options, &out);
}

static int set_filter(struct capture *capture, const struct capture_options *options, struct error *error)
{
	char text[FILTER_SIZE];
	struct error inner;

	write_filter(options, text);
	if (capture_handle_filter(capture->pcap, text, &inner) == 0)
		return 0;
	return fail(error, "capture on %.60s: filter: %.200s", options->interface, inner.text);
}

static int open_ring(struct capture *capture, const struct capture_options *options, struct error *error)
{
	capture->pcap = capture_handle_open(options->interface, SNAP_LENGTH, options->ring_bytes, error);
	if (!capture->pcap)
		return -1;
	/* On loopback libpcap itself drops the copy that goes out; this keeps it out of the ring. */
	if (options->loopback)
		packet_socket_ignore_outgoing(pcap_fileno(capture->pcap));
	capture->kept = late_close_begin(pcap_fileno(capture->pcap));
	return set_filter(capture, options, error);
}

static int open_socket(struct capture *capture, const struct capture_options *options, int link_type, struct error *error)
{
	struct packet_socket_options few = {
		.interface = options->interface, .bytes = options->ring_bytes, .received = options->loopback,
	};
	struct bpf_program program;
	struct sock_fprog filter;
	char text[FILTER_SIZE];

	capture->pcap = pcap_open_dead_with_tstamp_precision(link_type, SNAP_LENGTH, PCAP_TSTAMP_PRECISION_NANO);
	if (!capture->pcap)
		return fail(error, "capture on %.60s: out of memory", options->interface);
	write_filter(options, text);
	if (pcap_compile(capture->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN))
		return fail(error, "capture on %.60s: filter: %.200s", options->interface, pcap_geterr(capture->pcap));
	/* The same instructions by other names. */
	filter = (struct sock_fprog){ (unsigned short)program.bf_len, (struct sock_filter *)program.bf_insns };
	few.filter = &filter;
	capture->socket = packet_socket_open(&few, error);
	pcap_freecode(&program);
	if (!capture->socket)
		return -1;
	capture->kept = late_close_begin(packet_socket_descriptor(capture->socket));
	return 0;
}

static int open_savefile(struct capture *capture, int descriptor, struct error *error)
{
	int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	struct stat kind = { 0 };
	FILE *file = copy < 0 ? NULL : fdopen(copy, "wb");

	if (!file || fstat(copy, &kind) < 0 || (S_ISREG(kind.st_mode) && ftruncate(copy, 0) < 0)) {
		fail(error, "%.200s: cannot be written: %s", capture->savefile_name, strerror(errno));
		if (file)
			fclose(file);
		else if (copy >= 0)
			close(copy);
		return -1;
	}
	capture->streams = !S_ISREG(kind.st_mode);
	capture->savefile = pcap_dump_fopen(capture->pcap, file);
	if (capture->savefile)
		return capture_flush(capture, error);
	fclose(file);
	return fail(error, "%.200s: cannot be written: %.200s", capture->savefile_name, pcap_geterr(capture->pcap));
}

static int start(struct capture *capture, const struct capture_options *options, struct error *error)
{
	/* Of another kind libpcap knows more. */
	int link_type = options->few ? packet_socket_link_type(options->interface) : -1;

	capture->link = link_open(options->interface, error);
	if (!capture->link)
		return -1;
	if ((link_type < 0 ? open_ring(capture, options, error) : open_socket(capture, options, link_type, error)) < 0)
		return -1;
	capture->link_type = pcap_datalink(capture->pcap);
	capture->savefile_name = options->savefile_name;
	capture->keep = options->keep;
	capture->keep_context = options->keep_context;
	snprintf(capture->interface, sizeof(capture->interface), "%s", options->interface);
	return options->savefile ? open_savefile(capture, options->savefile, error) : 0;
}

struct capture *capture_open(const struct capture_options *options, struct error *error)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		fail(error, "capture on %.60s: out of memory", options->interface);
		return NULL;
	}
	capture->kept.holder = -1;
	if (start(capture, options, error)) {
		capture_close(capture);
		return NULL;
	}
	return capture;
}

int capture_descriptor(const struct capture *capture)
{
	return capture->socket ? packet_socket_descriptor(capture->socket) : pcap_get_selectable_fd(capture->pcap);
}

static void save(struct capture *capture, const struct pcap_pkthdr *header, const u_char *frame)
{
	errno = 0;
	pcap_dump((u_char *)capture->savefile, header, frame);
	if (!capture->save_errno && ferror(pcap_dump_file(capture->savefile)))
		capture->save_errno = errno ? errno : EIO;
}

static void keep(const struct capture *capture, const struct pcap_pkthdr *header, const u_char *frame, uint64_t stamp_ns,
		 const struct segment *segment, bool has_numbers)
{
	const struct capture_frame kept = {
		.number = capture->frames,
		.time_ns = stamp_ns,
		.has_time = true,
		.link_type = capture->link_type,
		.interface_name = capture->interface,
		.length = header->len,
		.size = header->caplen,
		.bytes = frame,
	};

	capture->keep(capture->keep_context, &kept, segment, has_numbers, capture->last_ns);
}

static void on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *frame)
{
	struct capture *capture = (struct capture *)user;
	/* With nanosecond precision libpcap puts nanoseconds where the name says microseconds. */
	uint64_t stamp_ns = (uint64_t)header->ts.tv_sec * NSEC_PER_SEC + (uint64_t)header->ts.tv_usec;
	struct segment segment;
	struct notice notice;
	enum ear_result result;

	capture->frames++;
	capture->last_ns = clock_convert(&capture->offset, stamp_ns, capture->last_ns);
	if (capture->savefile)
		save(capture, header, frame);
	result = ear_take(capture->link_type, frame, header->caplen, header->len, &segment, &notice);
	if (result == EAR_NOTHING)
		segment.tuple = (struct tuple){ 0 };
	if (capture->keep)
		keep(capture, header, frame, stamp_ns, &segment, result == EAR_SEGMENT ||
		     (result == EAR_NOTICE && notice.kind != NOTICE_ICMP && notice.kind != NOTICE_FRAGMENT));
	notice.time_ns = capture->last_ns;
	if (result != EAR_NOTHING)
		capture->sink(capture->context, &segment, result == EAR_SEGMENT ? NULL : &notice, capture->last_ns);
}

static void on_message(void *context, uint64_t stamp_ns, const uint8_t *frame, size_t caplen, size_t length)
{
	const struct pcap_pkthdr header = {
		.ts = { .tv_sec = (time_t)(stamp_ns / NSEC_PER_SEC), .tv_usec = (suseconds_t)(stamp_ns % NSEC_PER_SEC) },
		.caplen = (bpf_u_int32)caplen, .len = (bpf_u_int32)length,
	};

	on_frame(context, &header, frame);
}

/* A full batch may have left something of the time before `upto_ns` behind; one that ends with a later frame has not. */
static int drain(struct capture *capture, uint64_t upto_ns)
{
	int count;

	if (capture->socket)
		return packet_socket_read(capture->socket, on_message, capture);
	do
		count = pcap_dispatch(capture->pcap, BATCH, on_frame, (u_char *)capture);
	while (count >= BATCH && capture->last_ns < upto_ns);
	return count;
}

int capture_receive(struct capture *capture, capture_sink *sink, void *context, uint64_t *upto_ns, struct error *error)
{
	uint64_t before = capture->frames, falls = 0;
	int number;

	capture->sink = sink;
	capture->context = context;
	clock_sample(&capture->offset);
	*upto_ns = capture->offset.sampled_ns;
	errno = 0;
	if (drain(capture, *upto_ns) >= 0) {
		if (capture->streams && capture->frames != before)
			pcap_dump_flush(capture->savefile); /* what fails is reported at the end */
		return (int)(capture->frames - before);
	}
	number = errno;
	/* An interface that goes down, or away, breaks a read off (ENETDOWN). The run goes on: it is inconclusive, and
	 * capture_health says why. */
	if (link_falls(capture->link, &falls, error) == 0 && falls > 0)
		return (int)(capture->frames - before);
	return fail(error, "capture: %.200s", capture->socket ? strerror(number) : pcap_geterr(capture->pcap));
}

int capture_health(struct capture *capture, struct capture_health *health, struct error *error)
{
	struct pcap_stat stat;

	health->frames = capture->frames;
	if (capture->socket && packet_socket_dropped(capture->socket, &health->dropped) < 0)
		return fail(error, "capture: reading the drop counters: %s", strerror(errno));
	if (capture->socket)
		return link_falls(capture->link, &health->went_down, error);
	/* libpcap adds up what the kernel resets at each PACKET_STATISTICS: these count from the start. */
	if (pcap_stats(capture->pcap, &stat))
		return fail(error, "capture: reading the drop counters: %.200s", pcap_geterr(capture->pcap));
	health->dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop;
	return link_falls(capture->link, &health->went_down, error);
}

int capture_flush(struct capture *capture, struct error *error)
{
	if (!capture->savefile)
		return 0;
	if (pcap_dump_flush(capture->savefile) && !capture->save_errno)
		capture->save_errno = errno;
	return capture->save_errno ? fail(error, "%.200s: cannot be written: %s", capture->savefile_name,
					     strerror(capture->save_errno)) : 0;
}

const char *capture_library_version(void)
{
	return pcap_lib_version();
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->savefile)
		pcap_dump_close(capture->savefile);
	if (capture->pcap)
		pcap_close(capture->pcap);
	packet_socket_close(capture->socket);
	late_close_end(&capture->kept);
	link_close(capture->link);
	free(capture);
}
