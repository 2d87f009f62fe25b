// The seam to whatever reads pages: one reader per page worker. The real one (sealed_reader.h) has
// a sealed child process for each document; tests have a fake.
//
// The life of a reader: Open(document) once per document, then Read(page) any number of times, then
// Close(). Opening another document replaces the first one. Not thread-safe, except Interrupt().
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
  // Errors: kUnsupportedMediaType (says what it looks like), kPasswordRequired, kDamaged, kNoPages,
  // kTooLarge, and the retryable ones.
  virtual Result<DocumentInfo> Open(const FileDescriptor& document,
                                    const std::string& password) = 0;
  virtual Result<PageArtefacts> Read(const PageRequest& request) = 0;
  // The document is done with: what held it ends. Without a child there is nothing to do.
  virtual void Close() {}
  // From any thread: the call under way (or the next one) ends soon with kInterrupted.
  virtual void Interrupt() = 0;
};

struct ChildOptions {
  std::filesystem::path program;  // of gnosis-ocr-page
  std::string model_folders;      // of *.traineddata, joined by ':'
  // Models loaded once in the template serve every document, but cost a third of a second when
  // there is only one, of which no page may need them.
  enum class Models { kLoadedInTemplate, kLoadedWhenNeeded } models = Models::kLoadedInTemplate;
  std::vector<std::string> languages;  // that the first child is to be ready for
  Milliseconds open_timeout{30'000};
  Milliseconds page_timeout{120'000};
  Milliseconds page_cpu_timeout{100'000};                // of the processor; also for opening
  int max_pages = 500;                                   // recycled after so many
  int max_forks = 500;                                   // of a template, which is then replaced
  uint64_t max_resident_bytes = 700 << 20;               // recycled after a page above this
  uint64_t max_address_space_bytes = uint64_t{4} << 30;  // RLIMIT_AS: beyond it the child dies
  int64_t max_page_pixels = 100'000'000;                 // rendered at a lower dpi to stay below
  int max_side_pixels = 30'000;
  int max_pages_per_document = 5000;  // MAX_PAGES; more is kTooLarge
};

}  // namespace gnosis
