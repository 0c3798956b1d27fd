/* Fails one I/O call with EIO: fail_call(n) makes the n-th from now fail, fail_call(0) lets all
   pass and says whether one has failed since. Only calls on the database's own files count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long left = 0;
static int failed = 0;

int fail_call(long number) {
    int before = failed;
    left = number;
    failed = 0;
    return before;
}

static int counts(int fd) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return strstr(name, "sqlite3") != NULL;
}

static int fails(int fd) {
    if (left <= 0 || !counts(fd) || --left > 0) return 0;
    failed = 1;
    errno = EIO;
    return 1;
}

#define SHIM(type, name, arguments, passed)                                    \
    type name arguments {                                                      \
        static type(*real) arguments;                                          \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name);                  \
        return fails(fd) ? -1 : real passed;                                   \
    }

SHIM(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
SHIM(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
SHIM(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
SHIM(ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at))
SHIM(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
SHIM(int, fsync, (int fd), (fd))
SHIM(int, fdatasync, (int fd), (fd))
SHIM(int, ftruncate, (int fd, off_t size), (fd, size))
SHIM(int, ftruncate64, (int fd, off64_t size), (fd, size))
