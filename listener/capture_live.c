/* capture_live.c - frames of an interface by libpcap, their stamps on the clock that never goes back, and what was missed. */
#include "listener/capture_live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "crafter/clock.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "listener/capture_handle.h"
#include "listener/link.h"

enum { BATCH = 4096, NAMES_SIZE = 256 };

/* A frame is in the ring microseconds after its stamp; after a switch to another processor, when its softirqs come to it. */
#define LATE_NS (250 * NSEC_PER_MSEC)
/* Two readings of the clocks are not at the same time; what is set by less than this changes no statement. */
#define STEP_NS NSEC_PER_MSEC

/* TCP, IPv6 with headers before it, and what may be an ICMP error that quotes it. Not "icmp[0] = 3": libpcap 1.10 keeps such
 * bytes where it then expects the offsets of a VLAN's frames. */
#define CORE "tcp or icmp or icmp6 or ip6 proto 0 or ip6 proto 43 or ip6 proto 60"

/* What TCP can be in, where the link type has VLAN tags and where it has none; the first that compiles is taken. (A tag that
 * the card took out is none to the filter.) */
static const char *const wanted[] = { CORE " or (vlan and (" CORE " or (vlan and (" CORE "))))", CORE };

struct capture_live {
	const char *interface;
	pcap_t *pcap;
	struct link *link; /* NULL: any */
	int link_type;
	uint64_t frames;
	struct clock_offset offset; /* CLOCK_REALTIME to CLOCK_MONOTONIC */
	int64_t ahead_ns;           /* of what we tell, before CLOCK_MONOTONIC: as the wall clock was at the start */
	uint64_t least_ns;          /* no later frame is older, on CLOCK_MONOTONIC */
	struct capture_live_news news;
	/* Of the capture_live_receive under way. */
	capture_live_sink *sink;
	void *context;
	struct error *error;
	bool refused; /* by the sink */
};

/* One line for people, so only the first names if there are many. */
static int no_such(const char *interface, struct error *error)
{
	struct if_nameindex *names = if_nameindex();
	char text[NAMES_SIZE];
	struct textbuf list;
	size_t left = 0;

	textbuf_init(&list, text, sizeof(text));
	for (const struct if_nameindex *name = names; name && name->if_index; name++) {
		if (list.length + IF_NAMESIZE + 32 < sizeof(text))
			textbuf_item(&list, ", ", "%s", name->if_name);
		else
			left++;
	}
	if (left)
		textbuf_item(&list, ", ", "%zu more", left);
	if_freenameindex(names);
	return fail(error, "no interface '%.60s' here; there are %s, and any for all of them", interface, text);
}

static int start(struct capture_live *live, const char *interface, size_t ring_bytes, struct error *error)
{
	if (strcmp(interface, "any") != 0) {
		if (if_nametoindex(interface) == 0)
			return no_such(interface, error);
		live->link = link_open(interface, error);
		if (!live->link)
			return -1;
	}
	live->pcap = capture_handle_open(interface, CAPTURE_LIVE_BYTES, ring_bytes, error);
	if (!live->pcap)
		return -1;
	/* Tells the interface of each frame; libpcap without it has the older form. */
	if (!live->link)
		pcap_set_datalink(live->pcap, DLT_LINUX_SLL2);
	live->link_type = pcap_datalink(live->pcap);
	clock_sample(&live->offset);
	live->ahead_ns = live->offset.ahead_ns;
	live->least_ns = live->offset.sampled_ns;
	return 0;
}

struct capture_live *capture_live_open(const char *interface, size_t ring_bytes, struct error *error)
{
	struct capture_live *live = calloc(1, sizeof(*live));

	if (!live) {
		fail(error, "capture on %.60s: out of memory", interface);
		return NULL;
	}
	live->interface = interface;
	if (start(live, interface, ring_bytes, error) == 0)
		return live;
	capture_live_close(live);
	return NULL;
}

