// gnosis-ocr-page: the child that opens documents and reads pages for gnosis-ocr, which starts it
// and talks to it over a pipe (page/page_pipe.h). It links the decoders and the engine, so that
// what they do to hostile input happens here and nowhere else.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/ocr_engine.h"
#include "engine/read_page.h"
#include "page/child_document.h"
#include "page/page_pipe.h"

namespace gnosis {
namespace {

class RealPageMachine final : public PageMachine {
 public:
  explicit RealPageMachine(const ChildArguments& arguments)
      : limits_{arguments.max_page_pixels, arguments.max_side_pixels, arguments.max_pages},
        tesseract_(NewTesseractEngine(SplitModelFolders(arguments.model_folders))),
        fast_(NewFastEngine(SplitModelFolders(arguments.model_folders), *tesseract_)) {}

  Result<DocumentInfo> Open(FileDescriptor file, const std::string& password) override {
    document_.reset();
    ASSIGN_OR_RETURN(document_, OpenDocument(file, password, limits_));
    return document_->info();
  }

  Result<PageArtefacts> Read(const PageRequest& request) override {
    if (document_ == nullptr) {
      return Error{ErrorCode::kInvalidArgument, "a page was asked for before a document", ""};
    }
    const bool fast = request.engine == EngineChoice::kFast;
    return ReadPage(*document_, fast ? *fast_ : *tesseract_, request);
  }

 private:
  RenderLimits limits_;
  std::unique_ptr<OcrEngine> tesseract_;
  std::unique_ptr<OcrEngine> fast_;
  std::unique_ptr<Document> document_;
};

Status SetLimit(__rlimit_resource resource, uint64_t value, std::string_view name) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return ErrnoError(errno, name);
  limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(value, limit.rlim_max);
  if (::setrlimit(resource, &limit) != 0) return ErrnoError(errno, name);
  return Ok();
}

Status LimitResources(uint64_t address_space_bytes) {
  // A core would hold somebody's document.
  RETURN_IF_ERROR(SetLimit(RLIMIT_CORE, 0, "cannot forbid core files"));
  return SetLimit(RLIMIT_AS, address_space_bytes, "cannot limit the address space");
}

Status CheckDescriptors() {
  struct stat socket {};
  struct stat arena {};
  if (::fstat(kChildSocket, &socket) == 0 && S_ISSOCK(socket.st_mode) &&
      ::fstat(kChildArena, &arena) == 0 && S_ISREG(arena.st_mode)) {
    return Ok();
  }
  return Error{ErrorCode::kInvalidArgument, "there is no gnosis-ocr at the other end",
               "this program is started by gnosis-ocr, not by hand; try: gnosis-ocr ocr FILE"};
}

int Refuse(const Error& error) {
  fmt::print(stderr, "gnosis-ocr-page: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
  return kExitUsage;
}

int PrintVersion() {
  fmt::print("gnosis-ocr-page (pipe version {}), {}\n", kPipeVersion,
             NewTesseractEngine({})->Version());
  return 0;
}

int Main(int argc, const char* const* argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") return PrintVersion();
  if (const auto there = CheckDescriptors(); !there.ok()) return Refuse(there.error());
  const auto arguments = ParseChildArguments(argc, argv);
  if (!arguments.ok()) return Refuse(arguments.error());
  // Nobody is left to tell when the parent is gone.
  if (!DieWithParent(arguments->parent_pid).ok()) return kExitHungUp;
  if (!LimitResources(arguments->max_address_space_bytes).ok()) return kExitNotSealed;
  RealPageMachine machine(*arguments);
  return ServePagePipe(machine, FileDescriptor(kChildSocket), FileDescriptor(kChildArena));
}

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) { return gnosis::Main(argc, argv); }
