/* path.h - what stands between the crafted end and the subject: a router's nftables rules and sysctls, from a file.
 *
 * FILE.nft is a rule set as `nft -f` takes it. FILE.yaml (or .yml, or a NAME that ships, cases/paths/NAME.yaml) has the keys of
 * docs/paths.md, the rule set among them. A file with another ending, such as /etc/nftables.conf, is what it looks like.
 * `direct` is no file: nothing stands between.
 *
 * A rule set is called after its file with its ending ("border.nft"), a path file after its key `path`, or else after its file
 * without ("old-nat"). Cells' names have that name, so that they say over which path they were asked. */
#ifndef TWPROBE_CASES_PATH_PATH_H
#define TWPROBE_CASES_PATH_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/endpoint.h"
#include "crafter/fail.h"

#define PATH_DIRECT "direct"

enum { PATH_TEXT_MAX = 16 << 20 }; /* of a rule set: some firewalls have a hundred thousand rules */

enum { PATH_NAME_SIZE = 64, PATH_SYSCTLS_MAX = 32, PATH_SYSCTL_SIZE = 96, PATH_INTERFACE_SIZE = 16 };

struct path_sysctl {
	char name[PATH_SYSCTL_SIZE];  /* "net.netfilter.nf_conntrack_tcp_loose" */
	char value[PATH_SYSCTL_SIZE];
	int line;
};

/* What a link does to segments (netem): those that leave the router on it. Shares from 0 to 1. */
struct path_netem {
	int line;              /* of the file; 0: it does nothing */
	double loss, duplicate, reorder;
	uint64_t delay_ns, jitter_ns;
	uint32_t limit;        /* segments that it holds; 0: as many as may come */
	uint32_t seed;         /* of its chances; 0: the kernel's choice */
};

enum { PATH_SERVICES_MAX = 4, PATH_SERVERS_MAX = 8, PATH_SCHEDULER_SIZE = 16 };

/* A service of IPVS, whose servers get its connections by NAT. */
struct path_service {
	struct endpoint address;
	char scheduler[PATH_SCHEDULER_SIZE];
	struct endpoint servers[PATH_SERVERS_MAX];
	size_t server_count;
	int line;
};

struct path {
	char name[PATH_NAME_SIZE]; /* in reports and cells' names: path_is_name() */
	char *file;                /* NULL: direct */
	char *title;               /* one line; NULL: none */
	char *rules;               /* the rule set; NULL: none */
	int rules_line;            /* of the file in which it begins, from 1 */
	struct path_sysctl sysctls[PATH_SYSCTLS_MAX]; /* of the router, in the file's order */
	size_t sysctl_count;
	struct path_netem to_subject, to_client;
	struct path_service services[PATH_SERVICES_MAX];
	size_t service_count;
	int mptcp_line;            /* of the file; 0: the subject listens for TCP, else for MPTCP */
	int tunnel_line;           /* of the file; 0: no tunnel (WireGuard) between the router and the subject */
	/* Whom the crafted end addresses instead of the subject, over IPv4 and IPv6; family 0: the subject itself. */
	struct endpoint front_v4, front_v6;
	char outside[PATH_INTERFACE_SIZE], inside[PATH_INTERFACE_SIZE]; /* the router's interfaces */
};

/* Letters, digits, '-', '_', '+' and '.', none of them first but letters and digits: it can be a part of a cell's name. */
bool path_is_name(const char *text);
/* The errors say file, line and column. Free it with path_free. */
struct path *path_load(const char *name_or_file, struct error *error);
/* From a text of either kind: what begins with a key and ':' is a path file. `file` is its name for messages. */
struct path *path_parse(const char *file, const char *text, size_t size, struct error *error);
/* From the text of a YAML file; `file` is for messages. For tests, and path_load. */
struct path *path_read(const char *file, const char *text, size_t size, struct error *error);
static inline bool path_is_direct(const struct path *path) /* NULL is direct */
{
	return !path || !path->file;
}

/* Whether it loses segments by chance. */
bool path_loses(const struct path *path); /* NULL is fine */
/* How much longer than without it an answer may take. */
uint64_t path_delay_ns(const struct path *path); /* NULL is fine */
void path_free(struct path *path); /* NULL is fine */

#endif