int capture_live_filter(struct capture_live *live, const char *expression, struct error *error)
{
	char text[CAPTURE_LIVE_FILTER_MAX];
	struct error inner;
	int result = -1;

	/* Alone, so that the error is about what was given. */
	if (expression && capture_handle_filter(live->pcap, expression, &inner) < 0)
		return fail(error, "the filter '%.120s' cannot be used: %.200s", expression, inner.text);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && result < 0; i++) {
		if (expression)
			snprintf(text, sizeof(text), "(%s) and (%s)", expression, wanted[i]);
		else
			snprintf(text, sizeof(text), "%s", wanted[i]);
		result = capture_handle_filter(live->pcap, text, &inner);
	}
	if (result == 0)
		return 0;
	return fail(error, "the filter '%.120s' cannot be used: %.200s", expression ? expression : "tcp", inner.text);
}

static void on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct capture_live *live = (struct capture_live *)user;
	/* With nanosecond precision libpcap puts nanoseconds where the name says microseconds. */
	uint64_t stamp_ns = (uint64_t)header->ts.tv_sec * NSEC_PER_SEC + (uint64_t)header->ts.tv_usec;
	struct capture_frame frame = {
		.has_time = true, .link_type = live->link_type, .interface_name = live->interface,
		.length = header->len, .size = header->caplen, .bytes = bytes,
	};

	live->least_ns = clock_convert(&live->offset, stamp_ns, live->least_ns);
	frame.number = ++live->frames;
	frame.time_ns = live->least_ns + (uint64_t)live->ahead_ns;
	if (!live->refused && live->sink(live->context, &frame, live->error) < 0) {
		live->refused = true;
		pcap_breakloop(live->pcap);
	}
}

/* What is read now came after the last look, or not long before it: so a stamp from before the wall clock was set is known as
 * such even on an interface that was quiet for long. */
static void sample(struct capture_live *live)
{
	uint64_t before_ns = live->offset.sampled_ns - LATE_NS;
	int64_t step_ns;

	if (before_ns > live->least_ns)
		live->least_ns = before_ns;
	clock_sample(&live->offset);
	step_ns = live->offset.ahead_ns - live->offset.ahead_before_ns;
	live->news.set += step_ns > (int64_t)STEP_NS || step_ns < -(int64_t)STEP_NS;
}

/* Not by pcap_stats, which also reads the card's own counters, through files: what the card had no room for never came to this
 * machine, as if it was lost on the way. The kernel counts from zero after each question (packet(7)). */
static int count_drops(struct capture_live *live, struct error *error)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(pcap_fileno(live->pcap), SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		return fail(error, "capture: reading the drop counters: %s", strerror(errno));
	live->news.dropped += stats.tp_drops;
	return 0;
}

/* An interface that goes away breaks a read off, too, perhaps before its end is reported: then it is asked for. */
static int examine(struct capture_live *live, int count, struct error *error)
{
	int (*const falls)(struct link *, uint64_t *, struct error *) = count < 0 ? link_falls : link_falls_so_far;

	if (live->link && falls(live->link, &live->news.went_down, error) < 0)
		return -1;
	live->news.gone = live->link && link_gone(live->link);
	if (live->news.gone)
		return 0;
	if (count < 0)
		return fail(error, "capture: %.200s", pcap_geterr(live->pcap));
	return count_drops(live, error);
}

int capture_live_receive(struct capture_live *live, capture_live_sink *sink, void *context, struct capture_live_news *news,
			 struct error *error)
{
	int count;

	live->sink = sink;
	live->context = context;
	live->error = error;
	sample(live);
	count = pcap_dispatch(live->pcap, BATCH, on_frame, (u_char *)live);
	if (live->refused || examine(live, count, error) < 0)
		return -1;
	live->news.more = count >= BATCH;
	if (live->news.more)
		live->news.upto_ns = live->least_ns + (uint64_t)live->ahead_ns - LATE_NS;
	else
		live->news.upto_ns = live->offset.sampled_ns + (uint64_t)live->ahead_ns - LATE_NS;
	*news = live->news;
	return 0;
}

uint64_t capture_live_now(const struct capture_live *live)
{
	return clock_now() + (uint64_t)live->ahead_ns;
}

void capture_live_close(struct capture_live *live)
{
	if (!live)
		return;
	if (live->pcap)
		pcap_close(live->pcap);
	link_close(live->link);
	free(live);
}
