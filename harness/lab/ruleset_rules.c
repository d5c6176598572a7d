/* ruleset_rules.c - reads nft's listing, and finds its rules in the text that it was made from. */
#include "harness/lab/ruleset_rules.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a scan of a rule set is: in which table and chain. */
struct rule_place {
	char family[8], table[RULESET_NAME_SIZE], chain[RULESET_NAME_SIZE];
	unsigned ordinal;
};

static struct ruleset_rule *add(struct ruleset_rules *rules, const struct rule_place *place)
{
	struct ruleset_rule *grown = realloc(rules->rules, (rules->count + 1) * sizeof(*grown)), *rule;

	if (!grown)
		return NULL;
	rules->rules = grown;
	rule = &grown[rules->count++];
	memset(rule, 0, sizeof(*rule));
	memcpy(rule->family, place->family, sizeof(rule->family));
	memcpy(rule->table, place->table, sizeof(rule->table));
	memcpy(rule->chain, place->chain, sizeof(rule->chain));
	return rule;
}

/* "table inet t { # handle 1", "chain c { # handle 1" */
static bool begins(const char *line, struct rule_place *place)
{
	struct rule_place next = { .ordinal = 0 };

	if (sscanf(line, "table %7s %63s {", next.family, next.table) == 2) {
		*place = next;
		return true;
	}
	if (sscanf(line, "chain %63s {", place->chain) != 1)
		return false;
	place->ordinal = 0;
	return true;
}

static int take_line(struct ruleset_rules *rules, struct rule_place *place, const char *line, size_t size)
{
	static const char mark[] = " # handle ";
	char text[1024];
	struct ruleset_rule *rule;
	char *handle, *next;

	snprintf(text, sizeof(text), "%.*s", (int)(size < sizeof(text) ? size : sizeof(text) - 1), line);
	if (begins(text, place))
		return 0;
	if (strncmp(text, "type ", 5) == 0 && *place->chain) {
		rule = add(rules, place);
		if (rule)
			snprintf(rule->text, sizeof(rule->text), "%.*s", RULESET_TEXT_SIZE - 1, text);
		return rule ? 0 : -1;
	}
	handle = strstr(text, mark);
	while (handle && (next = strstr(handle + 1, mark)))
		handle = next;
	if (!handle || !*place->chain)
		return 0;
	rule = add(rules, place);
	if (!rule)
		return -1;
	rule->handle = strtoull(handle + sizeof(mark) - 1, NULL, 10);
	rule->ordinal = place->ordinal++;
	*handle = '\0';
	snprintf(rule->text, sizeof(rule->text), "%.*s", RULESET_TEXT_SIZE - 1, text);
	return 0;
}

/* A scan of what the user wrote: statements end at a line's end or ';', '#' begins a comment, braces nest. */
struct scan {
	const char *at;
	int line;
	int depth;        /* of braces that belong to a statement: sets, maps */
	char text[1024];  /* of the statement, blanks folded */
	int begun;        /* its first line */
};

