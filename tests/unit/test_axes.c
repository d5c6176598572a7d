/* test_axes.c - the table of axes: every row agrees with itself, with the names of cells and with the documentation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cases/matrix/axes.h"
#include "harness/commands/help.h"

#include "tests/unit/named_cell.h"

enum { CELLS = 20000, DOCUMENT_SIZE = 64 * 1024 };

/* From the seed, which a failure prints; TWPROBE_SEED=N repeats it. */
static unsigned seed, state;

static unsigned draw(unsigned below)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % below;
}

static void sow(void)
{
	const char *text = getenv("TWPROBE_SEED");

	seed = state = text ? (unsigned)strtoul(text, NULL, 10) : (unsigned)time(NULL);
}

static struct offset draw_offset(unsigned forms)
{
	static const int64_t values[] = { 0, 1, -1, 1000, -1000, 65536, -65535, INT32_MAX, INT32_MIN, 1 << 30 };
	enum offset_form form = (enum offset_form)draw(forms);
	int64_t value = draw(2) ? values[draw(ROWS(values))] : (int64_t)draw(1 << 24) - (1 << 23);

	if (form == OFFSET_BELOW || form == OFFSET_ABOVE)
		value = form == OFFSET_BELOW ? -OFFSET_DEFAULT : OFFSET_DEFAULT;
	return (struct offset){ form, form >= OFFSET_ABSENT ? 0 : value };
}

static struct cell draw_cell(void)
{
	struct cell cell;

	cell_default(&cell);
	cell.state = (enum state)draw(STATE_COUNT);
	cell.stimulus.kind = draw(2) ? (enum segment_kind)draw(KIND_COUNT) : stimulus_kind_of((uint8_t)draw(256));
	cell.stimulus.seq = draw_offset(OFFSET_WINDOW + 1);
	do
		cell.stimulus.ts = draw_offset(OFFSET_ZERO + 1);
	while (cell.stimulus.ts.form == OFFSET_WINDOW);
	cell.stimulus.ack = draw_offset(OFFSET_ABOVE + 1);
	do
		cell.stimulus.tsecr = draw_offset(OFFSET_ZERO + 1);
	while (cell.stimulus.tsecr.form == OFFSET_WINDOW || cell.stimulus.tsecr.form == OFFSET_ABSENT);
	cell.stimulus.payload = (struct choice){ draw(2), draw(SEGMENT_PAYLOAD_MAX + 1) };
	cell.stimulus.urgent = (struct choice){ draw(2), draw(UINT16_MAX + 1) };
	cell.stimulus.options.size = (uint8_t)draw((unsigned)stimulus_options_room(cell.stimulus.kind) + 1);
	for (unsigned i = 0; i < cell.stimulus.options.size; i++)
		cell.stimulus.options.bytes[i] = (uint8_t)draw(256);
	cell.stimulus.bad_checksum = draw(2);
	cell.connection_tsval = (struct choice){ draw(2), draw(2) ? draw(1 << 24) : UINT32_MAX - draw(1 << 24) };
	cell.stimulus.window = (struct choice){ draw(2), draw(UINT16_MAX + 1) };
	if (axes_check(&cell, NULL) < 0)
		cell.stimulus.window.given = false;
	cell.nobody_listens = draw(2);
	cell.opening = (enum opening)draw(OPENING_COUNT);
	if (axes_check(&cell, NULL) < 0)
		cell.nobody_listens = false, cell.opening = OPENING_PASSIVE;
	cell.unread = (struct choice){ draw(2), 1 + draw(SEGMENT_PAYLOAD_MAX) };
	if (axes_check(&cell, NULL) < 0)
		cell.unread.given = false;
	cell.queue = (enum queues)draw(3);
	if (axes_check(&cell, NULL) < 0)
		cell.queue = QUEUE_ROOM;
	cell.keepalive_s = (struct choice){ draw(2), 1 + draw(32767) };
	cell.user_timeout_ms = (struct choice){ draw(2), 5001 + draw(1 << 20) };
	cell.defers_accept = draw(2);
	if (axes_check(&cell, NULL) < 0)
		cell.defers_accept = false;
	cell.lingers_zero = draw(2);
	if (axes_check(&cell, NULL) < 0)
		cell.lingers_zero = false;
	cell.delay_ms = (struct choice){ draw(2), 1 + draw(DELAY_MAX_MS) };
	if (axes_check(&cell, NULL) < 0)
		cell.delay_ms.given = false, cell.delay_ms.number = 0;
	cell.twice_ms = (struct choice){ draw(2), draw(TWICE_MAX_MS + 1) };
	cell.linger2_s = (struct choice){ draw(2), draw(61) };
	if (axes_check(&cell, NULL) < 0)
		cell.linger2_s = (struct choice){ .given = false };
	cell.stimulus.ttl = (struct choice){ draw(2), 1 + draw(UINT8_MAX) };
	cell.min_ttl = (struct choice){ draw(2), 1 + draw(SEGMENT_TTL) };
	if (axes_check(&cell, NULL) < 0)
		cell.min_ttl = (struct choice){ .given = false };
	cell.stimulus.ecn = (enum ecn)draw(4);
	cell.connection_ecn = draw(2);
	if (axes_check(&cell, NULL) < 0)
		cell.connection_ecn = false;
	cell.connection_timestamps = draw(2);
	cell.family = draw(2) ? 4 : 6;
	if (draw(2) && !cell.stimulus.ttl.given && !cell.min_ttl.given)
		snprintf(cell.path, sizeof(cell.path), "a%u_B+c-d.nft", draw(100));
	for (unsigned i = draw(CONDITIONS_MAX + 1); i > 0; i--) {
		char text[32];

		snprintf(text, sizeof(text), "tcp_a%u=%u%s", i, draw(3), draw(2) ? "@probe" : "");
		ck_assert_int_eq(conditions_parse(&cell.conditions, text, NULL), 0);
	}
	cell.receive_window = (enum receive_window)draw(4);
	if (axes_check(&cell, NULL) < 0)
		cell.receive_window = RECEIVE_WINDOW_USUAL;
	return cell;
}

