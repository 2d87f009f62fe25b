// The parent's view of a running template (child/template_server.h).
//
// Lifecycle: Start spawns it; requests wait until it has finished loading. It ends, with all its
// children, when the object is destroyed.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "reader/page_process.h"
#include "reader/page_reader.h"

namespace gnosis {

class TemplateProcess {
 public:
  static Result<std::unique_ptr<TemplateProcess>> Start(const ChildOptions& options);
  ~TemplateProcess();
  TemplateProcess(const TemplateProcess&) = delete;
  TemplateProcess& operator=(const TemplateProcess&) = delete;

  // Asks it to prepare for these languages, without waiting.
  Status Prepare(const std::vector<std::string>& languages);
  // Whether it has done so, without waiting; an error if it has ended.
  Result<bool> IsPrepared();

  // Returns the child's id. After kIo no more requests are allowed, unless IsUsable.
  Result<pid_t> Fork(const FileDescriptor& socket, const FileDescriptor& arena,
                     const std::vector<std::string>& languages);
  // Ends a child and returns its waitpid status.
  Result<int> EndChild(pid_t pid);
  // False after a missing or invalid answer.
  bool IsUsable() const { return usable_; }

 private:
  TemplateProcess(pid_t pid, FileDescriptor socket);

  template <typename Question>
  Status Send(Question question, const std::vector<int>& attachments);
  // Receives the answer to the last request.
  template <typename Answer>
  Result<Answer> Receive();
  Result<std::string> Await();
  Error Ended();
  // Returns how it ended.
  std::string End();

  pid_t pid_;  // 0 after waitpid
  FileDescriptor socket_;
  uint32_t sequence_ = 0;
  bool usable_ = true;
  bool preparing_ = false;  // requested, but not answered yet
};

// Starts the program gnosis-ocr-page as a template (page_template.h): a child of this process,
// leader of its own process group, with `socket` as kTemplateSocket.
Result<pid_t> SpawnPageProgram(const ChildOptions& options, const FileDescriptor& socket);

}  // namespace gnosis
