/* frame_filter.c - the expression compiled by libpcap, once for each link type that comes. */
#include "listener/frame_filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { SNAP_LENGTH = 262144 };

struct program {
	int link_type;
	struct bpf_program code;
};

struct frame_filter {
	char *expression;
	struct program *programs;
	size_t count;
};

static int compile(struct frame_filter *filter, int link_type, struct error *error)
{
	struct program *larger = realloc(filter->programs, (filter->count + 1) * sizeof(*larger));
	pcap_t *pcap = pcap_open_dead(link_type, SNAP_LENGTH);
	int result = -1;

	if (larger)
		filter->programs = larger;
	if (!larger || !pcap) {
		fail(error, "out of memory for the filter");
	} else if (pcap_compile(pcap, &larger[filter->count].code, filter->expression, 1, PCAP_NETMASK_UNKNOWN)) {
		fail(error, "the filter '%.120s' cannot be used%s: %.200s", filter->expression,
		     filter->count ? " on all frames of this file" : "", pcap_geterr(pcap));
	} else {
		larger[filter->count++].link_type = link_type;
		result = 0;
	}
	if (pcap)
		pcap_close(pcap);
	return result;
}

struct frame_filter *frame_filter_open(const char *expression, struct error *error)
{
	struct frame_filter *filter = calloc(1, sizeof(*filter));

	if (filter)
		filter->expression = strdup(expression);
	if (!filter || !filter->expression)
		fail(error, "out of memory for the filter");
	else if (compile(filter, DLT_EN10MB, error) == 0) /* what is wrong with it shows before a file is read */
		return filter;
	frame_filter_close(filter);
	return NULL;
}

int frame_filter_takes(struct frame_filter *filter, const struct capture_frame *frame, struct error *error)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)frame->size, .len = (bpf_u_int32)frame->length };
	size_t i = 0;

	while (i < filter->count && filter->programs[i].link_type != frame->link_type)
		i++;
	if (i == filter->count && compile(filter, frame->link_type, error) < 0)
		return -1;
	return pcap_offline_filter(&filter->programs[i].code, &header, frame->bytes) != 0;
}

void frame_filter_close(struct frame_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		pcap_freecode(&filter->programs[i].code);
	free(filter->programs);
	free(filter->expression);
	free(filter);
}