START_TEST(names_of_random_cells_are_read_back)
{
	char name[CELL_NAME_SIZE], again[CELL_NAME_SIZE];

	sow();
	for (int i = 0; i < CELLS; i++) {
		struct cell cell = draw_cell(), read;
		struct error error = { "" };

		cell_name(&cell, name, sizeof(name));
		holds_msg(cell_parse(name, &read, &error) == 0, "seed %u: %s", seed, error.text);
		holds_msg(same_cell(&cell, &read), "seed %u: %s", seed, name);
		holds_msg(strcmp(cell_name(&read, again, sizeof(again)), name) == 0, "seed %u: %s", seed, name);
	}
}
END_TEST

/* Two cells with the same name are the same, and equality is symmetric. */
START_TEST(names_tell_cells_apart)
{
	char name[CELL_NAME_SIZE], other_name[CELL_NAME_SIZE];

	sow();
	for (int i = 0; i < CELLS; i++) {
		struct cell cell = draw_cell(), other = cell, source = draw_cell();
		const struct axis *axis = &axes_table[draw(AXIS_COUNT)];

		memcpy(axes_field(axis, &other), axes_field(axis, &source), axis->size);
		cell_name(&cell, name, sizeof(name));
		cell_name(&other, other_name, sizeof(other_name));
		holds_msg(same_cell(&cell, &other) == same_cell(&other, &cell), "seed %u: %s %s", seed, name, other_name);
		if (strcmp(name, other_name) == 0)
			holds_msg(same_cell(&cell, &other), "seed %u: %s", seed, name);
		/* Whether some axes apply depends on these two. */
		holds_msg(axes_same(&cell, &other, axes_bit(axis->id)) || axis->id == AXIS_SEGMENT || axis->id == AXIS_STATE,
			  "seed %u: %s %s", seed, name, other_name);
	}
}
END_TEST