static bool begins_with_one_of(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* What its brace opens has statements of its own. */
static bool is_head(const char *text)
{
	static const char *const words[] = {
		"table ", "chain ", "set ", "map ", "flowtable ", "counter ", "add table ", "add chain ",
	};

	return begins_with_one_of(text, words, sizeof(words) / sizeof(words[0]));
}

/* Passes a comment, or a line that goes on in the next one. */
static bool pass(struct scan *scan, bool quoted)
{
	if (scan->at[0] == '\\' && scan->at[1] == '\n') {
		scan->at++;
		scan->line++;
		return true;
	}
	if (scan->at[0] != '#' || quoted)
		return false;
	while (scan->at[1] && scan->at[1] != '\n')
		scan->at++;
	return true;
}

static void put(struct scan *scan, size_t *used, char c)
{
	bool blank = c == ' ' || c == '\t' || c == '\n';

	if (blank && (!*used || scan->text[*used - 1] == ' '))
		return;
	if (!*used)
		scan->begun = scan->line;
	if (*used + 2 < sizeof(scan->text))
		scan->text[(*used)++] = blank ? ' ' : c;
	scan->text[*used] = '\0';
}

/* The next statement, with the brace that ends it where it is a block's head; '}' alone is one, too. False: the end. */
static bool next_statement(struct scan *scan)
{
	size_t used = 0;
	bool quoted = false;

	scan->depth = 0;
	for (; *scan->at; scan->at++) {
		char c = *scan->at;

		if (pass(scan, quoted))
			continue;
		quoted ^= c == '"';
		if (c == '}' && !quoted && scan->depth == 0) {
			if (used)
				break; /* it is the next statement */
			put(scan, &used, c);
			scan->at++;
			break;
		}
		if ((c == '\n' || c == ';') && !quoted && scan->depth == 0 && used) {
			scan->line += c == '\n';
			scan->at++;
			break;
		}
		if (c != ';' || used)
			put(scan, &used, c);
		scan->line += c == '\n';
		if (c == '{' && !quoted && scan->depth == 0 && is_head(scan->text)) {
			scan->at++;
			break;
		}
		scan->depth += c == '{' && !quoted;
		scan->depth -= c == '}' && !quoted && scan->depth > 0;
	}
	scan->text[used] = '\0';
	return used > 0;
}

/* Not a rule, although it stands in a chain. */
static bool is_property(const char *text)
{
	static const char *const words[] = { "type ", "policy ", "comment ", "flags ", "devices ", "device " };

	return begins_with_one_of(text, words, sizeof(words) / sizeof(words[0]));
}

/* False where the kernel has no such rule, or it has a line already: the chain is written in another way than it seems. */
static bool set_line(struct ruleset_rules *rules, const struct rule_place *place, int line)
{
	for (size_t i = 0; i < rules->count; i++) {
		struct ruleset_rule *rule = &rules->rules[i];

		if (rule->handle && rule->ordinal == place->ordinal && strcmp(rule->chain, place->chain) == 0 &&
		    strcmp(rule->table, place->table) == 0 && strcmp(rule->family, place->family) == 0) {
			bool first = rule->line == 0;

			rule->line = line;
			return first;
		}
	}
	return false;
}

/* "table t {" is of the family ip. */
static void enter_table(const char *text, struct rule_place *place)
{
	const char *words = strstr(text, "table ") + 6;

	memset(place, 0, sizeof(*place));
	if (sscanf(words, "%7s %63s", place->family, place->table) == 2 && place->table[0] != '{')
		return;
	snprintf(place->table, sizeof(place->table), "%.63s", place->family);
	strcpy(place->family, "ip");
}

/* What is written in another way than in nested blocks, or out of order, has no line that is certain. */
static bool is_other(const char *text)
{
	static const char *const words[] = { "add ", "insert ", "replace ", "delete ", "include ", "create " };

	return begins_with_one_of(text, words, sizeof(words) / sizeof(words[0]));
}

static void find_lines(struct ruleset_rules *rules, const char *source, int first_line)
{
	struct scan scan = { .at = source, .line = first_line };
	struct rule_place place = { .ordinal = 0 };
	int level = 0; /* 1: in a table, 2: in a chain, 3: in a set of it */
	bool in_chain = false, other = false;

	while (next_statement(&scan)) {
		const char *text = scan.text;

		other |= level == 0 && is_other(text);
		if (strcmp(text, "}") == 0) {
			level -= level > 0;
			in_chain = in_chain && level == 2;
		} else if (level == 0 && strncmp(text, "table ", 6) == 0) {
			enter_table(text, &place);
			level = strchr(text, '{') ? 1 : 0;
		} else if (level == 1 && strchr(text, '{') && text[strlen(text) - 1] == '{') {
			in_chain = sscanf(text, "chain %63s", place.chain) == 1;
			place.ordinal = 0;
			level = 2;
		} else if (level == 2 && in_chain && !is_property(text)) {
			other |= !set_line(rules, &place, scan.begun);
			place.ordinal++;
		}
	}
	for (size_t i = 0; i < rules->count; i++)
		other |= rules->rules[i].handle && !rules->rules[i].line;
	for (size_t i = 0; other && i < rules->count; i++)
		rules->rules[i].line = 0;
}

int ruleset_rules_read(struct ruleset_rules *rules, const char *listing, const char *source, int first_line)
{
	struct rule_place place = { .ordinal = 0 };

	*rules = (struct ruleset_rules){ 0 };
	while (*listing) {
		size_t size;

		listing += strspn(listing, " \t\n");
		size = strcspn(listing, "\n");
		if (size && take_line(rules, &place, listing, size) < 0)
			return -1;
		listing += size;
	}
	find_lines(rules, source, first_line);
	return 0;
}

const struct ruleset_rule *ruleset_rules_find(const struct ruleset_rules *rules, const char *family, const char *table,
					      const char *chain, uint64_t handle)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct ruleset_rule *rule = &rules->rules[i];

		if (rule->handle == handle && strcmp(rule->chain, chain) == 0 && strcmp(rule->table, table) == 0 &&
		    strcmp(rule->family, family) == 0)
			return rule;
	}
	return NULL;
}

void ruleset_rules_free(struct ruleset_rules *rules)
{
	free(rules->rules);
	*rules = (struct ruleset_rules){ 0 };
}
