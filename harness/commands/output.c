/* output.c - opens files, and leaves none of ours empty. */
#include "harness/commands/output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crafter/plain.h"
#include "crafter/stream.h"
#include "harness/commands/message.h"
#include "harness/lab/privileges.h"
#include "harness/run/exit_code.h"

struct output {
	int descriptor;
	/* The process that removes a file of ours; 0: none. A byte through `word` keeps it from that, its end does not. It
	 * alone may still rename. */
	pid_t keeper;
	int word;
};

/* What it removes: an entry of a folder, if it still is the file that was made. */
struct folder_entry {
	int folder;
	char name[NAME_MAX + 1], place[NAME_MAX + 1]; /* place: whose it takes when it is kept; "": none */
	dev_t device;
	ino_t inode;
};

/* As far as the environment tells: a locale that it names may not be installed here. */
static bool reads_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const char *value = NULL;
	bool utf8;

	if (locale != (locale_t)0) {
		utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
		freelocale(locale);
		return utf8;
	}
	for (size_t i = 0; i < 3 && (!value || !*value); i++)
		value = getenv(variables[i]);
	return value && (strcasestr(value, "utf-8") || strcasestr(value, "utf8"));
}

void output_prepare(void)
{
	/* The lowest number that is free is taken. What is opened the wrong way around gives EBADF to who uses it. */
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int descriptor = 0; descriptor < 3; descriptor++)
		if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", modes[descriptor]) != descriptor)
			_exit(EXIT_CANNOT_RUN);
	if (!reads_utf8())
		plain_only_ascii();
}

int output_finish(int code)
{
	struct error error;

	if (stream_finish(stdout, NULL, &error) == 0 || code == EXIT_CANNOT_RUN)
		return code; /* with 4 an error was printed already */
	return message_failed(&error, EXIT_CANNOT_RUN);
}

/* Reads nothing but one byte of its parent's, and no signal of the terminal's ends it. */
static void keep(const struct folder_entry *entry, int from) __attribute__((noreturn));
static void keep(const struct folder_entry *entry, int from)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct stat now;
	bool failed;
	ssize_t got;
	char byte;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	for (int descriptor = 0; descriptor < 3; descriptor++) /* a pipe that the parent writes to ends when it ends */
		close(descriptor);
	prctl(PR_SET_NAME, "twprobe-keeper");
	privileges_keep_unlink(NULL);
	do
		got = read(from, &byte, 1);
	while (got < 0 && errno == EINTR);
	failed = got > 0 && *entry->place && renameat(entry->folder, entry->name, entry->folder, entry->place) < 0;
	if ((got == 0 || failed) && fstatat(entry->folder, entry->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_dev == entry->device && now.st_ino == entry->inode)
		unlinkat(entry->folder, entry->name, 0);
	_exit(failed);
}

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int find_entry(const char *path, const char *place, int descriptor, struct folder_entry *entry)
{
	const char *name = name_in(path), *slash = name > path ? name - 1 : NULL;
	char folder[PATH_MAX] = ".";
	struct stat now;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash == path ? 1 : slash - path), path);
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	snprintf(entry->place, sizeof(entry->place), "%s", place);
	if (fstat(descriptor, &now) < 0)
		return -1;
	entry->device = now.st_dev;
	entry->inode = now.st_ino;
	entry->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return entry->folder < 0 ? -1 : 0;
}

/* Of the files that were made; where this fails, an empty file may stay. */
static void start_keeper(struct output *output, const char *path, const char *place)
{
	struct folder_entry entry = { .folder = -1 };
	int ends[2];

	if (find_entry(path, place, output->descriptor, &entry) < 0)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
		output->keeper = fork();
		if (output->keeper == 0) {
			close(ends[1]);
			close(output->descriptor);
			keep(&entry, ends[0]);
		}
		close(ends[0]);
		output->word = ends[1];
		if (output->keeper < 0) {
			output->keeper = 0;
			close(ends[1]);
		}
	}
	close(entry.folder);
}

/* Standard output itself; what is printed goes to standard error from now on. */
static int take_standard_output(const char *option, struct error *error)
{
	int descriptor;

	if (isatty(STDOUT_FILENO))
		return fail(error, "%s-: standard output is a terminal; pipe it somewhere, as in `| tcpdump -r -`", option);
	descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (descriptor < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return fail(error, "%s-: cannot be written: %s", option, strerror(errno));
	return descriptor;
}

static int open_file(const char *option, const char *path, bool *made, struct error *error)
{
	int descriptor;

	*made = false;
	if (strcmp(path, "-") == 0)
		return take_standard_output(option, error);
	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	*made = descriptor >= 0;
	if (descriptor < 0 && errno == EEXIST) /* it keeps its owner */
		descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return fail(error, "%s%s: cannot be written: %s", option, path, strerror(errno));
	if (*made)
		privileges_give_file(descriptor);
	return descriptor;
}

static struct output *open_output(const char *option, const char *path, bool *made, struct error *error)
{
	struct output *output = calloc(1, sizeof(*output));

	if (!output) {
		fail(error, "out of memory");
		return NULL;
	}
	output->descriptor = open_file(option, path, made, error);
	if (output->descriptor < 0) {
		free(output);
		return NULL;
	}
	if (*made)
		start_keeper(output, path, "");
	return output;
}

struct output *output_open(const char *option, const char *path, struct error *error)
{
	bool made;

	return open_output(option, path, &made, error);
}

/* With the owner and the mode of the one that it will replace. Where that fails, that one is written to, as it was opened. */
static void open_beside(struct output *output, const char *path)
{
	char real[PATH_MAX], beside[PATH_MAX + 16];
	int old = output->descriptor, ignored;
	struct stat now;

	if (fstat(old, &now) < 0 || !S_ISREG(now.st_mode) || !realpath(path, real))
		return;
	snprintf(beside, sizeof(beside), "%s.XXXXXX", real);
	output->descriptor = mkostemp(beside, O_CLOEXEC);
	if (output->descriptor >= 0)
		start_keeper(output, beside, name_in(real));
	if (!output->keeper) {
		if (output->descriptor >= 0) {
			close(output->descriptor);
			unlink(beside);
		}
		output->descriptor = old;
		return;
	}
	ignored = fchown(output->descriptor, now.st_uid, now.st_gid);
	(void)ignored;
	fchmod(output->descriptor, now.st_mode & 07777);
	close(old);
}

struct output *output_open_whole(const char *option, const char *path, struct error *error)
{
	bool made;
	struct output *output = open_output(option, path, &made, error);

	if (output && !made && strcmp(path, "-") != 0)
		open_beside(output, path);
	return output;
}

int output_descriptor(const struct output *output)
{
	return output ? output->descriptor : 0;
}

const char *output_name(const char *path)
{
	return path && strcmp(path, "-") == 0 ? "standard output" : path;
}

int output_keep(struct output *output)
{
	int status = 0;

	if (!output || !output->keeper)
		return 0;
	send(output->word, "k", 1, MSG_NOSIGNAL);
	close(output->word);
	while (waitpid(output->keeper, &status, 0) < 0 && errno == EINTR)
		;
	output->keeper = 0;
	return status ? -1 : 0;
}

void output_close(struct output *output)
{
	if (!output)
		return;
	close(output->descriptor);
	if (output->keeper) {
		close(output->word);
		waitpid(output->keeper, NULL, 0);
	}
	free(output);
}
