// The interface for processing pages: one reader per page worker. The real one (sealed_reader.h)
// uses a sealed child process for each document; tests have a fake.
//
// Usage: Open(document) once per document, then Read(page) any number of times, then Close().
// Opening another document replaces the first one. Not thread-safe, except Interrupt().
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "page/page_request.h"

namespace gnosis {

class PageReader {
 public:
  virtual ~PageReader() = default;
  // Errors: kUnsupportedMediaType (says what the file looks like), kPasswordRequired, kDamaged,
  // kNoPages, kTooLarge, and the retryable ones.
  virtual Result<DocumentInfo> Open(const FileDescriptor& document,
                                    const std::string& password) = 0;
  virtual Result<PageArtefacts> Read(const PageRequest& request) = 0;
  // The document is no longer needed: its child ends. Does nothing if there is none.
  virtual void Close() {}
  // From any thread: the current call (or the next one) soon ends with kInterrupted.
  virtual void Interrupt() = 0;
};

struct ChildOptions {
  std::filesystem::path program;  // of gnosis-ocr-page
  std::string model_folders;      // with the *.traineddata files, separated by ':'
  // Loading models once in the template saves time for every document, but costs a third of a
  // second when there is only one document, whose pages may not even need them.
  enum class Models { kLoadedInTemplate, kLoadedWhenNeeded } models = Models::kLoadedInTemplate;
  std::vector<std::string> languages;  // that the first child should be ready for
  Milliseconds open_timeout{30'000};
  Milliseconds page_timeout{120'000};
  Milliseconds page_cpu_timeout{100'000};                // processor time; also for opening
  int max_pages = 500;                                   // the child is replaced after this many
  int max_forks = 500;                                   // a template is replaced after this many
  uint64_t max_resident_bytes = 700 << 20;               // the child is replaced above this
  uint64_t max_address_space_bytes = uint64_t{4} << 30;  // RLIMIT_AS: allocations beyond it fail
  int64_t max_page_pixels = 100'000'000;                 // larger pages are rendered at a lower dpi
  int max_side_pixels = 30'000;
  int max_pages_per_document = 5000;  // MAX_PAGES; more is kTooLarge
};

}  // namespace gnosis
