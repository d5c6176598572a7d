/* lab_namespace.c - a network namespace, with a user namespace around it where that takes one. */
#include "harness/lab/lab_namespace.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "harness/lab/user_map.h"

static long number_in(const char *path)
{
	long number = -1;
	FILE *file = fopen(path, "re");

	if (file && fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

/* Which of the switches that distributions have for this is off. */
static const char *why_no_user_namespace(void)
{
	if (number_in("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return "kernel.unprivileged_userns_clone is 0 here";
	if (number_in("/proc/sys/user/max_user_namespaces") == 0)
		return "user.max_user_namespaces is 0 here";
	if (number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return "kernel.apparmor_restrict_unprivileged_userns is 1 here";
	return "a container or a security module may forbid it";
}

/* Becomes root of a user namespace that holds this one user, who owns the files we write. */
static int enter_user_namespace(struct error *error)
{
	const struct user_map map = { .outside_uid = geteuid(), .outside_gid = getegid() };
	int number;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		number = errno;
		return fail(error, "cannot make the lab: a user namespace is refused (%s; %s); run it as root",
			    strerror(number), why_no_user_namespace());
	}
	if (user_map_write(&map) == 0)
		return 0;
	number = errno;
	return fail(error, "cannot make the lab: its user namespace is refused its user (%s; %s); run it as root",
		    strerror(number), why_no_user_namespace());
}

static int enter_namespace(struct error *error)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	if (errno == EINVAL)
		return fail(error, "cannot make the lab: this kernel has no network namespaces");
	if (errno != EPERM)
		return fail(error, "cannot make the lab: a network namespace is refused: %s", strerror(errno));
	return enter_user_namespace(error);
}

/* Containers have /proc/sys read-only. A proc of our own, where nobody else sees it, shows our namespace's sysctls as they
 * are: the kernel asks for CAP_SYS_ADMIN in the machine's own user namespace, or for a proc that hides nothing
 * (mount_too_revealing()). */
static int own_proc(struct error *error)
{
	static const char help[] =
		"run the container with CAP_SYS_ADMIN (Kubernetes: add SYS_ADMIN), or with an unmasked /proc (procMount: "
		"Unmasked, --security-opt unmask=ALL)";
	struct statvfs system;

	if (statvfs("/proc/sys/net", &system) || !(system.f_flag & ST_RDONLY))
		return 0;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return fail(error, "cannot make the lab: /proc/sys is read-only here, and mounting its own proc is refused "
			    "(%s); %s", strerror(errno), help);
	return 0;
}

int lab_namespace_enter(struct error *error)
{
	return enter_namespace(error) || own_proc(error) ? -1 : 0;
}
