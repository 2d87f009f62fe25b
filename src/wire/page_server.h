// The child's side of the pipe (wire/messages.h): answers one parent's questions about one
// document.
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"
#include "page/page_request.h"
#include "wire/seal_report.h"

namespace gnosis {

// What a machine behind the pipe has to do. Implemented in app/page_main.cc with a Document and an
// OcrEngine, in tests by a fake.
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

}  // namespace gnosis
