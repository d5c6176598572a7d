/* sandbox.c - one table: which kind of process may make which system call. */
#include "harness/lab/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum {
	P = 1 << SANDBOX_PROBER, T = 1 << SANDBOX_TARGET, Y = 1 << SANDBOX_PLAYER, S = 1 << SANDBOX_SPAWNER,
	M = 1 << SANDBOX_MACHINE, C = 1 << SANDBOX_CALLER, V = 1 << SANDBOX_SERVE | C, L = 1 << SANDBOX_LISTENER,
	PROBING = P | T | Y, ALL = PROBING | M | V | L,
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Several names for one thing: architectures differ in which of them they have. */
struct permission {
	unsigned kinds;
	const char *calls;
};

static const struct permission permissions[] = {
	/* memory, time, the end */
	{ ALL, "brk mmap mmap2 munmap mremap mprotect madvise" },
	{ ALL, "clock_gettime clock_gettime64 gettimeofday time clock_getres clock_getres_time64" },
	{ ALL, "clock_nanosleep clock_nanosleep_time64 nanosleep restart_syscall" },
	{ ALL, "exit exit_group rt_sigreturn sigreturn rt_sigaction rt_sigprocmask" },
	{ ALL, "futex futex_time64 getrandom getpid gettid getuid geteuid getgid getegid getppid uname sched_yield sysinfo" },
	{ ALL, "rseq set_robust_list getrlimit ugetrlimit prlimit64 tgkill" },
	/* files and sockets that are open */
	{ ALL, "read readv pread64 write writev pwrite64 lseek _llseek close fcntl fcntl64 dup fsync ftruncate" },
	{ ALL, "fstat fstat64 newfstatat fstatat64 statx" },
	{ ALL, "poll ppoll ppoll_time64 select pselect6 pselect6_time64" },
	{ ALL, "epoll_ctl epoll_wait epoll_pwait epoll_pwait2" },
	{ ALL, "timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64" },
	{ ALL, "recvfrom recv recvmsg recvmmsg recvmmsg_time64 sendto send sendmsg sendmmsg shutdown" },
	{ ALL, "getsockopt setsockopt getsockname" },
	/* a map's fonts, the time zone: looked for, and read */
	{ PROBING, "readlink readlinkat access faccessat faccessat2 stat stat64 lstat lstat64 getdents64 getcwd" },
	{ PROBING, "statfs statfs64 fstatfs fstatfs64 fadvise64 fadvise64_64" },
	/* the lab's machine is ended and waited for */
	{ PROBING, "kill wait4 waitid" },
	/* the process that would have removed an empty file is waited for */
	{ L, "wait4 waitid" },
	/* new sockets: the guards of source ports; real clients and servers; accepted connections */
	{ T | Y | M | C, "bind" },
	{ T | Y | M, "listen" },
	{ Y | M | C, "connect" },
	{ Y | M, "getpeername" },
	{ Y | M | V, "accept accept4" },
#ifdef SANITIZED
	/* the sanitizers' own: stacks, their reports, and the program that puts names into these */
	{ ALL, "sigaltstack prctl arch_prctl readlink readlinkat open sched_getaffinity personality set_tid_address" },
	{ ALL, "clone clone3 vfork fork execve wait4 pipe pipe2 dup2 dup3 access faccessat stat getcwd kill" },
#endif
};

/* Calls that are allowed for one value of an argument, or of some of its bits. */
struct condition {
	unsigned kinds;
	const char *calls;
	unsigned argument;
	uint64_t mask, value;
};

/* Bits beyond the low 32 of an int are undefined: they are not looked at. */
#define INT UINT64_C(0xffffffff)

static const struct condition conditions[] = {
	{ ALL, "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ ALL, "open", 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	/* a sysctl is written */
	{ M, "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_WRONLY },
	{ M, "open", 1, O_ACCMODE | O_CREAT | O_TRUNC, O_WRONLY },
	{ T | Y | M | C, "socket", 0, INT, AF_INET },
	{ T | Y | M | C, "socket", 0, INT, AF_INET6 },
	/* an interface's name in a link-local address (if_indextoname) */
	{ PROBING | V, "socket", 0, INT, AF_UNIX },
	{ PROBING | V, "ioctl", 1, INT, SIOCGIFNAME },
	{ PROBING | L, "ioctl", 1, INT, SIOCGIFFLAGS },
	/* is it a terminal, and how wide? */
	{ ALL, "ioctl", 1, INT, TCGETS },
	{ ALL, "ioctl", 1, INT, TIOCGWINSZ },
#ifdef SANITIZED
	{ ALL, "openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDWR },
#endif
};

/* What not even a program that we start has to do with. */
static const char denied[] =
	"ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd bpf perf_event_open userfaultfd "
	"io_uring_setup io_uring_enter io_uring_register mount umount umount2 move_mount open_tree fsopen fsmount fsconfig "
	"fspick mount_setattr pivot_root chroot unshare setns init_module finit_module delete_module kexec_load "
	"kexec_file_load reboot swapon swapoff acct add_key request_key keyctl open_by_handle_at name_to_handle_at "
	"settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname quotactl syslog personality";

/* As seccomp(2) says: EFAULT means that the mode is there. */
static bool is_available(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 && errno == EFAULT;
}

/* The same rule for each of these names; one that this architecture or library does not know is left out. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *calls, unsigned count, const struct scmp_arg_cmp *argument)
{
	char name[32];
	size_t length;

	for (; *calls; calls += length) {
		int number, result;

		calls += strspn(calls, " ");
		length = strcspn(calls, " ");
		if (length == 0 || length >= sizeof(name))
			break;
		memcpy(name, calls, length);
		name[length] = '\0';
		number = seccomp_syscall_resolve_name(name);
		if (number == __NR_SCMP_ERROR)
			continue;
		result = seccomp_rule_add_array(filter, action, number, count, argument);
		if (result < 0 && result != -EDOM)
			return result;
	}
	return 0;
}

static int allow(scmp_filter_ctx filter, enum sandbox kind)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(permissions) / sizeof(permissions[0]) && result == 0; i++)
		if (permissions[i].kinds >> kind & 1)
			result = add(filter, SCMP_ACT_ALLOW, permissions[i].calls, 0, NULL);
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]) && result == 0; i++) {
		const struct condition *condition = &conditions[i];
		struct scmp_arg_cmp argument = {
			.arg = condition->argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = condition->mask,
			.datum_b = condition->value,
		};

		if (condition->kinds >> kind & 1)
			result = add(filter, SCMP_ACT_ALLOW, condition->calls, 1, &argument);
	}
	return result;
}

static int fill(scmp_filter_ctx filter, enum sandbox kind)
{
	if (1U << kind & S)
		return add(filter, SCMP_ACT_ERRNO(EPERM), denied, 0, NULL);
	return allow(filter, kind);
}

int sandbox_enter(enum sandbox kind, struct error *error)
{
	scmp_filter_ctx filter;
	int result;

	if (!is_available())
		return 0;
	filter = seccomp_init(1U << kind & S ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));
	if (!filter)
		return fail(error, "cannot make the filter of system calls: out of memory");
	/* The errno of the kernel, not one of the library's. */
	seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	result = fill(filter, kind);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	/* A container may forbid what its kernel has. */
	if (result == 0 || result == -EPERM || result == -EACCES || result == -ENOSYS || result == -EINVAL)
		return 0;
	return fail(error, "cannot limit the system calls of this process: %s", strerror(-result));
}
