/* without.c - runs a program as on a kernel that lacks something: without packet|net-namespaces PROGRAM [ARGUMENT...]. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int result = -1;

	if (argc < 3 || !filter)
		return 2;
	if (strcmp(argv[1], "packet") == 0) /* net/socket.c, __sock_create() */
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
					  SCMP_A0(SCMP_CMP_EQ, AF_PACKET));
	else if (strcmp(argv[1], "net-namespaces") == 0) /* include/net/net_namespace.h, copy_net_ns() */
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(unshare), 1,
					  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWNET, CLONE_NEWNET));
	if (result < 0 || seccomp_load(filter) < 0)
		return 2;
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
