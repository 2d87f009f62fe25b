// What a page gives depends on the page and on what is asked for, not on what its child did before:
// every page of a document of all kinds, in several languages, with both engines, in several
// orders, in one child and in a child of its own, sealed or not, in memory that was never used and
// in memory full of something else.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <random>

#include "engine/ocr_engine.h"
#include "engine/process_page.h"
#include "languages/languages.h"
#include "page/page_request.h"
#include "reader/page_reader.h"
#include "reader/page_template.h"
#include "reader/sealed_reader.h"
#include "wire/page_server.h"

namespace gnosis {
namespace {

constexpr int kWidth = 560;  // of a page in points; a scan has two pixels for each
constexpr int kHeight = 595;
constexpr int kDpi = 144;
constexpr int kPages = 9;

const char kLetter[] =
    "BT /F 14 Tf 40 540 Td 24 TL\n"
    "(Dear Madam,) ' (The quick brown fox jumps over the lazy dog near the river bank.) '\n"
    "(Every good boy deserves favour, and seven sisters sang for the miller.) '\n"
    "(We have received 1,250 boxes of apples on the 14th of March 1921.) '\n"
    "(Please send the remaining crates before the harbour is closed by ice.) '\n"
    "(Die Gr\\366\\337e der H\\344user \\374berraschte uns.) ' (Yours faithfully,) ' ET";

class PdfBuilder {
 public:
  std::string Add(std::string object) {
    objects_.push_back(std::move(object));
    return fmt::format("{} 0 R", objects_.size() + 2);
  }
  std::string AddStream(std::string_view dictionary, std::string_view data) {
    return Add(
        fmt::format("<<{} /Length {}>>\nstream\n{}\nendstream", dictionary, data.size(), data));
  }
  void AddPage(std::string_view content, std::string_view resources) {
    const std::string drawn = AddStream("", content);
    pages_.push_back(
        Add(fmt::format("<</Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents {} "
                        "/Resources <<{}>>>>",
                        kWidth, kHeight, drawn, resources)));
  }
  void AddScan(const Raster& gray) {
    const std::string image =
        AddStream(fmt::format("/Subtype /Image /Width {} /Height {} /ColorSpace /DeviceGray "
                              "/BitsPerComponent 8",
                              gray.width, gray.height),
                  {reinterpret_cast<const char*>(gray.pixels.data()), gray.pixels.size()});
    AddPage(fmt::format("{} 0 0 {} 0 0 cm /I Do", kWidth, kHeight),
            fmt::format("/XObject <</I {}>>", image));
  }

  std::string Build() const {
    std::string kids;
    for (const std::string& page : pages_) kids += page + " ";
    std::string pdf = "%PDF-1.7\n";
    std::string table = "0000000000 65535 f \n";
    const auto put = [&](size_t number, const std::string& object) {
      table += fmt::format("{:010} 00000 n \n", pdf.size());
      pdf += fmt::format("{} 0 obj\n{}\nendobj\n", number, object);
    };
    put(1, "<</Type /Catalog /Pages 2 0 R>>");
    put(2, fmt::format("<</Type /Pages /Kids [{}] /Count {}>>", kids, pages_.size()));
    for (size_t i = 0; i < objects_.size(); ++i) put(i + 3, objects_[i]);
    pdf += unlisted_;
    const size_t at = pdf.size();
    return pdf +
           fmt::format("xref\n0 {}\n{}trailer\n<</Root 1 0 R /Size {}>>\nstartxref\n{}\n%%EOF\n",
                       objects_.size() + 3, table, objects_.size() + 3, at);
  }
  // Another text for the last page, which the table of objects does not name: a reader that gives
  // up the table takes it.
  void HideContentOfLastPage(std::string_view content) {
    unlisted_ = fmt::format("{} 0 obj\n<</Length {}>>\nstream\n{}\nendstream\nendobj\n",
                            objects_.size() + 1, content.size(), content);
  }

