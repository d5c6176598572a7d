/* test_btf.c - a small kernel's types, written piece by piece, and what is no BTF. */
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/btf.h"

#include "tests/unit/suite.h"

/* BTF under construction: types are numbered from 1. */
struct builder {
	uint32_t types[512];
	size_t words;
	char strings[1024];
	uint32_t string_size, count;
};

static uint32_t text_of(struct builder *builder, const char *text)
{
	uint32_t at = builder->string_size;

	memcpy(builder->strings + at, text, strlen(text) + 1);
	builder->string_size += (uint32_t)strlen(text) + 1;
	return at;
}

static void word(struct builder *builder, uint32_t value)
{
	builder->types[builder->words++] = value;
}

static uint32_t type(struct builder *builder, unsigned kind, const char *name, uint32_t count, uint32_t size_or_type)
{
	word(builder, *name ? text_of(builder, name) : 0);
	word(builder, kind << 24 | count);
	word(builder, size_or_type);
	return ++builder->count;
}

static uint32_t integer(struct builder *builder, const char *name, uint32_t size, uint32_t encoding)
{
	uint32_t number = type(builder, BTF_KIND_INT, name, 0, size);

	word(builder, encoding << 24 | size * 8);
	return number;
}

static void member(struct builder *builder, const char *name, uint32_t of, uint32_t bits)
{
	word(builder, *name ? text_of(builder, name) : 0);
	word(builder, of);
	word(builder, bits);
}

static void function(struct builder *builder, const char *name, uint32_t returns)
{
	uint32_t prototype = type(builder, BTF_KIND_FUNC_PROTO, "", 1, returns);

	word(builder, 0); /* one parameter without a name */
	word(builder, 1);
	type(builder, BTF_KIND_FUNC, name, 0, prototype);
}

static void add_functions(struct builder *builder)
{
	uint32_t int32 = integer(builder, "int", 4, BTF_INT_SIGNED), boolean = integer(builder, "_Bool", 1, BTF_INT_BOOL);
	uint32_t byte = integer(builder, "u8", 1, 0), status, alias;

	status = type(builder, BTF_KIND_ENUM, "tcp_tw_status", 2, 4);
	word(builder, text_of(builder, "TCP_TW_SUCCESS"));
	word(builder, 0);
	word(builder, text_of(builder, "TCP_TW_ACK"));
	word(builder, 2);
	alias = type(builder, BTF_KIND_TYPEDEF, "status_t", 0, status);
	function(builder, "returns_int", int32);
	function(builder, "returns_bool", boolean);
	function(builder, "returns_byte", byte);
	function(builder, "returns_enum", status);
	function(builder, "returns_const", type(builder, BTF_KIND_CONST, "", 0, alias));
	function(builder, "returns_pointer", type(builder, BTF_KIND_PTR, "", 0, int32));
	function(builder, "returns_nothing", 0);
	function(builder, "returns_big", integer(builder, "long", 8, BTF_INT_SIGNED));
}

static void add_structures(struct builder *builder)
{
	uint32_t pointer = type(builder, BTF_KIND_PTR, "", 0, 1), inner, anonymous, alias;

	inner = type(builder, BTF_KIND_STRUCT, "inner", 2, 16);
	member(builder, "first", pointer, 0);
	member(builder, "second", 1, 64);
	anonymous = type(builder, BTF_KIND_UNION, "", 2, 16);
	member(builder, "hidden", pointer, 0);
	member(builder, "", inner, 0);
	alias = type(builder, BTF_KIND_TYPEDEF, "inner_t", 0, inner);
	type(builder, BTF_KIND_STRUCT, "outer", 4, 48);
	member(builder, "start", 1, 0);
	member(builder, "", anonymous, 64);
	member(builder, "body", alias, 192);
	member(builder, "bits", 1, 321);
}

static struct btf_header header_of(const struct builder *builder)
{
	return (struct btf_header){
		.magic = BTF_MAGIC, .version = 1, .hdr_len = sizeof(struct btf_header),
		.type_len = (uint32_t)(builder->words * sizeof(uint32_t)),
		.str_off = (uint32_t)(builder->words * sizeof(uint32_t)), .str_len = builder->string_size,
	};
}

/* The finished bytes, from malloc and no longer than they are, so that ASan sees a step over their end. */
static uint8_t *finish(const struct builder *builder, const struct btf_header *header, size_t *size)
{
	size_t types = builder->words * sizeof(uint32_t);
	uint8_t *bytes;

	*size = sizeof(*header) + types + builder->string_size;
	bytes = malloc(*size);
	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, header, sizeof(*header));
	memcpy(bytes + sizeof(*header), builder->types, types);
	memcpy(bytes + sizeof(*header) + types, builder->strings, builder->string_size);
	return bytes;
}

static void build(struct builder *builder)
{
	memset(builder, 0, sizeof(*builder));
	builder->string_size = 1; /* number 0 is "" */
	add_functions(builder);
	add_structures(builder);
}

static struct btf *small_kernel(void)
{
	struct builder builder;
	struct btf_header header;
	struct error error;
	struct btf *btf;
	uint8_t *bytes;
	size_t size;

	build(&builder);
	header = header_of(&builder);
	bytes = finish(&builder, &header, &size);
	btf = btf_read(bytes, size, &error);
	ck_assert_ptr_nonnull(btf);
	return btf;
}

