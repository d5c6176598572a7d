/* path.c - path files. */
#include "cases/path/path_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/case_file.h"

#define OUTSIDE "eth0"
#define INSIDE "eth1"
#define TUNNEL "wg0"

static struct path *make(const char *file, struct error *error)
{
	struct path *path = calloc(1, sizeof(*path));

	if (path && file)
		path->file = strdup(file);
	if (path && (path->file || !file)) {
		strcpy(path->outside, OUTSIDE);
		strcpy(path->inside, INSIDE);
		path->rules_line = 1;
		return path;
	}
	path_free(path);
	fail(error, "out of memory");
	return NULL;
}

#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool path_is_name(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < PATH_NAME_SIZE && strspn(text, ALPHANUMERIC) > 0 &&
	       strspn(text, ALPHANUMERIC "-_+.") == length;
}

/* What a name cannot have is '-'. A long one loses its beginning, so that its ending stays. */
static void take_name(struct path *path, const char *file, bool ending)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	const char *dot = strrchr(base, '.');
	size_t length = dot && dot > base && !ending ? (size_t)(dot - base) : strlen(base);
	size_t cut = length < sizeof(path->name) - 1 ? 0 : length - (sizeof(path->name) - 2);

	snprintf(path->name, sizeof(path->name), "%.*s", (int)(length - cut), base + cut);
	for (char *at = path->name; *at; at++)
		if (!strchr(ALPHANUMERIC "-_+.", *at))
			*at = '-';
	if (!path_is_name(path->name) || strcmp(path->name, PATH_DIRECT) == 0) {
		memmove(path->name + 1, path->name, strlen(path->name) + 1);
		path->name[0] = 'x';
	}
}

static int read_copy(struct yaml_tree *tree, const yaml_node_t *node, const char *what, char **copy)
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	*copy = strdup(text);
	return *copy ? 0 : yaml_complain(tree, node, "out of memory");
}

static int read_title(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;

	return read_copy(tree, node, "title", &path->title);
}

/* A block (`rules: |`) begins in the line after its mark. */
static int read_rules(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;
	bool block = node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_LITERAL_SCALAR_STYLE;

	path->rules_line = yaml_line(node) + block;
	return read_copy(tree, node, "rules", &path->rules);
}

static int read_name(struct yaml_tree *tree, const yaml_node_t *node, const char *what, char name[static PATH_INTERFACE_SIZE])
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	if (strlen(text) >= PATH_INTERFACE_SIZE || strpbrk(text, "/: \t") || strcmp(text, "lo") == 0 || text[0] == '.')
		return yaml_complain(tree, node, "%s: '%.40s' is no name for an interface of the router", what, text);
	snprintf(name, PATH_INTERFACE_SIZE, "%s", text);
	return 0;
}

static int read_outside(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;

	return read_name(tree, node, "outside", path->outside);
}

static int read_inside(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;

	return read_name(tree, node, "inside", path->inside);
}

static int read_tunnel(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	const char *text = yaml_text(tree, node, "tunnel");
	struct path *path = into;

	if (!text)
		return -1;
	if (strcmp(text, "wireguard") != 0)
		return yaml_complain(tree, node, "tunnel: '%.40s' is not one that twprobe makes: wireguard", text);
	path->tunnel_line = yaml_line(node);
	return 0;
}

static int read_subject(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	const char *text = yaml_text(tree, node, "subject");
	struct path *path = into;

	if (!text)
		return -1;
	if (strcmp(text, "mptcp") != 0 && strcmp(text, "tcp") != 0)
		return yaml_complain(tree, node, "subject: '%.40s' is not what a subject can listen for: tcp or mptcp", text);
	path->mptcp_line = strcmp(text, "mptcp") == 0 ? yaml_line(node) : 0;
	return 0;
}

