/* privileges.c - capabilities (libcap-ng), and the user to become. */
#include "harness/lab/privileges.h"

#include <cap-ng.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOBODY = 65534, NONE = -1 };

struct identity {
	int user, group; /* NONE: stay who we are */
};

/* The whole range of users is only there outside a user namespace of our own, which maps one. */
static bool only_one_user(void)
{
	unsigned long inside, outside, count = 0;
	FILE *map = fopen("/proc/self/uid_map", "re");
	int fields = map ? fscanf(map, "%lu %lu %lu", &inside, &outside, &count) : 0;

	if (map)
		fclose(map);
	return fields == 3 && count == 1;
}

static int number_from(const char *variable)
{
	const char *text = getenv(variable);
	char *end;
	long number = text ? strtol(text, &end, 10) : NONE;

	return text && *text && !*end && number > 0 && number < 0x7fffffff ? (int)number : NONE;
}

static struct identity choose(void)
{
	struct identity invoker = { number_from("SUDO_UID"), number_from("SUDO_GID") };

	if (geteuid() != 0 || only_one_user() || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID))
		return (struct identity){ NONE, NONE };
	if (invoker.user == NONE || invoker.group == NONE)
		return (struct identity){ NOBODY, NOBODY };
	return invoker;
}

/* From here on the library's picture is what we want, not what we have. `kept`: a bit for each capability. */
static int change(const struct identity *identity, bool clear_bounding, uint64_t kept)
{
	unsigned flags = clear_bounding ? CAPNG_CLEAR_BOUNDING : CAPNG_NO_FLAG;

	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (kept >> capability & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	if (identity->user != NONE) {
		/* Asking for the groups of nobody takes a module of the name service and 2 ms, and there are none. */
		bool has_groups = identity->user != NOBODY && getpwuid((uid_t)identity->user);

		flags |= has_groups ? CAPNG_INIT_SUPP_GRP : CAPNG_DROP_SUPP_GRP;
		return capng_change_id(identity->user, identity->group, (capng_flags_t)flags);
	}
	if (clear_bounding && capng_apply(CAPNG_SELECT_BOUNDS))
		return -1;
	return capng_apply(CAPNG_SELECT_CAPS);
}

/* All but `kept` goes, and is seen to be gone. */
static int drop_all_but(uint64_t kept, struct error *error)
{
	struct identity identity;
	capng_results_t left;

	if (capng_get_caps_process())
		return fail(error, "cannot read this process's capabilities");
	identity = choose();
	if (change(&identity, capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP), kept))
		return fail(error, "cannot give up privileges: libcap-ng could not apply the change");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(error, "cannot give up privileges: no_new_privs was refused");
	if (capng_get_caps_process())
		return fail(error, "cannot read this process's capabilities");
	left = capng_have_capabilities(CAPNG_SELECT_CAPS);
	if (!kept && left != CAPNG_NONE)
		return fail(error, "privileges were given up, but some remain");
	if (identity.user != NONE && (getuid() != (uid_t)identity.user || geteuid() != (uid_t)identity.user))
		return fail(error, "privileges were given up, but the user is still the same");
	return 0;
}

int privileges_drop(struct error *error)
{
	return drop_all_but(0, error);
}

int privileges_keep_net_admin(struct error *error)
{
	if (capng_get_caps_process())
		return fail(error, "cannot read this process's capabilities");
	if (!capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN))
		return fail(error, "the capability %s is missing", capng_capability_to_name(CAP_NET_ADMIN));
	return drop_all_but(UINT64_C(1) << CAP_NET_ADMIN, error);
}

int privileges_keep_unlink(struct error *error)
{
	static const unsigned wanted[] = { CAP_DAC_OVERRIDE, CAP_FOWNER };
	uint64_t kept = 0;

	if (capng_get_caps_process())
		return fail(error, "cannot read this process's capabilities");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (capng_have_capability(CAPNG_PERMITTED, wanted[i]))
			kept |= UINT64_C(1) << wanted[i];
	return drop_all_but(kept, error);
}

bool privileges_borrowed(void)
{
	return getauxval(AT_SECURE) != 0 && (geteuid() != getuid() || getegid() != getgid());
}

void privileges_give_file(int file)
{
	const char *user = getenv("SUDO_UID"), *group = getenv("SUDO_GID");
	int ignored;

	if (geteuid() != 0 || !user || !group)
		return;
	ignored = fchown(file, (uid_t)strtoul(user, NULL, 10), (gid_t)strtoul(group, NULL, 10));
	(void)ignored;
}

/* sockfs_setattr(): sk_uid */
void privileges_give_socket(int socket)
{
	struct identity identity;
	int ignored;

	if (capng_get_caps_process())
		return;
	identity = choose();
	if (identity.user == NONE)
		return;
	ignored = fchown(socket, (uid_t)identity.user, (gid_t)identity.group);
	(void)ignored;
}

const char *privileges_missing(void)
{
	if (capng_get_caps_process())
		return "cannot read this process's capabilities (/proc is missing?)";
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW))
		return "raw sockets need root or CAP_NET_RAW; start it with sudo, or omit HOST:PORT to use the lab";
	return NULL;
}