/* A small type's register may hold anything above it. */
static const struct {
	const char *function;
	uint64_t value;
	const char *text;
} returned[] = {
	{ "returns_int", 0, "0" },
	{ "returns_int", UINT64_C(0xdead0000ffffffff), "-1" },
	{ "returns_bool", UINT64_C(0xffffff00), "false" },
	{ "returns_bool", UINT64_C(0xffffff01), "true" },
	{ "returns_byte", UINT64_C(0x1ff), "255" },
	{ "returns_enum", 2, "TCP_TW_ACK" },
	{ "returns_enum", UINT64_C(0xdead000000000000), "TCP_TW_SUCCESS" },
	{ "returns_enum", 1, "1" },
	{ "returns_const", 2, "TCP_TW_ACK" },
	{ "returns_pointer", 0, "NULL" },
	{ "returns_pointer", UINT64_C(0xffff888000000000), "a pointer" },
	{ "returns_nothing", 7, "" },
	{ "returns_big", UINT64_MAX, "-1" },
	{ "returns_unknown", 7, "" },
};

START_TEST(what_a_function_returned)
{
	const char *name = returned[_i].function;
	char text[BTF_VALUE_SIZE];
	struct btf *btf = small_kernel();
	uint32_t number;

	btf_functions(btf, &name, 1, &number);
	ck_assert_int_eq(number != 0, strcmp(name, "returns_unknown") != 0);
	ck_assert_str_eq(btf_returned(btf, number, returned[_i].value, text), returned[_i].text);
	btf_close(btf);
}
END_TEST

static const struct {
	const char *structure, *path;
	int offset; /* -1: there is none */
} places[] = {
	{ "outer", "start", 0 },
	{ "outer", "hidden", 8 },
	{ "outer", "second", 16 },
	{ "outer", "body", 24 },
	{ "outer", "body.second", 32 },
	{ "inner", "second", 8 },
	{ "outer", "bits", -1 },          /* is not at a byte */
	{ "outer", "hidden.second", -1 }, /* a pointer is on the way */
	{ "outer", "none", -1 },
	{ "outer", "body.none", -1 },
	{ "none", "start", -1 },
	{ "inner_t", "first", -1 },
	{ "outer", "a_name_of_a_member_that_is_longer_than_any_that_the_kernel_will_ever_have", -1 },
};

START_TEST(where_a_member_lies)
{
	struct btf *btf = small_kernel();
	uint16_t offset = 4711;
	bool found = btf_offset(btf, places[_i].structure, places[_i].path, &offset);

	ck_assert_int_eq(found, places[_i].offset >= 0);
	ck_assert_uint_eq(offset, found ? (unsigned)places[_i].offset : 4711u);
	btf_close(btf);
}
END_TEST

/* Whatever is read as BTF is read within its bounds. */
static void look_around(struct btf *btf)
{
	static const char *const names[] = { "returns_enum", "returns_int" };
	char text[BTF_VALUE_SIZE];
	uint32_t numbers[2];
	uint16_t offset;

	btf_functions(btf, names, 2, numbers);
	for (uint32_t number = 0; number < 64; number++)
		btf_returned(btf, number, 2, text);
	btf_offset(btf, "outer", "body.second", &offset);
	btf_offset(btf, "outer", "second", &offset);
}

START_TEST(every_cut_is_refused)
{
	struct builder builder;
	struct btf_header header;
	size_t size;

	build(&builder);
	header = header_of(&builder);
	free(finish(&builder, &header, &size));
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *whole = finish(&builder, &header, &size), *part = malloc(cut + 1);
		struct error error;

		memcpy(part, whole, cut);
		free(whole);
		ck_assert_ptr_null(btf_read(part, cut, &error));
	}
}
END_TEST

/* Each word of it replaced by another one: read or refused, but never beyond its bounds, nor without an end. */
START_TEST(every_damage_is_survived)
{
	static const uint32_t words[] = { 0, 1, 5, 17, 0x04000003, 0x0400ffff, 0x1f000000, 0x80000000, 0xffffffff };
	struct builder builder;
	struct btf_header header;
	size_t size;

	build(&builder);
	header = header_of(&builder);
	free(finish(&builder, &header, &size));
	for (size_t at = 0; at + 4 <= size; at += 4)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			uint8_t *bytes = finish(&builder, &header, &size);
			struct error error;
			struct btf *btf;

			memcpy(bytes + at, &words[i], sizeof(words[i]));
			btf = btf_read(bytes, size, &error);
			if (btf)
				look_around(btf);
			btf_close(btf);
		}
}
END_TEST

START_TEST(a_file_that_is_none)
{
	struct error error;

	ck_assert_ptr_null(btf_open("/nonexistent/btf", &error));
	ck_assert_str_eq(error.text, "No such file or directory");
	ck_assert_ptr_null(btf_open("/dev/null", &error));
	ck_assert_str_eq(error.text, "not BTF as this program knows it");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("BTF");

	tcase_add_loop_test(tcase, what_a_function_returned, 0, ROWS(returned));
	tcase_add_loop_test(tcase, where_a_member_lies, 0, ROWS(places));
	tcase_add_test(tcase, every_cut_is_refused);
	tcase_add_test(tcase, every_damage_is_survived);
	tcase_add_test(tcase, a_file_that_is_none);
	return run_suite("btf", tcase, NULL);
}
