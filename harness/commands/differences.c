/* differences.c - compares results and prints what differs. */
#include "harness/commands/differences.h"

#include "crafter/plain.h"
#include "harness/commands/message.h"
#include "harness/results/atlas.h"
#include "harness/run/exit_code.h"

int differences_baseline(const char *text, bool fields, struct shipped *shipped, struct error *error)
{
	if (shipped_find(text, shipped, error) < 0)
		return fail_in(error, "--baseline");
	if (shipped->version[0] && fields)
		return fail(error, "--fields: the results that ship with twprobe have no fields of answers; "
			    "--baseline=FILE can have them");
	if (shipped->instead)
		message_note("no results of %.60s ship with twprobe; the baseline is %s, the newest of its series that does",
			     text, shipped->version);
	return 0;
}

int differences_show(FILE *out, enum format format, const struct differences *differences, struct error *error)
{
	static char shown[COMPARE_FILES_MAX][PATH_MAX];
	const char *labels[COMPARE_FILES_MAX];
	struct compare_view view = { .pool = differences->pool, .files = differences->files, .labels = labels,
				     .noun = differences->noun, .baseline = differences->baseline,
				     .notes = differences->notes, .atlas = differences->atlas,
				     .failures = differences->failures };
	struct comparison *comparison = compare(differences->files, differences->count, differences->pool,
						differences->fields, differences->wider, error);
	const char *first;
	size_t known;
	int code;

	if (!comparison)
		return EXIT_CANNOT_RUN;
	if (differences->atlas && atlas_compare(differences->atlas, differences->pool, error)) {
		compare_free(comparison);
		return EXIT_CANNOT_RUN;
	}
	compare_labels(differences->files, differences->count, labels);
	/* JSON is UTF-8 everywhere. */
	for (size_t i = 0; i < differences->count && format != FORMAT_JSON; i++)
		labels[i] = plain_show(labels[i], shown[i], sizeof(shown[i]));
	view.comparison = comparison;
	known = compare_known_same(&view, &first);
	if (known)
		message_note("%zu known to differ and do not, such as %s", known, first);
	code = compare_exit_known(&view);
	if (compare_print(format, out, &view, error))
		code = EXIT_CANNOT_RUN;
	compare_free(comparison);
	return code;
}
