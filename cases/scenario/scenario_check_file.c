/* scenario_check_file.c - what a step must be followed by, read from its file. */
#include "cases/scenario/scenario_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crafter/words.h"

static int read_range(struct yaml_tree *tree, const yaml_node_t *node, const char *what, enum unit unit,
		      struct range *range)
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	if (quantity_range_parse(text, unit, range, tree->error) < 0) {
		fail_in(tree->error, what);
		return yaml_complain_in(tree, node);
	}
	return 0;
}

int scenario_read_expect(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;
	const char *text = yaml_text(tree, node, "expect");

	if (!text)
		return -1;
	if (strcmp(text, "linux") == 0) {
		checks->answer_by_book = true;
		return 0;
	}
	checks->answer = oracle_answer_parse(text);
	if (checks->answer == ANSWER_COUNT || checks->answer == ANSWER_OPEN)
		return yaml_complain(tree, node, "expect: '%s' is not an answer; expected syn-ack, ack, rst, silence, other, "
				     "or linux (what that rule book predicts)", text);
	return 0;
}

int scenario_read_isn(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;
	const char *text = yaml_text(tree, node, "isn");

	if (text && strcmp(text, "linux") == 0) {
		checks->isn_by_book = true;
		return 0;
	}
	for (enum isn isn = ISN_CONTINUED; text && isn <= ISN_FRESH; isn++) {
		if (strcmp(text, oracle_isn_name(isn)) == 0) {
			checks->isn = isn;
			return 0;
		}
	}
	return text ? yaml_complain(tree, node, "isn: '%s' is neither continued nor fresh nor linux", text) : -1;
}

int scenario_read_answers(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "answers", UNIT_COUNT, &((struct step *)into)->checks.answers);
}

int scenario_read_acks(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;
	const char *text = yaml_text(tree, node, "acks");

	if (!text)
		return -1;
	if (offset_parse("ack", text, &checks->acks, tree->error) < 0)
		return yaml_complain_in(tree, node);
	checks->acks_said = true;
	return 0;
}

int scenario_read_state(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;
	const char *text = yaml_text(tree, node, "state");
	char list[256];

	if (!text)
		return -1;
	checks->state = state_parse(text);
	if (checks->state == STATE_UNKNOWN)
		return yaml_complain(tree, node, "state: '%s' is not a state; expected %s", text,
				     state_list(list, sizeof(list)));
	return 0;
}

static int read_recv_queue(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "recv-queue", UNIT_COUNT, &((struct checks *)into)->recv_queue);
}

static int read_send_queue(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "send-queue", UNIT_COUNT, &((struct checks *)into)->send_queue);
}

static int read_expires(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "expires", UNIT_TIME, &((struct checks *)into)->expires);
}

static int read_listener_queue(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "recv-queue", UNIT_COUNT, &((struct checks *)into)->listener_queue);
}

int scenario_read_socket(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = {
		{ "recv-queue", 1, read_recv_queue },
		{ "send-queue", 1, read_send_queue },
		{ "expires", 1, read_expires },
	};

	return yaml_mapping(tree, node, "socket", keys, 3, 1, &((struct step *)into)->checks);
}

int scenario_read_listener(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = { { "recv-queue", 1, read_listener_queue } };

	return yaml_mapping(tree, node, "listener", keys, 1, 1, &((struct step *)into)->checks);
}

/* "TcpExt.TCPChallengeACK": a group, a dot and a name, as the kernel prints them. */
static bool is_counter(const char *name)
{
	size_t group = strcspn(name, ".");

	return group > 0 && name[group] == '.' && name[group + 1] != '\0' && strlen(name) < STEP_COUNTER_NAME_SIZE &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.") == strlen(name);
}

