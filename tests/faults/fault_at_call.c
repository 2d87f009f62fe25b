// Loaded into gnosis-ocr (LD_PRELOAD) by tests: makes one of its calls that change the file system
// fail, or kills the process in its place.
//
// GNOSIS_FAULT_AT: which one, from 0. GNOSIS_FAULT: "kill", "ENOSPC", "EIO" or "EACCES". What was
// hit is told on standard error, so that a test knows when there is nothing left to hit.
//
// For a program that runs on, GNOSIS_FAULT_ORDERS names a file that a test maps as well (struct
// orders): there it says, as often as it likes, which of the calls from that moment on is to be
// hit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct orders {
  atomic_int calls_to_go;  // 0: the next one is hit; less: none
  atomic_int fault_errno;  // 0: kill
  atomic_int calls;        // so far
  atomic_int hits;         // likewise
};
static struct orders own = {-1, 0, 0, 0};
static struct orders* orders = NULL;  // NULL: not this process

static struct orders* map_orders(const char* path) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  void* mapped = fd < 0
                     ? MAP_FAILED
                     : mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) abort();
  close(fd);
  return mapped;
}

static int errno_named(const char* name) {
  if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
  if (strcmp(name, "EIO") == 0) return EIO;
  if (strcmp(name, "EACCES") == 0) return EACCES;
  return 0;
}

__attribute__((constructor)) static void read_orders(void) {
  const char* at = getenv("GNOSIS_FAULT_AT");
  const char* fault = getenv("GNOSIS_FAULT");
  const char* file = getenv("GNOSIS_FAULT_ORDERS");
  // Not the processes that read documents: their parent copes with their death in any case.
  if (strcmp(program_invocation_short_name, "gnosis-ocr") != 0) return;
  if (file != NULL) {
    orders = map_orders(file);
  } else if (at != NULL && fault != NULL) {
    own.calls_to_go = atoi(at);
    own.fault_errno = errno_named(fault);
    orders = &own;
  }
}

// True: the call is to fail with errno.
static int is_hit(const char* call) {
  if (orders == NULL) return 0;
  atomic_fetch_add(&orders->calls, 1);
  if (atomic_load(&orders->calls_to_go) < 0 || atomic_fetch_sub(&orders->calls_to_go, 1) != 0)
    return 0;
  atomic_fetch_add(&orders->hits, 1);
  dprintf(STDERR_FILENO, "fault at %s\n", call);
  const int fault = atomic_load(&orders->fault_errno);
  if (fault == 0) kill(getpid(), SIGKILL);
  errno = fault;
  return 1;
}

static int is_file(int fd) {
  struct stat info;
  return orders != NULL && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

#define REAL(type, name, parameters) \
  static type(*real) parameters;     \
  if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                                             \
  int name(const char* path, int flags, ...) {                                 \
    REAL(int, name, (const char*, int, mode_t));                               \
    va_list more;                                                              \
    va_start(more, flags);                                                     \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;            \
    va_end(more);                                                              \
    return (flags & O_CREAT) && is_hit("open") ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                     \
  int name(int folder, const char* path, int flags, ...) {                               \
    REAL(int, name, (int, const char*, int, mode_t));                                    \
    va_list more;                                                                        \
    va_start(more, flags);                                                               \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;                      \
    va_end(more);                                                                        \
    return (flags & O_CREAT) && is_hit("openat") ? -1 : real(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(ssize_t, write, (int, const void*, size_t));
  return is_file(fd) && is_hit("write") ? -1 : real(fd, bytes, size);
}
int fsync(int fd) {
  REAL(int, fsync, (int));
  return is_hit("fsync") ? -1 : real(fd);
}
int fdatasync(int fd) {
  REAL(int, fdatasync, (int));
  return is_hit("fdatasync") ? -1 : real(fd);
}
int rename(const char* from, const char* to) {
  REAL(int, rename, (const char*, const char*));
  return is_hit("rename") ? -1 : real(from, to);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  REAL(int, renameat, (int, const char*, int, const char*));
  return is_hit("renameat") ? -1 : real(from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  REAL(int, renameat2, (int, const char*, int, const char*, unsigned));
  return is_hit("renameat2") ? -1 : real(from_folder, from, to_folder, to, flags);
}
int unlink(const char* path) {
  REAL(int, unlink, (const char*));
  return is_hit("unlink") ? -1 : real(path);
}
int unlinkat(int folder, const char* path, int flags) {
  REAL(int, unlinkat, (int, const char*, int));
  return is_hit("unlinkat") ? -1 : real(folder, path, flags);
}
int mkdir(const char* path, mode_t mode) {
  REAL(int, mkdir, (const char*, mode_t));
  return is_hit("mkdir") ? -1 : real(path, mode);
}
int mkdirat(int folder, const char* path, mode_t mode) {
  REAL(int, mkdirat, (int, const char*, mode_t));
  return is_hit("mkdirat") ? -1 : real(folder, path, mode);
}
int futimens(int fd, const struct timespec times[2]) {
  REAL(int, futimens, (int, const struct timespec*));
  return is_hit("futimens") ? -1 : real(fd, times);
}
int ftruncate(int fd, off_t size) {
  REAL(int, ftruncate, (int, off_t));
  return is_file(fd) && is_hit("ftruncate") ? -1 : real(fd, size);
}