int path_read_endpoint(struct yaml_tree *tree, const yaml_node_t *node, const char *what, struct endpoint *endpoint)
{
	const char *text = yaml_text(tree, node, what), *colon = text ? strrchr(text, ':') : NULL;
	bool bracketed = colon && text[0] == '[' && colon > text + 1 && colon[-1] == ']';
	char host[ADDRESS_TEXT_SIZE];
	char *end;
	long port;

	if (!text)
		return -1;
	port = colon ? strtol(colon + 1, &end, 10) : 0;
	if (port <= 0 || port > 65535 || *end || colon - text >= (long)sizeof(host) ||
	    (!bracketed && memchr(text, ':', (size_t)(colon - text))))
		return yaml_complain(tree, node, "%s: '%.60s' is not ADDRESS:PORT, such as 198.51.100.1:80 or "
				     "[2001:db8:1::1]:80", what, text);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - 2 * bracketed, text + bracketed);
	if (address_parse(host, &endpoint->address, tree->error) < 0) {
		fail_in(tree->error, what);
		return yaml_complain_in(tree, node);
	}
	endpoint->port = (uint16_t)port;
	return 0;
}

static int read_front(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path *path = into;
	struct endpoint endpoint, *front;
	size_t count;

	if (yaml_items(tree, node, "front", &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (path_read_endpoint(tree, yaml_item(tree, node, i), "front", &endpoint) < 0)
			return -1;
		front = endpoint.address.family == 6 ? &path->front_v6 : &path->front_v4;
		if (front->address.family)
			return yaml_complain(tree, yaml_item(tree, node, i), "front: one of IPv4, one of IPv6, and not two of "
					     "the same");
		*front = endpoint;
	}
	return 0;
}

static int read_sysctl(struct yaml_tree *tree, const yaml_node_pair_t *pair, struct path *path)
{
	const yaml_node_t *key = yaml_document_get_node(&tree->document, pair->key);
	const yaml_node_t *node = yaml_document_get_node(&tree->document, pair->value);
	struct path_sysctl *sysctl = &path->sysctls[path->sysctl_count];
	const char *name = yaml_text(tree, key, "sysctls"), *value = name ? yaml_text(tree, node, name) : NULL;

	if (!value)
		return -1;
	if (path->sysctl_count == PATH_SYSCTLS_MAX)
		return yaml_complain(tree, key, "sysctls: at most %d", PATH_SYSCTLS_MAX);
	if (strlen(name) >= sizeof(sysctl->name) || strlen(value) >= sizeof(sysctl->value))
		return yaml_complain(tree, key, "sysctls: '%.40s...' is too long", name);
	for (size_t i = 0; i < path->sysctl_count; i++)
		if (strcmp(path->sysctls[i].name, name) == 0)
			return yaml_complain(tree, key, "sysctls: %s is given twice", name);
	strcpy(sysctl->name, name);
	strcpy(sysctl->value, value);
	sysctl->line = yaml_line(key);
	path->sysctl_count++;
	return 0;
}

static int read_sysctls(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "sysctls: lines of NAME: VALUE are expected, such as "
				     "net.netfilter.nf_conntrack_tcp_loose: 0");
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
		if (read_sysctl(tree, pair, into) < 0)
			return -1;
	return 0;
}

static int read_path_name(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	const char *text = yaml_text(tree, node, "path");
	struct path *path = into;

	if (!text)
		return -1;
	if (!path_is_name(text) || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(text) ||
	    strcmp(text, PATH_DIRECT) == 0)
		return yaml_complain(tree, node, "path: '%.60s' is not a name of a-z, 0-9, '-' and '.', shorter than %d", text,
				     PATH_NAME_SIZE);
	strcpy(path->name, text);
	return 0;
}

static const struct yaml_key keys[] = {
	{ "path", 1, read_path_name },
	{ "title", 1, read_title },
	{ "rules", 1, read_rules },
	{ "sysctls", 1, read_sysctls },
	{ "front", 1, read_front },
	{ "outside", 1, read_outside },
	{ "inside", 1, read_inside },
	{ "tunnel", 1, read_tunnel },
	{ "subject", 1, read_subject },
	{ "netem", 1, path_read_netem },
	{ "ipvs", 1, path_read_ipvs },
};

