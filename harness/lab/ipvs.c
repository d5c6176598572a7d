/* ipvs.c - IPVS by generic netlink. */
#include "harness/lab/ipvs.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "listener/netlink.h"

enum { REQUEST_SIZE = 512, WEIGHT = 1 };

struct ipvs_request {
	char buffer[REQUEST_SIZE];
	struct nlmsghdr *header;
};

static void begin(struct ipvs_request *request, uint16_t type, uint8_t command, uint8_t version, uint16_t flags)
{
	struct genlmsghdr *generic;

	memset(request->buffer, 0, sizeof(request->buffer));
	request->header = mnl_nlmsg_put_header(request->buffer);
	request->header->nlmsg_type = type;
	request->header->nlmsg_flags = NLM_F_REQUEST | flags;
	generic = mnl_nlmsg_put_extra_header(request->header, sizeof(*generic));
	generic->cmd = command;
	generic->version = version;
}

static int take_id(const struct nlattr *attribute, void *context)
{
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)context = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static int read_family(const struct nlmsghdr *header, void *context)
{
	return mnl_attr_parse(header, sizeof(struct genlmsghdr), take_id, context);
}

/* 0: this kernel has none. */
static uint16_t find_family(struct mnl_socket *netlink)
{
	struct ipvs_request request;
	uint16_t id = 0;

	begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	mnl_attr_put_strz(request.header, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	return netlink_run(netlink, request.header, read_family, &id) < 0 ? 0 : id;
}

static void put_service(struct nlmsghdr *header, const struct path_service *service, bool whole)
{
	struct ip_vs_flags flags = { .flags = 0, .mask = ~0U };
	struct nlattr *nest = mnl_attr_nest_start(header, IPVS_CMD_ATTR_SERVICE);
	bool v6 = service->address.address.family == 6;
	uint8_t address[16] = { 0 };

	memcpy(address, service->address.address.bytes, v6 ? 16 : 4);
	mnl_attr_put_u16(header, IPVS_SVC_ATTR_AF, v6 ? AF_INET6 : AF_INET);
	mnl_attr_put_u16(header, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	mnl_attr_put(header, IPVS_SVC_ATTR_ADDR, sizeof(address), address);
	mnl_attr_put_u16(header, IPVS_SVC_ATTR_PORT, htons(service->address.port));
	if (whole) {
		mnl_attr_put_strz(header, IPVS_SVC_ATTR_SCHED_NAME, service->scheduler);
		mnl_attr_put(header, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
		mnl_attr_put_u32(header, IPVS_SVC_ATTR_TIMEOUT, 0);
		/* Of IPv6 the length of a prefix. */
		mnl_attr_put_u32(header, IPVS_SVC_ATTR_NETMASK, v6 ? 128 : UINT32_MAX);
	}
	mnl_attr_nest_end(header, nest);
}

static void put_server(struct nlmsghdr *header, const struct endpoint *server)
{
	struct nlattr *nest = mnl_attr_nest_start(header, IPVS_CMD_ATTR_DEST);
	bool v6 = server->address.family == 6;
	uint8_t address[16] = { 0 };

	memcpy(address, server->address.bytes, v6 ? 16 : 4);
	mnl_attr_put_u16(header, IPVS_DEST_ATTR_ADDR_FAMILY, v6 ? AF_INET6 : AF_INET);
	mnl_attr_put(header, IPVS_DEST_ATTR_ADDR, sizeof(address), address);
	mnl_attr_put_u16(header, IPVS_DEST_ATTR_PORT, htons(server->port));
	mnl_attr_put_u32(header, IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_MASQ);
	mnl_attr_put_u32(header, IPVS_DEST_ATTR_WEIGHT, WEIGHT);
	mnl_attr_put_u32(header, IPVS_DEST_ATTR_U_THRESH, 0);
	mnl_attr_put_u32(header, IPVS_DEST_ATTR_L_THRESH, 0);
	mnl_attr_nest_end(header, nest);
}

static int add_service(struct mnl_socket *netlink, uint16_t family, const struct path_service *service)
{
	struct ipvs_request request;

	begin(&request, family, IPVS_CMD_NEW_SERVICE, IPVS_GENL_VERSION, NLM_F_ACK | NLM_F_CREATE);
	put_service(request.header, service, true);
	if (netlink_run(netlink, request.header, NULL, NULL) < 0)
		return -1;
	for (size_t i = 0; i < service->server_count; i++) {
		begin(&request, family, IPVS_CMD_NEW_DEST, IPVS_GENL_VERSION, NLM_F_ACK | NLM_F_CREATE);
		put_service(request.header, service, false);
		put_server(request.header, &service->servers[i]);
		if (netlink_run(netlink, request.header, NULL, NULL) < 0)
			return -1;
	}
	return 0;
}

int ipvs_add(const struct path *path, bool ipv6, struct error *error)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_GENERIC);
	uint16_t family = netlink ? find_family(netlink) : 0;
	int result = 0;

	if (!netlink || !family)
		result = fail(error, "%.200s:%d: this kernel has no IPVS", path->file, path->services[0].line);
	for (size_t i = 0; result == 0 && i < path->service_count; i++) {
		const struct path_service *service = &path->services[i];

		if (!ipv6 && service->address.address.family == 6)
			continue;
		if (add_service(netlink, family, service) < 0)
			result = fail(error, "%.200s:%d: ipvs: %s", path->file, service->line,
				      errno == ENOENT ? "this kernel has no such scheduler" :
				      errno == EAFNOSUPPORT ? "this kernel's has no IPv6" :
				      errno == EPERM ? "only root can make services" : strerror(errno));
	}
	if (netlink)
		mnl_socket_close(netlink);
	return result;
}
