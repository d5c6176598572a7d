/* btf.c - reads BTF: a header, types one after the other, and the strings that they name. */
#include "harness/lab/btf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_BTF = 64 << 20, DEPTH_MAX = 16, NAME_MAX_BTF = 64 };

struct btf {
	uint8_t *bytes;
	const char *strings;
	uint32_t string_size;
	const uint8_t *types;
	uint32_t *places;  /* of each type in `types`, by its number; 0 is void */
	uint32_t count;
};

/* Type 0, void, has no description. */
static const struct btf_type *type_of(const struct btf *btf, uint32_t number)
{
	return number > 0 && number < btf->count ? (const struct btf_type *)(btf->types + btf->places[number]) : NULL;
}

static unsigned kind_of(const struct btf_type *type)
{
	return type ? BTF_INFO_KIND(type->info) : BTF_KIND_UNKN;
}

static const char *string_of(const struct btf *btf, uint32_t offset)
{
	return offset < btf->string_size ? btf->strings + offset : "";
}

/* What follows a type's first 12 bytes. */
static size_t tail_size(const struct btf_type *type)
{
	size_t members = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return members * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return members * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return members * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return members * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default: /* the others are no longer than that */
		return 0;
	}
}

/* Where each type begins; false where one is cut off, or of a kind that is not known, whose length is not known either. */
static bool index_types(struct btf *btf, size_t size)
{
	size_t at = 0, room = 0;

	btf->count = 1;
	while (at < size) {
		const struct btf_type *type = (const struct btf_type *)(btf->types + at);

		if (btf->count >= room) {
			uint32_t *grown = realloc(btf->places, (room = room ? 2 * room : 1 << 17) * sizeof(*grown));

			if (!grown)
				return false;
			btf->places = grown;
		}
		if (size - at < sizeof(*type) || BTF_INFO_KIND(type->info) > NR_BTF_KINDS - 1 ||
		    BTF_INFO_KIND(type->info) == BTF_KIND_UNKN || tail_size(type) > size - at - sizeof(*type))
			return false;
		btf->places[btf->count++] = (uint32_t)at;
		at += sizeof(*type) + tail_size(type);
	}
	return true;
}

static bool find_sections(struct btf *btf, size_t size)
{
	struct btf_header header;
	size_t body;

	if (size < sizeof(header))
		return false;
	memcpy(&header, btf->bytes, sizeof(header));
	if (header.magic != BTF_MAGIC || header.hdr_len < sizeof(header) || header.hdr_len > size ||
	    (header.hdr_len | header.type_off | header.type_len) % sizeof(uint32_t) != 0)
		return false;
	body = size - header.hdr_len;
	if (header.type_off > body || header.type_len > body - header.type_off || header.str_off > body ||
	    header.str_len > body - header.str_off || header.str_len == 0)
		return false;
	btf->types = btf->bytes + header.hdr_len + header.type_off;
	btf->strings = (const char *)btf->bytes + header.hdr_len + header.str_off;
	btf->string_size = header.str_len;
	return btf->strings[header.str_len - 1] == '\0' && index_types(btf, header.type_len);
}

struct btf *btf_read(uint8_t *bytes, size_t size, struct error *error)
{
	struct btf *btf = calloc(1, sizeof(*btf));

	if (!btf) {
		free(bytes);
		fail(error, "out of memory");
		return NULL;
	}
	btf->bytes = bytes;
	if (find_sections(btf, size))
		return btf;
	fail(error, "not BTF as this program knows it");
	btf_close(btf);
	return NULL;
}

/* The bytes of a file, from malloc. */
static uint8_t *read_file(int file, size_t *size)
{
	struct stat status;
	uint8_t *bytes;
	ssize_t part;

	if (fstat(file, &status) < 0)
		return NULL;
	bytes = status.st_size > SIZE_MAX_BTF ? NULL : malloc((size_t)status.st_size + 1);
	*size = 0;
	while (bytes && (part = read(file, bytes + *size, (size_t)status.st_size - *size)) != 0) {
		if (part < 0) {
			free(bytes);
			return NULL;
		}
		*size += (size_t)part;
	}
	return bytes;
}

struct btf *btf_open(const char *path, struct error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), number;
	uint8_t *bytes = NULL;
	size_t size;

	if (file >= 0)
		bytes = read_file(file, &size);
	number = errno;
	if (file >= 0)
		close(file);
	if (bytes)
		return btf_read(bytes, size, error);
	errno = number;
	fail(error, "%s", strerror(number));
	return NULL;
}

void btf_close(struct btf *btf)
{
	if (!btf)
		return;
	free(btf->places);
	free(btf->bytes);
	free(btf);
}

