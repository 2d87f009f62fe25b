#include "escape_attempts.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

// Younger than some headers.
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

namespace gnosis {
namespace {

using World = const Surroundings&;

template <typename... Arguments>
long Call(long number, Arguments... arguments) {
  return ::syscall(number, arguments...);
}

bool Opens(const std::string& path, int flags = O_RDONLY) {
  return Call(SYS_openat, AT_FDCWD, path.c_str(), flags, 0600) >= 0;
}
bool Socket(int family, int type) { return Call(SYS_socket, family, type, 0) >= 0; }
bool Maps(int protection, int flags, int file) {
  return Call(SYS_mmap, nullptr, 4096, protection, flags, file, 0) != -1;
}
// Both sides of a fork come here; the new one says by its exit code that it lives.
bool Forked(long result) {
  if (result == 0) ::_exit(0);
  return result > 0;
}

// The kernel's open_how and clone_args.
bool OpensByOpenat2(World) {
  const uint64_t how[3] = {O_RDONLY, 0, 0};
  return Call(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how)) >= 0;
}
bool ForksByClone3(World) {
  uint64_t arguments[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};
  return Forked(Call(SYS_clone3, arguments, sizeof(arguments)));
}
bool SendsADescriptor(World world) {
  char byte = 'x';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return Call(SYS_sendmsg, world.socket, &message, 0) >= 0;
}
bool RunsAProgram(World) {
  const char* const arguments[] = {"true", nullptr};
  Call(SYS_execve, "/bin/true", arguments, nullptr);
  return false;  // it would have ended this process with 0
}
bool ReadsAnothersMemory(World world, long call) {
  char bytes[8];
  const iovec here{bytes, sizeof(bytes)};
  const iovec there{world.page, sizeof(bytes)};
  return Call(call, world.parent, &here, 1, &there, 1, 0) > 0;
}
bool RaisesALimit(World, __rlimit_resource resource) {
  rlimit limit{};
  if (Call(SYS_prlimit64, 0, resource, nullptr, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
  return Call(SYS_prlimit64, 0, resource, &limit, nullptr) == 0;
}
bool ReplacesAHandler(World) {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  return ::sigaction(SIGSYS, &action, nullptr) == 0;
}
bool SetsUpARing(World) {
  io_uring_params parameters{};
  return Call(SYS_io_uring_setup, 4, &parameters) >= 0;
}
bool LoadsBpf(World) {
  char attributes[64] = {};
  attributes[0] = 1;  // an array of one element of 4 bytes
  attributes[4] = attributes[8] = 4;
  attributes[12] = 1;
  return Call(SYS_bpf, 0, attributes, sizeof(attributes)) >= 0;
}
bool CountsEvents(World) {
  char attributes[128] = {};
  attributes[0] = 1;  // PERF_TYPE_SOFTWARE
  attributes[4] = 112;
  return Call(SYS_perf_event_open, attributes, 0, -1, -1, 0) >= 0;
}
#if defined(__x86_64__)
// Numbers of the other two instruction sets of the same processor.
bool CallsByX32(World) { return Call(0x40000000 + SYS_getpid) > 0; }
bool CallsByInterrupt(World) {
  long result = 20;  // getpid of i386
  asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return result > 0;
}
#endif

}  // namespace

const std::vector<EscapeAttempt>& EscapeAttempts() {
  static const std::vector<EscapeAttempt> attempts = {
    {"open /etc/passwd", [](World) { return Opens("/etc/passwd"); }},
    {"open by openat2", OpensByOpenat2},
    {"open its own memory", [](World) { return Opens("/proc/self/mem", O_RDWR); }},
    {"open its environment", [](World) { return Opens("/proc/self/environ"); }},
    {"open the parent's environment",
     [](World w) { return Opens("/proc/" + std::to_string(w.parent) + "/environ"); }},
    {"open a path beside the fonts",
     [](World w) {
       const std::string folder = w.listed_file.substr(0, w.listed_file.rfind('/'));
       return Opens(folder + "/../../../../../../etc/passwd");
     }},
    {"open a folder", [](World) { return Opens("/", O_RDONLY | O_DIRECTORY); }},
    {"open a listed file for writing", [](World w) { return Opens(w.listed_file, O_RDWR); }},
    {"create a file", [](World w) { return Opens(w.In("new"), O_CREAT | O_WRONLY); }},
    {"write the document", [](World w) { return Call(SYS_pwrite64, w.document, "x", 1, 0) == 1; }},
    {"append to the document",
     [](World w) {
       return Call(SYS_lseek, w.document, 0, SEEK_END) >= 0 &&
              Call(SYS_write, w.document, "x", 1) == 1;
     }},
    {"truncate the document", [](World w) { return Call(SYS_ftruncate, w.document, 0) == 0; }},
    {"map the document writable",
     [](World w) { return Maps(PROT_READ | PROT_WRITE, MAP_SHARED, w.document); }},
    {"unlink a file",
     [](World w) { return Call(SYS_unlinkat, AT_FDCWD, w.In("there").c_str(), 0) == 0; }},
    {"rename a file",
     [](World w) {
       return Call(SYS_renameat2, AT_FDCWD, w.In("there").c_str(), AT_FDCWD,
                   w.In("elsewhere").c_str(), 0) == 0;
     }},
    {"change a file's mode",
     [](World w) { return Call(SYS_fchmodat, AT_FDCWD, w.In("there").c_str(), 0777) == 0; }},
    {"truncate a file", [](World w) { return Call(SYS_truncate, w.In("there").c_str(), 0) == 0; }},
    {"make a folder",
     [](World w) { return Call(SYS_mkdirat, AT_FDCWD, w.In("folder").c_str(), 0700) == 0; }},
    {"make a symbolic link",
     [](World w) {
       return Call(SYS_symlinkat, "/etc/passwd", AT_FDCWD, w.In("link").c_str()) == 0;
     }},
    {"change the folder", [](World) { return Call(SYS_chdir, "/") == 0; }},
    {"a TCP socket", [](World) { return Socket(AF_INET, SOCK_STREAM); }},
    {"a UDP socket", [](World) { return Socket(AF_INET6, SOCK_DGRAM); }},
    {"a Unix socket", [](World) { return Socket(AF_UNIX, SOCK_STREAM); }},
    {"a netlink socket", [](World) { return Socket(AF_NETLINK, SOCK_RAW); }},
    {"a pair of sockets",
     [](World) {
       int ends[2];
       return Call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends) == 0;
     }},
    {"sendmsg on the parent's socket", SendsADescriptor},
    {"fork", [](World) { return Forked(Call(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
    {"fork by clone3", ForksByClone3},
    {"run a program", RunsAProgram},
    {"run a program by descriptor",
     [](World w) {
       Call(SYS_execveat, w.document, "", nullptr, nullptr, AT_EMPTY_PATH);
       return false;
     }},
    {"make a file of memory", [](World) { return Call(SYS_memfd_create, "x", 0) >= 0; }},
    {"map memory to write and execute",
     [](World) {
       return Maps(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
     }},
    {"map the document to execute",
     [](World w) { return Maps(PROT_READ | PROT_EXEC, MAP_PRIVATE, w.document); }},
    {"make memory executable",
     [](World w) { return Call(SYS_mprotect, w.page, 4096, PROT_READ | PROT_EXEC) == 0; }},
    {"trace the parent",
     [](World w) { return Call(SYS_ptrace, PTRACE_SEIZE, w.parent, 0, 0) == 0; }},
    {"signal the parent", [](World w) { return Call(SYS_kill, w.parent, 0) == 0; }},
    {"signal a thread of the parent",
     [](World w) { return Call(SYS_tgkill, w.parent, w.parent, 0) == 0; }},
    {"signal everybody", [](World) { return Call(SYS_kill, -1, 0) == 0; }},
    {"read the parent's memory",
     [](World w) { return ReadsAnothersMemory(w, SYS_process_vm_readv); }},
    {"write the parent's memory",
     [](World w) { return ReadsAnothersMemory(w, SYS_process_vm_writev); }},
    {"hold the parent", [](World w) { return Call(SYS_pidfd_open, w.parent, 0) >= 0; }},
    {"take a descriptor of the parent",
     [](World w) { return Call(SYS_pidfd_getfd, Call(SYS_pidfd_open, w.parent, 0), 0, 0) >= 0; }},
    {"an io_uring", SetsUpARing},
    {"a BPF map", LoadsBpf},
    {"a userfaultfd", [](World) { return Call(SYS_userfaultfd, 0) >= 0; }},
    {"a performance counter", CountsEvents},
    {"a key", [](World) { return Call(SYS_keyctl, 0, -3, 1) >= 0; }},
    {"an inotify", [](World) { return Call(SYS_inotify_init1, 0) >= 0; }},
    {"a new user namespace", [](World) { return Call(SYS_unshare, CLONE_NEWUSER) == 0; }},
    {"prepare a mount", [](World) { return Call(SYS_fsopen, "tmpfs", 0) >= 0; }},
    {"change the root", [](World w) { return Call(SYS_chroot, w.folder.c_str()) == 0; }},
    {"change the user", [](World) { return Call(SYS_setuid, ::getuid()) == 0; }},
    {"raise the limit of files", [](World w) { return RaisesALimit(w, RLIMIT_NOFILE); }},
    {"raise the limit of processor time", [](World w) { return RaisesALimit(w, RLIMIT_CPU); }},
    {"become dumpable", [](World) { return Call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == 0; }},
    {"outlive the parent",
     [](World) { return Call(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0; }},
    {"replace the signal handler", ReplacesAHandler},
    {"leave the process group", [](World) { return Call(SYS_setsid) > 0; }},
    {"type into a terminal", [](World w) { return Call(SYS_ioctl, w.socket, 0x5412, "x") == 0; }},
#if defined(__x86_64__)
    {"a call of x32", CallsByX32},
    {"a call of i386", CallsByInterrupt},
#endif
  };
  return attempts;
}

}  // namespace gnosis