static int read_root(struct yaml_tree *tree, struct path *path)
{
	yaml_node_t *root = yaml_tree_root(tree);

	if (yaml_mapping(tree, root, "a path", keys, sizeof(keys) / sizeof(keys[0]), 1, path) < 0)
		return -1;
	if (strcmp(path->outside, path->inside) == 0)
		return yaml_complain(tree, root, "outside and inside are the same interface, %s", path->outside);
	if (path->tunnel_line && (strcmp(path->outside, TUNNEL) == 0 || strcmp(path->inside, TUNNEL) == 0))
		return yaml_complain(tree, root, "outside and inside: " TUNNEL " is the tunnel's");
	for (size_t i = 0; i < path->service_count; i++) {
		const struct endpoint *service = &path->services[i].address;
		struct endpoint *front = service->address.family == 6 ? &path->front_v6 : &path->front_v4;

		if (!front->address.family)
			*front = *service;
	}
	return 0;
}

struct path *path_read(const char *file, const char *text, size_t size, struct error *error)
{
	struct path *path = make(file, error);
	struct yaml_tree tree;

	if (!path)
		return NULL;
	take_name(path, file, false);
	if (yaml_tree_open(&tree, file, text, size, "a path: a mapping with 'rules' or 'sysctls'", error) < 0) {
		path_free(path);
		return NULL;
	}
	if (read_root(&tree, path) < 0) {
		path_free(path);
		path = NULL;
	}
	yaml_tree_close(&tree);
	return path;
}

static struct path *take_rules(const char *file, const char *text, size_t size, struct error *error)
{
	struct path *path;

	if (size > PATH_TEXT_MAX) {
		fail(error, "%.200s: too large: expected a rule set of at most %d bytes", file, PATH_TEXT_MAX);
		return NULL;
	}
	if (memchr(text, 0, size)) {
		fail(error, "%.200s: a byte 0 in a rule set", file);
		return NULL;
	}
	path = make(file, error);
	if (!path)
		return NULL;
	take_name(path, file, true);
	path->rules = strndup(text, size);
	if (path->rules)
		return path;
	path_free(path);
	fail(error, "out of memory");
	return NULL;
}

/* The first line that is neither empty nor a comment begins with a key of a mapping: "rules: |". In a rule set none does. */
static bool begins_with_key(const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end && (*text == '#' || *text == '\n' || *text == ' ' || *text == '\t' || *text == '\r')) {
		const char *next = *text == '#' ? memchr(text, '\n', (size_t)(end - text)) : text;

		text = next ? next + 1 : end;
	}
	while (text < end && *text >= 'a' && *text <= 'z')
		text++;
	return text < end && *text == ':';
}

struct path *path_parse(const char *file, const char *text, size_t size, struct error *error)
{
	return begins_with_key(text, size) ? path_read(file, text, size, error) : take_rules(file, text, size, error);
}

static struct path *load_file(const char *file, struct error *error)
{
	bool rules = case_file_ends_with(file, ".nft");
	bool yaml = case_file_ends_with(file, ".yaml") || case_file_ends_with(file, ".yml");
	struct path *path;
	size_t size;
	char *text = yaml_read(file, yaml ? YAML_FILE_MAX : PATH_TEXT_MAX, &size, error);

	if (!text)
		return NULL;
	path = yaml ? path_read(file, text, size, error) : rules ? take_rules(file, text, size, error) :
	       path_parse(file, text, size, error);
	free(text);
	return path;
}

struct path *path_load(const char *name_or_file, struct error *error)
{
	struct path *path;
	char file[PATH_MAX];

	if (case_file_ends_with(name_or_file, ".nft"))
		return load_file(name_or_file, error);
	if (strcmp(name_or_file, PATH_DIRECT) == 0) {
		path = make(NULL, error);
		if (path)
			strcpy(path->name, PATH_DIRECT);
		return path;
	}
	if (case_file_find(CASE_FILE_PATH, name_or_file, file, sizeof(file), error) < 0)
		return NULL;
	return load_file(file, error);
}

void path_free(struct path *path)
{
	if (!path)
		return;
	free(path->file);
	free(path->title);
	free(path->rules);
	free(path);
}
