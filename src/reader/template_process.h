// A running template (child/template_server.h) as the parent holds it.
//
// The life of a process: Start spawns it; it loads what it needs by itself, meanwhile questions
// wait. It ends, with all its children, when the object ends.
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

  // Asks it to get ready for these languages, and does not wait.
  Status Prepare(const std::vector<std::string>& languages);
  // Whether it is, without waiting; an error when it ended.
  Result<bool> IsPrepared();

  // A child's id. After kIo nothing more may be asked, unless it lives (IsUsable).
  Result<pid_t> Fork(const FileDescriptor& socket, const FileDescriptor& arena,
                     const std::vector<std::string>& languages);
  // Ends a child: how it ended, as waitpid says it.
  Result<int> EndChild(pid_t pid);
  // False after an answer that did not come or made no sense.
  bool IsUsable() const { return usable_; }

 private:
  TemplateProcess(pid_t pid, FileDescriptor socket);

  template <typename Question>
  Status Send(Question question, const std::vector<int>& attachments);
  // The answer to the last question.
  template <typename Answer>
  Result<Answer> Receive();
  Result<std::string> Await();
  Error Ended();
  // Says how it ended.
  std::string End();

  pid_t pid_;  // 0 once it was waited for
  FileDescriptor socket_;
  uint32_t sequence_ = 0;
  bool usable_ = true;
  bool preparing_ = false;  // it was asked, and has not answered
};

// Starting the program gnosis-ocr-page, as a template (page_template.h).
// A child of this process, leader of a group of its own, with `socket` as kTemplateSocket.
Result<pid_t> SpawnPageProgram(const ChildOptions& options, const FileDescriptor& socket);

}  // namespace gnosis
