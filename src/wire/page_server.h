// The child's side of the pipe (wire/messages.h): answers one parent's requests about one document.
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"
#include "page/page_request.h"
#include "wire/seal_report.h"

namespace gnosis {

// The operations behind the pipe. Implemented in app/page_main.cc with a Document and an OcrEngine;
// tests use a fake.
class PageMachine {
 public:
  virtual ~PageMachine() = default;
  // Called once, before Open: afterwards only read and write on the socket, and the system calls
  // that a machine needs, are allowed.
  virtual Result<SealReport> Seal() = 0;
  virtual Result<DocumentInfo> Open(FileDescriptor document, const std::string& password) = 0;
  virtual Result<PageArtefacts> Read(const PageRequest& request) = 0;
};
// Serves until the parent hangs up. Returns an exit code.
int ServePagePipe(PageMachine& machine, FileDescriptor socket, FileDescriptor arena);

}  // namespace gnosis
