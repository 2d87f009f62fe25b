// The template: the process that every page child is forked from. It has loaded everything that
// takes time (libraries, fonts, models) and never sees a document, so that a child starts warm and
// clean.
//
// Lifecycle: it starts with one socket, to the parent (page_template.h), and answers its requests:
// kPrepare loads what a child needs and confirms, kFork forks a prepared child, kEnd kills one with
// its whole group and returns its exit status. It ends when the parent closes the socket, and the
// kernel then ends its children.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace gnosis {

class TemplateMachine {
 public:
  virtual ~TemplateMachine() = default;
  // In the template, before a fork: loads what a child needs for these languages.
  virtual void Prepare(const std::vector<std::string>& languages) = 0;
  // In the child, until it ends: processes one document. Returns an exit code.
  virtual int ServeDocument(FileDescriptor socket, FileDescriptor arena) = 0;
};

// Must run in a process with a single thread. Returns an exit code; never returns in a child.
int ServeTemplate(TemplateMachine& machine, FileDescriptor parent);

}  // namespace gnosis
