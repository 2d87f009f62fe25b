// The pipe between parent and child: fixed-size, versioned messages over a SOCK_SEQPACKET socket
// pair; files and words travel in an arena, one sealed memfd per child that both sides map.
//
// The life of a conversation: the child starts (page_template.h) with one end of the socket and the
// arena, standard streams on /dev/null, as leader of its own process group. Parent sends kOpen with
// the document's descriptor attached (SCM_RIGHTS), once: a child never sees a second document. The
// child seals itself (child_seal.h) and answers kSealed, or kFailed when it cannot, and ends; only
// then does it look at the document and answers kOpened or kFailed. Parent sends kRead; child
// answers kPage (the arena holds its parts) or kFailed. The parent closes the socket to end it.
//
// The parent believes nothing (page_reply.h): it copies the parts out of the arena, then checks
// magic, version, type, sequence number, every length, count, coordinate and string. A lie is
// kChildDied ("the page child broke the protocol: ...").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "page/page_reader.h"
#include "page/seal_report.h"

namespace gnosis {

inline constexpr uint32_t kPipeMagic = 0x474E4F53;  // "GNOS"
inline constexpr uint32_t kPipeVersion = 3;
inline constexpr int kTemplateSocket = 3;
inline constexpr uint64_t kArenaBytes = uint64_t{192} << 20;  // sparse: only what is used is there
inline constexpr size_t kMaxPasswordBytes = 255;
inline constexpr size_t kMaxLanguageBytes = 255;
inline constexpr size_t kMaxReasonBytes = 511;

// The child's side: what a machine behind the pipe has to do. Implemented in app/page_main.cc with
// a Document and an OcrEngine, in tests by a fake.
class PageMachine {
 public:
  virtual ~PageMachine() = default;
  // Called once, before Open: after it only read and write on the socket, and what a machine needs.
  virtual Result<SealReport> Seal() = 0;
  virtual Result<DocumentInfo> Open(FileDescriptor document, const std::string& password) = 0;
  virtual Result<PageArtefacts> Read(const PageRequest& request) = 0;
};
// Serves until the parent hangs up. Returns an exit code.
int ServePagePipe(PageMachine& machine, FileDescriptor socket, FileDescriptor arena);

// What the child's exit codes mean to the parent, who tells people in words.
enum ChildExit : int {
  kExitHungUp = 0,        // the parent closed the socket
  kExitUsage = 2,         // arguments
  kExitPipe = 10,         // socket or arena failed
  kExitProtocol = 11,     // a message of the parent made no sense
  kExitOutOfMemory = 12,  // std::bad_alloc, or child_memory.h
  kExitNotSealed = 13,    // the sandbox could not be closed
};

// gnosis-ocr-page --model-folders X --max-pages N --max-pixels N --max-side N --address-space BYTES
//                 --cpu-seconds N
struct ChildArguments {
  std::string model_folders;  // joined by ':'
  int max_pages = 5000;       // of a document
  int64_t max_page_pixels = 100'000'000;
  int max_side_pixels = 30'000;
  uint64_t max_address_space_bytes = uint64_t{4} << 30;  // for RLIMIT_AS
  uint64_t max_cpu_seconds = 3600;                       // for RLIMIT_CPU: of a child's whole life
  bool operator==(const ChildArguments&) const = default;
};
// kInvalidArgument names the argument. All must be there, in this order.
Result<ChildArguments> ParseChildArguments(int argc, const char* const* argv);
// Its inverse, without the program's name.
std::vector<std::string> ChildArgumentList(const ChildArguments& arguments);

// Asks the kernel to kill this process when the thread that started it ends; kIo when `parent_pid`
// is gone already.
Status DieWithParent(int parent_pid);

}  // namespace gnosis
