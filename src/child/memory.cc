#include "child/memory.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include "wire/child_program.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GNOSIS_OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define GNOSIS_OWN_MALLOC 0
#endif
#endif
#ifndef GNOSIS_OWN_MALLOC
#define GNOSIS_OWN_MALLOC 1
#endif

namespace gnosis {
namespace {

// No legitimate request is this large: it is a size from a damaged file, to be refused but not
// counted as running out of memory.
constexpr size_t kSenseless = size_t{1} << 36;

// A global, since malloc has no other way to report it.
bool memory_ran_out = false;

// Distinguishes a crash caused by lack of memory from others. SA_RESETHAND: returning from here
// lets the signal kill the process.
void OnCrash(int signal) {
  if (memory_ran_out) ::_exit(kExitOutOfMemory);
  ::syscall(SYS_tgkill, ::getpid(), ::gettid(), signal);
}

}  // namespace

void WatchMemory() {
  memory_ran_out = false;
  struct sigaction action {};
  action.sa_handler = OnCrash;
  action.sa_flags = int(SA_RESETHAND) | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS}) ::sigaction(signal, &action, nullptr);
}

bool MemoryRanOut() { return memory_ran_out; }

#if GNOSIS_OWN_MALLOC
namespace {

void* Noted(void* memory, size_t size_bytes) {
  if (memory == nullptr && size_bytes != 0 && size_bytes < kSenseless) memory_ran_out = true;
  return memory;
}

}  // namespace
#endif

}  // namespace gnosis

#if GNOSIS_OWN_MALLOC
// Names and exception specifications are those of the C library.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) noexcept { return gnosis::Noted(__libc_malloc(size), size); }

void* calloc(size_t count, size_t size) noexcept {
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) total = SIZE_MAX;
  return gnosis::Noted(__libc_calloc(count, size), total);
}

void* realloc(void* old, size_t size) noexcept {
  return gnosis::Noted(__libc_realloc(old, size), size);
}

void* memalign(size_t alignment, size_t size) noexcept {
  return gnosis::Noted(__libc_memalign(alignment, size), size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
    return EINVAL;
  }
  void* made = memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
#endif