 private:
  std::string unlisted_;
  std::vector<std::string> objects_;
  std::vector<std::string> pages_;
};

constexpr std::string_view kTimes =
    "/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding "
    "/WinAnsiEncoding>>>>";

Raster Drawn(std::string_view content) {
  PdfBuilder pdf;
  pdf.AddPage(content, kTimes);
  const std::string bytes = pdf.Build();
  const auto document = OpenPdf(bytes, "", RenderLimits{});
  GNOSIS_CHECK(document.ok());
  return ToGray((*document)->Render(1, kDpi)->raster);
}

// Lit from one side: Otsu's threshold loses half of it.
Raster BadlyLit(Raster page) {
  for (int y = 0; y < page.height; ++y) {
    for (int x = 0; x < page.width; ++x) {
      const int light = 40 + 215 * x / page.width;
      page.row(y)[x] = uint8_t(page.row(y)[x] * light / 255);
    }
  }
  return page;
}

Raster Noise(int width, int height) {
  Raster page{width, height, 0, PixelFormat::kGray8, {}};
  std::minstd_rand random(1);
  for (int i = 0; i < width * height; ++i) page.pixels.push_back(uint8_t(random() >> 8));
  return page;
}

std::string MixedDocument() {
  const Raster letter = Drawn(kLetter);
  PdfBuilder pdf;
  pdf.AddScan(letter);
  pdf.AddPage("", "");
  pdf.AddPage(kLetter, kTimes);
  pdf.AddScan(BadlyLit(letter));
  pdf.AddScan(Noise(letter.width / 4, letter.height / 4));
  Raster turned = RotateClockwise(letter, 180);
  pdf.AddScan(turned);
  pdf.AddPage("0 0 99 99 re f " + std::string(kLetter), kTimes);
  // The font lies nowhere: poppler gives up the table of objects and builds one of its own.
  pdf.AddPage(kLetter, "/Font <</F 9999 0 R>>");
  pdf.AddPage(fmt::format("0.8 g 30 30 {} {} re f 0 g {}", kWidth - 60, kHeight - 60, kLetter),
              kTimes);
  pdf.HideContentOfLastPage("BT /F 40 Tf 40 300 Td (Another text) ' ET");
  return pdf.Build();
}

// The same model, of which the fast engine says that it is not for it: it has settings, none of
// them set.
std::string WithSettings(std::string model) {
  const std::string settings = "#\n";
  int32_t parts = 0;
  std::memcpy(&parts, model.data(), sizeof(parts));
  const size_t table = sizeof(parts);
  for (int32_t i = 0; i < parts; ++i) {
    int64_t offset = 0;
    char* entry = model.data() + table + size_t(i) * sizeof(offset);
    std::memcpy(&offset, entry, sizeof(offset));
    offset = i == 0       ? int64_t(table + size_t(parts) * sizeof(offset))
             : offset < 0 ? offset
                          : offset + int64_t(settings.size());
    std::memcpy(entry, &offset, sizeof(offset));
  }
  model.insert(table + size_t(parts) * sizeof(int64_t), settings);
  return model;
}

// Fills every new piece of memory before it is used.
class FullMemoryMachine final : public PageMachine {
 public:
  explicit FullMemoryMachine(const ModelFolders& models)
      : tesseract_(NewTesseractEngine(models)), fast_(NewFastEngine(models, *tesseract_)) {}
  Result<SealReport> Seal() override { return SealReport{true, true, true, 0, true}; }
  Result<DocumentInfo> Open(FileDescriptor file, const std::string& password) override {
    ::mallopt(M_PERTURB, 0x5A);
    ASSIGN_OR_RETURN(document_, OpenDocument(file, password, RenderLimits{}));
    return document_->info();
  }
  Result<PageArtefacts> Read(const PageRequest& request) override {
    const bool fast = request.options.engine == EngineChoice::kFast;
    return ProcessPage(*document_, fast ? *fast_ : *tesseract_, request);
  }

 private:
  std::unique_ptr<OcrEngine> tesseract_;
  std::unique_ptr<OcrEngine> fast_;
  std::unique_ptr<Document> document_;
};

class FullMemoryLauncher final : public ChildLauncher {
 public:
  explicit FullMemoryLauncher(ModelFolders models) : models_(std::move(models)) {}
  Result<LaunchedChild> Start(const FileDescriptor& socket, const FileDescriptor& arena,
                              const std::vector<std::string>&) override {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setpgid(0, 0);
      FullMemoryMachine machine(models_);
      ::_exit(ServePagePipe(machine, FileDescriptor(::dup(socket.get())),
                            FileDescriptor(::dup(arena.get()))));
    }
    return LaunchedChild{pid, 1};
  }
  std::optional<int> End(const LaunchedChild& child) override {
    ::kill(child.pid, SIGKILL);
    int wait_status = 0;
    ::waitpid(child.pid, &wait_status, 0);
    return wait_status;
  }