int scenario_read_counters(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "counters: a mapping is expected (TcpExt.TCPChallengeACK: 1)");
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&tree->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&tree->document, pair->value);
		const char *name = yaml_text(tree, key, "counters");
		struct counter_check *check = &checks->counters[checks->counter_count];

		if (!name)
			return -1;
		if (!is_counter(name))
			return yaml_complain(tree, key, "counters: '%s' is not a counter; expected a name of /proc/net/netstat "
					     "or /proc/net/snmp such as TcpExt.TCPChallengeACK", name);
		if (checks->counter_count == STEP_COUNTERS_MAX)
			return yaml_complain(tree, key, "counters: at most %d in one step", STEP_COUNTERS_MAX);
		for (uint8_t i = 0; i < checks->counter_count; i++)
			if (strcmp(checks->counters[i].name, name) == 0)
				return yaml_complain(tree, key, "counters: '%s' is given twice", name);
		snprintf(check->name, sizeof(check->name), "%s", name);
		if (read_range(tree, value, "counters", UNIT_COUNT, &check->by) < 0)
			return -1;
		checks->counter_count++;
	}
	return 0;
}

/* { window: 1.., mss: 1460, tsecr: equal } */
int scenario_read_traits(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;

	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "fields: a mapping is expected (window: 0)");
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&tree->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&tree->document, pair->value);
		const char *name = yaml_text(tree, key, "fields"), *text = name ? yaml_text(tree, value, name) : NULL;
		enum trait_id id = name ? trait_parse(name) : TRAIT_COUNT;
		char list[128];

		if (!text)
			return -1;
		if (id == TRAIT_COUNT)
			return yaml_complain(tree, key, "fields: unknown name '%s'; expected %s", name,
					     trait_list(list, sizeof(list)));
		if (checks->traits[id].said)
			return yaml_complain(tree, key, "fields: '%s' is given twice", name);
		if (trait_check_parse(id, text, &checks->traits[id], tree->error) < 0) {
			fail_in(tree->error, name);
			return yaml_complain_in(tree, value);
		}
	}
	return 0;
}

static int read_gap(struct yaml_tree *tree, const yaml_node_t *node, struct step *step, const char *what)
{
	struct range *gap = &step->checks.gap;
	uint64_t ns;

	if (yaml_duration(tree, node, what, &ns) < 0)
		return -1;
	if (!gap->said)
		*gap = (struct range){ .said = true, .unit = UNIT_TIME, .low = -INFINITY, .high = INFINITY };
	*(strcmp(what, "after") == 0 ? &gap->low : &gap->high) = (double)ns;
	return gap->low > gap->high ? yaml_complain(tree, node, "after: longer than within") : 0;
}

int scenario_read_after(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_gap(tree, node, into, "after");
}

/* What `until` waits at most is no check. */
int scenario_read_within(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;

	return step->kind == STEP_UNTIL ? yaml_duration(tree, node, "within", &step->wait_ns) :
	       read_gap(tree, node, step, "within");
}

int scenario_read_took(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_range(tree, node, "took", UNIT_TIME, &((struct step *)into)->checks.took);
}

int scenario_read_client(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct checks *checks = &((struct step *)into)->checks;
	static const char *const words[] = { "connected", "listening", "EADDRINUSE", "EADDRNOTAVAIL", "ECONNREFUSED",
					     "ETIMEDOUT" };
	const char *text = yaml_text(tree, node, "result");

	if (!text)
		return -1;
	if (words_find(WORDS(words), text) == sizeof(words) / sizeof(words[0]))
		return yaml_complain(tree, node, "result: unknown value '%s': expected connected, listening, EADDRINUSE, "
				     "EADDRNOTAVAIL, ECONNREFUSED or ETIMEDOUT", text);
	snprintf(checks->client, sizeof(checks->client), "%s", text);
	return 0;
}

static const char *trait_said(const struct checks *checks)
{
	for (enum trait_id id = 0; id < TRAIT_COUNT; id++)
		if (checks->traits[id].said)
			return trait_name(id);
	return NULL;
}

/* What only an answer has. */
int scenario_check_answer(struct yaml_tree *tree, const yaml_node_t *node, const struct checks *checks)
{
	const char *trait = trait_said(checks);

	if (checks->answer != ANSWER_SILENCE)
		return 0;
	if (checks->acks_said)
		return yaml_complain(tree, node, "acks: an expected silence acknowledges nothing");
	if (trait)
		return yaml_complain(tree, node, "fields: an expected silence has no %s", trait);
	return checks->gap.said ? yaml_complain(tree, node, "after, within: an expected silence never comes") : 0;
}