/* Fields do not overlap, and but for gaps of alignment they are the whole cell. */
START_TEST(fields_make_up_the_cell)
{
	unsigned char owners[sizeof(struct cell)] = { 0 };
	size_t owned = 0;

	for (int i = 0; i < AXIS_COUNT; i++) {
		const struct axis *axis = &axes_table[i];

		ck_assert_uint_le(axis->offset + axis->size, sizeof(struct cell));
		for (size_t at = axis->offset; at < axis->offset + axis->size; at++)
			ck_assert_msg(owners[at]++ == 0, "%s", axis->key);
		owned += axis->size;
	}
	ck_assert_uint_gt(owned + sizeof(int64_t) * AXIS_COUNT, sizeof(struct cell));
}
END_TEST

/* Ids, keys, options and ranks are unique; axes that only some segments have come right after the segment. */
START_TEST(rows_are_told_apart)
{
	for (int i = 0; i < AXIS_COUNT; i++) {
		const struct axis *axis = &axes_table[i];

		ck_assert_ptr_eq(axes_row(axis->id), axis);
		ck_assert_ptr_eq(axes_find(axis->key), axis);
		for (int j = 0; j < i; j++) {
			ck_assert_int_ne(axes_table[j].id, axis->id);
			ck_assert_int_ne(axes_table[j].rank, axis->rank);
			if (axis->option && axes_table[j].option)
				ck_assert_str_ne(axes_table[j].option, axis->option);
		}
	}
	for (int id = AXIS_SEGMENT + 1; id < AXIS_COUNT; id++)
		ck_assert(!axes_row((enum axis_id)id)->applies || id == AXIS_SEGMENT + 1 ||
			  axes_row((enum axis_id)(id - 1))->applies);
}
END_TEST

/* The parts that every name has come first. */
START_TEST(ranks_order_a_name)
{
	const struct axis *axis = axes_next_in_name(NULL);
	int count = 1;

	ck_assert_int_eq(axis->id, AXIS_STATE);
	for (const struct axis *next; (next = axes_next_in_name(axis)); axis = next, count++) {
		ck_assert_int_gt(next->rank, axis->rank);
		ck_assert(axis->always || !next->always);
	}
	ck_assert_int_eq(count, AXIS_COUNT);
}
END_TEST

/* What the row says is normal is what a cell has before anything is set, and its name is not. */
START_TEST(normal_values)
{
	const struct axis *axis = &axes_table[_i];
	struct error error = { "" };
	struct cell cell, set;

	cell_default(&cell);
	cell_default(&set);
	ck_assert_msg(cell_set(&set, axis->key, axis->normal, &error) == 0, "%s", error.text);
	ck_assert(same_cell(&cell, &set));
	ck_assert(axes_is_normal(axis, &cell));
	ck_assert_int_eq(cell_set(&set, axis->key, "no such value", &error), -1);
	ck_assert(same_cell(&cell, &set));
	ck_assert(!axis->option == !axis->placeholder && !axis->option == !axis->help);
	ck_assert(axis->always == !axis->expected);
	if (axis->words[0])
		ck_assert_str_eq(axis->words[0], axis->normal);
}
END_TEST

