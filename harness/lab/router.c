/* router.c - three namespaces in a row, and what is set in the one in the middle. */
#include "harness/lab/router.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/conntrack.h"
#include "harness/lab/ipvs.h"
#include "harness/lab/lab.h"
#include "harness/lab/rtnet.h"
#include "harness/lab/ruleset.h"
#include "harness/lab/sysctl.h"
#include "harness/lab/wireguard.h"
#include "listener/netlink.h"

enum { MTU = 1500, LINKS = 4, TUNNEL = 2, INTERFACES = LINKS + TUNNEL };

/* The two ends of the two links, from the crafted end to the subject; of a tunnel in the second of them. */
enum link_end { CRAFTED_OUT, ROUTER_OUTSIDE, ROUTER_INSIDE, SUBJECT_OUT, ROUTER_TUNNEL, SUBJECT_TUNNEL };

static const uint8_t macs[LINKS][6] = {
	{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 3 }, { 2, 0, 0, 0, 0, 4 },
};
static const char *const addresses_v4[LINKS] = { "198.51.100.2", "198.51.100.1", "203.0.113.1", "203.0.113.2" };
static const char *const addresses_v6[LINKS] = { "2001:db8:1::2", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:2::2" };

static const enum router_side side_of[INTERFACES] = {
	ROUTER_CRAFTED, ROUTER_ITSELF, ROUTER_ITSELF, ROUTER_SUBJECT, ROUTER_ITSELF, ROUTER_SUBJECT,
};
/* Of one network; the longer prefix is the subject's. First those of IPv4. */
static const struct rtnet_prefix sources[] = { { AF_INET, LAB_NETWORK_V4, 24 }, { AF_INET6, LAB_NETWORK_V6, 64 } };
static const struct rtnet_prefix subjects[] = { { AF_INET, LAB_SUBJECT_V4, 32 }, { AF_INET6, LAB_SUBJECT_V6, 128 } };

struct router {
	int namespaces[ROUTER_SIDES];
	struct mnl_socket *netlink[ROUTER_SIDES]; /* to each of them, for the state of its links */
	unsigned index[INTERFACES]; /* 0: there is no tunnel */
	uint64_t lost_before;
	struct rule_trace *trace; /* NULL: no rules */
	struct conntrack *conntrack;
};

int router_visit(const struct router *router, enum router_side side, struct error *error)
{
	if (setns(router->namespaces[side], CLONE_NEWNET) == 0)
		return 0;
	return fail(error, "cannot make the path: a network namespace cannot be entered: %s", strerror(errno));
}

static int open_namespace(struct error *error)
{
	int namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (namespace < 0)
		fail(error, "cannot make the path: /proc/self/ns/net: %s", strerror(errno));
	return namespace;
}

static int open_netlink(struct router *router, enum router_side side, struct error *error)
{
	router->netlink[side] = netlink_open(NETLINK_ROUTE);
	return router->netlink[side] ? 0 : fail(error, "cannot make the path: netlink: %s", strerror(errno));
}

static int make_namespaces(struct router *router, struct error *error)
{
	router->namespaces[ROUTER_SUBJECT] = open_namespace(error);
	if (router->namespaces[ROUTER_SUBJECT] < 0 || open_netlink(router, ROUTER_SUBJECT, error))
		return -1;
	for (enum router_side side = ROUTER_CRAFTED; side < ROUTER_SIDES; side++) {
		if (unshare(CLONE_NEWNET))
			return fail(error, "cannot make the path: a network namespace is refused: %s", strerror(errno));
		router->namespaces[side] = open_namespace(error);
		if (router->namespaces[side] < 0 || open_netlink(router, side, error))
			return -1;
	}
	return 0;
}

/* What every namespace but the subject's gets before it has an interface. */
static int set_quiet(bool forwards, struct error *error)
{
	const char *const sysctls[][2] = {
		{ "net.ipv4.conf.all.rp_filter", "0" },
		{ "net.ipv4.conf.default.rp_filter", "0" },
		{ "net.ipv4.conf.all.send_redirects", "0" },
		{ "net.ipv4.ip_forward", forwards ? "1" : "0" },
		{ "net.ipv6.conf.all.forwarding", forwards ? "1" : "0" },
		{ "net.ipv6.conf.default.addr_gen_mode", "1" }, /* no addresses of its own making */
		{ "net.ipv6.conf.default.accept_ra", "0" },
	};

	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
		if (sysctl_exists(sysctls[i][0]) && sysctl_write(sysctls[i][0], sysctls[i][1], NULL, error))
			return fail_in(error, "cannot set up the path");
	return 0;
}

static int set_all_quiet(struct router *router, struct error *error)
{
	static const enum router_side order[] = { ROUTER_CRAFTED, ROUTER_ITSELF, ROUTER_SUBJECT };

	for (size_t i = 0; i < ROUTER_SIDES; i++)
		if (router_visit(router, order[i], error) ||
		    set_quiet(order[i] == ROUTER_ITSELF, error))
			return -1;
	return 0;
}

static int add_links(struct router *router, const struct path *path, struct error *error)
{
	struct rtnet_end ends[LINKS] = {
		{ .name = ROUTER_LINK }, { .name = path->outside }, { .name = path->inside }, { .name = ROUTER_LINK },
	};

	for (size_t i = 0; i < LINKS; i++) {
		ends[i].namespace = router->namespaces[side_of[i]];
		memcpy(ends[i].mac, macs[i], sizeof(ends[i].mac));
	}
	for (size_t i = 0; i < LINKS; i += 2)
		if (rtnet_add_pair(router->netlink[ROUTER_SUBJECT], &ends[i], MTU))
			return fail(error, errno == EOPNOTSUPP ? "cannot make the path: this kernel has no veth interfaces" :
				    "cannot make the path: a pair of interfaces is refused: %s", strerror(errno));
	return 0;
}

/* The peer's addresses are neighbours, and what is behind it goes through it. */
static int set_up_family(struct mnl_socket *netlink, unsigned index, size_t end, int family, bool tunnelled)
{
	bool v4 = family == AF_INET;
	const char *const *addresses = v4 ? addresses_v4 : addresses_v6;
	size_t peer = end ^ 1;
	const char *gateway = addresses[peer];
	struct rtnet_prefix own = { family, addresses[end], v4 ? 24 : 64 };

	if (rtnet_add_address(netlink, &own, index) ||
	    rtnet_add_neighbour(netlink, family, gateway, macs[peer], index))
		return -1;
	if (tunnelled && (end == ROUTER_INSIDE || end == SUBJECT_OUT))
		return 0;
	return rtnet_add_route(netlink, end == ROUTER_INSIDE ? &subjects[!v4] : &sources[!v4], gateway, index);
}

static int set_up_end(struct router *router, size_t end, const char *name, const struct path *path, bool ipv6,
		      struct error *error)
{
	struct mnl_socket *netlink = router->netlink[side_of[end]];

	if (router_visit(router, side_of[end], error))
		return -1;
	router->index[end] = if_nametoindex(name);
	if (!router->index[end] || rtnet_bring_up(netlink, router->index[end]))
		return fail(error, "cannot make the path: the interface %s: %s", name, strerror(errno));
	if (set_up_family(netlink, router->index[end], end, AF_INET, path->tunnel_line) ||
	    (ipv6 && set_up_family(netlink, router->index[end], end, AF_INET6, path->tunnel_line)))
		return fail(error, "cannot make the path: an address or route of %s: %s", name, strerror(errno));
	return 0;
}

static int set_up_ends(struct router *router, const struct path *path, bool ipv6, struct error *error)
{
	const char *const names[LINKS] = { ROUTER_LINK, path->outside, path->inside, ROUTER_LINK };

	for (size_t end = 0; end < LINKS; end++)
		if (set_up_end(router, end, names[end], path, ipv6, error))
			return -1;
	return 0;
}

/* What is not routed through a link below goes through the tunnel. */
static int add_tunnel(struct router *router, const struct path *path, bool ipv6, struct error *error)
{
	struct wireguard_end ends[TUNNEL] = {
		{ .address = addresses_v4[ROUTER_INSIDE], .beyond = subjects },
		{ .address = addresses_v4[SUBJECT_OUT], .beyond = sources },
	};
	struct error inner;

	for (size_t i = 0; i < TUNNEL; i++) {
		ends[i].namespace = router->namespaces[side_of[LINKS + i]];
		ends[i].netlink = router->netlink[side_of[LINKS + i]];
		ends[i].beyond_count = ipv6 ? 2 : 1;
	}
	if (wireguard_join(ends, &inner))
		return fail(error, "%.200s:%d: tunnel: %.200s", path->file, path->tunnel_line, inner.text);
	for (size_t i = 0; i < TUNNEL; i++)
		router->index[LINKS + i] = ends[i].index;
	return 0;
}

static int load_rules(struct router *router, const struct path *path, struct error *error)
{
	struct ruleset_rules rules = { 0 };

	if (ruleset_load(path, &rules, error) == 0)
		router->trace = rule_trace_open(&rules, error);
	ruleset_rules_free(&rules); /* those that were not taken over */
	return router->trace ? 0 : -1;
}

static int add_netem(struct router *router, const struct path *path, const struct path_netem *netem, enum link_end end,
		     struct error *error)
{
	enum { ALL = 1000000 }; /* more than a run has in flight: what waits is not lost */
	const struct rtnet_netem what = {
		.loss = netem->loss, .duplicate = netem->duplicate, .reorder = netem->reorder, .delay_ns = netem->delay_ns,
		.jitter_ns = netem->jitter_ns, .limit = netem->limit ? netem->limit : ALL, .seed = netem->seed,
	};

	if (!netem->line || rtnet_add_netem(router->netlink[ROUTER_ITSELF], &what, router->index[end]) == 0)
		return 0;
	return fail(error, "%.200s:%d: netem: %s", path->file, netem->line,
		    errno == ENOENT ? "this kernel has none (sch_netem)" : strerror(errno));
}

/* The rules first: they bring the connection tracking up, whose sysctls some kernels show only then. */
static int set_up_router(struct router *router, const struct path *path, bool ipv6, struct error *error)
{
	if (router_visit(router, ROUTER_ITSELF, error) || rtnet_bring_up(router->netlink[ROUTER_ITSELF], RTNET_LO))
		return -1;
	if (path->rules && load_rules(router, path, error))
		return -1;
	if (path->service_count && ipvs_add(path, ipv6, error))
		return -1;
	if ((path->rules || path->service_count) && !(router->conntrack = conntrack_open(error)) && *error->text)
		return -1;
	if (add_netem(router, path, &path->to_subject, ROUTER_INSIDE, error) ||
	    add_netem(router, path, &path->to_client, ROUTER_OUTSIDE, error))
		return -1;
	for (size_t i = 0; i < path->sysctl_count; i++) {
		const struct path_sysctl *sysctl = &path->sysctls[i];
		struct error inner;

		if (sysctl_write(sysctl->name, sysctl->value, NULL, &inner))
			return fail(error, "%.200s:%d: %.250s", path->file, sysctl->line, inner.text);
	}
	return 0;
}

/* Adds what the link has dropped. */
static int add_lost(const struct nlattr *attribute, void *context)
{
	struct rtnl_link_stats64 stats = { 0 };
	size_t size = mnl_attr_get_payload_len(attribute);

	if (mnl_attr_get_type(attribute) != IFLA_STATS64)
		return MNL_CB_OK;
	memcpy(&stats, mnl_attr_get_payload(attribute), size < sizeof(stats) ? size : sizeof(stats));
	*(uint64_t *)context += stats.rx_dropped + stats.tx_dropped + stats.rx_errors + stats.tx_errors;
	return MNL_CB_OK;
}

static int read_link(const struct nlmsghdr *header, void *context)
{
	return mnl_attr_parse(header, sizeof(struct ifinfomsg), add_lost, context);
}

int router_lost(struct router *router, uint64_t *lost, struct error *error)
{
	uint64_t sum = 0;

	for (size_t end = 0; end < INTERFACES && router->index[end]; end++) {
		struct rtnet_request request;
		struct ifinfomsg *link = rtnet_begin(&request, RTM_GETLINK, sizeof(*link));

		request.header->nlmsg_flags = NLM_F_REQUEST;
		link->ifi_index = (int)router->index[end];
		if (netlink_run(router->netlink[side_of[end]], request.header, read_link, &sum) < 0)
			return fail(error, "reading the counters of the path's links: %s", strerror(errno));
	}
	*lost = sum - router->lost_before;
	return 0;
}

struct router *router_open(const struct path *path, bool ipv6, struct error *error)
{
	struct router *router = calloc(1, sizeof(*router));
	int result;

	if (!router) {
		fail(error, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < ROUTER_SIDES; i++)
		router->namespaces[i] = -1;
	result = make_namespaces(router, error) || set_all_quiet(router, error) || add_links(router, path, error) ||
		 set_up_ends(router, path, ipv6, error) ||
		 (path->tunnel_line && add_tunnel(router, path, ipv6, error)) || set_up_router(router, path, ipv6, error) ||
		 router_visit(router, ROUTER_SUBJECT, error) || router_lost(router, &router->lost_before, error);
	if (result == 0)
		return router;
	router_close(router);
	return NULL;
}

const char *router_far_interface(const struct router *router)
{
	return router->index[SUBJECT_TUNNEL] ? WIREGUARD_INTERFACE : ROUTER_LINK;
}

struct rule_trace *router_trace(const struct router *router)
{
	return router->trace;
}

struct conntrack *router_conntrack(const struct router *router)
{
	return router->conntrack;
}

void router_close(struct router *router)
{
	if (!router)
		return;
	for (size_t i = 0; i < ROUTER_SIDES; i++) {
		if (router->netlink[i])
			mnl_socket_close(router->netlink[i]);
		if (router->namespaces[i] >= 0)
			close(router->namespaces[i]);
	}
	rule_trace_close(router->trace);
	conntrack_close(router->conntrack);
	free(router);
}
