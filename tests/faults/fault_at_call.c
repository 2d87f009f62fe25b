// Loaded into gnosis-ocr (LD_PRELOAD) by tests: makes one of its calls that change the file system
// fail, or kills the process in its place.
//
// GNOSIS_FAULT_AT: which one, from 0. GNOSIS_FAULT: "kill", "ENOSPC", "EIO" or "EACCES". What was hit is told
// on standard error, so that a test knows when there is nothing left to hit.
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
#include <sys/stat.h>
#include <unistd.h>

static int fault_at = -1;
static int fault_errno = 0;  // 0: kill
static atomic_int calls = 0;

__attribute__((constructor)) static void read_orders(void) {
  const char* at = getenv("GNOSIS_FAULT_AT");
  const char* fault = getenv("GNOSIS_FAULT");
  // Not the processes that read documents: their parent copes with their death in any case.
  if (at == NULL || fault == NULL || strcmp(program_invocation_short_name, "gnosis-ocr") != 0) return;
  fault_at = atoi(at);
  if (strcmp(fault, "ENOSPC") == 0) fault_errno = ENOSPC;
  if (strcmp(fault, "EIO") == 0) fault_errno = EIO;
  if (strcmp(fault, "EACCES") == 0) fault_errno = EACCES;
}

// True: the call is to fail with errno.
static int is_hit(const char* call) {
  if (fault_at < 0 || atomic_fetch_add(&calls, 1) != fault_at) return 0;
  dprintf(STDERR_FILENO, "fault at %s\n", call);
  if (fault_errno == 0) kill(getpid(), SIGKILL);
  errno = fault_errno;
  return 1;
}

static int is_file(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

#define REAL(type, name, parameters) \
  static type(*real) parameters;     \
  if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                             \
  int name(const char* path, int flags, ...) {                 \
    REAL(int, name, (const char*, int, mode_t));               \
    va_list more;                                              \
    va_start(more, flags);                                     \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more);                                              \
    return (flags & O_CREAT) && is_hit("open") ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                           \
  int name(int folder, const char* path, int flags, ...) {     \
    REAL(int, name, (int, const char*, int, mode_t));          \
    va_list more;                                              \
    va_start(more, flags);                                     \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more);                                              \
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
int ftruncate(int fd, off_t size) {
  REAL(int, ftruncate, (int, off_t));
  return is_file(fd) && is_hit("ftruncate") ? -1 : real(fd, size);
}
