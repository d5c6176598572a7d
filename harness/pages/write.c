/* write.c - a program of the build: writes manual pages and completion scripts: write DOCUMENTS FOLDER.
 * Prose is in DOCUMENTS/manual. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "harness/pages/article.h"
#include "harness/pages/completion.h"
#include "harness/pages/manual.h"

/* Whether everything could be written; closes the file. */
static int finish(FILE *out, const char *path, struct error *error)
{
	int failed = ferror(out);

	return fclose(out) || failed ? fail(error, "%s: cannot be written", path) : 0;
}

static FILE *create(const char *folder, const char *name, char path[static PATH_MAX], struct error *error)
{
	FILE *out;

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	out = fopen(path, "w");
	if (!out)
		fail(error, "%s: %s", path, strerror(errno));
	return out;
}

static int write_manual(const char *documents, const char *folder, enum command_id command, struct error *error)
{
	char name[MANUAL_NAME_SIZE], file[MANUAL_NAME_SIZE + 8], path[PATH_MAX], prose[PATH_MAX];
	FILE *out;

	snprintf(file, sizeof(file), "%s.1.scd", manual_name(command, name));
	snprintf(prose, sizeof(prose), "%s/manual", documents);
	out = create(folder, file, path, error);
	if (!out)
		return -1;
	if (manual_write(out, command, prose, error) < 0) {
		fclose(out);
		return -1;
	}
	return finish(out, path, error);
}

static int write_article(const char *documents, const char *folder, const struct article *article, struct error *error)
{
	char file[MANUAL_NAME_SIZE + 8], path[PATH_MAX];
	FILE *out;

	snprintf(file, sizeof(file), "%s.%d.scd", article->name, article->section);
	out = create(folder, file, path, error);
	if (!out)
		return -1;
	if (article_write(out, article, documents, error) < 0) {
		fclose(out);
		return -1;
	}
	return finish(out, path, error);
}

static int write_completion(const char *folder, const char *name, void (*print)(FILE *out), struct error *error)
{
	char path[PATH_MAX];
	FILE *out = create(folder, name, path, error);

	if (!out)
		return -1;
	print(out);
	return finish(out, path, error);
}

int main(int argc, char **argv)
{
	struct error error;
	int result = argc == 3 ? 0 : fail(&error, "usage: write DOCUMENTS FOLDER");

	for (enum command_id id = 0; id < COMMAND_COUNT && result == 0; id++)
		result = write_manual(argv[1], argv[2], id, &error);
	for (size_t i = 0; article_at(i) && result == 0; i++)
		result = write_article(argv[1], argv[2], article_at(i), &error);
	if (result < 0 || write_completion(argv[2], "twprobe.bash.tables", completion_bash, &error) < 0 ||
	    write_completion(argv[2], "_twprobe", completion_zsh, &error) < 0 ||
	    write_completion(argv[2], "twprobe.fish", completion_fish, &error) < 0) {
		fprintf(stderr, "write: %s\n", error.text);
		return 1;
	}
	return 0;
}