 private:
  const ModelFolders models_;
};

std::string Describe(const PageRequest& request) {
  return fmt::format("page {} {} {}", request.page, JoinLanguages(request.options.languages),
                     EngineName(request.options.engine));
}

class SameBytesTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto installed = FolderWithLanguages(FindModelFolders(""), {"eng", "deu", "osd"});
    if (!installed.ok()) GTEST_SKIP() << installed.error().message;
    for (const char* name : {"eng", "deu", "osd"}) {
      const std::string file = fmt::format("{}.traineddata", name);
      std::filesystem::create_symlink(*installed / file, folder_.path() / file);
    }
    std::ofstream(folder_.path() / "odd.traineddata", std::ios::binary)
        << WithSettings(*ReadFile(*installed / "eng.traineddata"));
    models_ = {{folder_.path()}};
    options_.program = GNOSIS_PAGE_PROGRAM;
    options_.model_folders = JoinModelFolders(models_);
    // So that a child stays when the language changes.
    options_.models = ChildOptions::Models::kLoadedWhenNeeded;
    document_.Reset(::memfd_create("document", MFD_CLOEXEC));
    GNOSIS_CHECK(WriteAll(document_, MixedDocument()).ok());
  }

  static std::vector<PageRequest> AllRequests() {
    std::vector<PageRequest> requests;
    for (int page = 1; page <= kPages; ++page) {
      const auto add = [&](EngineChoice engine, std::vector<std::string> languages) {
        requests.push_back(
            {.page = page,
             .options = {.languages = std::move(languages), .dpi = kDpi, .engine = engine}});
      };
      add(EngineChoice::kFast, {"eng"});
      add(EngineChoice::kFast, {"deu", "eng"});
      add(EngineChoice::kFast, {"odd"});
      if (page % 2 == 0) {
        add(EngineChoice::kTesseract, {"eng"});
      } else {
        add(EngineChoice::kTesseract, {"eng", "deu"});
      }
    }
    return requests;
  }

  // Everything that comes of a page, by the request.
  using Outcomes = std::map<std::string, std::string>;
  Outcomes ReadAll(ChildLauncher& launcher, const std::vector<PageRequest>& requests,
                   int pages_per_child) {
    options_.max_pages = pages_per_child;
    const auto reader = NewSealedReader(options_, launcher);
    const auto info = reader->Open(document_, "");
    EXPECT_TRUE(info.ok() && info->page_count == kPages);
    Outcomes outcomes;
    for (const PageRequest& request : requests) {
      auto page = reader->Read(request);
      if (!page.ok()) {
        outcomes[Describe(request)] = page.error().message;
        continue;
      }
      page->result.duration_ms = 0;
      outcomes[Describe(request)] =
          EncodePageResult(page->result) + page->image_png + page->preview_jpeg;
    }
    return outcomes;
  }

  static void ExpectSame(const Outcomes& fresh, const Outcomes& others) {
    ASSERT_EQ(fresh.size(), others.size());
    for (const auto& [request, bytes] : fresh) {
      // The bytes are pictures for the most part.
      EXPECT_TRUE(others.at(request) == bytes) << request << "\n"
                                               << bytes.substr(0, 600) << "\nbut\n"
                                               << others.at(request).substr(0, 600);
    }
  }

  TemporaryFolder folder_;
  ModelFolders models_;
  ChildOptions options_;
  FileDescriptor document_;
};

TEST_F(SameBytesTest, WhateverAChildReadBefore) {
  const auto launcher = NewPageTemplate(options_);
  std::vector<PageRequest> requests = AllRequests();
  const Outcomes fresh = ReadAll(*launcher, requests, 1);
  ExpectSame(fresh, ReadAll(*launcher, requests, 1000));
  std::shuffle(requests.begin(), requests.end(), std::minstd_rand(3));
  ExpectSame(fresh, ReadAll(*launcher, requests, 1000));
  std::reverse(requests.begin(), requests.end());
  FullMemoryLauncher full_memory(models_);
  ExpectSame(fresh, ReadAll(full_memory, requests, 1000));
}

}  // namespace
}  // namespace gnosis
