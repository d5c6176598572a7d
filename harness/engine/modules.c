/* modules.c - finds the files of a kernel's modules, and walks them in the order of their dependencies. */
#include "harness/engine/modules.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/engine/module_file.h"

const char *const modules_usual[] = { "af_packet", "ipv6", "inet_diag", "tcp_diag", "veth", "tun", NULL };
const char *const modules_of_paths[] = {
	"nf_tables", "nf_conntrack", "nf_conntrack_netlink", "nft_ct", "nft_counter", "nft_chain_nat",
	"nft_nat", "nft_masq", "nft_redir", "nft_reject_inet", "nft_reject_ipv4", "nft_reject_ipv6",
	"nft_limit", "nft_log", "nft_numgen", "nft_hash", "nft_quota", "nft_objref", "nft_connlimit",
	"nft_fib_inet", "nft_synproxy", "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_lc", "ip_vs_wlc", "ip_vs_sh",
	"ip_vs_mh", "sch_netem", "wireguard", NULL,
};

enum { DEPTH_MAX = 32 }; /* of dependencies: a circle is an error in a package */

struct modules {
	char folder[PATH_MAX];  /* "": none was found */
	char builtin[PATH_MAX]; /* "": no such list */
	char **files;           /* relative to the folder */
	size_t count, room;
	char (*seen)[MODULES_NAME_SIZE];
	size_t seen_count;
};

struct walk {
	struct modules *modules;
	modules_take *take;
	void *context;
};

static int add_file(struct modules *modules, const char *file)
{
	if (modules->count == modules->room) {
		size_t room = modules->room ? 2 * modules->room : 256;
		char **files = realloc(modules->files, room * sizeof(*files));

		if (!files)
			return -1;
		modules->files = files;
		modules->room = room;
	}
	modules->files[modules->count] = strdup(file);
	return modules->files[modules->count++] ? 0 : -1;
}

/* modules.dep(5) has "FILE: ..."; modules.order of a tree has FILE, since 6.2 its object's name ("net/ipv4/tcp_diag.o"). */
static int read_list(struct modules *modules, const char *name)
{
	char path[PATH_MAX + 16], *line = NULL;
	size_t size = 0;
	int result = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", modules->folder, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (result == 0 && getline(&line, &size, file) > 0) {
		size_t length = strcspn(line, ":\n");
		bool object = length > 2 && strncmp(line + length - 2, ".o", 2) == 0;
		char entry[PATH_MAX];

		snprintf(entry, sizeof(entry), "%.*s%s", (int)(object ? length - 2 : length), line, object ? ".ko" : "");
		result = length ? add_file(modules, entry) : 0;
	}
	free(line);
	fclose(file);
	return result;
}

static int read_folder(struct modules *modules)
{
	DIR *folder = opendir(modules->folder);
	const struct dirent *entry;
	int result = 0;

	if (!folder)
		return -1;
	while (result == 0 && (entry = readdir(folder)))
		if (strstr(entry->d_name, ".ko"))
			result = add_file(modules, entry->d_name);
	closedir(folder);
	return result;
}

/* Where a package, an unpacked package, scripts/kernels or a tree has them: format, whether the release follows. */
static void find_files(struct modules *modules, const char *folder, const char *release)
{
	static const struct {
		const char *place;
		bool near, of_release;
	} places[] = {
		{ "/modules", true, true }, { "/modules", true, false }, { "", true, false }, { "/../lib/modules", true, true },
		{ "/../usr/lib/modules", true, true }, { "/usr/lib/uml/modules", false, true }, { "/lib/modules", false, true },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(modules->folder, sizeof(modules->folder), "%s%s%s%s", places[i].near ? folder : "", places[i].place,
			 places[i].of_release ? "/" : "", places[i].of_release ? release : "");
		if (places[i].of_release && !*release)
			continue;
		if (read_list(modules, "modules.dep") == 0 || read_list(modules, "modules.order") == 0)
			return;
		if (*places[i].place && !places[i].of_release && read_folder(modules) == 0 && modules->count)
			return;
	}
	*modules->folder = '\0';
}

