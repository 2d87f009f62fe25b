// gnosis-ocr-page: opens documents and processes pages for gnosis-ocr, which starts it and
// communicates with it over sockets. The decoders and the engine are linked only into this program,
// so that hostile input can only harm its processes: this one is a template that sees no document
// (child/template_server.h), and each document is processed by a sealed child of it (child/seal.h).
#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "child/document.h"
#include "child/file_table.h"
#include "child/memory.h"
#include "child/seal.h"
#include "child/template_server.h"
#include "child/warm_up.h"
#include "engine/ocr_engine.h"
#include "engine/process_page.h"
#include "languages/languages.h"
#include "page/page_request.h"
#include "wire/child_program.h"
#include "wire/messages.h"
#include "wire/page_server.h"

namespace gnosis {
namespace {

// The resources that a template loads, inherited by its children.
struct Warmth {
  std::unique_ptr<WarmPoppler> poppler;
  std::unique_ptr<FileTable> files;
  std::unique_ptr<OcrEngine> tesseract;
  std::unique_ptr<OcrEngine> fast;  // uses the other one for what it does not support
};

void AddModels(const ModelFolders& models, std::vector<std::string>& paths) {
  std::vector<std::string> names = InstalledLanguages(models);
  names.emplace_back("osd");
  for (const std::filesystem::path& folder : models.folders) {
    for (const std::string& name : names) paths.push_back(folder / (name + ".traineddata"));
  }
}

Result<Warmth> WarmUp(const ChildArguments& arguments) {
  const ModelFolders models = SplitModelFolders(arguments.model_folders);
  Warmth warmth;
  ASSIGN_OR_RETURN(warmth.poppler, WarmPoppler::Open());
  std::vector<std::string> late_files = warmth.poppler->LateFiles();
  AddModels(models, late_files);
  ASSIGN_OR_RETURN(warmth.files, FileTable::Open(std::move(late_files)));
  warmth.tesseract = NewTesseractEngine(models);
  warmth.fast = NewFastEngine(models, *warmth.tesseract);
  return warmth;
}

// Serves one document, in a child.
class DocumentMachine final : public PageMachine {
 public:
  DocumentMachine(const ChildArguments& arguments, Warmth& warmth, Status prepared)
      : arguments_(arguments), warmth_(warmth), prepared_(std::move(prepared)) {}

  Result<SealReport> Seal() override {
    WatchMemory();
    auto report = SealProcess({.max_address_space_bytes = arguments_.max_address_space_bytes,
                               .max_cpu_seconds = arguments_.max_cpu_seconds},
                              *warmth_.files);
    ThrowIfMemoryRanOut();
    if (report.ok()) return report;
    return Error{report.code(), fmt::format("cannot enter the sandbox: {}", report.error().message),
                 report.error().hint};
  }

  Result<DocumentInfo> Open(FileDescriptor file, const std::string& password) override {
    const RenderLimits limits{arguments_.max_page_pixels, arguments_.max_side_pixels,
                              arguments_.max_pages};
    auto opened = OpenDocument(file, password, limits);
    ThrowIfMemoryRanOut();
    ASSIGN_OR_RETURN(document_, std::move(opened));
    return document_->info();
  }

  Result<PageArtefacts> Read(const PageRequest& request) override {
    RETURN_IF_ERROR(prepared_);
    if (document_ == nullptr) {
      return Error{ErrorCode::kInvalidArgument, "a page was requested before a document", ""};
    }
    const bool fast = request.options.engine == EngineChoice::kFast;
    auto page = ProcessPage(*document_, fast ? *warmth_.fast : *warmth_.tesseract, request);
    ThrowIfMemoryRanOut();
    return page;
  }

 private:
  // Whatever a library did when memory ran out: half a page, or an error about the document.
  // ServePagePipe ends this process, and the parent reports the reason.
  static void ThrowIfMemoryRanOut() {
    if (MemoryRanOut()) throw std::bad_alloc();
  }

  const ChildArguments& arguments_;
  Warmth& warmth_;
  Status prepared_;
  std::unique_ptr<Document> document_;
};

class PageTemplateMachine final : public TemplateMachine {
 public:
  PageTemplateMachine(const ChildArguments& arguments, Warmth warmth)
      : arguments_(arguments), warmth_(std::move(warmth)) {}

  // An image of one pixel has no text, but makes the default engine load its models. A child that
  // needs the other engine loads them itself.
  void Prepare(const std::vector<std::string>& languages) override {
    prepared_ = Ok();
    if (languages.empty()) return;
    const Raster pixel{1, 1, 0, PixelFormat::kGray8, {255}};
    RecogniseRequest request;
    request.languages = languages;
    if (const auto text = warmth_.fast->Recognise(pixel, request); !text.ok()) {
      prepared_ = text.error();
    }
    (void)warmth_.fast->FindOrientation(pixel, Thresholding::kOtsu);
  }

  int ServeDocument(FileDescriptor socket, FileDescriptor arena) override {
    DocumentMachine machine(arguments_, warmth_, prepared_);
    return ServePagePipe(machine, std::move(socket), std::move(arena));
  }

 private:
  const ChildArguments& arguments_;
  Warmth warmth_;
  Status prepared_ = Ok();
};

Status CheckDescriptors() {
  struct stat socket {};
  if (::fstat(kTemplateSocket, &socket) == 0 && S_ISSOCK(socket.st_mode)) return Ok();
  return Error{ErrorCode::kInvalidArgument, "not started by gnosis-ocr",
               "this program is started by gnosis-ocr, not by hand; try: gnosis-ocr ocr FILE"};
}

int Refuse(const Error& error) {
  fmt::print(stderr, "gnosis-ocr-page: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
  return kExitUsage;
}

int PrintVersion() {
  fmt::print("gnosis-ocr-page (pipe version {}), {}\n", kPipeVersion,
             NewTesseractEngine({})->Version({}));
  return 0;
}

// Every page needs the same few buffers of its size. If they were returned to the kernel after each
// page, they would come back as zeroed pages, with one fault for every 4 KiB. Up to a page's worth
// is kept; larger buffers, and memory above, are still returned.
void KeepPageBuffers() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int Main(int argc, const char* const* argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") return PrintVersion();
  if (const auto there = CheckDescriptors(); !there.ok()) return Refuse(there.error());
  const auto arguments = ParseChildArguments(argc, argv);
  if (!arguments.ok()) return Refuse(arguments.error());
  KeepPageBuffers();
  auto warmth = WarmUp(*arguments);
  if (!warmth.ok()) return Refuse(warmth.error());
  PageTemplateMachine machine(*arguments, *std::move(warmth));
  return ServeTemplate(machine, FileDescriptor(kTemplateSocket));
}

}  // namespace
}  // namespace gnosis

int main(int argc, char** argv) { return gnosis::Main(argc, argv); }
