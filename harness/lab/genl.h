/* genl.h - requests of generic netlink. */
#ifndef TWPROBE_HARNESS_LAB_GENL_H
#define TWPROBE_HARNESS_LAB_GENL_H

#include <libmnl/libmnl.h>
#include <stdint.h>

enum { GENL_REQUEST_SIZE = 1024 };

struct genl_request {
	char buffer[GENL_REQUEST_SIZE];
	struct nlmsghdr *header;
};

/* The number of a family of this name; 0: this kernel has none. */
uint16_t genl_family(struct mnl_socket *netlink, const char *name);
/* A request to a family, whose attributes follow; `flags` beside NLM_F_REQUEST. */
void genl_begin(struct genl_request *request, uint16_t family, uint8_t command, uint8_t version, uint16_t flags);

#endif
