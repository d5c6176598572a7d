/* scenario_process_file.c - what a step has the server's process do, read from its file. */
#include "cases/scenario/scenario_file.h"

#include "crafter/units.h"

int scenario_read_process(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	const char *text = yaml_text(tree, node, "process");
	struct step *step = into;
	char list[128];

	if (!text)
		return -1;
	step->deed.kind = deed_parse(text);
	if (step->deed.kind == DEED_COUNT)
		return yaml_complain(tree, node, "process: unknown value '%s'; expected %s", text,
				     deed_list(list, sizeof(list)));
	return 0;
}

int scenario_read_bytes(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "bytes", 1, DEED_BYTES_MAX, &((struct step *)into)->deed.bytes);
}

int scenario_read_probes(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "probes", 1, DEED_PROBES_MAX, &((struct step *)into)->deed.probes);
}

/* A socket option of whole seconds. */
static int read_seconds(struct yaml_tree *tree, const yaml_node_t *node, const char *what, uint32_t *seconds)
{
	uint64_t ns;

	if (yaml_duration(tree, node, what, &ns) < 0)
		return -1;
	*seconds = (uint32_t)(ns / NSEC_PER_SEC);
	if (ns % NSEC_PER_SEC || ns / NSEC_PER_SEC < 1 || ns / NSEC_PER_SEC > DEED_SECONDS_MAX)
		return yaml_complain(tree, node, "%s: expected whole seconds, 1s to %ds", what, DEED_SECONDS_MAX);
	return 0;
}

int scenario_read_idle(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_seconds(tree, node, "idle", &((struct step *)into)->deed.idle_s);
}

int scenario_read_interval(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_seconds(tree, node, "interval", &((struct step *)into)->deed.interval_s);
}

int scenario_read_time(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	uint32_t *ms = &((struct step *)into)->deed.timeout_ms;
	uint64_t ns;

	if (yaml_duration(tree, node, "time", &ns) < 0)
		return -1;
	*ms = (uint32_t)(ns / NSEC_PER_MSEC);
	if (ns % NSEC_PER_MSEC || ns < NSEC_PER_MSEC || ns / NSEC_PER_MSEC > DEED_TIMEOUT_MS_MAX)
		return yaml_complain(tree, node, "time: expected whole milliseconds, 1ms to %dms", DEED_TIMEOUT_MS_MAX);
	return 0;
}

int scenario_check_process(struct yaml_tree *tree, const yaml_node_t *node, const struct deed *deed)
{
	bool timed = deed->idle_s || deed->interval_s || deed->probes;

	if ((deed->kind == DEED_WRITE) != (deed->bytes > 0))
		return yaml_complain(tree, node, "process: 'bytes' belongs to write, and write needs it");
	if ((deed->kind == DEED_USER_TIMEOUT) != (deed->timeout_ms > 0))
		return yaml_complain(tree, node, "process: 'time' belongs to user-timeout, and user-timeout needs it");
	if (timed && (deed->kind != DEED_KEEPALIVE || !deed->idle_s || !deed->interval_s || !deed->probes))
		return yaml_complain(tree, node, "process: 'idle', 'interval' and 'probes' belong to keepalive, which has all "
				     "three or, for the kernel's own values, none");
	return 0;
}
