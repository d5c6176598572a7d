/* ruleset.c - libnftables, as far as a path needs it. */
#include "harness/lab/ruleset.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/lab/rule_trace.h"
#include "listener/netlink.h"

/* OUTPUT_: NFT_CTX_OUTPUT_HANDLE and NFT_CTX_OUTPUT_STATELESS. */
enum { FILE_NAME_SIZE = 40, OUTPUT_STATELESS = 1 << 2, OUTPUT_HANDLES = 1 << 3 };

/* As in nftables/libnftables.h, whose soname promises them (LIBNFTABLES_1 and later). */
struct nft_ctx;

struct library {
	void *handle;
	struct nft_ctx *(*open)(uint32_t flags);
	void (*close)(struct nft_ctx *context);
	int (*buffer_error)(struct nft_ctx *context);
	int (*buffer_output)(struct nft_ctx *context);
	const char *(*get_error)(struct nft_ctx *context);
	const char *(*get_output)(struct nft_ctx *context);
	void (*set_flags)(struct nft_ctx *context, unsigned flags);
	int (*run)(struct nft_ctx *context, const char *file);
	int (*command)(struct nft_ctx *context, const char *text);
};

static int load_library(struct library *library, struct error *error)
{
	const struct {
		const char *name;
		void *into;
	} symbols[] = {
		{ "nft_ctx_new", &library->open }, { "nft_ctx_free", &library->close },
		{ "nft_ctx_buffer_error", &library->buffer_error }, { "nft_ctx_buffer_output", &library->buffer_output },
		{ "nft_ctx_get_error_buffer", &library->get_error },
		{ "nft_ctx_get_output_buffer", &library->get_output },
		{ "nft_ctx_output_set_flags", &library->set_flags },
		{ "nft_run_cmd_from_buffer", &library->command }, { "nft_run_cmd_from_filename", &library->run },
	};

#ifdef TWPROBE_STATIC /* dlopen() there wants the very glibc that was linked */
	return fail(error, "a path with rules needs libnftables, which a static twprobe cannot load");
#endif
	library->handle = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library->handle)
		return fail(error, "a path with rules needs libnftables, which is not here (Debian's package is libnftables1)");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library->handle, symbols[i].name);

		if (!symbol)
			return fail(error, "libnftables is too old: it has no %s", symbols[i].name);
		memcpy(symbols[i].into, &symbol, sizeof(symbol)); /* ISO C has no cast from data to function */
	}
	return 0;
}

/* `line` has this word; "" is in each. */
static bool has_word(const char *line, size_t size, const char *word)
{
	size_t length = strlen(word);

	if (!length)
		return true;
	for (size_t i = 0; i + length <= size; i++)
		if (memcmp(line + i, word, length) == 0 && (i == 0 || !isalnum((unsigned char)line[i - 1])) &&
		    (i + length == size || !isalnum((unsigned char)line[i + length])))
			return true;
	return false;
}

/* What the kernel is built without, where it refuses a rule of this text; NULL: not known. A table of a family that it does not
 * have is EOPNOTSUPP (nf_tables_newtable()), an expression or a kind of chain ENOENT (nft_expr_type_get(),
 * nft_chain_validate_hook()), which is also what a chain or set is that is not there. */
static const char *lacks(const char *said)
{
	static const struct {
		const char *error, *first, *second, *option;
	} rows[] = {
		{ "Operation not supported", "table", "inet", "NF_TABLES_INET" },
		{ "Operation not supported", "table", "ip", "NF_TABLES_IPV4" },
		{ "Operation not supported", "table", "ip6", "NF_TABLES_IPV6" },
		{ "Operation not supported", "table", "netdev", "NF_TABLES_NETDEV" },
		{ "Operation not supported", "table", "bridge", "NF_TABLES_BRIDGE" },
		{ "No such file", "type", "nat", "NFT_NAT" },
		{ "No such file", "flowtable", "", "NF_FLOW_TABLE" },
		{ "No such file", "masquerade", "", "NFT_MASQ" },
		{ "No such file", "dnat", "", "NFT_NAT" },
		{ "No such file", "snat", "", "NFT_NAT" },
		{ "No such file", "redirect", "", "NFT_REDIR" },
		{ "No such file", "synproxy", "", "NFT_SYNPROXY" },
		{ "No such file", "reject", "", "NFT_REJECT" },
		{ "No such file", "queue", "", "NFT_QUEUE" },
		{ "No such file", "tproxy", "", "NFT_TPROXY" },
		{ "No such file", "numgen", "", "NFT_NUMGEN" },
	};
	size_t first = strcspn(said, "\n"), size = said[first] ? strcspn(said + first + 1, "\n") : 0;
	const char *line = said + first + 1;

	if (!size || has_word(line, size, "jump") || has_word(line, size, "goto") || memchr(line, '@', size))
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (has_word(said, first, rows[i].error) && has_word(line, size, rows[i].first) &&
		    has_word(line, size, rows[i].second))
			return rows[i].option;
	return NULL;
}

