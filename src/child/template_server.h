// A template: the process that every page child is forked from. It has loaded what takes time
// (libraries, fonts, models) and never sees a document, so that a child starts warm and clean.
//
// The life of a template: it starts with one socket, to the parent (page_template.h), and answers
// its questions: kPrepare makes ready what a child needs and says when it is, kFork makes a child
// of what is ready, kEnd kills one with its whole group and says how it ended. It ends when the
// parent hangs up, and the kernel ends its children with it.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace gnosis {

class TemplateMachine {
 public:
  virtual ~TemplateMachine() = default;
  // In the template, before a fork: what a child needs to read these languages.
  virtual void Prepare(const std::vector<std::string>& languages) = 0;
  // In the child, to its end: one document. Returns an exit code.
  virtual int ServeDocument(FileDescriptor socket, FileDescriptor arena) = 0;
};

// Must run in a process with one thread. Returns an exit code; never returns in a child.
int ServeTemplate(TemplateMachine& machine, FileDescriptor parent);

}  // namespace gnosis
