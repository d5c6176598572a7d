/* sysctl.c - the files below /proc/sys/net, and what their errors mean. */
#include "harness/lab/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { FULL_NAME_SIZE = 96, PATH_SIZE = 128 };

static const char *const trees[] = { "net.ipv4.", "net.ipv6.", "net.core.", "net.netfilter." };

/* Before 5.12 a namespace could write this one, and wrote the whole machine's
 * (net: make tcp_allowed_congestion_control readonly in non-init netns). */
static const char leaky[] = "net.ipv4.tcp_allowed_congestion_control";

static int full_name(const char *name, char full[static FULL_NAME_SIZE], struct error *error)
{
	const char *allowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
	int length = snprintf(full, FULL_NAME_SIZE, "%s%s", strchr(name, '.') ? "" : trees[0], name);

	if (length >= FULL_NAME_SIZE)
		return fail(error, "the sysctl name '%.60s...' is too long", name);
	if (!*name || strspn(name, allowed) != strlen(name) || strstr(name, "..") || full[length - 1] == '.')
		return fail(error, "'%s' is not the name of a sysctl; write it like tcp_timestamps or "
			    "net.core.somaxconn", name);
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		if (!strncmp(full, trees[i], strlen(trees[i])))
			return 0;
	return fail(error, "the sysctl %s belongs to the whole machine, not to a namespace; the lab has "
		    "those of net.ipv4, net.ipv6, net.core and net.netfilter", full);
}

static void path_of(const char *full, char path[static PATH_SIZE])
{
	int start = snprintf(path, PATH_SIZE, "/proc/sys/");

	snprintf(path + start, (size_t)(PATH_SIZE - start), "%s", full);
	for (char *dot = path + start; (dot = strchr(dot, '.')); dot++)
		*dot = '/';
}

static bool machine_has(const char *host_names, const char *full)
{
	char line[FULL_NAME_SIZE + 2];

	snprintf(line, sizeof(line), "\n%s\n", full);
	return host_names && strstr(host_names, line);
}

/* What a failed open means. The kernel shows a namespace only its own sysctls, and some of the machine's read-only. */
static int refused(const char *name, const char *full, const char *host_names, bool writing, int number,
		   struct error *error)
{
	struct utsname system;

	uname(&system);
	if (number == ENOENT && machine_has(host_names, full))
		return fail(error, "the sysctl %s belongs to the whole machine, not to a namespace: "
			    "it cannot differ in the lab", name);
	if (number == ENOENT || number == ENOTDIR)
		return fail(error, "kernel %s has no sysctl %s", system.release, name);
	if (writing && (number == EACCES || number == EPERM))
		return fail(error, "the sysctl %s can only be read in a namespace: it belongs to the whole "
			    "machine, or kernel %s does not allow setting it", name, system.release);
	return fail(error, "the sysctl %s: %s", name, strerror(number));
}

bool sysctl_exists(const char *name)
{
	char full[FULL_NAME_SIZE], path[PATH_SIZE];

	if (full_name(name, full, NULL))
		return false;
	path_of(full, path);
	return access(path, F_OK) == 0;
}

int sysctl_read(const char *name, char *value, size_t size, const char *host_names, struct error *error)
{
	char full[FULL_NAME_SIZE], path[PATH_SIZE];
	ssize_t length;
	int descriptor;

	if (full_name(name, full, error))
		return -1;
	path_of(full, path);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return refused(name, full, host_names, false, errno, error);
	length = read(descriptor, value, size);
	if (length < 0)
		refused(name, full, host_names, false, errno, error);
	close(descriptor);
	if (length < 0)
		return -1;
	if ((size_t)length >= size)
		return fail(error, "the value of the sysctl %s is longer than %zu characters", name, size - 1);
	while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == ' '))
		length--;
	value[length] = '\0';
	for (char *tab = value; (tab = strchr(tab, '\t')); tab++)
		*tab = ' ';
	return 0;
}

/* Commas in a value stand for blanks where the kernel keeps several numbers (proc_dointvec and its like, which print them with
 * tabs between); elsewhere they are its own (ip_local_reserved_ports, tcp_fastopen_key). */
static void restore_blanks(const char *name, char value[static SYSCTL_TEXT_SIZE])
{
	char now[SYSCTL_TEXT_SIZE];

	if (!strchr(value, ',') || sysctl_read(name, now, sizeof(now), NULL, NULL) || !strchr(now, ' '))
		return;
	for (char *comma = value; (comma = strchr(comma, ',')); comma++)
		*comma = ' ';
}

int sysctl_write(const char *name, const char *wanted, const char *host_names, struct error *error)
{
	char full[FULL_NAME_SIZE], path[PATH_SIZE], value[SYSCTL_TEXT_SIZE];
	size_t size = strlen(wanted);
	ssize_t written;
	int descriptor, number;

	if (full_name(name, full, error))
		return -1;
	if (size >= sizeof(value))
		return fail(error, "the value of the sysctl %s is too long", name);
	/* An empty list is put back as an empty line; writing nothing would set nothing (proc_do_large_bitmap). */
	memcpy(value, size ? wanted : "\n", size ? size + 1 : 2);
	size = strlen(value);
	restore_blanks(name, value);
	if (!strcmp(full, leaky))
		return refused(name, full, host_names, true, EACCES, error);
	path_of(full, path);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return refused(name, full, host_names, true, errno, error);
	written = write(descriptor, value, size);
	number = errno;
	close(descriptor);
	/* The kernel takes a value whole or not at all; a partial write is one it did not understand. */
	if (written >= 0 ? (size_t)written != size : number == EINVAL || number == ERANGE)
		return fail(error, "the kernel refuses the value '%s' for the sysctl %s", wanted, name);
	if (written < 0)
		return refused(name, full, host_names, true, number, error);
	return 0;
}

static void list_directory(FILE *list, const char *path, const char *prefix)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			fprintf(list, "%s%s\n", prefix, entry->d_name);
	closedir(directory);
}

char *sysctl_names(void)
{
	char *text = NULL;
	size_t size;
	FILE *list = open_memstream(&text, &size);

	if (!list)
		return NULL;
	fputc('\n', list);
	list_directory(list, "/proc/sys/net/ipv4", "net.ipv4.");
	list_directory(list, "/proc/sys/net/core", "net.core.");
	if (fclose(list)) {
		free(text);
		return NULL;
	}
	return text;
}