/* "SOURCE:LINE:COLUMN-COLUMN: Error: TEXT\nthe line\n   ^^^" */
void ruleset_error(const char *said, const struct path *path, struct error *error)
{
	const char *at = strchr(said, ':'), *text = at ? strstr(at, "Error: ") : NULL;
	long line = at ? strtol(at + 1, NULL, 10) : 0;
	const char *option = lacks(said);
	char hint[200] = "";

	if (option)
		snprintf(hint, sizeof(hint), "; this kernel is built without %s, which distributions' kernels have "
			 "(--engine=qemu)", option);
	if (!text || line <= 0)
		text = *said ? said : "the rules are refused";
	if (line > 0 && text != said)
		fail(error, "%.200s:%ld: %.*s%s", path->file, line + path->rules_line - 1, (int)strcspn(text, "\n"), text,
		     hint);
	else
		fail(error, "%.200s: %.*s%s", path->file, (int)strcspn(text, "\n"), text, hint);
}

/* Only what comes from a file has lines in libnftables' errors. */
static int make_file(const struct path *path, char name[static FILE_NAME_SIZE], struct error *error)
{
	size_t size = strlen(path->rules), done = 0;
	int descriptor = memfd_create("rules", MFD_CLOEXEC);

	while (descriptor >= 0 && done < size) {
		ssize_t written = write(descriptor, path->rules + done, size - done);

		if (written < 0) {
			close(descriptor);
			descriptor = -1;
		} else {
			done += (size_t)written;
		}
	}
	if (descriptor < 0)
		fail(error, "%.200s: the rules cannot be handed to libnftables: %s", path->file, strerror(errno));
	snprintf(name, FILE_NAME_SIZE, "/proc/self/fd/%d", descriptor);
	return descriptor;
}

/* The user's rules by their handles; then ours, which are not the user's. */
static int list(const struct library *library, struct nft_ctx *context, const struct path *path, struct ruleset_rules *rules,
		struct error *error)
{
	char table[RULE_TRACE_TABLE_SIZE];
	const char *listed;
	bool ingress;
	int result;

	library->set_flags(context, OUTPUT_STATELESS | OUTPUT_HANDLES);
	if (library->command(context, "list ruleset"))
		return fail(error, "%.200s: the rules cannot be listed", path->file);
	listed = library->get_output(context); /* once: it is emptied by that */
	result = ruleset_rules_read(rules, listed, path->rules, path->rules_line);
	if (result)
		return fail(error, "out of memory");
	ingress = strstr(listed, "hook ingress");
	if (library->command(context, rule_trace_table(path, ingress, table)))
		return fail(error, "%.200s: the rules cannot be traced: %.200s", path->file, library->get_error(context));
	return 0;
}

static int run(const struct library *library, struct nft_ctx *context, const struct path *path, struct error *error)
{
	char name[FILE_NAME_SIZE];
	int file, result;

	if (library->buffer_error(context) || library->buffer_output(context))
		return fail(error, "out of memory");
	file = make_file(path, name, error);
	if (file < 0)
		return -1;
	result = library->run(context, name);
	close(file);
	if (result)
		ruleset_error(library->get_error(context), path, error);
	return result ? -1 : 0;
}

/* Without it libnftables would end this process (netlink_init_error()). */
static int check_kernel(const struct path *path, struct error *error)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_NETFILTER);

	if (!netlink)
		return fail(error, "%.200s: this kernel has no nftables: %s", path->file, strerror(errno));
	mnl_socket_close(netlink);
	return 0;
}

int ruleset_load(const struct path *path, struct ruleset_rules *rules, struct error *error)
{
	struct library library = { 0 };
	struct nft_ctx *context;
	int result = check_kernel(path, error) ? -1 : load_library(&library, error);

	if (result == 0) {
		context = library.open(0);
		result = context ? run(&library, context, path, error) : fail(error, "libnftables: out of memory");
		if (result == 0)
			result = list(&library, context, path, rules, error);
		if (context)
			library.close(context);
	}
	if (library.handle)
		dlclose(library.handle);
	return result;
}
