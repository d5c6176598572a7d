/* peak.c - runs a command and says what it cost. Usage: peak FILE COMMAND...; FILE gets one line: wall seconds,
 * user and system seconds, peak memory in KiB of the biggest process. Exits as the command did. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: peak FILE COMMAND...\n");
		return 2;
	}
	struct timespec begun, ended;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	pid_t child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "peak: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	int status;
	struct rusage own = { 0 }, below = { 0 };
	if (child < 0 || wait4(child, &status, 0, &own) < 0) {
		perror("peak");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	getrusage(RUSAGE_CHILDREN, &below); /* with what the command itself waited for */

	FILE *file = fopen(argv[1], "w");
	if (!file) {
		perror(argv[1]);
		return 1;
	}
	double wall = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
	fprintf(file, "%.3f %.3f %.3f %ld\n", wall, seconds(below.ru_utime), seconds(below.ru_stime),
		below.ru_maxrss > own.ru_maxrss ? below.ru_maxrss : own.ru_maxrss);
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
