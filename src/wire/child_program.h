// The program gnosis-ocr-page as its parent sees it: arguments and exit codes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace gnosis {

inline constexpr int kTemplateSocket = 3;

// The child's exit codes; the parent translates them into text.
enum ChildExit : int {
  kExitHungUp = 0,        // the parent closed the socket
  kExitUsage = 2,         // arguments
  kExitPipe = 10,         // socket or arena failed
  kExitProtocol = 11,     // the parent sent an invalid message
  kExitOutOfMemory = 12,  // std::bad_alloc, or child/memory.h
  kExitNotSealed = 13,    // the process could not be sandboxed
};

// gnosis-ocr-page --model-folders X --max-pages N --max-pixels N --max-side N --address-space BYTES
//                 --cpu-seconds N
struct ChildArguments {
  std::string model_folders;  // separated by ':'
  int max_pages = 5000;       // of a document
  int64_t max_page_pixels = 100'000'000;
  int max_side_pixels = 30'000;
  uint64_t max_address_space_bytes = uint64_t{4} << 30;  // for RLIMIT_AS
  uint64_t max_cpu_seconds = 3600;                       // for RLIMIT_CPU: of a child's whole life
  bool operator==(const ChildArguments&) const = default;
};
// kInvalidArgument names the argument. All arguments are required, in this order.
Result<ChildArguments> ParseChildArguments(int argc, const char* const* argv);
// Its inverse, without the program's name.
std::vector<std::string> ChildArgumentList(const ChildArguments& arguments);

// Asks the kernel to kill this process when the thread that started it ends; kIo if `parent_pid`
// has already ended.
Status DieWithParent(int parent_pid);

}  // namespace gnosis