/* Each axis alone: a value that is not normal is in the name, read back by the same row, and is another cell. */
START_TEST(values_of_each_row)
{
	const struct axis *axis = &axes_table[_i];

	sow();
	for (int i = 0; i < CELLS / 10; i++) {
		struct cell source = draw_cell(), cell, read;
		char text[CELL_NAME_SIZE], name[CELL_NAME_SIZE];
		struct error error = { "" };

		cell_default(&cell);
		cell.stimulus.kind = stimulus_kind_of(FLAG_ACK | FLAG_URG); /* which has every axis */
		read = cell;
		memcpy(axes_field(axis, &cell), axes_field(axis, &source), axis->size);
		if (axes_is_normal(axis, &cell))
			continue;
		axis->type->format(axis, axes_value(axis, &cell), text, sizeof(text));
		holds_msg(strstr(cell_name(&cell, name, sizeof(name)), text) != NULL, "seed %u: %s", seed, name);
		holds_msg(axis->id == AXIS_SEGMENT || !same_cell(&cell, &read), "seed %u: %s", seed, name);
		if (axis->id == AXIS_SYSCTLS) /* one by one */
			continue;
		holds_msg(axis->always || axes_of_part(text) == axis, "seed %u: %s", seed, text);
		holds_msg(axis->type->parse(axis, axis->type->value(axis, text), axes_field(axis, &read), &error) == 0,
			  "seed %u: %s", seed, error.text);
		holds_msg(same_cell(&cell, &read), "seed %u: %s", seed, text);
	}
}
END_TEST

/* docs/case-files.md has a line of its table for each axis: its key, and what it is where a file does not mention it. */
START_TEST(documented_in_case_files)
{
	static char document[DOCUMENT_SIZE];
	const struct axis *axis = &axes_table[_i];
	FILE *file = fopen("docs/case-files.md", "r");
	char line[64], normal[64];
	const char *found, *end;

	ck_assert_ptr_nonnull(file);
	document[fread(document, 1, sizeof(document) - 1, file)] = '\0';
	fclose(file);
	snprintf(line, sizeof(line), "\n| `%s` | ", axis->key);
	snprintf(normal, sizeof(normal), "| `%s` |", axis->normal);
	found = strstr(document, line);
	ck_assert_msg(found != NULL, "%s: not in the table", axis->key);
	end = strchr(found + 1, '\n');
	ck_assert_msg((size_t)(end - found) > strlen(normal) && strncmp(end - strlen(normal), normal, strlen(normal)) == 0,
		      "%s: the line does not end with %s", axis->key, normal);
}
END_TEST

/* What help_print() writes. */
static const char *help(void)
{
	static char text[DOCUMENT_SIZE];
	FILE *file = tmpfile();
	int before = dup(STDOUT_FILENO);

	ck_assert(file && before >= 0);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	help_print(COMMAND_CELL);
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* Each axis's option is in --help, as --seq=OFFSET or --sysctl NAME=VALUE. The family's has no value. */
START_TEST(told_in_the_help)
{
	const struct axis *axis = &axes_table[_i];
	const char *text = help();
	char option[64], apart[64];

	snprintf(option, sizeof(option), "--%s=%s", axis->option, axis->placeholder);
	snprintf(apart, sizeof(apart), "--%s %s", axis->option, axis->placeholder);
	if (axis->option)
		ck_assert_msg(strstr(text, option) || strstr(text, apart), "no %s", option);
	else
		ck_assert_msg((axis->id == AXIS_FAMILY && strstr(text, "--ipv6")) ||
			      (axis->id == AXIS_PATH && strstr(text, "--path=NAME|FILE")), "%s has no option", axis->key);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, names_of_random_cells_are_read_back);
	tcase_add_test(tcase, names_tell_cells_apart);
	tcase_add_test(tcase, fields_make_up_the_cell);
	tcase_add_test(tcase, rows_are_told_apart);
	tcase_add_test(tcase, ranks_order_a_name);
	tcase_add_loop_test(tcase, normal_values, 0, AXIS_COUNT);
	tcase_add_loop_test(tcase, values_of_each_row, 0, AXIS_COUNT);
	tcase_add_loop_test(tcase, documented_in_case_files, 0, AXIS_COUNT);
	tcase_add_loop_test(tcase, told_in_the_help, 0, AXIS_COUNT);
	return run_suite("axes", tcase, NULL);
}