struct modules *modules_open(const char *folder, const char *release)
{
	struct modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return NULL;
	find_files(modules, folder, release);
	if (*modules->folder)
		snprintf(modules->builtin, sizeof(modules->builtin), "%.*s/modules.builtin", PATH_MAX - 32, modules->folder);
	if (!*modules->builtin || access(modules->builtin, R_OK) < 0)
		snprintf(modules->builtin, sizeof(modules->builtin), "%.*s/modules.builtin", PATH_MAX - 32, folder);
	if (access(modules->builtin, R_OK) < 0)
		*modules->builtin = '\0';
	return modules;
}

void modules_close(struct modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->count; i++)
		free(modules->files[i]);
	free(modules->files);
	free(modules->seen);
	free(modules);
}

/* "kernel/drivers/net/veth.ko.xz" is the module "veth"; a name has '_' where its file may have '-'. */
static bool is_module(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;

	for (; *name; name++, base++)
		if ((*base == '-' ? '_' : *base) != (*name == '-' ? '_' : *name))
			return false;
	return strncmp(base, ".ko", 3) == 0;
}

static const char *find_file(const struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (is_module(modules->files[i], name))
			return modules->files[i];
	return NULL;
}

/* 1: it was there already. */
static int mark_seen(struct modules *modules, const char *name, struct error *error)
{
	void *seen;

	for (size_t i = 0; i < modules->seen_count; i++)
		if (strcmp(modules->seen[i], name) == 0)
			return 1;
	seen = realloc(modules->seen, (modules->seen_count + 1) * sizeof(*modules->seen));
	if (!seen)
		return fail(error, "out of memory");
	modules->seen = seen;
	snprintf(modules->seen[modules->seen_count++], sizeof(*modules->seen), "%s", name);
	return 0;
}

static int visit(const struct walk *walk, const char *name, unsigned depth, struct error *error);

/* "depends=A,B" */
static int visit_dependencies(const struct walk *walk, const char *list, unsigned depth, struct error *error)
{
	char name[MODULES_NAME_SIZE];
	int result = 0;

	for (size_t size; *list && result >= 0; list += size + (list[size] == ',')) {
		size = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)size, list);
		if (size)
			result = visit(walk, name, depth + 1, error);
	}
	return result < 0 ? -1 : 0;
}

/* 1: it has no file; one that others depend on is built in then. */
static int visit(const struct walk *walk, const char *name, unsigned depth, struct error *error)
{
	const char *file = find_file(walk->modules, name);
	char path[2 * PATH_MAX];
	struct module_file read;
	int result;

	if (!file)
		return 1;
	if (depth > DEPTH_MAX)
		return fail(error, "the module %s: its dependencies are a circle", name);
	snprintf(path, sizeof(path), "%s%s%s", *file == '/' ? "" : walk->modules->folder, *file == '/' ? "" : "/", file);
	result = mark_seen(walk->modules, name, error);
	if (result)
		return result < 0 ? -1 : 0;
	result = module_file_read(path, &read, error);
	if (result) /* 1: listed, and not built */
		return result;
	result = visit_dependencies(walk, module_file_depends(&read), depth, error);
	if (result == 0)
		result = walk->take(walk->context, name, read.bytes, read.size, error);
	module_file_free(&read);
	return result;
}

int modules_walk(struct modules *modules, const char *name, modules_take *take, void *context, struct error *error)
{
	return visit(&(struct walk){ modules, take, context }, name, 0, error);
}

int modules_built_in(const struct modules *modules, const char *name)
{
	FILE *file = *modules->builtin ? fopen(modules->builtin, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (file) {
		while (!found && getline(&line, &size, file) > 0)
			found = is_module(line, name);
		free(line);
		fclose(file);
	}
	if (found)
		return 1;
	return file ? 0 : -1;
}

const char *modules_builtin_list(const struct modules *modules)
{
	return *modules->builtin ? modules->builtin : NULL;
}
