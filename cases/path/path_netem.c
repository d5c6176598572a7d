/* path_netem.c - what the links of a path do to segments, read from its file. */
#include "cases/path/path_internal.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"

enum { LIMIT_MAX = 10000000 };

/* Ten seconds: longer than any wait for an answer is useless. */
#define DELAY_MAX (10 * NSEC_PER_SEC)

static int read_share(struct yaml_tree *tree, const yaml_node_t *node, const char *what, double *share)
{
	const char *text = yaml_text(tree, node, what);
	char *end;
	double percent;

	if (!text)
		return -1;
	percent = strtod(text, &end);
	if (end == text || strcmp(end, "%") != 0 || !(percent >= 0 && percent <= 100))
		return yaml_complain(tree, node, "%s: '%.40s' is not a share, such as 2%% or 0.5%%", what, text);
	*share = percent / 100;
	return 0;
}

static int read_time(struct yaml_tree *tree, const yaml_node_t *node, const char *what, uint64_t *ns)
{
	if (yaml_duration(tree, node, what, ns) < 0)
		return -1;
	return *ns <= DELAY_MAX ? 0 : yaml_complain(tree, node, "%s: at most 10s", what);
}

static int read_loss(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_share(tree, node, "loss", &((struct path_netem *)into)->loss);
}

static int read_duplicate(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_share(tree, node, "duplicate", &((struct path_netem *)into)->duplicate);
}

static int read_reorder(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_share(tree, node, "reorder", &((struct path_netem *)into)->reorder);
}

static int read_delay(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_time(tree, node, "delay", &((struct path_netem *)into)->delay_ns);
}

static int read_jitter(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_time(tree, node, "jitter", &((struct path_netem *)into)->jitter_ns);
}

static int read_limit(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "limit", 1, LIMIT_MAX, &((struct path_netem *)into)->limit);
}

static int read_seed(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "seed", 1, UINT32_MAX, &((struct path_netem *)into)->seed);
}

static int read_link(struct yaml_tree *tree, const yaml_node_t *node, const char *what, struct path_netem *netem)
{
	static const struct yaml_key keys[] = {
		{ "loss", 1, read_loss },
		{ "delay", 1, read_delay },
		{ "jitter", 1, read_jitter },
		{ "reorder", 1, read_reorder },
		{ "duplicate", 1, read_duplicate },
		{ "limit", 1, read_limit },
		{ "seed", 1, read_seed },
	};

	if (yaml_mapping(tree, node, what, keys, sizeof(keys) / sizeof(keys[0]), 1, netem) < 0)
		return -1;
	netem->line = yaml_line(node);
	if (netem->jitter_ns > netem->delay_ns)
		return yaml_complain(tree, node, "%s: jitter is more than the delay that it varies", what);
	if (netem->reorder > 0 && !netem->delay_ns)
		return yaml_complain(tree, node, "%s: reorder lets segments overtake those that wait; it needs a delay", what);
	return 0;
}

static int read_to_subject(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_link(tree, node, "to-subject", &((struct path *)into)->to_subject);
}

static int read_to_client(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_link(tree, node, "to-client", &((struct path *)into)->to_client);
}

int path_read_netem(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = { { "to-subject", 1, read_to_subject }, { "to-client", 1, read_to_client } };

	return yaml_mapping(tree, node, "netem", keys, 2, 1, into);
}

bool path_loses(const struct path *path)
{
	return path && (path->to_subject.loss > 0 || path->to_client.loss > 0);
}

uint64_t path_delay_ns(const struct path *path)
{
	return path ? path->to_subject.delay_ns + path->to_subject.jitter_ns + path->to_client.delay_ns +
		      path->to_client.jitter_ns : 0;
}
