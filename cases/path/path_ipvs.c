/* path_ipvs.c - the services of IPVS on a path, read from its file. */
#include "cases/path/path_internal.h"

#include <stdio.h>
#include <string.h>

static int read_service(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return path_read_endpoint(tree, node, "service", &((struct path_service *)into)->address);
}

static int read_scheduler(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path_service *service = into;
	const char *text = yaml_text(tree, node, "scheduler");

	if (!text)
		return -1;
	if (strlen(text) >= sizeof(service->scheduler) || strspn(text, "abcdefghijklmnopqrstuvwxyz") != strlen(text))
		return yaml_complain(tree, node, "scheduler: '%.40s' is not one of IPVS, such as rr, wlc or sh", text);
	strcpy(service->scheduler, text);
	return 0;
}

static int read_servers(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path_service *service = into;
	size_t count;

	if (yaml_items(tree, node, "servers", &count) < 0)
		return -1;
	if (count > PATH_SERVERS_MAX)
		return yaml_complain(tree, node, "servers: at most %d", PATH_SERVERS_MAX);
	for (size_t i = 0; i < count; i++)
		if (path_read_endpoint(tree, yaml_item(tree, node, i), "servers", &service->servers[i]) < 0)
			return -1;
	service->server_count = count;
	return 0;
}

static int read_one(struct yaml_tree *tree, const yaml_node_t *node, struct path_service *service)
{
	static const struct yaml_key keys[] = {
		{ "service", 1, read_service },
		{ "scheduler", 1, read_scheduler },
		{ "servers", 1, read_servers },
	};

	strcpy(service->scheduler, "rr");
	if (yaml_mapping(tree, node, "a service", keys, sizeof(keys) / sizeof(keys[0]), 1, service) < 0)
		return -1;
	service->line = yaml_line(node);
	if (!service->address.address.family || !service->server_count)
		return yaml_complain(tree, node, "a service: '%s' is missing",
				     service->server_count ? "service" : "servers");
	for (size_t i = 0; i < service->server_count; i++)
		if (service->servers[i].address.family != service->address.address.family)
			return yaml_complain(tree, node, "a service: by NAT all of its servers are of its own family, IPv%d",
					     service->address.address.family);
	return 0;
}

int path_read_ipvs(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;
	size_t count;

	if (yaml_items(tree, node, "ipvs", &count) < 0)
		return -1;
	if (count > PATH_SERVICES_MAX)
		return yaml_complain(tree, node, "ipvs: at most %d services", PATH_SERVICES_MAX);
	for (size_t i = 0; i < count; i++)
		if (read_one(tree, yaml_item(tree, node, i), &path->services[path->service_count++]) < 0)
			return -1;
	return 0;
}
