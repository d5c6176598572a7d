/* ipvs.c - IPVS by generic netlink. */
#include "harness/lab/ipvs.h"

#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "harness/lab/genl.h"
#include "listener/netlink.h"

enum { WEIGHT = 1 };

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
	struct genl_request request;

	genl_begin(&request, family, IPVS_CMD_NEW_SERVICE, IPVS_GENL_VERSION, NLM_F_ACK | NLM_F_CREATE);
	put_service(request.header, service, true);
	if (netlink_run(netlink, request.header, NULL, NULL) < 0)
		return -1;
	for (size_t i = 0; i < service->server_count; i++) {
		genl_begin(&request, family, IPVS_CMD_NEW_DEST, IPVS_GENL_VERSION, NLM_F_ACK | NLM_F_CREATE);
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
	uint16_t family = netlink ? genl_family(netlink, IPVS_GENL_NAME) : 0;
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