void btf_functions(const struct btf *btf, const char *const names[], size_t count, uint32_t functions[])
{
	memset(functions, 0, count * sizeof(*functions));
	for (uint32_t number = 1; number < btf->count; number++) {
		const struct btf_type *type = type_of(btf, number);

		if (kind_of(type) != BTF_KIND_FUNC)
			continue;
		for (size_t i = 0; i < count; i++)
			if (strcmp(string_of(btf, type->name_off), names[i]) == 0)
				functions[i] = number;
	}
}

/* The type behind names and qualifiers. */
static const struct btf_type *plain_type(const struct btf *btf, uint32_t number)
{
	const struct btf_type *type = type_of(btf, number);

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		switch (kind_of(type)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			type = type_of(btf, type->type);
			break;
		default:
			return type;
		}
	}
	return NULL;
}

/* The member of this name, whose bits from the start of `type` are added to *bits. */
static const struct btf_type *find_member(const struct btf *btf, const struct btf_type *type, const char *name, size_t *bits,
					  int depth)
{
	const struct btf_member *members = (const struct btf_member *)(type + 1);
	unsigned kind = kind_of(type);

	if (depth == DEPTH_MAX || (kind != BTF_KIND_STRUCT && kind != BTF_KIND_UNION))
		return NULL;
	for (size_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		const char *own = string_of(btf, members[i].name_off);
		const struct btf_type *inner = plain_type(btf, members[i].type);
		size_t at = BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(members[i].offset) : members[i].offset;

		if (strcmp(own, name) != 0)
			inner = *own || !inner ? NULL : find_member(btf, inner, name, bits, depth + 1);
		if (inner) {
			*bits += at;
			return inner;
		}
	}
	return NULL;
}

static const struct btf_type *find_structure(const struct btf *btf, const char *name)
{
	for (uint32_t number = 1; number < btf->count; number++) {
		const struct btf_type *type = type_of(btf, number);

		if (kind_of(type) == BTF_KIND_STRUCT && strcmp(string_of(btf, type->name_off), name) == 0)
			return type;
	}
	return NULL;
}

bool btf_offset(const struct btf *btf, const char *structure, const char *path, uint16_t *offset)
{
	const struct btf_type *type = find_structure(btf, structure);
	char name[NAME_MAX_BTF];
	size_t bits = 0;

	while (type && *path) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(name))
			return false;
		memcpy(name, path, length);
		name[length] = '\0';
		path += length + (path[length] == '.');
		type = find_member(btf, type, name, &bits, 0);
	}
	if (!type || bits % 8 != 0 || bits / 8 > INT16_MAX)
		return false;
	*offset = (uint16_t)(bits / 8);
	return true;
}

static void enum_text(const struct btf *btf, const struct btf_type *type, int32_t value, char *text)
{
	const struct btf_enum *values = (const struct btf_enum *)(type + 1);

	snprintf(text, BTF_VALUE_SIZE, "%" PRId32, value);
	for (size_t i = 0; i < BTF_INFO_VLEN(type->info); i++)
		if (values[i].val == value) {
			snprintf(text, BTF_VALUE_SIZE, "%s", string_of(btf, values[i].name_off));
			return;
		}
}

/* A register holds more than a small type: what is above it is left from before. */
static void int_text(const struct btf_type *type, uint64_t value, char *text)
{
	uint32_t encoding;

	memcpy(&encoding, type + 1, sizeof(encoding));
	if (type->size == 0 || type->size > sizeof(value))
		return;
	if (type->size < sizeof(value))
		value &= (UINT64_C(1) << 8 * type->size) - 1;
	if (BTF_INT_ENCODING(encoding) & BTF_INT_BOOL)
		snprintf(text, BTF_VALUE_SIZE, "%s", value ? "true" : "false");
	else if (!(BTF_INT_ENCODING(encoding) & BTF_INT_SIGNED))
		snprintf(text, BTF_VALUE_SIZE, "%" PRIu64, value);
	else
		snprintf(text, BTF_VALUE_SIZE, "%" PRId64, type->size == 8 ? (int64_t)value : type->size == 4 ? (int32_t)value :
			 type->size == 2 ? (int16_t)value : (int8_t)value);
}

const char *btf_returned(const struct btf *btf, uint32_t function, uint64_t value, char text[static BTF_VALUE_SIZE])
{
	const struct btf_type *own = type_of(btf, function), *prototype = own ? type_of(btf, own->type) : NULL, *type;

	text[0] = '\0';
	if (kind_of(own) != BTF_KIND_FUNC || kind_of(prototype) != BTF_KIND_FUNC_PROTO)
		return text;
	type = plain_type(btf, prototype->type);
	switch (kind_of(type)) {
	case BTF_KIND_ENUM:
		if (type->size == sizeof(int32_t))
			enum_text(btf, type, (int32_t)value, text);
		break;
	case BTF_KIND_INT:
		int_text(type, value, text);
		break;
	case BTF_KIND_PTR:
		snprintf(text, BTF_VALUE_SIZE, "%s", value ? "a pointer" : "NULL");
		break;
	default:
		break;
	}
	return text;
}
